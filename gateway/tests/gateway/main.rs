//! What a gateway operates, with real modules and real files: one binary, because each would link the
//! whole runtime.

mod audit;
mod config;
mod enrolment;
mod explained;
mod frozen;
mod overrides;
mod policy;
mod releases;
mod replay;
mod replay_attacks;
mod silence;
mod state;
