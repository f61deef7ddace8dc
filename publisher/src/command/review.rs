use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Subcommand;
use interdict_core::common::time::Time;
use interdict_publisher::inspect;

use super::directory::open_with_warning;
use super::output::Output;

// What only looks.
#[derive(Debug, Subcommand)]
pub(super) enum Review {
    /// Count each list's entries by source
    #[command(after_help = "\
An entry is in force unless it has ended or its identifier is protected. It is from no other source
if nobody else has an entry in force on the same identifier: without this source the list no longer
names it.

The name in brackets is the source's origin: the one name under which every coalition knows the party.
Sources of one origin are one voice at a gateway, however many lists repeat what it says. Without
--origin it is the source's own name.

Example:
  interdict-publish sources se --origin hotline-se=hotline.example")]
    Sources {
        /// The coalition's directory
        directory: PathBuf,
        /// State a source's origin first; may be repeated
        #[arg(long = "origin", value_name = "SOURCE=ORIGIN", value_parser = origin)]
        origins: Vec<(String, String)>,
    },
    /// Say what a file is; keys are never shown
    Inspect {
        /// A filter, records, stash, typologies, metadata or enrolment file
        file: PathBuf,
    },
}

impl Review {
    pub(super) fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        match self {
            Self::Sources { directory, origins } => {
                let mut publisher = open_with_warning(directory)?;
                for (source, origin) in origins {
                    publisher.set_origin(source, origin)?;
                }
                let lists = publisher.sources(now)?;
                Ok(out.reports("lists", &lists)?)
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

fn origin(text: &str) -> Result<(String, String)> {
    let (source, origin) = text.split_once('=').context("name SOURCE=ORIGIN")?;
    Ok((source.to_owned(), origin.to_owned()))
}
