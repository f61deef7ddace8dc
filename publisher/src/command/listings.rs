use std::fmt::Display;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueEnum};
use interdict_core::common::time::Time;
use interdict_publisher::{
    Conflict, DelistOptions, Delisted, Disclosure, Format, ImportOptions, Names, Publisher,
    RefusedLine,
};

/// Refused lines that are printed without --verbose.
const SHOWN: usize = 20;

#[derive(Debug, Args)]
#[command(after_help = "\
Fields: kind,value,source are needed; action (review), category (other), confidence per mille (900),
valid_until (none), group (none), scope (domain), flags (none) and handling (none) have the defaults
in brackets. Kinds are domain, iban and card_acceptor (ACQUIRER/ID). handling is a short code for the
terms a listing was passed on under, such as tlp-red; with one it is never public.

A gateway asks for a name and for the names above it of 2 to 6 labels: a domain of 7 labels or more
is found itself, and nothing below it is. What `delist` took off is refused, rule `delisted`.

Exit code: 1 if every line was refused.

Example:
  kind,value,source,action,category,confidence,valid_until
  domain,shop.example,hotline-se,block,csae,990,2027-01-31")]
pub(super) struct Import {
    /// The coalition's directory
    directory: PathBuf,
    /// The file: .csv, .jsonl or .ndjson
    file: PathBuf,
    /// The list it goes to, if the coalition has several
    #[arg(long, value_name = "NAME/LIST")]
    list: Option<String>,
    /// The source of rows that name none
    #[arg(long, value_name = "ID")]
    source_default: Option<String>,
    /// List again what was taken off before; this removes its tombstones, also those for all sources
    #[arg(long)]
    relist: bool,
    #[command(flatten)]
    reading: Reading,
}

#[derive(Debug, Args)]
#[command(after_help = "\
A protected domain stands for itself alone: the names below it are not protected, and can be listed.

Exit code: 1 if every line was refused.")]
pub(super) struct Protect {
    /// The coalition's directory
    directory: PathBuf,
    /// One domain a line (.txt), rows with kind,value (.csv, .jsonl), or a JSON array (.json)
    file: PathBuf,
    #[command(flatten)]
    reading: Reading,
}

#[derive(Debug, Args)]
#[command(after_help = "\
A file has the fields kind,value and may have source. Of each identifier the statement of that source
is taken off the list, or without one every statement; and so that it does not come back with the
next feed, `import` refuses it from then on, also if it was not listed. The next release takes it back
at the gateways.

Example:
  interdict-publish delist se cleared.csv --reason \"appeal 2026-118\"

Exit code: 1 if every line was refused.")]
pub(super) struct Delist {
    /// The coalition's directory
    directory: PathBuf,
    #[command(flatten)]
    named: Named,
    /// The list, if the coalition has several
    #[arg(long, value_name = "NAME/LIST")]
    list: Option<String>,
    /// Take back only what this source says, in lines that name none
    #[arg(long, value_name = "ID")]
    source: Option<String>,
    /// Why, in a few words, for the register
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    reading: Reading,
}

#[derive(Debug, Args)]
#[command(after_help = "\
A file has the fields kind,value. Only listed domains can be public, and none with a statement to
monitor or to hold a payout, with a flag silent or possibly_victim_controlled, or with a handling
code. Every release judges them anew. Who kept an older public release still has what is taken back.

Exit code: 1 if every line was refused.")]
pub(super) struct Disclose {
    /// The coalition's directory
    directory: PathBuf,
    #[command(flatten)]
    named: Named,
    /// The list, if the coalition has several
    #[arg(long, value_name = "NAME/LIST")]
    list: Option<String>,
    /// Take the marks back
    #[arg(long)]
    undo: bool,
    #[command(flatten)]
    reading: Reading,
}

