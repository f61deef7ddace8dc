use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::database::Register;
use super::history::{Chain, Position, captured_tables};
use crate::directory::history_path;
use crate::error::{PublisherError, Result};

impl Register {
    /// Opens what [`Register::copy_to`] wrote, to read it. Its history is that of the register that it is a
    /// copy of.
    pub(crate) fn of_copy(copy: &Path, register: &Path) -> Result<Self> {
        let connection = Connection::open_with_flags(copy, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let tables = captured_tables(&connection)?;
        let history = Chain::new(history_path(register), String::new());
        Ok(Self(connection, history, tables, None))
    }

    /// Writes everything it holds at this moment into an empty file, without what was deleted. Who changes the
    /// register meanwhile need not wait.
    pub(crate) fn copy_to(&self, file: &Path) -> Result<()> {
        let file = file.to_str().ok_or(PublisherError::RegisterContent)?;
        self.0.execute("VACUUM INTO ?1", [file])?;
        Ok(())
    }

    /// How many bytes of the history belong to what the register holds.
    pub(crate) fn history_length(&self) -> Result<u64> {
        Ok(Position::noted(&self.0)?.length)
    }
}
