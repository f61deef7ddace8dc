//! What the guards of a release remember: how much went out unconfirmed, and what waits for a person.

use std::collections::BTreeSet;

use interdict_core::common::hex;
use interdict_core::common::time::Time;
use interdict_core::identifier::Identifier;
use interdict_core::list::ListId;
use rusqlite::{OptionalExtension as _, params};

use super::database::{Change, Register, list_id};
use crate::error::{PublisherError, Result};

/// The name of the setting.
const LEFT_BEHIND: &str = "left_behind";

/// Which way an entry's answer changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// A gateway would do less, now or within two weeks.
    Less,
    /// A gateway would do more.
    More,
}

/// What the limits are counted by, within one list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cell {
    pub(crate) source: String,
    /// The name of the kind; empty for entries that have no name any more.
    pub(crate) kind: String,
    pub(crate) direction: Direction,
}

/// How many entries of a cell went out unconfirmed with one release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Went {
    pub(crate) cell: Cell,
    pub(crate) at: Time,
    pub(crate) count: usize,
    /// Of how many that were published.
    pub(crate) published: usize,
}

/// What a release held back and a person may confirm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proposed {
    pub(crate) digest: String,
    pub(crate) at: Time,
    /// A digest of each entry, sorted.
    pub(crate) entries: Vec<[u8; 16]>,
}

impl Direction {
    /// The word in the register and in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Less => "less",
            Self::More => "more",
        }
    }

    fn from_name(name: &str) -> Result<Self> {
        let mut all = [Self::Less, Self::More].into_iter();
        all.find(|one| one.name() == name)
            .ok_or(PublisherError::RegisterContent)
    }
}

impl Register {
    /// What left the register and may still be published.
    pub(crate) fn departed(&self, list: &ListId) -> Result<Vec<Identifier>> {
        let query = "SELECT kind, text FROM departed WHERE list = ?1";
        self.identifiers(query, [list.as_str()])
    }

    /// What went out unconfirmed after this time, and after the last confirmation of its cell.
    pub(crate) fn went_since(&self, list: &ListId, since: Time) -> Result<Vec<Went>> {
        let mut statement = self.0.prepare(
            "SELECT source, kind, direction, at, count, published FROM went WHERE list = ?1
             AND at > ?2 AND at > coalesce((SELECT c.at FROM confirmed c WHERE c.list = went.list
             AND c.source = went.source AND c.kind = went.kind AND c.direction = went.direction), 0)",
        )?;
        let mut rows = statement.query(params![list.as_str(), since.seconds()])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(Went {
                cell: Cell {
                    source: row.get(0)?,
                    kind: row.get(1)?,
                    direction: Direction::from_name(&row.get::<_, String>(2)?)?,
                },
                at: Time::from_seconds(row.get(3)?),
                count: row.get(4)?,
                published: row.get(5)?,
            });
        }
        Ok(all)
    }

    /// How many entries of each cell went out unconfirmed after this time, sorted by list and cell.
    pub(crate) fn went_after(&self, time: Time) -> Result<Vec<(ListId, Cell, usize)>> {
        let query = "SELECT list, source, kind, direction, sum(count) FROM went WHERE at > ?1
             GROUP BY list, source, kind, direction ORDER BY list, source, kind, direction";
        let mut statement = self.0.prepare(query)?;
        let mut rows = statement.query([time.seconds()])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            let cell = Cell {
                source: row.get(1)?,
                kind: row.get(2)?,
                direction: Direction::from_name(&row.get::<_, String>(3)?)?,
            };
            all.push((list_id(&row.get::<_, String>(0)?)?, cell, row.get(4)?));
        }
        Ok(all)
    }

    /// How many identifiers that were delisted alone each list let go after this time.
    pub(crate) fn singles_gone_after(&self, time: Time) -> Result<Vec<(ListId, usize)>> {
        let query =
            "SELECT list, count(*) FROM single WHERE went_at > ?1 GROUP BY list ORDER BY list";
        let mut statement = self.0.prepare(query)?;
        let mut rows = statement.query([time.seconds()])?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push((list_id(&row.get::<_, String>(0)?)?, row.get(1)?));
        }
        Ok(all)
    }

    /// Sources that a list's releases ever named in a counted change or a confirmation.
    pub(crate) fn known_sources(&self, list: &ListId) -> Result<Vec<String>> {
        let query = "SELECT source FROM went WHERE list = ?1 UNION
             SELECT source FROM confirmed WHERE list = ?1";
        let mut statement = self.0.prepare(query)?;
        let rows = statement.query_map([list.as_str()], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Identifiers that a command of their own delisted and that no release has let go yet, oldest first.
    pub(crate) fn singles_waiting(&self, list: &ListId) -> Result<Vec<Identifier>> {
        let query = "SELECT kind, text FROM single WHERE list = ?1 AND went_at IS NULL
             GROUP BY kind, text ORDER BY min(at), kind, text";
        self.identifiers(query, [list.as_str()])
    }

    /// How many of them releases let go after this time.
    pub(crate) fn singles_gone(&self, list: &ListId, since: Time) -> Result<usize> {
        let query = "SELECT count(*) FROM single WHERE list = ?1 AND went_at > ?2";
        let parameters = params![list.as_str(), since.seconds()];
        Ok(self.0.query_row(query, parameters, |row| row.get(0))?)
    }

    /// A digest of each published entry that a person agreed to leave behind when an epoch started.
    pub(crate) fn left_behind(&self) -> Result<BTreeSet<[u8; 16]>> {
        let text = self.setting(LEFT_BEHIND)?.unwrap_or_default();
        let digests = text.split_ascii_whitespace().map(hex::array);
        let digests: Option<_> = digests.collect();
        digests.ok_or(PublisherError::RegisterContent)
    }

    /// The digest of what was held back last and nobody confirmed.
    pub(crate) fn newest_proposal(&self) -> Result<Option<String>> {
        let query = "SELECT digest FROM proposal ORDER BY at DESC, digest LIMIT 1";
        Ok(self.0.query_row(query, [], |row| row.get(0)).optional()?)
    }

    /// What a release held back under this digest.
    pub(crate) fn proposal(&self, digest: &str) -> Result<Option<Proposed>> {
        let query = "SELECT at, entries FROM proposal WHERE digest = ?1";
        let found = self.0.query_row(query, [digest], |row| {
            Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?))
        });
        let Some((at, entries)) = found.optional()? else {
            return Ok(None);
        };
        let (entries, []) = entries.as_chunks() else {
            return Err(PublisherError::RegisterContent);
        };
        Ok(Some(Proposed {
            digest: digest.to_owned(),
            at: Time::from_seconds(at),
            entries: entries.to_vec(),
        }))
    }
}

