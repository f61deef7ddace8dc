//! Tests of the whole: one corpus for every language, attacks through the module, the documents held
//! against the code.

pub mod calibration;
pub mod coalition;
pub mod corpus;
pub mod gateway;
pub mod odds;
pub mod process;
pub mod scores;
pub mod seeded;
pub mod sixteen;
pub mod subject;
pub mod subjects;
pub mod umbrella;
pub mod vectors;
pub mod world;

use std::path::PathBuf;

/// The corpus and the sample files.
#[must_use]
pub fn fixtures() -> PathBuf {
    workspace().join("fixtures")
}

/// The workspace's root, found at run time: clones that share a target folder share these programs.
#[must_use]
pub fn workspace() -> PathBuf {
    let called = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let from = called.or_else(|| std::env::current_dir().ok());
    let from = from.unwrap_or_default();
    let mut above = from.ancestors();
    let root = above.find(|folder| folder.join("fixtures/cases").is_dir());
    root.unwrap_or(&from).to_path_buf()
}

/// How many random cases a property gets: ten times as many in the long form, `cargo xtask test --long`.
#[must_use]
pub fn cases(short: u32) -> u32 {
    if std::env::var_os("INTERDICT_LONG").is_some() {
        short.saturating_mul(10)
    } else {
        short
    }
}
