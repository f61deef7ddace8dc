//! The gateway as one process that payment systems ask over HTTP: `interdict serve`.
//!
//! A request is answered where it arrives: a screening takes microseconds, and a pool of instances serves a machine.
//! Whatever was not screened is an error with a problem document, never a verdict.

mod answer;
mod batch;
mod case_answer;
mod cases;
mod checkout;
mod clients;
mod clock;
mod desk;
mod health;
mod held_body;
mod limits;
mod listen;
mod metrics;
mod openapi;
mod places;
mod problem;
mod refresher;
mod request;
mod routes;
mod screen;
mod sessions;
mod spans;
mod state;
mod strict;
mod trace;
mod trial_routes;

pub use clients::Credential;
pub use clock::Clock;
pub use listen::{Bound, Stopper};
pub use state::Service;
pub use trial_routes::serve_trial;
