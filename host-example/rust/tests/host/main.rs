//! The host against real modules, real files and a real server: one binary, because each would link
//! the whole runtime.

mod choices;
mod forge;
mod module;
mod opened;
mod releases;
mod repository;
mod server;
mod state;
mod tiny;
