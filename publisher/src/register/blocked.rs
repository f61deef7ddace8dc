use interdict_core::common::time::Time;
use interdict_core::identifier::Identifier;
use interdict_core::list::ListId;
use rusqlite::params;

use super::database::Change;
use crate::error::{PublisherError, Result};

impl Change<'_> {
    /// Keeps what a release that is about to be published asks gateways to block. What the one before
    /// blocked too keeps its time; what is not blocked any more loses it.
    pub(crate) fn put_blocked<'i>(
        &self,
        list: &ListId,
        sequence: u64,
        now: Time,
        blocked: impl Iterator<Item = &'i Identifier>,
    ) -> Result<()> {
        let list = list.as_str();
        let sequence = i64::try_from(sequence).map_err(|_| PublisherError::Exhausted)?;
        let mut put = self.0.prepare_cached(
            "INSERT INTO blocked VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET sequence = ?5",
        )?;
        for identifier in blocked {
            let (kind, text) = (identifier.kind().name(), identifier.text());
            put.execute(params![list, kind, text, now.seconds(), sequence])?;
        }
        let ended = "DELETE FROM blocked WHERE list = ?1 AND sequence < ?2";
        self.0.execute(ended, params![list, sequence])?;
        Ok(())
    }
}
