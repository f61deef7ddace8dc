use std::collections::BTreeSet;

use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind};
use rusqlite::params;

use super::database::{Change, Register};
use super::entries::Put;
use crate::error::{PublisherError, Result};

impl Register {
    /// What must never be blocked.
    pub(crate) fn protected(&self) -> Result<Vec<Identifier>> {
        self.identifiers("SELECT kind, text FROM protected ORDER BY kind, text", [])
    }
}

impl Change<'_> {
    /// Whether anything is protected.
    pub(crate) fn any_protected(&self) -> Result<bool> {
        let mut statement = self.0.prepare_cached("SELECT 1 FROM protected LIMIT 1")?;
        Ok(statement.exists([])?)
    }

    /// Protects an identifier and remembers what it lies in; `Unchanged` if it was protected before.
    pub(crate) fn put_protected(&self, identifier: &Identifier, now: Time) -> Result<Put> {
        let kind = identifier.kind();
        let added = self
            .0
            .prepare_cached("INSERT INTO protected VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?
            .execute(params![kind.name(), identifier.text(), now.seconds()])?;
        self.put_protected_above(identifier)?;
        Ok(if added > 0 {
            Put::Added
        } else {
            Put::Unchanged
        })
    }

    /// Computes again the names above every protected identifier.
    pub(crate) fn put_all_protected_above(&self) -> Result<()> {
        let mut statement = self.0.prepare("SELECT kind, text FROM protected")?;
        let rows = statement.query_map([], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })?;
        for row in rows {
            let (kind, text) = row?;
            let identifier = Kind::from_name(&kind)
                .and_then(|kind| Identifier::stored(kind, &text).ok())
                .ok_or(PublisherError::RegisterContent)?;
            self.put_protected_above(&identifier)?;
        }
        Ok(())
    }

    fn put_protected_above(&self, identifier: &Identifier) -> Result<()> {
        for (kind, text) in above(identifier) {
            self.0
                .prepare_cached(
                    "INSERT INTO protected_above VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                )?
                .execute([kind.name(), text])?;
        }
        Ok(())
    }

    /// How many entries this protected identifier withholds, and how many it narrows. The lists are named
    /// because the key of `entry` begins with them: without, each question reads the whole table.
    pub(crate) fn held_back_by(&self, identifier: &Identifier) -> Result<(u64, u64)> {
        let count = |query: &str, kind: &str, text: &str| -> Result<u64> {
            let count: i64 = self
                .0
                .prepare_cached(query)?
                .query_row([kind, text], |row| row.get(0))?;
            u64::try_from(count).map_err(|_| PublisherError::RegisterContent)
        };
        let mut withheld = count(
            "SELECT count(*) FROM entry
             WHERE list IN (SELECT id FROM list) AND kind = ?1 AND text = ?2",
            identifier.kind().name(),
            identifier.text(),
        )?;
        let mut narrowed = 0_u64;
        for (kind, text) in above(identifier) {
            let held_back = count(
                "SELECT count(*) FROM entry_state
                 WHERE list IN (SELECT id FROM list) AND kind = ?1 AND text = ?2 AND state IN ('withheld', 'narrowed')",
                kind.name(),
                text,
            )?;
            let total = match kind {
                Kind::Label => &mut withheld,
                _ => &mut narrowed,
            };
            *total = total.saturating_add(held_back);
        }
        Ok((withheld, narrowed))
    }
}

/// What an identifier lies in, of a domain every name above it, however long the list of questions
/// of a look-up is.
pub(super) fn above(identifier: &Identifier) -> BTreeSet<(Kind, &str)> {
    let names = identifier.parents().map(|name| (Kind::Domain, name));
    let asked = identifier.look_ups().skip(1);
    names
        .chain(asked.map(|look_up| (look_up.kind, look_up.text)))
        .collect()
}
