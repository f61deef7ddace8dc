//! A coalition whose real publisher a test runs.

use std::path::Path;

use interdict_core::common::time::Time;
use interdict_publisher::{Format, ImportOptions, InitOptions, Publisher, TestKeys};

/// Makes the coalition `se` in a folder, and imports what a CSV file lists. Nothing is released yet.
///
/// # Panics
/// If the publisher refuses anything.
#[must_use]
pub fn listing(directory: &Path, csv: &str, test_keys: TestKeys, now: Time) -> Publisher {
    let options = InitOptions {
        coalition: "se".to_owned(),
        lists: Vec::new(),
        kinds: Vec::new(),
        test_keys,
        now,
    };
    let mut publisher = Publisher::init(directory, &options).expect("a new folder");
    let options = ImportOptions::new(Format::Csv);
    publisher
        .import(csv.as_bytes(), &options, now)
        .expect("a list");
    publisher
}
