//! Files of lines that commands read, and how they report lines that were refused.

use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufRead as _, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueEnum};
use interdict_core::identifier::Kind;
use interdict_publisher::{Conflict, Format, Names, RefusedLine, check_unused, write_secret};
use serde_json::json;

/// The longest value of any kind has 8,192 bytes.
const MAX_LINE: u64 = 16 << 10;

/// As much as `import` reads.
const MAX_VALUES: u64 = 256 << 20;

use super::exit::{Ended, Exit};
use super::output::Output;

/// Refused lines that are printed without --verbose.
const SHOWN: usize = 20;

#[derive(Debug, Args)]
pub(super) struct Named {
    /// The file: .csv, .jsonl or .ndjson; - for standard input, with --format
    #[arg(required_unless_present_any = ["value", "values"], conflicts_with_all = ["kind", "value", "values"])]
    file: Option<PathBuf>,
    #[command(flatten)]
    values: Values,
}

/// Identifiers that no file of rows names. A value in the arguments stays in the shell's history and shows
/// in the list of processes.
#[derive(Debug, Args)]
pub(super) struct Values {
    /// Of identifiers that are in no such file: their kind
    #[arg(long)]
    kind: Option<String>,
    /// And one value; - reads it from standard input, so that it stays out of the shell's history
    #[arg(long, requires = "kind", allow_hyphen_values = true)]
    value: Option<String>,
    /// Or a file with a value a line; - for standard input
    #[arg(long, value_name = "FILE", requires = "kind", conflicts_with = "value")]
    values: Option<PathBuf>,
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
    Hosts,
    Urls,
    Stix,
    Misp,
}

impl Named {
    /// For a command that takes more than a file or an identifier.
    pub(super) const fn new(
        file: Option<PathBuf>,
        kind: Option<String>,
        value: Option<String>,
    ) -> Self {
        let values = Values {
            kind,
            value,
            values: None,
        };
        Self { file, values }
    }

    pub(super) fn with<R>(
        &self,
        reading: &Reading,
        act: impl FnOnce(Names<'_>) -> Result<R>,
    ) -> Result<R> {
        reading.check_report()?;
        let Some(path) = &self.file else {
            return self.values.with(act);
        };
        let format = reading.format(path)?;
        let mut bytes = open(path)?;
        let bytes = &mut bytes;
        act(Names::File { bytes, format })
    }
}

impl Values {
    pub(super) fn with<R>(&self, act: impl FnOnce(Names<'_>) -> Result<R>) -> Result<R> {
        let Some(kind) = &self.kind else {
            bail!("name --kind, and --value or --values")
        };
        if let Some(path) = &self.values {
            let mut text = String::new();
            let read = open(path)?.take(MAX_VALUES).read_to_string(&mut text);
            read.with_context(|| path.display().to_string())?;
            // A line each, so that reports name the file's own lines.
            let row = |value: &str| match value.trim() {
                "" => "\n".to_owned(),
                value => format!("{}\n", json!({"kind": kind, "value": value})),
            };
            let rows: String = text.lines().map(row).collect();
            let bytes = &mut rows.as_bytes();
            let format = Format::JsonLines;
            return act(Names::File { bytes, format });
        }
        match self.value.as_deref() {
            Some("-") => {
                let value = one_line()?;
                act(Names::One {
                    kind,
                    value: &value,
                })
            }
            Some(value) => act(Names::One { kind, value }),
            None => bail!("name --value or --values"),
        }
    }
}

/// The first line of standard input.
pub(super) fn one_line() -> Result<String> {
    let mut line = String::new();
    let mut input = io::stdin().lock().take(MAX_LINE);
    input.read_line(&mut line).context("standard input")?;
    let line = line.trim().to_owned();
    if line.is_empty() {
        bail!("standard input has no value in its first line");
    }
    Ok(line)
}

impl Reading {
    /// Before anything is done: a report that could not be written would be lost.
    pub(super) fn check_report(&self) -> Result<()> {
        Ok(self.report.as_deref().map_or(Ok(()), check_unused)?)
    }

    pub(super) fn format(&self, file: &Path) -> Result<Format> {
        Ok(match self.format {
            Some(FormatName::Csv) => Format::Csv,
            Some(FormatName::Jsonl) => Format::JsonLines,
            Some(FormatName::Json) => Format::Json,
            Some(FormatName::Text) => Format::Text,
            Some(FormatName::Hosts) => Format::Hosts,
            Some(FormatName::Urls) => Format::Urls,
            Some(FormatName::Stix) => Format::Stix,
            Some(FormatName::Misp) => Format::Misp,
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
            let written = write_secret(path, report.as_bytes());
            written.context("the command is done, and its report was not written")?;
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

/// A file, or standard input for `-`.
pub(super) fn open(path: &Path) -> Result<Box<dyn Read>> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin()));
    }
    let file = File::open(path).with_context(|| path.display().to_string())?;
    Ok(Box::new(file))
}

/// A kind by its name.
pub(super) fn kind(text: &str) -> Result<Kind, String> {
    Kind::from_name(text).ok_or_else(|| {
        let names: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        format!("kinds are {}", names.join(", "))
    })
}
