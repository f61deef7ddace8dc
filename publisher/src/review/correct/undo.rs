//! Taking an import back.

use std::fmt;

use interdict_core::common::time::Time;

use crate::error::{PublisherError, Result};
use crate::publisher::Publisher;
use crate::register::Deed;

/// What taking an import back did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UndoReport {
    /// The import's number in the history.
    pub number: u64,
    /// Rows of the register that have their earlier values again.
    pub restored: u64,
    /// Rows that were changed since and stay as they are.
    pub changed_since: u64,
}

impl Publisher {
    /// Takes an import back: every row that it changed gets the values it had before, unless it was changed
    /// since. No tombstones stay.
    ///
    /// # Errors
    /// [`PublisherError::NoImport`], or a register that cannot be written.
    pub fn undo_import(&mut self, number: u64, now: Time) -> Result<UndoReport> {
        let change = self.register_mut().change()?;
        let undone = change.undo_import(number)?;
        let (restored, changed_since) = undone.ok_or(PublisherError::NoImport(number))?;
        change.commit(&Deed::new("undo", now))?;
        Ok(UndoReport {
            number,
            restored,
            changed_since,
        })
    }
}

impl fmt::Display for UndoReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            number,
            restored,
            changed_since,
        } = self;
        writeln!(
            f,
            "import {number}: {restored} rows are as they were before it, {changed_since} were changed since \
             and stay"
        )
    }
}
