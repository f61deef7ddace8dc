use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Subcommand;
use interdict_core::common::time::Time;
use interdict_publisher::{Publisher, inspect};

use super::directory::{acting, open_with_warning};
use super::output::Output;

// What only looks.
#[derive(Debug, Subcommand)]
pub(super) enum Review {
    /// Compare the register with its history, and the history with what was published
    #[command(after_help = "\
Every signed release names the head of the history that it was made from. Compare with a copy from where
gateways fetch it: nobody here can have changed that one.

Example:
  interdict-publish verify se --from /mnt/served/repository")]
    Verify {
        /// The coalition's directory
        directory: PathBuf,
        /// The repository to compare with [default: DIR/repository]
        #[arg(long, value_name = "REPOSITORY")]
        from: Option<PathBuf>,
    },
    /// Make register.sqlite again from history.jsonl, if it is damaged
    #[command(after_help = "\
Example:
  interdict-publish rebuild se")]
    Rebuild {
        /// The coalition's directory
        directory: PathBuf,
    },
    /// Say what a file is; keys are never shown
    #[command(after_help = "\
Examples:
  interdict-publish inspect se/repository/metadata/timestamp.json
  interdict-publish inspect gateway-1.enrolment.json")]
    Inspect {
        /// A filter, records, stash, typologies, metadata or enrolment file
        file: PathBuf,
    },
}

impl Review {
    pub(super) fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        match self {
            Self::Verify { directory, from } => {
                let publisher = open_with_warning(directory)?;
                Ok(out.report(&publisher.verify(from.as_deref())?)?)
            }
            Self::Rebuild { directory } => {
                let publisher = acting(Publisher::rebuild(directory)?);
                Ok(out.report(&publisher.verify(None)?)?)
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
