use interdict_core::common::time::Time;
use interdict_core::identifier::Identifier;
use rusqlite::params;

use super::database::{Change, Register};
use crate::error::Result;

/// What somebody wrote about an identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Counted for each identifier, from 1 up.
    pub number: u32,
    /// When it was written.
    pub at: Time,
    /// Its text.
    pub text: String,
}

impl Register {
    /// The notes on an identifier, oldest first.
    pub(crate) fn notes(&self, identifier: &Identifier) -> Result<Vec<Note>> {
        let query =
            "SELECT number, at, note FROM note WHERE kind = ?1 AND text = ?2 ORDER BY number";
        let mut statement = self.0.prepare_cached(query)?;
        let name = [identifier.kind().name(), identifier.text()];
        let notes = statement.query_map(name, |row| {
            Ok(Note {
                number: row.get(0)?,
                at: Time::from_seconds(row.get(1)?),
                text: row.get(2)?,
            })
        })?;
        Ok(notes.collect::<Result<_, _>>()?)
    }
}

impl Change<'_> {
    /// Keeps a note.
    pub(crate) fn put_note(&self, identifier: &Identifier, note: &str, now: Time) -> Result<()> {
        let (kind, text) = (identifier.kind().name(), identifier.text());
        self.0
            .prepare_cached(
                "INSERT INTO note SELECT ?1, ?2, coalesce(max(number), 0) + 1, ?3, ?4
                 FROM note WHERE kind = ?1 AND text = ?2",
            )?
            .execute(params![kind, text, note, now.seconds()])?;
        Ok(())
    }
}
