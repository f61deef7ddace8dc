//! What a gateway operates, with real modules and real files: one binary, because each would link the
//! whole runtime.

mod audit;
mod config;
mod explained;
#[path = "../../../host-example/rust/tests/host/forge.rs"]
mod forge;
mod overrides;
mod policy;
mod releases;
mod replay;
mod replay_attacks;
#[path = "../../../host-example/rust/tests/host/server.rs"]
mod server;
mod silence;
#[path = "../../../host-example/rust/tests/host/tiny.rs"]
mod tiny;
