use interdict_core::common::time::Time;
use interdict_core::identifier::Identifier;
use interdict_core::list::ListId;
use rusqlite::params;

use super::database::Change;
use crate::error::{PublisherError, Result};

/// What was not blocked before and is now, and kinds and texts of the reverse.
struct Otherwise<'i> {
    added: Vec<&'i Identifier>,
    ended: Vec<(String, String)>,
}

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
        let Otherwise { added, ended } = self.blocked_otherwise(list, blocked)?;
        let put = "INSERT INTO blocked VALUES (?1, ?2, ?3, ?4, ?5)";
        let mut put = self.0.prepare_cached(put)?;
        for identifier in added {
            let (kind, text) = (identifier.kind().name(), identifier.text());
            put.execute(params![list, kind, text, now.seconds(), sequence])?;
        }
        let delete = "DELETE FROM blocked WHERE list = ?1 AND kind = ?2 AND text = ?3";
        let mut delete = self.0.prepare_cached(delete)?;
        for (kind, text) in ended {
            delete.execute([list, &kind, &text])?;
        }
        Ok(())
    }

    /// How a release differs from the one before.
    fn blocked_otherwise<'i>(
        &self,
        list: &str,
        blocked: impl Iterator<Item = &'i Identifier>,
    ) -> Result<Otherwise<'i>> {
        let name = |identifier: &'i Identifier| (identifier.kind().name(), identifier.text());
        let mut blocked: Vec<_> = blocked.collect();
        blocked.sort_by_key(|identifier| name(identifier));
        let mut blocked = blocked.into_iter().peekable();
        let (mut added, mut ended) = (Vec::new(), Vec::new());
        let query = "SELECT kind, text FROM blocked WHERE list = ?1 ORDER BY kind, text";
        let mut statement = self.0.prepare_cached(query)?;
        let mut rows = statement.query([list])?;
        while let Some(row) = rows.next()? {
            let column = |index| row.get_ref(index)?.as_str().map_err(rusqlite::Error::from);
            let known = (column(0)?, column(1)?);
            while let Some(new) = blocked.next_if(|one| name(one) < known) {
                added.push(new);
            }
            if blocked.next_if(|one| name(one) == known).is_none() {
                ended.push((known.0.to_owned(), known.1.to_owned()));
            }
        }
        added.extend(blocked);
        // As a list has them: the history says what came, in the order in which it came.
        added.sort();
        Ok(Otherwise { added, ended })
    }
}
