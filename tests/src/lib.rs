//! Tests of the whole: one corpus for every language, attacks through the module, the documents held
//! against the code.

pub mod calibration;
pub mod coalition;
pub mod corpus;
pub mod gateway;
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

/// The workspace's root.
#[must_use]
pub fn workspace() -> PathBuf {
    let package = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_path_buf()
}
