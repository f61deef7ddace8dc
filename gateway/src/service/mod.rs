//! The gateway as one process that payment systems ask over HTTP: `interdict serve`.
//!
//! A request is answered where it arrives: a screening takes microseconds, and a pool of instances serves a machine.
//! Whatever was not screened is an error with a problem document, never a verdict.

mod admission;
mod alarms;
mod answer;
mod answer_lines;
mod batch;
mod browsers;
mod case_answer;
mod cases;
mod checkout;
mod clients;
mod clock;
mod day;
mod decided;
mod desk;
mod doors;
mod health;
mod held_body;
mod issuer_entrances;
mod limits;
mod listen;
mod message_room;
mod metrics;
mod openapi;
mod page;
mod places;
mod problem;
mod refresh_status;
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
mod visitors;
mod warnings;

pub use clients::Credential;
pub use clock::Clock;
pub use listen::{Bound, Stopper};
pub use state::Service;
pub use trial_routes::serve_trial;
