use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::list::ListId;
use rusqlite::params;

use super::database::Change;
use crate::error::{PublisherError, Result};

/// One refused line, as it is kept: without the value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rejected<'a> {
    pub(crate) file: &'a str,
    pub(crate) line: u64,
    pub(crate) kind: Option<Kind>,
    pub(crate) rule: &'a str,
}

/// How an import went, as it is kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counts {
    pub(crate) accepted: u64,
    pub(crate) updated: u64,
    pub(crate) unchanged: u64,
    pub(crate) refused: u64,
}

/// Memory for pages of the register while a file is imported, in KiB: rows come in any order, and with
/// SQLite's own 2 MiB nearly each of them reads and writes pages of the disk.
const CACHE: i32 = 48 << 10;

impl Change<'_> {
    /// Makes ready for many rows.
    pub(crate) fn expect_many(&self) -> Result<()> {
        Ok(self
            .0
            .pragma_update(None, "cache_size", CACHE.saturating_neg())?)
    }

    /// Keeps a refused line once: a file that comes every day is refused the same lines every day.
    pub(crate) fn put_rejected(&self, rejected: &Rejected<'_>, now: Time) -> Result<()> {
        let line = i64::try_from(rejected.line).map_err(|_| PublisherError::Exhausted)?;
        let kind = rejected.kind.map(Kind::name);
        self.0
            .prepare_cached(
                "INSERT INTO rejected SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (
                 SELECT 1 FROM rejected WHERE file = ?1 AND line = ?2 AND kind IS ?3 AND rule = ?4)",
            )?
            .execute(params![
                rejected.file,
                line,
                kind,
                rejected.rule,
                now.seconds()
            ])?;
        Ok(())
    }

    pub(crate) fn put_import(
        &self,
        file: &str,
        list: &ListId,
        counts: Counts,
        now: Time,
    ) -> Result<()> {
        let Counts {
            accepted,
            updated,
            unchanged,
            refused,
        } = counts;
        let numbers: Vec<i64> = [accepted, updated, unchanged, refused]
            .into_iter()
            .map(|number| i64::try_from(number).map_err(|_| PublisherError::Exhausted))
            .collect::<Result<_>>()?;
        let [accepted, updated, unchanged, refused] = numbers.as_slice() else {
            return Err(PublisherError::Exhausted);
        };
        self.0.execute(
            "INSERT INTO import VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                file,
                list.as_str(),
                now.seconds(),
                accepted,
                updated,
                unchanged,
                refused
            ],
        )?;
        Ok(())
    }
}
