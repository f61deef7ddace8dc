use std::path::PathBuf;

use anyhow::{Result, anyhow};
use clap::{Args, Subcommand};
use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind};
use interdict_publisher::{DeedRow, PastDeed};
use serde_json::{Map, Value, json};

use super::directory::{open_directory, open_with_warning};
use super::lines::kind;
use super::next::next;
use super::output::{Output, Report};

// What was changed, and taking it back.
#[derive(Debug, Subcommand)]
pub(super) enum Past {
    /// Say what was changed, by whom, when and from which file
    History(History),
    /// Take an import back, by its number in the history
    #[command(after_help = "\
Every row that the import changed gets the values it had before: entries, tombstones that it lifted and what it
put into quarantine. A row that was changed since stays as it is, and the command says how many. What was
released already goes with the next release, within the limits.

Example:
  interdict-publish undo se 7")]
    Undo {
        /// The coalition's directory
        directory: PathBuf,
        /// The import's number, as `history` prints it
        number: u64,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "\
A line for each command that changed the register: its number, when, who, what, from which file, of which
source, and how many rows of the register, its own among them. With --kind and --value, only the commands
that changed something about one identifier, with the rows about it before (-) and after (+).

Examples:
  interdict-publish history se
  interdict-publish history se --kind domain --value shop.example")]
pub(super) struct History {
    /// The coalition's directory
    directory: PathBuf,
    /// Only what was changed about one identifier, with the rows: its kind
    #[arg(long, requires = "value", value_parser = kind)]
    kind: Option<Kind>,
    /// And its value
    #[arg(long, requires = "kind", allow_hyphen_values = true)]
    value: Option<String>,
}

impl Past {
    pub(super) fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        match self {
            Self::History(arguments) => arguments.run(out),
            Self::Undo { directory, number } => {
                let report = open_directory(directory)?.undo_import(*number, now)?;
                out.report(&report)?;
                Ok(out.line(&next(
                    directory,
                    "plan",
                    "shows what it changes at gateways",
                ))?)
            }
        }
    }
}

impl History {
    fn run(&self, out: &mut Output<'_>) -> Result<()> {
        let about = match (self.kind, &self.value) {
            (Some(kind), Some(value)) => {
                let identifier = Identifier::parse(kind, value);
                Some(identifier.map_err(|error| {
                    anyhow!(
                        "the value breaks a rule of its kind: {}",
                        error.rule().name()
                    )
                })?)
            }
            _ => None,
        };
        let mut deeds = Vec::new();
        open_with_warning(&self.directory)?.history(about.as_ref(), |deed| {
            if about.is_none() || !deed.about.is_empty() {
                deeds.push(deed);
            }
            Ok(())
        })?;
        if deeds.is_empty() {
            out.line("nothing was ever changed about this identifier")?;
        }
        Ok(out.reports("deeds", &deeds)?)
    }
}

impl Report for PastDeed {
    fn json(&self) -> Value {
        let file = self.file.as_ref();
        let about: Vec<Value> = self.about.iter().map(row).collect();
        json!({
            "number": self.number, "at": self.at, "by": self.by, "command": self.command,
            "file": file.map(|(name, sha256)| json!({"name": name, "sha256": sha256})),
            "sources": self.sources, "rows": self.rows, "about": about,
        })
    }
}

impl Report for interdict_publisher::UndoReport {
    fn json(&self) -> Value {
        json!({
            "number": self.number, "restored": self.restored, "changed_since": self.changed_since,
        })
    }
}

fn row(row: &DeedRow) -> Value {
    let values = |values: &Option<Vec<(String, String)>>| {
        let values = values.as_ref()?.iter();
        let values = values.map(|(name, value)| (name.clone(), Value::from(value.as_str())));
        Some(values.collect::<Map<_, _>>())
    };
    json!({"table": row.table, "before": values(&row.before), "after": values(&row.after)})
}
