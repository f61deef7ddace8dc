//! Tests of the whole project: one corpus for every language, attacks through the module, and documents
//! compared with the code.

pub mod calibration;
pub mod checkout_world;
pub mod coalition;
pub mod corpus;
pub mod doors;
pub mod enrolment;
pub mod gateway;
#[cfg(feature = "module")]
pub mod hosts;
pub mod odds;
pub mod process;
pub mod publisher;
pub mod red_flags;
pub mod scores;
pub mod seeded;
pub mod sixteen;
pub mod subject;
pub mod subjects;
pub mod umbrella;
pub mod vectors;
pub mod world;

pub use interdict_helpers::{fixtures, workspace};

/// How many random cases a property gets: ten times as many in the long form, `cargo xtask test --long`.
#[must_use]
pub fn cases(short: u32) -> u32 {
    if std::env::var_os("INTERDICT_LONG").is_some() {
        short.saturating_mul(10)
    } else {
        short
    }
}
