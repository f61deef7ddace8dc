//! Member epochs: one ListKey each. A leaked key opens every archived file of its epoch, so keys are
//! changed; and every member has to hear of the next one first, so two epochs overlap.

use std::fmt;

use interdict_core::common::time::Time;

use crate::error::{PublisherError, Result};
use crate::publisher::Publisher;
use crate::register::Epoch;

/// How long a key should serve, as the design says.
const KEY_LIFE_DAYS: u32 = 90;

/// The one members have and the one they get. Every epoch more is a whole list more to fetch.
const MAX_LIVE: usize = 2;

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

    /// Makes the ListKey of the next epoch. From the next release on, its lists are published
    /// beside those of the epoch before, until that is retired.
    ///
    /// # Errors
    /// [`PublisherError::TooManyEpochs`], or a key or register that cannot be written.
    pub fn epoch_start(&mut self, now: Time) -> Result<Epoch> {
        let _lock = self.directory().lock()?;
        let known = self.epochs()?;
        let newest = known.last().ok_or(PublisherError::RegisterContent)?;
        if Time::from_clock(now.seconds()).is_none() || now < newest.since {
            return Err(PublisherError::ClockBehind);
        }
        if known.iter().filter(|epoch| epoch.is_live()).count() >= MAX_LIVE {
            return Err(PublisherError::TooManyEpochs);
        }
        let number = newest
            .number
            .checked_add(1)
            .ok_or(PublisherError::Exhausted)?;
        // The key first: a register that names an epoch without a key could not release.
        self.keys().make_list_key(number)?;
        let change = self.register_mut().change()?;
        change.put_epoch(number, now)?;
        change.commit()?;
        Ok(Epoch {
            number,
            since: now,
            retired_at: None,
        })
    }

    /// Ends an epoch: the next release leaves its lists out. Its key stays in `keys/`, for archived
    /// files.
    ///
    /// # Errors
    /// [`PublisherError::UnknownEpoch`], [`PublisherError::EpochRetired`],
    /// [`PublisherError::NewestEpoch`].
    pub fn epoch_retire(&mut self, number: u32, now: Time) -> Result<Epoch> {
        let _lock = self.directory().lock()?;
        Time::from_clock(now.seconds()).ok_or(PublisherError::ClockBehind)?;
        let known = self.epochs()?;
        let epoch = known
            .iter()
            .find(|epoch| epoch.number == number)
            .ok_or(PublisherError::UnknownEpoch(number))?;
        if !epoch.is_live() {
            return Err(PublisherError::EpochRetired(number));
        }
        if known.last() == Some(epoch) {
            return Err(PublisherError::NewestEpoch(number));
        }
        let change = self.register_mut().change()?;
        change.retire_epoch(number, now)?;
        change.commit()?;
        Ok(Epoch {
            retired_at: Some(now),
            ..*epoch
        })
    }

    /// The epochs that are published, oldest first.
    pub(crate) fn live_epochs(&self) -> Result<Vec<Epoch>> {
        let mut epochs = self.epochs()?;
        epochs.retain(Epoch::is_live);
        Ok(epochs)
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
