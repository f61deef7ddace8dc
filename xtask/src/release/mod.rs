//! A release that anyone can take.

mod commands;
mod origin;
mod platform;
mod statements;
mod sums;

use std::path::Path;

use anyhow::Result;

/// Writes what users can verify about the files of a folder.
pub(crate) fn describe(folder: &Path) -> Result<()> {
    statements::write(folder, &origin::Origin::read()?)?;
    statements::verify(folder)
}