impl Change<'_> {
    /// Remembers what leaves the register, so that it has a name while it is published.
    pub(crate) fn depart(&self, list: &ListId, identifier: &Identifier) -> Result<()> {
        let query = "INSERT INTO departed VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        let (kind, text) = (identifier.kind().name(), identifier.text());
        self.0
            .prepare_cached(query)?
            .execute([list.as_str(), kind, text])?;
        Ok(())
    }

    /// Forgets what has left and is no longer published.
    pub(crate) fn forget_departed(&self, list: &ListId, identifier: &Identifier) -> Result<()> {
        let query = "DELETE FROM departed WHERE list = ?1 AND kind = ?2 AND text = ?3";
        let (kind, text) = (identifier.kind().name(), identifier.text());
        self.0
            .prepare_cached(query)?
            .execute([list.as_str(), kind, text])?;
        Ok(())
    }

    pub(crate) fn put_went(&self, list: &ListId, sequence: u64, went: &Went) -> Result<()> {
        let number = |count: usize| i64::try_from(count).map_err(|_| PublisherError::Exhausted);
        let sequence = i64::try_from(sequence).map_err(|_| PublisherError::Exhausted)?;
        let Cell {
            source,
            kind,
            direction,
        } = &went.cell;
        self.0.execute(
            "INSERT INTO went VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                list.as_str(),
                sequence,
                source,
                kind,
                direction.name(),
                went.at.seconds(),
                number(went.count)?,
                number(went.published)?,
            ],
        )?;
        Ok(())
    }

    pub(crate) fn put_confirmed(&self, list: &ListId, cell: &Cell, at: Time) -> Result<()> {
        let direction = cell.direction.name();
        self.0.execute(
            "INSERT INTO confirmed VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET at = ?5",
            params![
                list.as_str(),
                cell.source,
                cell.kind,
                direction,
                at.seconds()
            ],
        )?;
        Ok(())
    }

    /// Remembers that a command delisted this identifier alone.
    pub(crate) fn put_single(
        &self,
        list: &ListId,
        identifier: &Identifier,
        at: Time,
    ) -> Result<()> {
        let (kind, text) = (identifier.kind().name(), identifier.text());
        self.0.execute(
            "INSERT INTO single VALUES (?1, ?2, ?3, ?4, NULL) ON CONFLICT DO NOTHING",
            params![list.as_str(), kind, text, at.seconds()],
        )?;
        Ok(())
    }

    /// A release lets such an identifier go.
    pub(crate) fn single_went(
        &self,
        list: &ListId,
        identifier: &Identifier,
        at: Time,
    ) -> Result<()> {
        let (kind, text) = (identifier.kind().name(), identifier.text());
        self.0.execute(
            "UPDATE single SET went_at = ?4 WHERE list = ?1 AND kind = ?2 AND text = ?3
             AND went_at IS NULL",
            params![list.as_str(), kind, text, at.seconds()],
        )?;
        Ok(())
    }

    /// Such an identifier was not published, so nothing has to go.
    pub(crate) fn forget_single(&self, list: &ListId, identifier: &Identifier) -> Result<()> {
        let (kind, text) = (identifier.kind().name(), identifier.text());
        self.0.execute(
            "DELETE FROM single WHERE list = ?1 AND kind = ?2 AND text = ?3 AND went_at IS NULL",
            [list.as_str(), kind, text],
        )?;
        Ok(())
    }

    /// Keeps which published entries a person agreed to leave behind, in the place of those before.
    pub(crate) fn put_left_behind(&self, digests: &[[u8; 16]]) -> Result<()> {
        if digests.is_empty() {
            // Most registers never have any.
            let query = "DELETE FROM setting WHERE name = ?1";
            self.0.execute(query, [LEFT_BEHIND])?;
            return Ok(());
        }
        let digests = digests.iter().map(|digest| hex::text(digest));
        self.put_setting(LEFT_BEHIND, &digests.collect::<Vec<_>>().join(" "))
    }

    /// Keeps a proposal; one that is known keeps its time.
    pub(crate) fn put_proposal(&self, proposed: &Proposed) -> Result<()> {
        self.0.execute(
            "INSERT INTO proposal VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            params![
                proposed.digest,
                proposed.at.seconds(),
                proposed.entries.as_flattened()
            ],
        )?;
        Ok(())
    }

    /// Forgets a proposal that was confirmed, and those made before this time.
    pub(crate) fn forget_proposals(&self, used: Option<&str>, before: Time) -> Result<()> {
        self.0.execute(
            "DELETE FROM proposal WHERE digest = ?1 OR at <= ?2",
            params![used, before.seconds()],
        )?;
        Ok(())
    }
}
