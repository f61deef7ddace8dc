use std::collections::{BTreeMap, BTreeSet};

use interdict_core::common::time::Time;
use interdict_core::identifier::Identifier;
use interdict_core::list::ListId;
use interdict_core::trust::RoleName;
use rusqlite::{OptionalExtension as _, params};

use super::database::{Change, Register, list_id};
use super::public_editions::PublicEpoch;
use crate::error::{PublisherError, Result};

/// The setting of a register that came out of a backup and does not know what was published since.
const RESTORED: &str = "restored";

/// Releases of a list that a register made which is lost: their heads are in no history that is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LostReleases {
    pub(crate) list: ListId,
    /// The last sequence that this register knew.
    pub(crate) after: u64,
    /// The last one that the other may have used.
    pub(crate) until: u64,
}

impl LostReleases {
    pub(crate) fn has(&self, list: &ListId, sequence: u64) -> bool {
        self.list == *list && self.after < sequence && sequence <= self.until
    }
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
        let floor = number(self.floor(list.as_str())?)?;
        let newest = self.sequence(list)?.max(floor);
        newest.checked_add(1).ok_or(PublisherError::Exhausted)
    }

    fn floor(&self, name: &str) -> Result<i64> {
        let query = "SELECT version FROM version_floor WHERE name = ?1";
        let version = self.0.query_row(query, [name], |row| row.get(0));
        Ok(version.optional()?.unwrap_or_default())
    }

    /// What registers released that are lost.
    pub(crate) fn lost_releases(&self) -> Result<Vec<LostReleases>> {
        let query = "SELECT list, after, until FROM lost_release ORDER BY list, after";
        let mut statement = self.0.prepare(query)?;
        let mut rows = statement.query([])?;
        let mut lost = Vec::new();
        while let Some(row) = rows.next()? {
            lost.push(LostReleases {
                list: list_id(&row.get::<_, String>(0)?)?,
                after: number(row.get(1)?)?,
                until: number(row.get(2)?)?,
            });
        }
        Ok(lost)
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

    /// Keeps which releases another register made, unless that is known.
    pub(crate) fn put_lost(&self, lost: &LostReleases) -> Result<()> {
        let query = "INSERT INTO lost_release SELECT ?1, ?2, ?3 WHERE NOT EXISTS
             (SELECT 1 FROM lost_release WHERE list = ?1 AND after <= ?2 AND until >= ?3)
             ON CONFLICT DO UPDATE SET until = ?3";
        let number = |number| i64::try_from(number).map_err(|_| PublisherError::Exhausted);
        let (after, until) = (number(lost.after)?, number(lost.until)?);
        let list = lost.list.as_str();
        self.0.execute(query, params![list, after, until])?;
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
    pub(crate) fn use_up_groups(&self, highest: u32) -> Result<()> {
        let query = "INSERT INTO seller (number, name)
             SELECT ?1, ?2 WHERE ?1 > (SELECT coalesce(max(number), 0) FROM seller)";
        // No source can name a group so.
        self.0
            .execute(query, params![highest, format!("\u{1}published-{highest}")])?;
        Ok(())
    }
}

fn number(number: i64) -> Result<u64> {
    u64::try_from(number).map_err(|_| PublisherError::RegisterContent)
}
