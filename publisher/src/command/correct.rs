use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};
use interdict_core::common::time::Time;

use super::directory::open_directory;
use super::lines::{Named, Reading, Values, any_taken};
use super::output::Output;

// What corrects, and says why.
#[derive(Debug, Subcommand)]
pub(super) enum Correct {
    /// Keep a dated note on an identifier
    Note(Note),
    /// Take the protection of identifiers back
    Unprotect(Unprotect),
}

#[derive(Debug, Args)]
#[command(after_help = "\
A note is one line of at most 500 bytes, without a card number. It stays in the register, no release holds
it, and `show` prints it.

Example:
  interdict-publish note se --kind domain --value shop.example \"owner called, appeal 2026-118\"

Exit code: 1 if every line was refused, 7 if some were.")]
pub(super) struct Note {
    /// The coalition's directory
    directory: PathBuf,
    /// What to note
    text: String,
    #[command(flatten)]
    values: Values,
}

#[derive(Debug, Args)]
#[command(after_help = "\
What the protection held back goes out with the next release. A name above stays narrowed while another
protected name lies in it. `show` says since when a name was protected, and why that ended.

Example:
  interdict-publish unprotect se --kind domain --value bank.example --reason \"sold, new owner\"

Exit code: 1 if every line was refused, 7 if some were.")]
pub(super) struct Unprotect {
    /// The coalition's directory
    directory: PathBuf,
    #[command(flatten)]
    named: Named,
    /// Why, in a few words, for the register
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    reading: Reading,
}

impl Correct {
    pub(super) fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        match self {
            Self::Note(arguments) => arguments.run(now, out),
            Self::Unprotect(arguments) => arguments.run(now, out),
        }
    }
}

impl Note {
    fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        let mut publisher = open_directory(&self.directory)?;
        let report = self
            .values
            .with(|names| Ok(publisher.note(names, &self.text, now)?))?;
        out.report(&report)?;
        for line in &report.refused {
            out.line(&format!("  {line}"))?;
        }
        any_taken(&report.refused, report.noted)
    }
}

impl Unprotect {
    fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        let mut publisher = open_directory(&self.directory)?;
        let report = self.named.with(&self.reading, |names| {
            Ok(publisher.unprotect(names, &self.reason, now)?)
        })?;
        out.report(&report)?;
        self.reading
            .show(&report.refused, &[], &report.json_lines(), out)?;
        any_taken(
            &report.refused,
            report.unprotected.max(report.not_protected),
        )
    }
}
