//! After a clock that ran ahead. What was signed then stays valid, and versions only rise, so nothing is
//! taken back: the register is dated back, and the next release goes out on top with the right time.

use std::fmt;

use interdict_core::common::time::Time;
use interdict_core::list::ListId;

use super::clock::Day;
use super::epoch::overlap_end;
use crate::ahead::SignedAhead;
use crate::error::{PublisherError, Result};
use crate::published::Published;
use crate::publisher::Publisher;
use crate::register::{ClockReset, Deed, Direction, Epoch};

/// What [`Publisher::recover_clock`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveredClock {
    /// The newest time that was published, if it was ahead.
    pub ahead: Option<Time>,
    /// How many dates of the register were ahead too.
    pub dates: usize,
    /// Epochs in use again: only the clock that ran ahead had ended them.
    pub epochs: Vec<u32>,
    /// What releases let out unconfirmed by the clock that ran ahead, sorted. It counts from now on.
    pub went: Vec<WentAhead>,
    /// How many identifiers that were delisted alone each list let go by it.
    pub alone: Vec<(ListId, usize)>,
    /// Until when the timestamp that was signed ahead is valid.
    pub valid_until: Option<Time>,
}

/// Entries of one source and kind that answer otherwise because of a clock that ran ahead: nobody confirmed
/// them, and by the right clock the limits may have held them back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WentAhead {
    /// In which list.
    pub list: ListId,
    /// The source, as lists name it.
    pub source: String,
    /// The name of the kind.
    pub kind: String,
    /// Which way they changed.
    pub direction: Direction,
    /// How many.
    pub count: usize,
}

impl Publisher {
    /// Repairs a register and a repository that were signed with a clock that ran ahead, once the clock is
    /// right. `today` is the day as a person states it.
    ///
    /// It needs no key and publishes nothing. The next release is a new base with the right time; gateways
    /// whose own clock is right take it at their next poll. Does nothing if nothing is ahead.
    ///
    /// # Errors
    /// [`PublisherError::DayNeeded`], [`PublisherError::OtherDay`], [`PublisherError::ClockRange`].
    pub fn recover_clock(&mut self, now: Time, today: Option<Day>) -> Result<RecoveredClock> {
        let _lock = self.directory().lock()?;
        Time::from_clock(now.seconds()).ok_or(PublisherError::ClockRange)?;
        let newest = self.newest_published()?;
        let today = today.ok_or(PublisherError::DayNeeded { clock: now, newest })?;
        if !today.is_somewhere(now) {
            return Err(PublisherError::OtherDay { clock: now });
        }
        let ahead = newest.filter(|newest| *newest > now);
        let timestamps = self.timestamps()?;
        let reset = ClockReset {
            confirmed: now,
            before: self.last_right_issue(now)?,
            root: self.current_root()?.version,
            timestamp: timestamps.iter().map(|one| one.version).max().unwrap_or(0),
        };
        let known = self.epochs()?;
        let repaired = dated_back(&known, now);
        if ahead.is_some() {
            // For `renew`, which does not open the register.
            let targets = Published::read(&self.directory().tree())?;
            let targets = targets.map_or(0, |published| published.targets.version);
            let versions = [reset.root, targets, reset.timestamp];
            SignedAhead::new(now, versions).write(self.directory())?;
        }
        let went = self.register().went_after(now)?.into_iter();
        let went = went.map(|(list, cell, count)| WentAhead {
            list,
            source: cell.source,
            kind: cell.kind,
            direction: cell.direction,
            count,
        });
        let alone = self.register().singles_gone_after(now)?;
        let change = self.register_mut().change()?;
        let dates = change.date_back(now)?;
        for epoch in &repaired {
            change.put_epoch(epoch)?;
        }
        if ahead.is_some() {
            change.put_clock_reset(reset)?;
        }
        change.commit(&Deed::new("recover clock", now))?;
        let back = known.iter().zip(&repaired);
        let back = back.filter(|(before, after)| !before.is_live() && after.is_live());
        Ok(RecoveredClock {
            ahead,
            dates,
            epochs: back.map(|(_, epoch)| epoch.number).collect(),
            went: went.collect(),
            alone,
            valid_until: ahead.and_then(|_| timestamps.iter().map(|one| one.expires).max()),
        })
    }

