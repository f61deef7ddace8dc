use interdict_core::common::time::Time;

use super::database::{Change, Register};
use crate::error::{PublisherError, Result};

/// The name of the setting.
const CLOCK_RESET: &str = "clock_reset";

/// Columns that say when something was done, which is never later than the clock. `valid_until` is not among
/// them, because it is planned. Neither is `epoch.retired_at`: whether it stays depends on why the epoch ended.
const DONE_AT: &[(&str, &str)] = &[
    ("blocked", "since"),
    ("confirmed", "at"),
    ("delisted", "at"),
    ("disclosed", "since"),
    ("dropped", "at"),
    ("entry", "changed_at"),
    ("entry", "listed_at"),
    ("epoch", "announced"),
    ("epoch", "since"),
    ("import", "at"),
    ("lifted", "at"),
    ("lifted", "lifted_at"),
    ("member", "since"),
    ("note", "at"),
    ("proposal", "at"),
    ("protected", "since"),
    ("public_epoch", "since"),
    ("quarantine", "since"),
    ("rejected", "at"),
    ("release", "issued"),
    ("single", "at"),
    ("single", "went_at"),
    ("source", "since"),
    ("unprotected", "at"),
    ("unprotected", "since"),
    ("went", "at"),
    ("withdrawn", "at"),
];

/// Made before everything gets one date, so that what went out after a confirmation still counts, and an
/// identifier that went twice counts twice: what a confirmation by the fast clock covers is a second older than
/// the rest, and so is the confirmation.
const ORDER_KEPT: &[&str] = &[
    "UPDATE went SET at = ?1 - 1 WHERE at >= ?1 AND at <= (SELECT c.at FROM confirmed c
         WHERE c.list = went.list AND c.source = went.source AND c.kind = went.kind
         AND c.direction = went.direction)",
    "UPDATE confirmed SET at = ?1 - 1 WHERE at >= ?1",
    "UPDATE OR REPLACE single SET at = ?1 - ranked.place FROM (SELECT list, kind, text, at,
             row_number() OVER (PARTITION BY list, kind, text ORDER BY at DESC) - 1 AS place
             FROM single WHERE at > ?1) AS ranked
         WHERE single.list = ranked.list AND single.kind = ranked.kind
         AND single.text = ranked.text AND single.at = ranked.at",
];

/// A person's decision that what was signed by then was signed with a clock that ran ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClockReset {
    /// The right time, when it was decided.
    pub(crate) confirmed: Time,
    /// When the last release was issued that can have been issued with a right clock.
    pub(crate) before: Time,
    /// Roots of this version and below do not tell the time.
    pub(crate) root: u32,
    /// Timestamps of this version and below do not either.
    pub(crate) timestamp: u32,
}

impl Register {
    /// The last such decision.
    pub(crate) fn clock_reset(&self) -> Result<Option<ClockReset>> {
        let Some(text) = self.setting(CLOCK_RESET)? else {
            return Ok(None);
        };
        let numbers: Result<Vec<u32>, _> = text.split(' ').map(str::parse).collect();
        match numbers.as_deref() {
            Ok(&[confirmed, before, root, timestamp]) => Ok(Some(ClockReset {
                confirmed: Time::from_seconds(confirmed),
                before: Time::from_seconds(before),
                root,
                timestamp,
            })),
            _ => Err(PublisherError::RegisterContent),
        }
    }

    /// When the newest release of any list was issued that is not later than this.
    pub(crate) fn newest_issue_by(&self, time: Time) -> Result<Option<Time>> {
        let query = "SELECT max(issued) FROM release WHERE issued <= ?1";
        let newest = self
            .0
            .query_row(query, [time.seconds()], |row| row.get::<_, Option<u32>>(0))?;
        Ok(newest.map(Time::from_seconds))
    }
}

impl Change<'_> {
    pub(crate) fn put_clock_reset(&self, reset: ClockReset) -> Result<()> {
        let ClockReset {
            confirmed,
            before,
            root,
            timestamp,
        } = reset;
        let [confirmed, before] = [confirmed, before].map(Time::seconds);
        self.put_setting(
            CLOCK_RESET,
            &format!("{confirmed} {before} {root} {timestamp}"),
        )
    }

    /// Dates everything that was done later than this to this time. Returns how many rows it changed.
    pub(crate) fn date_back(&self, time: Time) -> Result<usize> {
        let mut changed = 0_usize;
        for query in ORDER_KEPT {
            changed = changed.saturating_add(self.0.execute(query, [time.seconds()])?);
        }
        for (table, column) in DONE_AT {
            let query = format!("UPDATE OR REPLACE {table} SET {column} = ?1 WHERE {column} > ?1");
            changed = changed.saturating_add(self.0.execute(&query, [time.seconds()])?);
        }
        Ok(changed)
    }
}
