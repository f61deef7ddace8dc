use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Subcommand;
use interdict_core::common::time::Time;
use interdict_publisher::inspect;

use super::directory::open_with_warning;

// What only looks.
#[derive(Debug, Subcommand)]
pub(super) enum Review {
    /// Say where the lists, epochs and members stand
    Status {
        /// The coalition's directory
        directory: PathBuf,
    },
    /// Say what a file is; keys are never shown
    Inspect {
        /// A filter, records, stash, typologies, metadata or enrolment file
        file: PathBuf,
    },
}

impl Review {
    pub(super) fn run(&self, now: Time, out: &mut impl Write) -> Result<()> {
        match self {
            Self::Status { directory } => {
                let publisher = open_with_warning(directory)?;
                Ok(write!(out, "{}", publisher.status(now)?)?)
            }
            Self::Inspect { file } => {
                let path = || file.display().to_string();
                let bytes = fs::read(file).with_context(path)?;
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                let facts = inspect(&bytes, &name, now).with_context(path)?;
                Ok(write!(out, "{facts}")?)
            }
        }
    }
}
