use std::collections::{BTreeMap, BTreeSet};

use interdict_core::common::time::Time;
use interdict_core::identifier::Identifier;
use interdict_core::list::{Action, Category, Flags, Handling, ListId, Record, Scope, Source};
use interdict_core::token::Tag;
use interdict_core::trust::RoleName;
use rusqlite::{OptionalExtension as _, Row, params};

use super::database::{Change, Register};
use super::public_editions::PublicEpoch;
use crate::error::{PublisherError, Result};

/// The setting of a register that came out of a backup and does not know what was published since.
const RESTORED: &str = "restored";

/// A published record whose identifier the register does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnknownRecord {
    pub(crate) epoch: u32,
    pub(crate) tag: Tag,
    /// Its `source` is 0.
    pub(crate) record: Record,
    pub(crate) source: Source,
}

impl Register {
    /// When it came out of a backup, if no `recover` has run since.
    pub(crate) fn restored(&self) -> Result<Option<Time>> {
        let time = self.setting(RESTORED)?.filter(|time| !time.is_empty());
        let time = time.map(|time| Time::parse(&time).ok_or(PublisherError::RegisterContent));
        time.transpose()
    }

    /// The version that the next file of a role is above, 0 for none.
    pub(crate) fn version_floor(&self, role: RoleName) -> Result<u32> {
        let floor = self.floor(role.as_str())?;
        u32::try_from(floor).map_err(|_| PublisherError::RegisterContent)
    }

    /// The sequence of a list's next release.
    pub(crate) fn next_sequence(&self, list: &ListId) -> Result<u64> {
        let floor = self.floor(list.as_str())?;
        let floor = u64::try_from(floor).map_err(|_| PublisherError::RegisterContent)?;
        let newest = self.sequence(list)?.max(floor);
        newest.checked_add(1).ok_or(PublisherError::Exhausted)
    }

    fn floor(&self, name: &str) -> Result<i64> {
        let query = "SELECT version FROM version_floor WHERE name = ?1";
        let version = self.0.query_row(query, [name], |row| row.get(0));
        Ok(version.optional()?.unwrap_or_default())
    }

    /// The published records of a list whose identifiers the register did not know, by epoch and tag.
    pub(crate) fn unknown_published(&self, list: &ListId) -> Result<Vec<UnknownRecord>> {
        let query =
            "SELECT epoch, tag, source, origin, action, category, confidence, seller, scope, flags,
             handling, valid_until FROM unknown_published WHERE list = ?1 ORDER BY epoch, tag";
        let mut statement = self.0.prepare(query)?;
        let mut rows = statement.query([list.as_str()])?;
        let mut records = Vec::new();
        while let Some(row) = rows.next()? {
            let record = unknown(list, row)?;
            records.push(record.ok_or(PublisherError::RegisterContent)?);
        }
        Ok(records)
    }

    /// The identifiers of a list that were taken off it after the backup that the register comes from, and
    /// on which nobody has decided since.
    pub(crate) fn withdrawn(&self, list: &ListId) -> Result<BTreeSet<Identifier>> {
        let query = "SELECT kind, text FROM withdrawn w WHERE list = ?1 AND EXISTS
             (SELECT 1 FROM entry e WHERE e.list = w.list AND e.kind = w.kind AND e.text = w.text)
             AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.list = w.list AND e.kind = w.kind
                AND e.text = w.text AND e.changed_at > w.at)";
        let identifiers = self.identifiers(query, [list.as_str()])?;
        Ok(identifiers.into_iter().collect())
    }
}

