use std::path::Path;

use rusqlite::TransactionBehavior;

use super::database::{Register, connect};
use crate::error::{PublisherError, Result};

impl Register {
    /// Opens what [`Register::copy_to`] wrote. Nothing has to lie beside it.
    pub(crate) fn of_copy(file: &Path) -> Result<Self> {
        Ok(Self(connect(file)?))
    }

    /// Writes everything it holds into an empty file, without what was deleted. Nobody changes the register
    /// meanwhile: what `beside` finds beside it belongs to the copy.
    pub(crate) fn copy_to<T>(
        &mut self,
        file: &Path,
        beside: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let file = file.to_str().ok_or(PublisherError::RegisterContent)?;
        // SQLite copies outside of transactions only, so another connection keeps writers out.
        let own = self.0.path().ok_or(PublisherError::RegisterContent)?;
        let reader = connect(Path::new(own))?;
        let _writers_wait = self
            .0
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found = beside()?;
        reader.execute("VACUUM INTO ?1", [file])?;
        Ok(found)
    }
}
