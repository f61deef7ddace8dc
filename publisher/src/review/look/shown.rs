//! How `show` tells what it knows, to people and to programs.

use std::fmt;

use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::list::Handling;
use serde_json::{Value, json};

use super::entry_row::EntryRow;
use super::show::{Answer, ShowReport, Shown, ShownList, ShownStatement};
use super::sources::of_origin;
use crate::intake::flag_names;
use crate::register::{NO_END, Note, Tombstone, Unprotected};
use crate::review::printable;

impl ShowReport {
    /// `{"shown": [...], "refused": [...]}`; times as in RFC 3339.
    #[must_use]
    pub fn json(&self) -> Value {
        let refused = self.refused.iter().map(|refused| {
            let kind = refused.kind.map(Kind::name);
            json!({"line": refused.line, "kind": kind, "refused": refused.rule.name()})
        });
        let shown: Vec<Value> = self.shown.iter().map(Shown::json).collect();
        json!({"shown": shown, "refused": refused.collect::<Vec<_>>()})
    }
}

impl Shown {
    fn json(&self) -> Value {
        let unprotected = self.unprotected.iter().map(|one| {
            let (since, at) = (one.since.to_string(), one.at.to_string());
            json!({"since": since, "at": at, "reason": one.reason})
        });
        let notes = self.notes.iter().map(
            |note| json!({"number": note.number, "at": note.at.to_string(), "note": note.text}),
        );
        json!({
            "kind": self.kind.name(),
            "value": self.value,
            "unicode": self.unicode,
            "protected_since": time(self.protected_since),
            "unprotected": unprotected.collect::<Vec<_>>(),
            "lists": self.lists.iter().map(ShownList::json).collect::<Vec<_>>(),
            "notes": notes.collect::<Vec<_>>(),
        })
    }
}

impl ShownList {
    fn json(&self) -> Value {
        json!({
            "list": self.list.as_str(),
            "statements": self.statements.iter().map(ShownStatement::json).collect::<Vec<_>>(),
            "above": self.above.iter().map(EntryRow::json).collect::<Vec<_>>(),
            "tombstones": self.tombstones.iter().map(tombstone).collect::<Vec<_>>(),
            "public_since": time(self.public_since),
            "blocked_since": time(self.blocked_since),
            "withdrawn": self.withdrawn,
            "answers": self.answers.iter().map(Answer::json).collect::<Vec<_>>(),
        })
    }
}

impl ShownStatement {
    fn json(&self) -> Value {
        let names = self.held_back_by.iter();
        let names = names.map(|(kind, value)| json!({"kind": kind.name(), "value": value}));
        let names: Vec<Value> = names.collect();
        let mut row = self.row.json();
        if let Some(row) = row.as_object_mut() {
            row.insert("origin".to_owned(), self.origin.as_str().into());
            row.insert("held_back_by".to_owned(), names.into());
            row.insert("goes_out".to_owned(), self.goes_out.into());
        }
        row
    }
}

impl Answer {
    fn json(&self) -> Value {
        let record = &self.record;
        let end = Some(record.valid_until).filter(|end| *end != NO_END);
        json!({
            "relation": self.relation.name(),
            "kind": self.kind.name(),
            "value": self.value,
            "source": self.source,
            "action": record.action.name(),
            "effective_action": self.action.name(),
            "category": record.category.name(),
            "confidence": record.confidence,
            "valid_until": time(end),
            "scope": record.scope.name(),
            "flags": flag_names(record.flags).collect::<Vec<_>>(),
            "handling": record.handling.name(),
        })
    }
}

fn tombstone(one: &Tombstone) -> Value {
    json!({
        "source": one.source,
        "reason": one.reason,
        "at": one.at.to_string(),
        "lifted_at": time(one.lifted_at),
    })
}

fn time(time: Option<Time>) -> Option<String> {
    time.map(|time| time.to_string())
}

