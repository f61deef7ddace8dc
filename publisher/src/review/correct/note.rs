use std::fmt;

use interdict_core::common::time::Time;

use super::delist::is_remark;
use crate::error::{PublisherError, Result};
use crate::intake::{Field, Names, NoProgress, RefusedLine, refuse};
use crate::publisher::Publisher;
use crate::register::Deed;

const FIELDS: [Field; 2] = [Field::Kind, Field::Value];

/// Longest note, in bytes: a few sentences. What needs more belongs in a case file that it names.
const MAX_NOTE: usize = 500;

/// What `note` did, without any identifier's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteReport {
    /// Identifiers that have the note from now on.
    pub noted: u64,
    /// Lines that were refused, in order.
    pub refused: Vec<RefusedLine>,
}

impl Publisher {
    /// Keeps a dated note on each identifier, listed or not. No release holds it.
    ///
    /// # Errors
    /// [`PublisherError::Note`], [`PublisherError::File`] for a file that cannot be read as a whole, or a
    /// register that cannot be written.
    pub fn note(&mut self, names: Names<'_>, text: &str, now: Time) -> Result<NoteReport> {
        if !is_remark(text, MAX_NOTE) {
            return Err(PublisherError::Note);
        }
        let mut named = names.read_any(&FIELDS, self.directory(), now)?;
        let (mut meant, mut unclear) = (Vec::new(), Vec::new());
        named.each(&mut NoProgress, &mut |row| {
            match self.named(row)? {
                Ok(identifier) => meant.push(identifier),
                Err(rule) => unclear.push((row.clone(), rule)),
            }
            Ok(())
        })?;
        let (mut noted, mut refused) = (0_u64, Vec::new());
        let change = self.register_mut().change()?;
        for identifier in meant {
            change.put_note(&identifier, text.trim(), now)?;
            noted = noted.saturating_add(1);
        }
        for (row, rule) in &unclear {
            refused.push(refuse(&change, &named.file, row, *rule, now)?);
        }
        change.commit(&Deed::new("note", now).with_file("", &named.file))?;
        Ok(NoteReport { noted, refused })
    }
}

impl fmt::Display for NoteReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} noted, {} refused", self.noted, self.refused.len())
    }
}
