//! What a gateway operates, with real modules and real files: one binary, because each would link the
//! whole runtime.

mod as_of;
mod audit;
mod cases;
mod clearances;
mod compiled;
mod config;
mod decisions;
mod deploy;
mod enrolment;
mod environment;
mod exits;
mod explained;
mod frozen;
mod init;
mod journal;
mod overrides;
mod policy;
mod portfolio;
mod portfolio_alerts;
mod portfolio_changes;
mod portfolio_files;
mod portfolio_many;
mod portfolio_staging;
mod reenrolment;
mod releases;
mod replay;
mod replay_attacks;
mod screening;
mod selftest;
mod service;
mod silence;
mod silent;
mod state;
mod time_stamps;
mod trial;
