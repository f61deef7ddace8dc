use std::collections::BTreeSet;

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
        let mut known = self.blocked(list)?;
        let mut put = self
            .0
            .prepare_cached("INSERT INTO blocked VALUES (?1, ?2, ?3, ?4, ?5)")?;
        for identifier in blocked {
            let (kind, text) = (identifier.kind().name(), identifier.text());
            if !known.remove(&(kind.to_owned(), text.to_owned())) {
                put.execute(params![list, kind, text, now.seconds(), sequence])?;
            }
        }
        let ended = "DELETE FROM blocked WHERE list = ?1 AND kind = ?2 AND text = ?3";
        let mut ended = self.0.prepare_cached(ended)?;
        for (kind, text) in &known {
            ended.execute([list, kind, text])?;
        }
        Ok(())
    }

    /// The kinds and texts of what the release before blocked.
    fn blocked(&self, list: &str) -> Result<BTreeSet<(String, String)>> {
        let query = "SELECT kind, text FROM blocked WHERE list = ?1";
        let mut statement = self.0.prepare_cached(query)?;
        let rows = statement.query_map([list], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
