//! Lines that reports name: by number, kind and rule only, for a report may travel further than the list.

use std::fmt;

use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use serde_json::json;

use super::read::{Fields, LineRow};
use super::rule::Rule;
use crate::error::Result;
use crate::register::{Change, Rejected, State};

/// Line numbers of one kind that are printed.
const SHOWN: usize = 20;

/// A line that was not imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusedLine {
    /// Counted from 1, the header included.
    pub line: u64,
    /// The kind it names, if it names one.
    pub kind: Option<Kind>,
    /// The rule it breaks.
    pub rule: Rule,
}

/// A line that was imported but will not go out as it is, because of a protected name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conflict {
    /// Counted from 1, the header included.
    pub line: u64,
    /// Its kind.
    pub kind: Kind,
    /// What becomes of it.
    pub state: State,
}

/// Keeps a refused line, without its value, and names it for the report.
pub(crate) fn refuse(
    change: &Change<'_>,
    file: &str,
    row: &LineRow,
    rule: Rule,
    now: Time,
) -> Result<RefusedLine> {
    let refused = RefusedLine::of(row, rule);
    refused.keep(change, file, now)?;
    Ok(refused)
}

impl RefusedLine {
    /// A row that breaks a rule.
    pub(super) fn of(row: &LineRow, rule: Rule) -> Self {
        Self {
            line: row.line,
            kind: row.fields().ok().and_then(Fields::kind),
            rule,
        }
    }

    /// Keeps it in the register.
    pub(super) fn keep(&self, change: &Change<'_>, file: &str, now: Time) -> Result<()> {
        let rejected = Rejected {
            file,
            line: self.line,
            kind: self.kind,
            rule: self.rule.name(),
        };
        change.put_rejected(&rejected, now)
    }
}

/// Line numbers for people: how many, and the first of them.
pub(crate) fn lines(lines: &[u64]) -> String {
    numbered(lines, "line")
}

/// The same of what a file has instead of lines.
#[must_use]
pub fn numbered(lines: &[u64], unit: &str) -> String {
    let numbers: Vec<String> = lines.iter().take(SHOWN).map(u64::to_string).collect();
    let more = if lines.len() > SHOWN { ", ..." } else { "" };
    let plural = if lines.len() == 1 { "" } else { "s" };
    format!(
        "{} ({unit}{plural} {}{more})",
        lines.len(),
        numbers.join(", ")
    )
}

impl fmt::Display for RefusedLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind.map_or("-", |kind| kind.name());
        write!(
            f,
            "line {}: {kind}: refused by {}: {}",
            self.line,
            self.rule.name(),
            self.rule.advice()
        )
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = self.meaning();
        write!(f, "line {}: {}: {what}", self.line, self.kind.name())
    }
}

impl Conflict {
    /// What becomes of it.
    #[must_use]
    pub const fn meaning(&self) -> &'static str {
        match self.state {
            State::Withheld => "listed and protected: stays in the register and is not released",
            State::Narrowed => {
                "a listed name is above a protected one: released for the host alone"
            }
            State::Quarantined => "waits for a person",
            State::Listed => "released as it is",
        }
    }
}

/// Lines with a note, as one JSON object a line.
pub(crate) fn noted(lines: &[u64], note: &str) -> String {
    let objects = lines.iter().map(|line| json!({"line": line, "note": note}));
    objects.map(|line| format!("{line}\n")).collect()
}

/// Refused lines and conflicts as one JSON object a line.
pub(crate) fn json_lines(refused: &[RefusedLine], conflicts: &[Conflict]) -> String {
    let refused = refused.iter().map(|refused| {
        let kind = refused.kind.map(|kind| kind.name());
        let (line, rule) = (refused.line, refused.rule);
        json!({"line": line, "kind": kind, "refused": rule.name(), "advice": rule.advice()})
    });
    let conflicts = conflicts.iter().map(|conflict| {
        json!({"line": conflict.line, "kind": conflict.kind.name(), "state": conflict.state.name()})
    });
    refused
        .chain(conflicts)
        .map(|line| format!("{line}\n"))
        .collect()
}
