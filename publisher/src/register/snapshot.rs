use rusqlite::Transaction;

use super::database::Register;
use super::file::connect;
use super::history::{Chain, Position};
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

    /// Another reader of the same moment, for another thread; `None` if a command has written since.
    pub(crate) fn twin(&self) -> Result<Option<Self>> {
        let Some(opened) = &self.3 else {
            return Ok(None);
        };
        let (connection, opened) = connect(opened.path())?;
        let chain = Chain::new(self.1.path().to_owned(), String::new());
        let twin = Self(connection, chain, self.2.clone(), Some(opened));
        twin.0.execute_batch("BEGIN")?;
        let moments = (Position::noted(&self.0)?, Position::noted(&twin.0)?);
        Ok((moments.0 == moments.1).then_some(twin))
    }
}
