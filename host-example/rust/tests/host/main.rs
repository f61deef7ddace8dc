//! The host against real modules, real files and a real server: one binary, because each would link
//! the whole runtime.

mod batch;
mod choices;
mod compiled;
mod damage;
mod live;
mod member_key;
mod mirrors;
mod module;
mod numbers;
mod opened;
mod poisoned;
mod releases;
mod repository;
mod slow;
mod snapshot;
mod state;
mod versions;
mod waiting;
