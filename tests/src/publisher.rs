//! A coalition whose real publisher a test runs.

use std::path::Path;

use interdict_core::common::time::Time;
use interdict_publisher::{
    Format, ImportOptions, InitOptions, NewSource, Publisher, SourceClass, TestKeys,
};

/// Makes the coalition `se` in a folder, and imports what a CSV file lists, under the source that its first
/// row names in the third column. Nothing is released yet.
///
/// # Panics
/// If the publisher refuses anything.
#[must_use]
pub fn listing(directory: &Path, csv: &str, test_keys: TestKeys, now: Time) -> Publisher {
    let options = InitOptions::new("se", test_keys, now);
    let mut publisher = Publisher::init(directory, &options).expect("a new folder");
    let first = csv.lines().nth(1).and_then(|row| row.split(',').nth(2));
    let source = first.expect("a row with a source");
    let new = NewSource::new(source, SourceClass::Bank);
    publisher.source_add(new, now).expect("a new source");
    let options = ImportOptions::new(Format::Csv, source);
    publisher
        .import(csv.as_bytes(), &options, now)
        .expect("a list");
    publisher
}
