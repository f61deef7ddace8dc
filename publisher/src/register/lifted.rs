use interdict_core::common::time::Time;
use interdict_core::identifier::Identifier;
use interdict_core::list::ListId;

use super::database::Register;
use super::tombstones::EVERY_SOURCE;
use crate::error::Result;

/// That an identifier was taken off a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    /// Whose statement it keeps out; `None` for every source's.
    pub source: Option<String>,
    /// Why it was laid, if that was said.
    pub reason: Option<String>,
    /// When it was laid.
    pub at: Time,
    /// When an import listed the identifier again; `None` while it holds.
    pub lifted_at: Option<Time>,
}

impl Register {
    /// A list's tombstones of an identifier: those lifted, then those that hold, each oldest first.
    pub(crate) fn tombstones_of(&self, list: &ListId, one: &Identifier) -> Result<Vec<Tombstone>> {
        let query = "SELECT source, reason, at, lifted_at FROM
                (SELECT *, NULL AS number, NULL AS lifted_at FROM delisted
                 WHERE list = ?1 AND kind = ?2 AND text = ?3
                 UNION ALL SELECT list, kind, text, source, reason, at, number, lifted_at FROM lifted
                 WHERE list = ?1 AND kind = ?2 AND text = ?3)
             ORDER BY lifted_at IS NULL, at, lifted_at, source, number";
        let mut statement = self.0.prepare_cached(query)?;
        let name = [list.as_str(), one.kind().name(), one.text()];
        let tombstones = statement.query_map(name, |row| {
            let source: String = row.get(0)?;
            Ok(Tombstone {
                source: (source != EVERY_SOURCE).then_some(source),
                reason: row.get(1)?,
                at: Time::from_seconds(row.get(2)?),
                lifted_at: row.get::<_, Option<u32>>(3)?.map(Time::from_seconds),
            })
        })?;
        Ok(tombstones.collect::<Result<_, _>>()?)
    }
}