impl fmt::Display for ShowReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shown.iter().try_for_each(|shown| write!(f, "{shown}"))
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.name(), printable(&self.value))?;
        if let Some(unicode) = &self.unicode {
            write!(f, " ({})", printable(unicode))?;
        }
        writeln!(f)?;
        if let Some(since) = self.protected_since {
            writeln!(f, "  protected since {since}: it is never released")?;
        }
        for Unprotected { since, at, reason } in &self.unprotected {
            let reason = printable(reason);
            writeln!(f, "  protected from {since} to {at}: {reason}")?;
        }
        if self.lists.is_empty() {
            writeln!(f, "  no list says anything of it")?;
        }
        self.lists.iter().try_for_each(|list| write!(f, "{list}"))?;
        for Note { number, at, text } in &self.notes {
            writeln!(f, "  note {number}, {at}: {}", printable(text))?;
        }
        Ok(())
    }
}

impl fmt::Display for ShownList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {}", self.list.as_str())?;
        self.statements
            .iter()
            .try_for_each(|statement| write!(f, "{statement}"))?;
        for row in &self.above {
            writeln!(
                f,
                "    above it, {} {}: {} by {}, {}",
                row.kind.name(),
                printable(&row.value),
                row.action.name(),
                row.source,
                row.state.name()
            )?;
        }
        for tombstone in &self.tombstones {
            write_tombstone(f, tombstone)?;
        }
        if let Some(since) = self.public_since {
            writeln!(f, "    marked as public since {since}")?;
        }
        if let Some(since) = self.blocked_since {
            writeln!(f, "    every release has blocked it since {since}")?;
        }
        if self.withdrawn {
            writeln!(
                f,
                "    taken off after the backup that this register comes from, and stays off; \
                 `interdict-publish recover DIR --list-again` lists such entries again"
            )?;
        }
        if self.answers.is_empty() {
            writeln!(f, "    a release made now says nothing of it")?;
        }
        self.answers
            .iter()
            .try_for_each(|answer| writeln!(f, "    a release made now says: {answer}"))
    }
}

impl fmt::Display for ShownStatement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = &self.row;
        write!(
            f,
            "    {}: {}",
            of_origin(&row.source, &self.origin),
            row.action.name()
        )?;
        write!(f, ", {}, {} per mille", row.category.name(), row.confidence)?;
        match row.valid_until {
            Some(end) => write!(f, ", until {end}")?,
            None => write!(f, ", without end")?,
        }
        write!(f, ", scope {}", row.scope.name())?;
        row.flags
            .iter()
            .try_for_each(|flag| write!(f, ", {flag}"))?;
        let handling = row.handling.map_or("no label (amber)", Handling::name);
        write!(f, ", handling {handling}")?;
        if let Some(group) = &row.group {
            write!(f, ", group {}", printable(group))?;
        }
        writeln!(f)?;
        writeln!(
            f,
            "      listed {}, changed {}",
            row.listed_at, row.changed_at
        )?;
        let out = if self.goes_out { ", goes out" } else { "" };
        write!(f, "      {}{out}", row.state.name())?;
        for (kind, value) in &self.held_back_by {
            write!(
                f,
                ", because {} {} is protected",
                kind.name(),
                printable(value)
            )?;
        }
        writeln!(f)
    }
}

fn write_tombstone(f: &mut fmt::Formatter<'_>, one: &Tombstone) -> fmt::Result {
    let source = one.source.as_deref().unwrap_or("every source");
    write!(f, "    delisted {} for {source}", one.at)?;
    if let Some(reason) = &one.reason {
        write!(f, ": {}", printable(reason))?;
    }
    match one.lifted_at {
        Some(at) => writeln!(f, "; listed again {at}"),
        None => writeln!(f, "; import refuses it"),
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by {}", self.action.name(), self.source)?;
        let flags: Vec<&str> = flag_names(self.record.flags).collect();
        if !flags.is_empty() {
            write!(f, " ({})", flags.join(", "))?;
        }
        let (kind, value) = (self.kind.name(), printable(&self.value));
        write!(f, ", found as {}: {kind} {value}", self.relation.name())
    }
}
