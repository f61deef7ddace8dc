use std::collections::BTreeSet;

use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind};
use rusqlite::{OptionalExtension as _, params};

use super::database::{Change, Register, identifier};
use super::protected::above;
use crate::error::{PublisherError, Result};

/// That an identifier was protected once and no longer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unprotected {
    /// Since when it was protected.
    pub since: Time,
    /// When that was taken back.
    pub at: Time,
    /// Why.
    pub reason: String,
}

impl Register {
    /// Since when an identifier is protected.
    pub(crate) fn protected_since(&self, one: &Identifier) -> Result<Option<Time>> {
        let query = "SELECT since FROM protected WHERE kind = ?1 AND text = ?2";
        let name = [one.kind().name(), one.text()];
        let since = self.0.query_row(query, name, |row| row.get(0)).optional()?;
        Ok(since.map(Time::from_seconds))
    }

    /// The protections of an identifier that were taken back, oldest first.
    pub(crate) fn unprotected(&self, one: &Identifier) -> Result<Vec<Unprotected>> {
        let query = "SELECT since, at, reason FROM unprotected WHERE kind = ?1 AND text = ?2
             ORDER BY number";
        let mut statement = self.0.prepare_cached(query)?;
        let rows = statement.query_map([one.kind().name(), one.text()], |row| {
            Ok(Unprotected {
                since: Time::from_seconds(row.get(0)?),
                at: Time::from_seconds(row.get(1)?),
                reason: row.get(2)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The protected identifiers that hold an entry on this one back: itself, and those that lie in it.
    pub(crate) fn held_back_for(&self, one: &Identifier) -> Result<Vec<Identifier>> {
        let mut names = self.protected()?;
        names.retain(|name| name == one || above(name).contains(&(one.kind(), one.text())));
        Ok(names)
    }
}

impl Change<'_> {
    /// Takes the protection of an identifier back and keeps that there was one. Whether there was.
    /// [`Change::mend_protected_above`] must follow.
    pub(crate) fn unprotect(&self, one: &Identifier, reason: &str, now: Time) -> Result<bool> {
        let (kind, text) = (one.kind().name(), one.text());
        self.0
            .prepare_cached(
                "INSERT INTO unprotected SELECT kind, text,
                     (SELECT coalesce(max(number), 0) + 1 FROM unprotected u
                      WHERE u.kind = p.kind AND u.text = p.text), since, ?3, ?4
                 FROM protected p WHERE kind = ?1 AND text = ?2",
            )?
            .execute(params![kind, text, reason, now.seconds()])?;
        let deleted = self
            .0
            .prepare_cached("DELETE FROM protected WHERE kind = ?1 AND text = ?2")?
            .execute([kind, text])?;
        Ok(deleted > 0)
    }

    /// Takes the names above identifiers that are no longer protected back, unless a protected one lies in
    /// them still.
    pub(crate) fn mend_protected_above(&self, gone: &[&Identifier]) -> Result<()> {
        let mut names: BTreeSet<(Kind, String)> = BTreeSet::new();
        for one in gone {
            names.extend(
                above(one)
                    .into_iter()
                    .map(|(kind, text)| (kind, text.to_owned())),
            );
        }
        let mut left = self.0.prepare("SELECT kind, text FROM protected")?;
        let mut rows = left.query([])?;
        while let Some(row) = rows.next()? {
            let text = |index: usize| row.get_ref(index)?.as_str().map_err(rusqlite::Error::from);
            let kept = identifier(text(0)?, text(1)?).ok_or(PublisherError::RegisterContent)?;
            for (kind, text) in above(&kept) {
                names.remove(&(kind, text.to_owned()));
            }
        }
        let mut delete = self
            .0
            .prepare_cached("DELETE FROM protected_above WHERE kind = ?1 AND text = ?2")?;
        for (kind, text) in &names {
            delete.execute([kind.name(), text])?;
        }
        Ok(())
    }

    /// How many entries on an identifier, and on what it lies in, do not go out as they are.
    pub(crate) fn held_back(&self, one: &Identifier) -> Result<usize> {
        let mut names = above(one);
        names.insert((one.kind(), one.text()));
        let mut count = 0_usize;
        for (kind, text) in names {
            let found: usize = self
                .0
                .prepare_cached(
                    "SELECT count(*) FROM entry_state WHERE list IN (SELECT id FROM list)
                     AND kind = ?1 AND text = ?2 AND state <> 'listed'",
                )?
                .query_row([kind.name(), text], |row| row.get(0))?;
            count = count.saturating_add(found);
        }
        Ok(count)
    }
}
