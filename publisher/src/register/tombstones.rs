use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::ListId;
use rusqlite::params;

use super::database::{Change, Register};
use crate::error::Result;

/// The source of a tombstone that holds for all.
pub(super) const EVERY_SOURCE: &str = "";

impl Register {
    /// How many tombstones a list has.
    pub(crate) fn tombstones(&self, list: &ListId) -> Result<usize> {
        let query = "SELECT count(*) FROM delisted WHERE list = ?1";
        let count = self.0.query_row(query, [list.as_str()], |row| row.get(0))?;
        Ok(count)
    }

    /// What a list's tombstones stand for.
    pub(crate) fn delisted(&self, list: &ListId) -> Result<Vec<Identifier>> {
        let query = "SELECT DISTINCT kind, text FROM delisted WHERE list = ?1";
        self.identifiers(query, [list.as_str()])
    }

    /// What sources list of a kind, each name once.
    pub(crate) fn listed_names(&self, list: &ListId, kind: Kind) -> Result<Vec<String>> {
        let query = "SELECT DISTINCT text FROM entry WHERE list = ?1 AND kind = ?2";
        let mut statement = self.0.prepare(query)?;
        let names = statement.query_map([list.as_str(), kind.name()], |row| row.get(0))?;
        Ok(names.collect::<std::result::Result<_, _>>()?)
    }
}

impl Change<'_> {
    /// Whether a list has any tombstone.
    pub(crate) fn any_delisted(&self, list: &ListId) -> Result<bool> {
        let query = "SELECT 1 FROM delisted WHERE list = ?1 LIMIT 1";
        let mut statement = self.0.prepare_cached(query)?;
        Ok(statement.exists([list.as_str()])?)
    }

    /// Deletes what a source, or every source, says about an identifier, also what waits, and lays the
    /// tombstone.
    /// Whether there was anything to delete.
    pub(crate) fn delist(
        &self,
        list: &ListId,
        identifier: &Identifier,
        source: Option<&str>,
        reason: Option<&str>,
        now: Time,
    ) -> Result<bool> {
        let (list, kind) = (list.as_str(), identifier.kind().name());
        let (text, source) = (identifier.text(), source.unwrap_or(EVERY_SOURCE));
        let deleted = self
            .0
            .prepare_cached(
                "DELETE FROM entry WHERE list = ?1 AND kind = ?2 AND text = ?3
                 AND (?4 = '' OR source = ?4)",
            )?
            .execute(params![list, kind, text, source])?;
        let mut waiting = 0_usize;
        for table in ["quarantine", "dropped"] {
            let query = format!(
                "DELETE FROM {table} WHERE list = ?1 AND kind = ?2 AND text = ?3
                 AND (?4 = '' OR source = ?4)"
            );
            let mut statement = self.0.prepare_cached(&query)?;
            waiting = waiting.saturating_add(statement.execute([list, kind, text, source])?);
        }
        self.0
            .prepare_cached(
                "INSERT INTO delisted VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT DO UPDATE SET reason = coalesce(?5, reason)",
            )?
            .execute(params![list, kind, text, source, reason, now.seconds()])?;
        // Listed again one day, it needs the approvers again.
        self.0
            .prepare_cached(
                "DELETE FROM disclosed WHERE list = ?1 AND kind = ?2 AND text = ?3
                 AND NOT EXISTS (SELECT 1 FROM entry WHERE list = ?1 AND kind = ?2 AND text = ?3)",
            )?
            .execute([list, kind, text])?;
        Ok(deleted > 0 || waiting > 0)
    }

    /// Whether a tombstone keeps a source from listing an identifier.
    pub(crate) fn is_delisted(
        &self,
        list: &ListId,
        identifier: &Identifier,
        source: &str,
    ) -> Result<bool> {
        let mut statement = self.0.prepare_cached(
            "SELECT 1 FROM delisted WHERE list = ?1 AND kind = ?2 AND text = ?3
             AND source IN ('', ?4)",
        )?;
        Ok(statement.exists([
            list.as_str(),
            identifier.kind().name(),
            identifier.text(),
            source,
        ])?)
    }

    /// Lifts the tombstones that keep a source from listing an identifier, and keeps what they said.
    pub(crate) fn relist(
        &self,
        list: &ListId,
        identifier: &Identifier,
        source: &str,
        now: Time,
    ) -> Result<()> {
        let (list, kind) = (list.as_str(), identifier.kind().name());
        let text = identifier.text();
        self.0
            .prepare_cached(
                "INSERT INTO lifted SELECT list, kind, text, source,
                     (SELECT coalesce(max(number), 0) + 1 FROM lifted l WHERE l.list = d.list
                      AND l.kind = d.kind AND l.text = d.text AND l.source = d.source),
                     reason, at, ?5 FROM delisted d
                 WHERE list = ?1 AND kind = ?2 AND text = ?3 AND source IN ('', ?4)",
            )?
            .execute(params![list, kind, text, source, now.seconds()])?;
        self.0
            .prepare_cached(
                "DELETE FROM delisted WHERE list = ?1 AND kind = ?2 AND text = ?3
                 AND source IN ('', ?4)",
            )?
            .execute([list, kind, text, source])?;
        Ok(())
    }
}
