//! The coalition's directory, which most commands begin with.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use interdict_core::common::time::Time;
use interdict_publisher::{Publisher, TestKeys};

use super::clock::Today;

/// Opens a directory; says so if everybody can sign with its keys.
pub(super) fn open_with_warning(directory: &Path) -> Result<Publisher> {
    let publisher = Publisher::open(directory)?;
    warn_of_test_keys(&publisher);
    Ok(publisher)
}

/// The same for a command that signs or decides by the clock, which must not be off.
pub(super) fn open_to_sign(directory: &Path, now: Time, today: &Today) -> Result<Publisher> {
    let publisher = open_with_warning(directory)?;
    for warning in publisher.key_warnings()? {
        eprintln!("warning: {warning}");
    }
    publisher.confirm_clock(now, today.day())?;
    Ok(publisher)
}

pub(super) fn warn_of_test_keys(publisher: &Publisher) {
    if publisher.test_keys() == TestKeys::Yes {
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