    fn last_right_issue(&self, now: Time) -> Result<Time> {
        let release = self.register().newest_issue_by(now)?;
        Ok(release.unwrap_or(Time::EARLIEST))
    }
}

/// The epochs as the right clock leaves them. One that ended because by the clock it was due is not due yet.
fn dated_back(known: &[Epoch], now: Time) -> Vec<Epoch> {
    let mut epochs = known.to_vec();
    for epoch in &mut epochs {
        epoch.since = epoch.since.min(now);
        epoch.announced = epoch.announced.map(|announced| announced.min(now));
    }
    let ends: Vec<Option<Time>> = known
        .iter()
        .map(|epoch| {
            let retired = epoch.retired_at?;
            let was_due = overlap_end(epoch, known).is_some_and(|end| end <= retired);
            let is_due = overlap_end(epoch, &epochs).is_some_and(|end| end <= now);
            let early = retired > now && was_due && !is_due;
            (!early).then(|| retired.min(now))
        })
        .collect();
    for (epoch, end) in epochs.iter_mut().zip(ends) {
        epoch.retired_at = end;
    }
    epochs
}

impl fmt::Display for RecoveredClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ahead {
            Some(ahead) => writeln!(f, "{ahead} was published and no longer counts")?,
            None => writeln!(f, "nothing that was published is ahead of the clock")?,
        }
        if self.dates > 0 {
            writeln!(f, "{} dates of the register were set back", self.dates)?;
        }
        for epoch in &self.epochs {
            writeln!(f, "epoch {epoch} is in use again")?;
        }
        for went in &self.went {
            writeln!(
                f,
                "{}: {} of {} from {} went out with {} by that clock",
                went.list.as_str(),
                went.count,
                went.kind,
                went.source,
                went.direction.name()
            )?;
        }
        for (list, count) in &self.alone {
            writeln!(
                f,
                "{}: {count} that were delisted alone went out by that clock",
                list.as_str()
            )?;
        }
        if self.went.is_empty() && self.alone.is_empty() {
            return Ok(());
        }
        writeln!(
            f,
            "they count against the limits of the next 30 days; `interdict-publish history` names what was \
             changed then"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u32 = 86_400;

    fn epoch(number: u32, announced: u32, retired: Option<u32>) -> Epoch {
        let day = |day: u32| Time::from_seconds(1_795_305_600).plus(day * DAY);
        Epoch {
            number,
            since: day(announced),
            notice: 7 * DAY,
            announced: Some(day(announced)),
            retired_at: retired.map(day),
        }
    }

    #[test]
    fn an_epoch_that_only_the_fast_clock_ended_is_in_use_again() {
        let now = Time::from_seconds(1_795_305_600).plus(5 * DAY);
        let live = |known: &[Epoch]| {
            let repaired = dated_back(known, now);
            let live = repaired.iter().filter(|epoch| epoch.is_live());
            live.map(|epoch| epoch.number).collect::<Vec<_>>()
        };
        // Announced yesterday, so due on day 25; a release with a clock of day 100 ended the first.
        let due = [epoch(1, 0, Some(100)), epoch(2, 4, None)];
        assert_eq!(live(&due), [1, 2]);
        // A person retired it before it was due by any clock.
        let by_hand = [epoch(1, 0, Some(20)), epoch(2, 4, None)];
        assert_eq!(live(&by_hand), [2]);
        // It ended while the clock was right.
        let before = [epoch(1, 0, Some(3)), epoch(2, 4, None)];
        assert_eq!(live(&before), [2]);
        // Announced by the fast clock: the week counts from now.
        let ahead = dated_back(&[epoch(1, 0, None), epoch(2, 90, None)], now);
        assert_eq!(ahead[1].starts(), Some(now.plus(7 * DAY)));
    }
}
