use interdict_core::common::time::Time;
use interdict_core::identifier::Identifier;
use interdict_core::list::ListId;
use rusqlite::params;

use super::database::{Change, Register};
use crate::error::Result;

/// What a source says about a list now, in force or waiting.
const IN_FORCE: &str = "(SELECT kind, text FROM entry
     WHERE list = ?1 AND source = ?2 AND valid_until > ?3
     UNION SELECT kind, text FROM quarantine
     WHERE list = ?1 AND source = ?2 AND valid_until > ?3)";

impl Register {
    /// How many entries of each source are proposed for removal from a list, and since when the first
    /// of them; sorted by source.
    pub(crate) fn dropped(&self, list: &ListId) -> Result<Vec<(String, usize, Time)>> {
        let query = "SELECT source, count(*), min(at) FROM dropped WHERE list = ?1
             GROUP BY source ORDER BY source";
        let mut statement = self.0.prepare(query)?;
        let rows = statement.query_map([list.as_str()], |row| {
            let since = Time::from_seconds(row.get(2)?);
            Ok((row.get(0)?, row.get(1)?, since))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Change<'_> {
    /// How many identifiers a source has statements on that have not ended.
    pub(crate) fn in_force(&self, list: &ListId, source: &str, now: Time) -> Result<usize> {
        let query = format!("SELECT count(*) FROM {IN_FORCE}");
        let parameters = params![list.as_str(), source, now.seconds()];
        Ok(self.0.query_row(&query, parameters, |row| row.get(0))?)
    }

    /// Forgets which identifiers the file before named.
    pub(crate) fn begin_naming(&self) -> Result<()> {
        // A temporary table: how many a file names is not bounded by memory.
        self.0.execute_batch(
            "CREATE TEMP TABLE IF NOT EXISTS named (kind TEXT NOT NULL, text TEXT NOT NULL,
                 PRIMARY KEY (kind, text)) STRICT, WITHOUT ROWID;
             DELETE FROM temp.named;",
        )?;
        Ok(())
    }

    /// Remembers that the file names an identifier.
    pub(crate) fn name(&self, identifier: &Identifier) -> Result<()> {
        self.0
            .prepare_cached("INSERT OR IGNORE INTO temp.named VALUES (?1, ?2)")?
            .execute([identifier.kind().name(), identifier.text()])?;
        Ok(())
    }

    /// How many identifiers that a source has statements on were not named.
    pub(crate) fn unnamed(&self, list: &ListId, source: &str, now: Time) -> Result<usize> {
        let query = format!(
            "SELECT count(*) FROM {IN_FORCE} AS said WHERE NOT EXISTS
             (SELECT 1 FROM temp.named n WHERE n.kind = said.kind AND n.text = said.text)"
        );
        let parameters = params![list.as_str(), source, now.seconds()];
        Ok(self.0.query_row(&query, parameters, |row| row.get(0))?)
    }

    /// Proposes for removal what a source says about identifiers that were not named.
    pub(crate) fn propose_unnamed(&self, list: &ListId, source: &str, now: Time) -> Result<()> {
        let query = format!(
            "INSERT OR IGNORE INTO dropped (list, kind, text, source, at)
             SELECT ?1, kind, text, ?2, ?3 FROM {IN_FORCE} AS said WHERE NOT EXISTS
             (SELECT 1 FROM temp.named n WHERE n.kind = said.kind AND n.text = said.text)"
        );
        self.0
            .execute(&query, params![list.as_str(), source, now.seconds()])?;
        Ok(())
    }

    /// Whether anything of a source is proposed for removal.
    pub(crate) fn any_dropped(&self, list: &ListId, source: &str) -> Result<bool> {
        let query = "SELECT 1 FROM dropped WHERE list = ?1 AND source = ?2 LIMIT 1";
        let mut statement = self.0.prepare_cached(query)?;
        Ok(statement.exists([list.as_str(), source])?)
    }

    /// Takes the proposal back to remove what a source, or every source, says about an identifier.
    pub(crate) fn keep(
        &self,
        list: &ListId,
        identifier: &Identifier,
        source: Option<&str>,
    ) -> Result<()> {
        let mut statement = self.0.prepare_cached(
            "DELETE FROM dropped WHERE list = ?1 AND kind = ?2 AND text = ?3
             AND (?4 IS NULL OR source = ?4)",
        )?;
        let (kind, text) = (identifier.kind().name(), identifier.text());
        statement.execute(params![list.as_str(), kind, text, source])?;
        Ok(())
    }

    /// Removes what is proposed of a source, without tombstones: the feed may name it again.
    pub(crate) fn remove_dropped(&self, list: &ListId, source: &str) -> Result<usize> {
        let parameters = [list.as_str(), source];
        self.0.execute(
            "INSERT INTO departed SELECT list, kind, text FROM dropped WHERE list = ?1 AND source = ?2
             ON CONFLICT DO NOTHING",
            parameters,
        )?;
        for table in ["entry", "quarantine"] {
            let query = format!(
                "DELETE FROM {table} WHERE list = ?1 AND source = ?2 AND (kind, text) IN
                 (SELECT kind, text FROM dropped WHERE list = ?1 AND source = ?2)"
            );
            self.0.execute(&query, parameters)?;
        }
        // Listed again one day, it needs the approvers again.
        self.0.execute(
            "DELETE FROM disclosed WHERE list = ?1 AND (kind, text) IN
             (SELECT kind, text FROM dropped WHERE list = ?1 AND source = ?2)
             AND (kind, text) NOT IN (SELECT kind, text FROM entry WHERE list = ?1)",
            parameters,
        )?;
        let removed = "DELETE FROM dropped WHERE list = ?1 AND source = ?2";
        Ok(self.0.execute(removed, parameters)?)
    }
}
