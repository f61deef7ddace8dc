//! The host against real modules, real files and a real server: one binary, because each would link
//! the whole runtime.

mod audit;
mod explained;
mod forge;
mod module;
mod overrides;
mod paged;
mod policy;
mod releases;
mod replay;
mod replay_attacks;
mod repository;
mod silence;
mod state;
mod tiny;
mod tuf_client;
