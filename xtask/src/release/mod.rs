//! A release that anyone can take.

mod crates;
mod kind;
mod licences;
mod lint;
mod manifest;
mod notes;
mod origin;
mod part;
mod platform;
mod provenance;
mod sbom;
mod statements;
mod sums;
mod verify;

/// Stands for the room that builds the commands.
mod commands {
    /// From the Python package index, which has them as programs.
    pub(super) const ZIG: [&str; 2] = ["ziglang==0.17.1", "cargo-zigbuild==0.24.1"];
}

use std::path::Path;

use anyhow::Result;

pub(crate) use lint::{Advisories, check as lint};

/// Writes what users can verify about the files of a folder.
pub(crate) fn describe(folder: &Path) -> Result<()> {
    statements::write(folder, &origin::Origin::read()?)?;
    statements::verify(folder)
}
