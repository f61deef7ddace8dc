//! Files of lines that commands read, and how they report lines that were refused.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead as _, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::{ArgGroup, Args, ValueEnum};
use interdict_core::identifier::Kind;
use interdict_publisher::{
    Conflict, Format, Names, Publisher, PublisherError, RefusedLine, SourceError, check_unused,
    numbered, write_secret,
};
use serde_json::json;

/// The longest value of any kind has 8,192 bytes.
const MAX_LINE: u64 = 16 << 10;

/// As much as `import` reads.
const MAX_VALUES: u64 = 256 << 20;

use super::exit::{Ended, Exit};
use super::output::Output;

#[derive(Debug, Args)]
#[command(group = named("named", &["file", "value", "values"]))]
pub(super) struct Named {
    /// The file: .csv, .jsonl or .ndjson; - for standard input, with --format
    #[arg(conflicts_with_all = ["kind", "value", "values"])]
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
    /// Print every refused line by itself
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

impl FormatName {
    const fn format(self) -> Format {
        match self {
            Self::Csv => Format::Csv,
            Self::Jsonl => Format::JsonLines,
            Self::Json => Format::Json,
            Self::Text => Format::Text,
            Self::Hosts => Format::Hosts,
            Self::Urls => Format::Urls,
            Self::Stix => Format::Stix,
            Self::Misp => Format::Misp,
        }
    }
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

    /// The kind and the value, if one value was named in the arguments.
    pub(super) fn one(&self) -> Option<(Kind, &str)> {
        let kind = Kind::from_name(self.values.kind.as_deref()?)?;
        let value = self.values.value.as_deref()?;
        (value != "-").then_some((kind, value))
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
        if path != Path::new("-") && !path.exists() {
            bail!(
                "there is no file of this name; one identifier is named with its kind and value, as \
                 --kind domain --value shop.example"
            );
        }
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
            Some(name) => name.format(),
            None => Format::of(file)?,
        })
    }

    /// How a file of listings is written.
    pub(super) fn format_of_listings(&self, file: &Path) -> Result<Format> {
        match self.format {
            Some(name) => Ok(name.format()),
            None if file.is_dir() => {
                bail!(
                    "the file is a directory; the coalition's directory comes first, and the file after it"
                )
            }
            None => Ok(Format::of_listings(file)?),
        }
    }

    /// Writes the report, and prints what was refused and what meets a protected name, by rule and with
    /// numbers of lines, or of what a format has in their place.
    pub(super) fn show(
        &self,
        refused: &[RefusedLine],
        conflicts: &[Conflict],
        report: &str,
        out: &mut Output<'_>,
    ) -> Result<()> {
        let unit = self.format.map_or("line", |name| name.format().unit());
        self.show_in(unit, refused, conflicts, report, out)
    }

    /// The same of a file that has other things than lines.
    pub(super) fn show_in(
        &self,
        unit: &str,
        refused: &[RefusedLine],
        conflicts: &[Conflict],
        report: &str,
        out: &mut Output<'_>,
    ) -> Result<()> {
        if let Some(path) = &self.report {
            let written = write_secret(path, report.as_bytes());
            written.context("the command is done, and its report was not written")?;
        }
        let by_rule = refused.iter().map(|line| {
            let what = format!("refused by {}", line.rule.name());
            (line.line, what, line.rule.advice())
        });
        let by_state = conflicts
            .iter()
            .map(|line| (line.line, line.meaning().to_owned(), String::new()));
        print_grouped(by_rule, unit, out)?;
        print_grouped(by_state, unit, out)?;
        if self.verbose {
            for line in refused {
                let kind = line.kind.map_or("-", Kind::name);
                let (number, rule) = (line.line, line.rule.name());
                out.line(&format!("  {unit} {number}: {kind}: refused by {rule}"))?;
            }
            for line in conflicts {
                let (number, kind, what) = (line.line, line.kind.name(), line.meaning());
                out.line(&format!("  {unit} {number}: {kind}: {what}"))?;
            }
        }
        Ok(())
    }
}

/// Prints a line for each different text, in the order of the texts.
fn print_grouped(
    lines: impl Iterator<Item = (u64, String, String)>,
    unit: &str,
    out: &mut Output<'_>,
) -> io::Result<()> {
    let mut groups: BTreeMap<(String, String), Vec<u64>> = BTreeMap::new();
    for (number, what, advice) in lines {
        groups.entry((what, advice)).or_default().push(number);
    }
    for ((what, advice), numbers) in groups {
        let colon = if advice.is_empty() { "" } else { ": " };
        let numbers = numbered(&numbers, unit);
        out.line(&format!("  {what}: {numbers}{colon}{advice}"))?;
    }
    Ok(())
}

/// Ways to say what a command acts on, of which one is needed: an error then shows all of them.
pub(super) fn named(id: &'static str, ways: &[&'static str]) -> ArgGroup {
    ArgGroup::new(id).args(ways).required(true).multiple(true)
}

/// A script must notice a file of which nothing was taken, or not all of it.
pub(super) fn any_taken(refused: &[RefusedLine], taken: u64) -> Result<()> {
    match (refused.len(), taken) {
        (0, _) => Ok(()),
        (_, 0) => Ended::with(Exit::Refused, "every line was refused"),
        (1, _) => Ended::with(Exit::Partial, "1 line was refused"),
        (count, _) => Ended::with(Exit::Partial, format!("{count} lines were refused")),
    }
}

/// A misspelt source must not look like one that says nothing.
pub(super) fn check_source(publisher: &Publisher, source: Option<&str>) -> Result<()> {
    let Some(source) = source else {
        return Ok(());
    };
    let known = publisher.registered_sources()?;
    if known.iter().any(|known| known.id == source) {
        return Ok(());
    }
    Err(PublisherError::from(SourceError::Unknown(source.to_owned())).into())
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
