use interdict_core::common::time::Time;
use rusqlite::params;

use super::database::{Change, Register};
use crate::error::Result;

const DAY: u32 = 86_400;

/// The life of one ListKey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Epoch {
    /// Counted from 1.
    pub number: u32,
    /// When its key was made.
    pub since: Time,
    /// When its lists stopped being published.
    pub retired_at: Option<Time>,
}

impl Epoch {
    /// Whether its lists are published.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        self.retired_at.is_none()
    }

    /// Whole days since its key was made.
    #[must_use]
    pub const fn age_days(&self, now: Time) -> u32 {
        now.seconds()
            .saturating_sub(self.since.seconds())
            .div_euclid(DAY)
    }
}

impl Register {
    /// Every member epoch there ever was, oldest first.
    pub(crate) fn epochs(&self) -> Result<Vec<Epoch>> {
        let query = "SELECT number, since, retired_at FROM epoch ORDER BY number";
        let mut statement = self.0.prepare(query)?;
        let rows = statement.query_map([], |row| {
            Ok(Epoch {
                number: row.get(0)?,
                since: Time::from_seconds(row.get(1)?),
                retired_at: row.get::<_, Option<u32>>(2)?.map(Time::from_seconds),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The members, and the newest epoch each was given the key of.
    pub(crate) fn members(&self) -> Result<Vec<(String, u32)>> {
        let mut statement = self
            .0
            .prepare("SELECT name, epoch FROM member ORDER BY name")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Change<'_> {
    pub(crate) fn put_epoch(&self, number: u32, now: Time) -> Result<()> {
        let query = "INSERT INTO epoch VALUES (?1, ?2, NULL)";
        self.0.execute(query, [number, now.seconds()])?;
        Ok(())
    }

    pub(crate) fn retire_epoch(&self, number: u32, now: Time) -> Result<()> {
        let query = "UPDATE epoch SET retired_at = ?2 WHERE number = ?1";
        self.0.execute(query, [number, now.seconds()])?;
        Ok(())
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
}
