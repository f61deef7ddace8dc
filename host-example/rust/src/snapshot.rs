use std::fmt;

use interdict_core::engine::Receipts;
use interdict_core::wire::owned::Configure;

use crate::batch::screen_lines;
use crate::error::Error;
use crate::instance::{CallError, Instance};
use crate::pool::Pool;

/// An instance of its own for long work, as it was when it was [made](crate::Gateway::snapshots).
pub struct Snapshot<'g> {
    instance: Instance,
    /// Counts it if it traps.
    pool: &'g Pool,
}

impl<'g> Snapshot<'g> {
    pub(crate) const fn of(instance: Instance, pool: &'g Pool) -> Self {
        Self { instance, pool }
    }

    pub(crate) fn copied(&self) -> Result<Self, CallError> {
        Ok(Self::of(self.instance.copied()?, self.pool))
    }

    /// Leaves receipts out of what is clean, if the module knows how.
    pub(crate) fn omit_receipts(&mut self, now: u32) -> Result<(), CallError> {
        let message = Configure {
            receipts: Some(Receipts::Findings),
            ..Configure::default()
        };
        match self.instance.ask("configure", &message, now) {
            // An older module does not know the member: its answers have receipts.
            Ok(_) | Err(CallError::Refused { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Answers newline-delimited requests as [`Gateway::batch`](crate::Gateway::batch) does.
    ///
    /// # Errors
    /// Why there are no verdicts at all.
    pub fn batch(&mut self, lines: &[u8], now: u32) -> Result<Vec<Vec<u8>>, Error> {
        match lines {
            [] => Ok(Vec::new()),
            _ => Ok(screen_lines(&mut self.instance, lines, now)?),
        }
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        self.pool.count_discarded(&self.instance);
    }
}

impl fmt::Debug for Snapshot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("instance", &self.instance)
            .finish_non_exhaustive()
    }
}
