use std::fmt;
use std::io::Read;

use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, NumericIds};
use interdict_core::list::Reserved;

use crate::error::Result;
use crate::intake::{
    Conflict, Field, Format, Names, NoProgress, RefusedLine, Rule, json_lines, refuse,
};
use crate::publisher::Publisher;
use crate::register::{Deed, Put, State};

const FIELDS: [Field; 2] = [Field::Kind, Field::Value];

/// What `protect` did, without any identifier's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProtectReport {
    /// SHA-256 of the file, in hexadecimal.
    pub file: String,
    /// Identifiers that are protected from now on.
    pub added: u64,
    /// Identifiers that were before.
    pub unchanged: u64,
    /// Lines that were refused, in order.
    pub refused: Vec<RefusedLine>,
    /// Lines whose identifier is listed ([`State::Withheld`]) or has a listed name above it
    /// ([`State::Narrowed`]).
    pub conflicts: Vec<Conflict>,
}

impl Publisher {
    /// Takes a file of identifiers that must never be blocked. What is listed already stays in the
    /// register and no longer goes out; a listed name above one goes out for the host alone.
    ///
    /// # Errors
    /// [`PublisherError::File`](crate::PublisherError::File) for a file that cannot be read as a
    /// whole, or a register that cannot be written.
    pub fn protect(
        &mut self,
        mut file: impl Read,
        format: Format,
        now: Time,
    ) -> Result<ProtectReport> {
        let bytes = &mut file;
        self.protect_names(Names::File { bytes, format }, now)
    }

    /// Like [`Publisher::protect`], also for one identifier that is in no file.
    ///
    /// # Errors
    /// As [`Publisher::protect`].
    pub fn protect_names(&mut self, names: Names<'_>, now: Time) -> Result<ProtectReport> {
        let mut rows = names.read_any(&FIELDS, self.directory(), now)?;
        let _lock = self.directory().lock()?;
        let mut report = ProtectReport {
            file: rows.file.clone(),
            added: 0,
            unchanged: 0,
            refused: Vec::new(),
            conflicts: Vec::new(),
        };
        let change = self.register_mut().change()?;
        rows.each(&mut NoProgress, &mut |row| {
            let identifier = row.fields();
            let identifier = identifier.and_then(|fields| fields.identifier(NumericIds::Nowhere));
            let identifier = match identifier.and_then(unreserved) {
                Ok(identifier) => identifier,
                Err(rule) => {
                    let refused = refuse(&change, &report.file, row, rule, now)?;
                    report.refused.push(refused);
                    return Ok(());
                }
            };
            let count = match change.put_protected(&identifier, now)? {
                Put::Added => &mut report.added,
                Put::Updated | Put::Unchanged => &mut report.unchanged,
            };
            *count = count.saturating_add(1);
            let (withheld, narrowed) = change.held_back_by(&identifier)?;
            let (line, kind) = (row.line, identifier.kind());
            for (count, state) in [(withheld, State::Withheld), (narrowed, State::Narrowed)] {
                if count > 0 {
                    report.conflicts.push(Conflict { line, kind, state });
                }
            }
            Ok(())
        })?;
        change.commit(&Deed::new("protect", now).with_file("", &report.file))?;
        Ok(report)
    }
}

/// A list that named a protected identifier would not go out, and every list names the reserved ones.
fn unreserved(identifier: Identifier) -> Result<Identifier, Rule> {
    if Reserved::holds(&identifier) {
        Err(Rule::Reserved)
    } else {
        Ok(identifier)
    }
}

impl ProtectReport {
    /// Every refused line and conflict as one JSON object a line.
    #[must_use]
    pub fn json_lines(&self) -> String {
        json_lines(&self.refused, &self.conflicts)
    }
}

impl fmt::Display for ProtectReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} protected, {} were protected before, {} refused",
            self.added,
            self.unchanged,
            self.refused.len()
        )
    }
}
