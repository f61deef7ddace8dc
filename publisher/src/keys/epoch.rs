//! Member epochs: one ListKey each. A leaked key opens every archived file of its epoch, so keys are
//! changed; and every member has to have the next one first, so two epochs overlap.
//!
//! `epoch start` makes the key. The next release announces the epoch: it publishes the sealed key. A week
//! later releases have its lists as well, and two weeks after that no longer those of the epoch before.

use std::fmt;

use interdict_core::common::time::Time;

use super::members::has_key;
use crate::error::{PublisherError, Result};
use crate::publisher::Publisher;
use crate::register::{Deed, Epoch};

const DAY: u32 = 86_400;

/// How long a key should serve, as the design says.
pub(crate) const KEY_LIFE_DAYS: u32 = 90;

/// How long a key is published before its first list, as the design says: gateways that refresh once a week
/// have it by then.
pub(crate) const NOTICE: u32 = 7 * DAY;

/// How long an epoch's lists are published after the next one's first, as the design says.
const OVERLAP: u32 = 14 * DAY;

/// The one members have and the one they get. Every epoch more is a whole list more to fetch.
const MAX_LIVE: usize = 2;

/// Whether members are given time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// They are: a week before an epoch's first list, two weeks before the end of the one before.
    Planned,
    /// They are not: a key has leaked.
    Leak,
}

/// What to do about members who would have the key of no list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeylessMembers {
    Refuse,
    Accept,
}

/// The newest key has served longer than it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OldKey {
    /// Its epoch.
    pub epoch: u32,
    /// Its age.
    pub days: u32,
}

impl Publisher {
    /// Every member epoch there ever was, oldest first.
    ///
    /// # Errors
    /// A register that cannot be read.
    pub fn epochs(&self) -> Result<Vec<Epoch>> {
        self.register().epochs()
    }

    /// Makes the ListKey of the next epoch, and keeps which published entries a person agreed to leave behind.
    /// The caller holds the lock and has checked the clock.
    pub(crate) fn start_epoch(
        &mut self,
        now: Time,
        urgency: Urgency,
        left_behind: &[[u8; 16]],
    ) -> Result<Epoch> {
        let mut known = as_due(&self.epochs()?, now);
        let newest = known.last().ok_or(PublisherError::RegisterContent)?;
        if now < newest.since {
            return Err(PublisherError::ClockBehind {
                clock: now,
                newest: newest.since,
            });
        }
        let number = newest
            .number
            .checked_add(1)
            .ok_or(PublisherError::Exhausted)?;
        let (notice, most) = match urgency {
            Urgency::Planned => (NOTICE, MAX_LIVE),
            // One more: the epoch before the leaked one may not have ended.
            Urgency::Leak => (0, MAX_LIVE.saturating_add(1)),
        };
        if urgency == Urgency::Leak {
            let known = known.iter_mut();
            for waiting in known.filter(|epoch| epoch.is_live() && !epoch.is_published(now)) {
                waiting.retired_at = Some(now);
            }
        }
        if known.iter().filter(|epoch| epoch.is_live()).count() >= most {
            return Err(PublisherError::TooManyEpochs);
        }
        let epoch = Epoch {
            number,
            since: now,
            notice,
            announced: None,
            retired_at: None,
        };
        // The key first: a register that names an epoch without a key could not release.
        self.keys().make_list_key(number)?;
        let change = self.register_mut().change()?;
        known.push(epoch);
        for epoch in &known {
            change.put_epoch(epoch)?;
        }
        change.put_left_behind(left_behind)?;
        change.commit(&Deed::new("epoch start", now))?;
        Ok(epoch)
    }

    /// Ends an epoch. The caller holds the lock.
    pub(crate) fn retire_epoch(
        &mut self,
        number: u32,
        now: Time,
        urgency: Urgency,
        keyless: KeylessMembers,
    ) -> Result<Epoch> {
        self.check_clock(now)?;
        let known = self.epochs()?;
        let epoch = known
            .iter()
            .find(|epoch| epoch.number == number)
            .ok_or(PublisherError::UnknownEpoch(number))?;
        if !epoch.is_live() {
            return Err(PublisherError::EpochRetired(number));
        }
        let others = || known.iter().filter(|other| *other != epoch);
        // An epoch that a release is still to announce without notice is as good as published.
        let publishes =
            |other: &Epoch| other.is_live() && (other.is_published(now) || other.notice == 0);
        if !others().any(publishes) {
            return Err(PublisherError::NewestEpoch(number));
        }
        if urgency == Urgency::Planned
            && epoch.is_published(now)
            && let Some(until) = overlap_end(epoch, &known)
            && now < until
        {
            return Err(PublisherError::EpochNeeded { number, until });
        }
        let left: Vec<Epoch> = others().filter(|one| publishes(one)).copied().collect();
        let members = self.without_key_of(&left)?;
        if keyless == KeylessMembers::Refuse && !members.is_empty() {
            let epoch = number;
            return Err(PublisherError::KeylessMembers { epoch, members });
        }
        let ended = Epoch {
            retired_at: Some(now),
            ..*epoch
        };
        let change = self.register_mut().change()?;
        change.put_epoch(&ended)?;
        change.commit(&Deed::new("epoch retire", now))?;
        Ok(ended)
    }

    /// The names of the members who were given the key of none of these epochs, sorted.
    fn without_key_of(&self, epochs: &[Epoch]) -> Result<Vec<String>> {
        let sealed = self.register().sealed_keys()?;
        let members = self.members()?.into_iter();
        let without =
            members.filter(|member| !epochs.iter().any(|epoch| has_key(member, epoch, &sealed)));
        Ok(without.map(|member| member.name).collect())
    }

    pub(crate) fn old_key(&self, now: Time) -> Result<Option<OldKey>> {
        let newest = self.epochs()?.pop();
        Ok(newest
            .map(|epoch| OldKey {
                epoch: epoch.number,
                days: epoch.age_days(now),
            })
            .filter(|key| key.days > KEY_LIFE_DAYS))
    }
}

/// The epochs at this time: those whose successor has been published for two weeks have ended.
pub(crate) fn as_due(known: &[Epoch], now: Time) -> Vec<Epoch> {
    let due = known.iter().map(|epoch| {
        let ended = overlap_end(epoch, known).is_some_and(|end| end <= now);
        Epoch {
            retired_at: epoch.retired_at.or(ended.then_some(now)),
            ..*epoch
        }
    });
    due.collect()
}

/// When an epoch ends because a later one is published; `None` while none is announced.
pub(super) fn overlap_end(epoch: &Epoch, known: &[Epoch]) -> Option<Time> {
    let later = known
        .iter()
        .filter(|later| later.number > epoch.number && later.is_live());
    let starts = later.filter_map(Epoch::starts).min()?;
    Some(starts.plus(OVERLAP))
}

impl fmt::Display for OldKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "warning: the newest list key, of epoch {}, is {} days old; it should serve 90. Start \
             another with `interdict-publish epoch start`",
            self.epoch, self.days
        )
    }
}
