use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};
use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_publisher::{Publisher, RefusedLine};
use serde_json::{Value, json};

use super::json::Json;
use super::lines::{Named, Reading, Values, any_taken};

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

Exit code: 1 if every line was refused.")]
pub(super) struct Note {
    /// The coalition's directory
    directory: PathBuf,
    /// What to note
    text: String,
    #[command(flatten)]
    values: Values,
    #[command(flatten)]
    json: Json,
}

#[derive(Debug, Args)]
#[command(after_help = "\
What the protection held back goes out with the next release. A name above stays narrowed while another
protected name lies in it. `show` says since when a name was protected, and why that ended.

Example:
  interdict-publish unprotect se --kind domain --value bank.example --reason \"sold, new owner\"

Exit code: 1 if every line was refused.")]
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
    #[command(flatten)]
    json: Json,
}

impl Correct {
    pub(super) fn run(&self, now: Time, out: &mut impl Write) -> Result<()> {
        match self {
            Self::Note(arguments) => arguments.run(now, out),
            Self::Unprotect(arguments) => arguments.run(now, out),
        }
    }
}

impl Note {
    fn run(&self, now: Time, out: &mut impl Write) -> Result<()> {
        let mut publisher = Publisher::open(&self.directory)?;
        let report = self
            .values
            .with(|names| Ok(publisher.note(names, &self.text, now)?))?;
        if self.json.json {
            let refused = refused(&report.refused);
            writeln!(
                out,
                "{}",
                json!({"noted": report.noted, "refused": refused})
            )?;
        } else {
            write!(out, "{report}")?;
            report
                .refused
                .iter()
                .try_for_each(|line| writeln!(out, "  {line}"))?;
        }
        any_taken(&report.refused, report.noted)
    }
}

impl Unprotect {
    fn run(&self, now: Time, out: &mut impl Write) -> Result<()> {
        let mut publisher = Publisher::open(&self.directory)?;
        let report = self.named.with(&self.reading, |names| {
            Ok(publisher.unprotect(names, &self.reason, now)?)
        })?;
        if self.json.json {
            let answer = json!({
                "unprotected": report.unprotected,
                "not_protected": report.not_protected,
                "refused": refused(&report.refused),
                "freed": report.freed,
            });
            writeln!(out, "{answer}")?;
        } else {
            write!(out, "{report}")?;
            self.reading
                .show(&report.refused, &[], &report.json_lines(), out)?;
        }
        any_taken(
            &report.refused,
            report.unprotected.max(report.not_protected),
        )
    }
}

fn refused(lines: &[RefusedLine]) -> Vec<Value> {
    let object = |line: &RefusedLine| json!({"line": line.line, "kind": line.kind.map(Kind::name), "refused": line.rule.name()});
    lines.iter().map(object).collect()
}
