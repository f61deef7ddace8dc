use interdict_core::common::time::Time;
use rusqlite::params;

use super::database::{Change, FIRST_EPOCH, Register};
use crate::error::Result;

const DAY: u32 = 86_400;

/// The life of one ListKey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Epoch {
    /// Counted from 1.
    pub number: u32,
    /// When its key was made.
    pub since: Time,
    /// Seconds from the release that announces it to its first list.
    pub notice: u32,
    /// When a release first announced it, with its sealed key if any member has a recipient.
    pub announced: Option<Time>,
    /// When its lists stopped being published.
    pub retired_at: Option<Time>,
}

/// The file that is published of an epoch's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SealedFile {
    pub(crate) epoch: u32,
    /// Whom it is sealed to, without those who fill it up.
    pub(crate) recipients: Vec<String>,
    pub(crate) bytes: Vec<u8>,
}

impl Epoch {
    /// The one that a coalition starts with: no release has to announce it.
    pub(crate) const fn first(now: Time) -> Self {
        Self {
            number: FIRST_EPOCH,
            since: now,
            notice: 0,
            announced: Some(now),
            retired_at: None,
        }
    }

    /// Whether its key is in use: its lists are published, or will be.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        self.retired_at.is_none()
    }

    /// When its first list may go out; `None` until a release announces it.
    #[must_use]
    pub fn starts(&self) -> Option<Time> {
        Some(self.announced?.plus(self.notice))
    }

    /// Whether a release at this time has its lists.
    #[must_use]
    pub fn is_published(&self, now: Time) -> bool {
        self.is_live() && self.starts().is_some_and(|starts| starts <= now)
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
        let query =
            "SELECT number, since, notice, announced, retired_at FROM epoch ORDER BY number";
        let mut statement = self.0.prepare(query)?;
        let rows = statement.query_map([], |row| {
            let time = |seconds: Option<u32>| seconds.map(Time::from_seconds);
            Ok(Epoch {
                number: row.get(0)?,
                since: Time::from_seconds(row.get(1)?),
                notice: row.get(2)?,
                announced: time(row.get(3)?),
                retired_at: time(row.get(4)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The sealed keys that were published last, oldest epoch first.
    pub(crate) fn sealed_keys(&self) -> Result<Vec<SealedFile>> {
        let query = "SELECT epoch, recipients, bytes FROM sealed_key ORDER BY epoch";
        let mut statement = self.0.prepare(query)?;
        let rows = statement.query_map([], |row| {
            let recipients: String = row.get(1)?;
            Ok(SealedFile {
                epoch: row.get(0)?,
                recipients: recipients.lines().map(str::to_owned).collect(),
                bytes: row.get(2)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Change<'_> {
    /// Keeps an epoch as it is now.
    pub(crate) fn put_epoch(&self, epoch: &Epoch) -> Result<()> {
        let seconds = |time: Option<Time>| time.map(Time::seconds);
        self.0.execute(
            "INSERT INTO epoch (number, since, notice, announced, retired_at)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET announced = ?4, retired_at = ?5",
            params![
                epoch.number,
                epoch.since.seconds(),
                epoch.notice,
                seconds(epoch.announced),
                seconds(epoch.retired_at),
            ],
        )?;
        Ok(())
    }

    /// Keeps the sealed keys that are about to be published, and no others.
    pub(crate) fn put_sealed_keys(&self, files: &[SealedFile]) -> Result<()> {
        self.0.execute("DELETE FROM sealed_key", [])?;
        for file in files {
            self.0.execute(
                "INSERT INTO sealed_key (epoch, recipients, bytes) VALUES (?1, ?2, ?3)",
                params![file.epoch, file.recipients.join("\n"), file.bytes],
            )?;
        }
        Ok(())
    }
}
