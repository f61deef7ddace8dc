use std::collections::BTreeSet;

use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::ListId;
use interdict_core::trust::RoleName;
use rusqlite::{OptionalExtension as _, Transaction, params};

use crate::error::{PublisherError, Result};
use crate::intake::typologies::PackBuild;
use crate::register::database::find;
use crate::register::entry::{Entry, State};

/// A change of the register: nothing of it stays unless [`Change::commit`] is reached.
pub(crate) struct Change<'r>(pub(crate) Transaction<'r>);

/// What an accepted line did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Put {
    Added,
    Updated,
    Unchanged,
}

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

impl Change<'_> {
    pub(crate) fn commit(self) -> Result<()> {
        Ok(self.0.commit()?)
    }

    /// Writes an entry over one of the same list, identifier and source.
    pub(crate) fn put_entry(&self, list: &ListId, entry: &Entry, now: Time) -> Result<Put> {
        let known = find(&self.0, list, &entry.identifier, &entry.source)?;
        if known.as_ref().is_some_and(|known| known.entry == *entry) {
            return Ok(Put::Unchanged);
        }
        let seller = entry
            .group
            .as_deref()
            .map(|group| self.seller(group))
            .transpose()?;
        self.0
            .prepare_cached(
                "INSERT INTO entry (list, kind, text, source, action, category, confidence,
                 valid_until, seller, scope, flags, listed_at, changed_at, handling)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12, ?13)
                 ON CONFLICT DO UPDATE SET action = ?5, category = ?6, confidence = ?7,
                 valid_until = ?8, seller = ?9, scope = ?10, flags = ?11, changed_at = ?12,
                 handling = ?13",
            )?
            .execute(params![
                list.as_str(),
                entry.identifier.kind().name(),
                entry.identifier.text(),
                entry.source,
                entry.action.name(),
                entry.category.name(),
                entry.confidence,
                entry.valid_until.seconds(),
                seller,
                entry.scope.name(),
                entry.flags.0,
                now.seconds(),
                entry.handling,
            ])?;
        Ok(if known.is_some() {
            Put::Updated
        } else {
            Put::Added
        })
    }

    /// What will become of an entry that is in the register.
    pub(crate) fn state(&self, list: &ListId, entry: &Entry) -> Result<State> {
        let listing = find(&self.0, list, &entry.identifier, &entry.source)?;
        listing
            .map(|listing| listing.state)
            .ok_or(PublisherError::RegisterContent)
    }

    pub(crate) fn put_rejected(&self, rejected: &Rejected<'_>, now: Time) -> Result<()> {
        let line = i64::try_from(rejected.line).map_err(|_| PublisherError::Exhausted)?;
        let kind = rejected.kind.map(Kind::name);
        self.0
            .prepare_cached("INSERT INTO rejected VALUES (?1, ?2, ?3, ?4, ?5)")?
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

    /// Remembers again what every protected identifier lies in.
    pub(crate) fn put_all_protected_above(&self) -> Result<()> {
        let mut statement = self.0.prepare("SELECT kind, text FROM protected")?;
        let rows = statement.query_map([], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })?;
        for row in rows {
            let (kind, text) = row?;
            let identifier = Kind::from_name(&kind)
                .and_then(|kind| Identifier::parse(kind, &text).ok())
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

    /// How many entries this protected identifier withholds, and how many it narrows.
    pub(crate) fn held_back_by(&self, identifier: &Identifier) -> Result<(u64, u64)> {
        let count = |query: &str, kind: &str, text: &str| -> Result<u64> {
            let count: i64 = self
                .0
                .prepare_cached(query)?
                .query_row([kind, text], |row| row.get(0))?;
            u64::try_from(count).map_err(|_| PublisherError::RegisterContent)
        };
        let mut withheld = count(
            "SELECT count(*) FROM entry WHERE kind = ?1 AND text = ?2",
            identifier.kind().name(),
            identifier.text(),
        )?;
        let mut narrowed = 0_u64;
        for (kind, text) in above(identifier) {
            let held_back = count(
                "SELECT count(*) FROM entry_state
                 WHERE kind = ?1 AND text = ?2 AND state IN ('withheld', 'narrowed')",
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

    /// Records a member that is given the keys up to an epoch.
    pub(crate) fn put_member(
        &self,
        name: &str,
        repository: &str,
        epoch: u32,
        now: Time,
    ) -> Result<()> {
        self.0.execute(
            "INSERT INTO member (name, repository, since, epoch) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET repository = ?2, epoch = ?4",
            params![name, repository, now.seconds(), epoch],
        )?;
        Ok(())
    }

    /// Keeps a metadata file that is about to be published, and with it its version number, which
    /// is never used again even if publishing is cut off. Of roots all are kept.
    pub(crate) fn put_metadata(&self, role: RoleName, version: u32, bytes: &[u8]) -> Result<()> {
        if role != RoleName::Root {
            self.0
                .execute("DELETE FROM metadata WHERE role = ?1", [role.as_str()])?;
        }
        self.0.execute(
            "INSERT INTO metadata VALUES (?1, ?2, ?3)",
            params![role.as_str(), version, bytes],
        )?;
        Ok(())
    }

    pub(crate) fn put_release(
        &self,
        list: &ListId,
        sequence: u64,
        issued: Time,
        records: usize,
        filter: &str,
    ) -> Result<()> {
        let sequence = i64::try_from(sequence).map_err(|_| PublisherError::Exhausted)?;
        let records = i64::try_from(records).map_err(|_| PublisherError::Exhausted)?;
        self.0.execute(
            "INSERT INTO release VALUES (?1, ?2, ?3, ?4, ?5)",
            params![list.as_str(), sequence, issued.seconds(), records, filter],
        )?;
        Ok(())
    }

    /// Keeps a pack of red flags for the next release.
    pub(crate) fn put_typologies(&self, list: &ListId, bytes: &[u8]) -> Result<()> {
        self.0.execute(
            "INSERT INTO typologies VALUES (?1, ?2) ON CONFLICT DO UPDATE SET bytes = ?2",
            params![list.as_str(), bytes],
        )?;
        Ok(())
    }

    pub(crate) fn remove_typologies(&self, list: &ListId) -> Result<()> {
        let removed = self
            .0
            .execute("DELETE FROM typologies WHERE list = ?1", [list.as_str()])?;
        match removed {
            0 => Err(PublisherError::NoTypologies(list.clone())),
            _ => Ok(()),
        }
    }

    /// Remembers a pack that is about to be published; its version never gets another content.
    pub(crate) fn put_typologies_release(&self, list: &ListId, pack: &PackBuild) -> Result<()> {
        self.0.execute(
            "INSERT INTO typologies_release VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            params![list.as_str(), pack.version, pack.bytes],
        )?;
        Ok(())
    }

    /// The stable number of a group of listings, given at its first use, from 1 up.
    fn seller(&self, name: &str) -> Result<u32> {
        let known = self
            .0
            .prepare_cached("SELECT number FROM seller WHERE name = ?1")?
            .query_row([name], |row| row.get(0))
            .optional()?;
        if let Some(number) = known {
            return Ok(number);
        }
        self.0
            .prepare_cached("INSERT INTO seller (name) VALUES (?1)")?
            .execute([name])?;
        u32::try_from(self.0.last_insert_rowid()).map_err(|_| PublisherError::Exhausted)
    }
}

/// What an identifier lies in, of a domain every name above it, however long the list of questions
/// of a look-up is.
fn above(identifier: &Identifier) -> BTreeSet<(Kind, &str)> {
    let names = identifier.parents().map(|name| (Kind::Domain, name));
    let asked = identifier.look_ups().skip(1);
    names
        .chain(asked.map(|look_up| (look_up.kind, look_up.text)))
        .collect()
}