impl Change<'_> {
    /// States that the register came out of a backup.
    pub(crate) fn put_restored(&self, at: Time) -> Result<()> {
        self.put_setting(RESTORED, &at.to_string())
    }

    /// States that it knows again what is published.
    pub(crate) fn put_recovered(&self) -> Result<()> {
        self.put_setting(RESTORED, "")
    }

    /// Keeps the next versions of roles, and sequences of lists, above these.
    pub(crate) fn put_floors(&self, floors: &BTreeMap<String, u64>) -> Result<()> {
        let query = "INSERT INTO version_floor VALUES (?1, ?2)
             ON CONFLICT DO UPDATE SET version = max(version, ?2)";
        for (name, version) in floors {
            let version = i64::try_from(*version).map_err(|_| PublisherError::Exhausted)?;
            self.0.execute(query, params![name, version])?;
        }
        Ok(())
    }

    /// Keeps the published records of a list that have no name here, and no others.
    pub(crate) fn put_unknown(
        &self,
        list: &ListId,
        records: &[UnknownRecord],
        now: Time,
    ) -> Result<()> {
        self.forget_unknown(list)?;
        let mut put = self.0.prepare(
            "INSERT INTO unknown_published VALUES
             (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        )?;
        for unknown in records {
            let (record, source) = (&unknown.record, &unknown.source);
            put.execute(params![
                list.as_str(),
                unknown.epoch,
                unknown.tag.0,
                source_name(source),
                source.origin(),
                record.action.name(),
                record.category.name(),
                record.confidence,
                record.group,
                record.scope.name(),
                record.flags.0,
                record.handling.name(),
                record.valid_until.seconds(),
                now.seconds(),
            ])?;
        }
        let groups = records.iter().map(|unknown| unknown.record.group);
        self.use_up_groups(groups.max().unwrap_or_default())
    }

    /// Gives up the published records of a list that have no name here.
    pub(crate) fn forget_unknown(&self, list: &ListId) -> Result<()> {
        let query = "DELETE FROM unknown_published WHERE list = ?1";
        self.0.execute(query, [list.as_str()])?;
        Ok(())
    }

    /// Keeps the identifiers of a list that were taken off it after the backup.
    pub(crate) fn put_withdrawn<'i>(
        &self,
        list: &ListId,
        identifiers: impl Iterator<Item = &'i Identifier>,
        now: Time,
    ) -> Result<()> {
        self.forget_withdrawn(list)?;
        let mut put = self
            .0
            .prepare("INSERT INTO withdrawn VALUES (?1, ?2, ?3, ?4)")?;
        for identifier in identifiers {
            let (kind, text) = (identifier.kind().name(), identifier.text());
            put.execute(params![list.as_str(), kind, text, now.seconds()])?;
        }
        Ok(())
    }

    /// Lets the register's entries of a list go out again.
    pub(crate) fn forget_withdrawn(&self, list: &ListId) -> Result<()> {
        let query = "DELETE FROM withdrawn WHERE list = ?1";
        self.0.execute(query, [list.as_str()])?;
        Ok(())
    }

    /// Keeps a public epoch as it is published.
    pub(crate) fn put_public_epoch_as_published(&self, epoch: &PublicEpoch) -> Result<()> {
        self.0.execute(
            "INSERT INTO public_epoch VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET since = ?3, rate = ?4, capacity = ?5",
            params![
                epoch.list.as_str(),
                epoch.number,
                epoch.since.seconds(),
                epoch.rate,
                epoch.capacity,
            ],
        )?;
        Ok(())
    }

    /// A number that a published record names its group by must never be given to another group.
    fn use_up_groups(&self, highest: u32) -> Result<()> {
        let query = "INSERT INTO seller (number, name)
             SELECT ?1, ?2 WHERE ?1 > (SELECT coalesce(max(number), 0) FROM seller)";
        // No source can name a group so.
        self.0
            .execute(query, params![highest, format!("\u{1}published-{highest}")])?;
        Ok(())
    }
}

fn unknown(list: &ListId, row: &Row<'_>) -> Result<Option<UnknownRecord>> {
    let text = |index: usize| row.get::<_, String>(index);
    let tag: Vec<u8> = row.get(1)?;
    let read = (
        tag.try_into().ok(),
        Source::new(list, &text(2)?, &text(3)?).ok(),
        Action::from_name(&text(4)?),
        Category::from_name(&text(5)?),
        Scope::from_name(&text(8)?),
        Handling::from_name(&text(10)?),
    );
    let (Some(tag), Some(source), Some(action), Some(category), Some(scope), Some(handling)) = read
    else {
        return Ok(None);
    };
    let record = Record {
        action,
        category,
        confidence: row.get(6)?,
        source: 0,
        group: row.get(7)?,
        scope,
        flags: Flags(row.get(9)?),
        handling,
        valid_until: Time::from_seconds(row.get(11)?),
    };
    Ok(Some(UnknownRecord {
        epoch: row.get(0)?,
        tag: Tag(tag),
        record,
        source,
    }))
}

/// A source's own name, without the coalition's.
fn source_name(source: &Source) -> &str {
    let name = source.id().split_once('.');
    name.map_or(source.id(), |(_, name)| name)
}
