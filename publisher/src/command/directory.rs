//! The coalition's directory, which most commands begin with.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use interdict_publisher::{Publisher, TestKeys};

/// Opens a directory; says so if everybody can sign with its keys.
pub(super) fn open_with_warning(directory: &Path) -> Result<Publisher> {
    let publisher = Publisher::open(directory)?;
    warn_of_test_keys(&publisher);
    Ok(publisher)
}

pub(super) fn warn_of_test_keys(publisher: &Publisher) {
    warn_about(publisher.test_keys());
}

pub(super) fn warn_about(keys: TestKeys) {
    if keys == TestKeys::Yes {
        eprintln!("warning: TEST KEYS. Everybody can sign with them; they protect nothing");
    }
}

/// The address of a directory on this computer.
pub(super) fn file_address(directory: &Path) -> Result<String> {
    let path = fs::canonicalize(directory).with_context(|| directory.display().to_string())?;
    let path = path
        .to_str()
        .context("the directory's path is not UTF-8; give --repository")?;
    Ok(format!("file://{path}"))
}
