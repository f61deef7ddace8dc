//! Files of lines that commands read, and how they report lines that were refused.

use std::fmt::Display;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueEnum};
use interdict_core::identifier::Kind;
use interdict_publisher::{Conflict, Format, Names, RefusedLine};

use super::exit::{Ended, Exit};
use super::output::Output;

/// Refused lines that are printed without --verbose.
const SHOWN: usize = 20;

#[derive(Debug, Args)]
pub(super) struct Named {
    /// The file: .csv, .jsonl or .ndjson
    #[arg(required_unless_present = "value")]
    file: Option<PathBuf>,
    /// One identifier instead of a file: its kind
    #[arg(long, requires = "value", conflicts_with = "file")]
    kind: Option<String>,
    /// And its value
    #[arg(long, requires = "kind", conflicts_with = "file")]
    value: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Reading {
    /// How the file is written [default: by its extension]
    #[arg(long, value_enum)]
    format: Option<FormatName>,
    /// Print every refused line
    #[arg(long)]
    verbose: bool,
    /// Write every refused line and conflict to this file, as JSON lines
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatName {
    Csv,
    Jsonl,
    Json,
    Text,
}

impl Named {
    pub(super) fn with<R>(
        &self,
        reading: &Reading,
        act: impl FnOnce(Names<'_>) -> Result<R>,
    ) -> Result<R> {
        match (&self.file, &self.kind, &self.value) {
            (Some(path), _, _) => {
                let format = reading.format(path)?;
                let mut file = open(path)?;
                act(Names::File {
                    bytes: &mut file,
                    format,
                })
            }
            (None, Some(kind), Some(value)) => act(Names::One { kind, value }),
            _ => bail!("name a file, or --kind and --value"),
        }
    }
}

impl Reading {
    pub(super) fn format(&self, file: &Path) -> Result<Format> {
        Ok(match self.format {
            Some(FormatName::Csv) => Format::Csv,
            Some(FormatName::Jsonl) => Format::JsonLines,
            Some(FormatName::Json) => Format::Json,
            Some(FormatName::Text) => Format::Text,
            None => Format::of(file)?,
        })
    }

    pub(super) fn show(
        &self,
        refused: &[RefusedLine],
        conflicts: &[Conflict],
        report: &str,
        out: &mut Output<'_>,
    ) -> Result<()> {
        if let Some(path) = &self.report {
            fs::write(path, report).with_context(|| path.display().to_string())?;
        }
        self.print(refused, out)?;
        Ok(self.print(conflicts, out)?)
    }

    fn print(&self, lines: &[impl Display], out: &mut Output<'_>) -> io::Result<()> {
        let shown = if self.verbose {
            lines.len()
        } else {
            SHOWN.min(lines.len())
        };
        for line in lines.iter().take(shown) {
            out.line(&format!("  {line}"))?;
        }
        if shown < lines.len() {
            let more = lines.len().saturating_sub(shown);
            out.line(&format!("  and {more} more; --verbose prints all"))?;
        }
        Ok(())
    }
}

/// A script must notice a file of which nothing was taken, or not all of it.
pub(super) fn any_taken(refused: &[RefusedLine], taken: u64) -> Result<()> {
    match (refused.len(), taken) {
        (0, _) => Ok(()),
        (_, 0) => Ended::with(Exit::Refused, "every line was refused"),
        (count, _) => Ended::with(Exit::Partial, format!("{count} lines were refused")),
    }
}

pub(super) fn open(path: &Path) -> Result<File> {
    File::open(path).with_context(|| path.display().to_string())
}

/// A kind by its name.
pub(super) fn kind(text: &str) -> Result<Kind, String> {
    Kind::from_name(text).ok_or_else(|| {
        let names: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        format!("kinds are {}", names.join(", "))
    })
}