#[derive(Debug, Args)]
struct Named {
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
struct Reading {
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

impl Import {
    pub(super) fn run(&self, now: Time, out: &mut impl Write) -> Result<()> {
        let format = self.reading.format(&self.file)?;
        let list = self.list.clone();
        let delisted = if self.relist {
            Delisted::Relist
        } else {
            Delisted::Refuse
        };
        let options = ImportOptions {
            format,
            list,
            default_source: self.source_default.clone(),
            delisted,
        };
        let report = Publisher::open(&self.directory)?.import(open(&self.file)?, &options, now)?;
        write!(out, "{report}")?;
        self.reading.show(
            &report.refused,
            &report.conflicts,
            &report.json_lines(),
            out,
        )?;
        let taken = report.accepted.max(report.updated).max(report.unchanged);
        any_taken(&report.refused, taken)
    }
}

impl Protect {
    pub(super) fn run(&self, now: Time, out: &mut impl Write) -> Result<()> {
        let format = self.reading.format(&self.file)?;
        let report = Publisher::open(&self.directory)?.protect(open(&self.file)?, format, now)?;
        write!(out, "{report}")?;
        self.reading.show(
            &report.refused,
            &report.conflicts,
            &report.json_lines(),
            out,
        )?;
        any_taken(&report.refused, report.added.max(report.unchanged))
    }
}

impl Delist {
    pub(super) fn run(&self, now: Time, out: &mut impl Write) -> Result<()> {
        let options = DelistOptions {
            list: self.list.clone(),
            source: self.source.clone(),
            reason: self.reason.clone(),
        };
        let mut publisher = Publisher::open(&self.directory)?;
        let report = self.named.with(&self.reading, |names| {
            Ok(publisher.delist(names, &options, now)?)
        })?;
        write!(out, "{report}")?;
        self.reading
            .show(&report.refused, &[], &report.json_lines(), out)?;
        any_taken(&report.refused, report.delisted.max(report.not_listed))
    }
}

impl Disclose {
    pub(super) fn run(&self, now: Time, out: &mut impl Write) -> Result<()> {
        let disclosure = if self.undo {
            Disclosure::Undo
        } else {
            Disclosure::Mark
        };
        let mut publisher = Publisher::open(&self.directory)?;
        let report = self.named.with(&self.reading, |names| {
            Ok(publisher.disclose(names, self.list.as_deref(), disclosure, now)?)
        })?;
        write!(out, "{report}")?;
        self.reading
            .show(&report.refused, &[], &report.json_lines(), out)?;
        any_taken(&report.refused, report.changed.max(report.unchanged))
    }
}

impl Named {
    fn with<R>(&self, reading: &Reading, act: impl FnOnce(Names<'_>) -> Result<R>) -> Result<R> {
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
    fn format(&self, file: &Path) -> Result<Format> {
        Ok(match self.format {
            Some(FormatName::Csv) => Format::Csv,
            Some(FormatName::Jsonl) => Format::JsonLines,
            Some(FormatName::Json) => Format::Json,
            Some(FormatName::Text) => Format::Text,
            None => Format::of(file)?,
        })
    }

    fn show(
        &self,
        refused: &[RefusedLine],
        conflicts: &[Conflict],
        report: &str,
        out: &mut impl Write,
    ) -> Result<()> {
        if let Some(path) = &self.report {
            fs::write(path, report).with_context(|| path.display().to_string())?;
        }
        self.print(refused, out)?;
        Ok(self.print(conflicts, out)?)
    }

    fn print(&self, lines: &[impl Display], out: &mut impl Write) -> io::Result<()> {
        let shown = if self.verbose {
            lines.len()
        } else {
            SHOWN.min(lines.len())
        };
        for line in lines.iter().take(shown) {
            writeln!(out, "  {line}")?;
        }
        if shown < lines.len() {
            let more = lines.len().saturating_sub(shown);
            writeln!(out, "  and {more} more; --verbose prints all")?;
        }
        Ok(())
    }
}

/// A script must notice a file of which nothing was taken.
fn any_taken(refused: &[RefusedLine], taken: u64) -> Result<()> {
    if taken == 0 && !refused.is_empty() {
        bail!("every line was refused");
    }
    Ok(())
}

fn open(path: &Path) -> Result<File> {
    File::open(path).with_context(|| path.display().to_string())
}
