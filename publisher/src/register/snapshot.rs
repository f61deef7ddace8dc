use rusqlite::Transaction;

use super::database::Register;
use crate::error::Result;

/// While it lives, all that is read of the register is of one moment, whoever writes meanwhile.
#[must_use]
pub(crate) struct Snapshot<'r>(
    #[expect(dead_code, reason = "dropping the transaction ends it")] Option<Transaction<'r>>,
);

impl Register {
    /// Begins to read at one moment; within another snapshot, at the moment of that one.
    pub(crate) fn snapshot(&self) -> Result<Snapshot<'_>> {
        let begun = match self.0.is_autocommit() {
            true => Some(self.0.unchecked_transaction()?),
            false => None,
        };
        Ok(Snapshot(begun))
    }
}
