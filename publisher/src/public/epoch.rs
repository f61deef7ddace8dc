//! Public epochs: the period in which a public filter keeps its key, rate and size. Filters that
//! differ in these have different false hits, and what hits both of two is mostly what is listed.

use interdict_core::common::time::Time;
use interdict_core::list::{ListId, public_capacity};

use super::disclosure;
use crate::dictionary::PublicSettings;
use crate::error::{PublisherError, Result};
use crate::keys::MIN_DECOYS;
use crate::publisher::Publisher;
use crate::register::{Deed, PublicEpoch};

const DAY: u32 = 86_400;

/// A public epoch lasts this long at least: every change of it tells the list more.
const EPOCH_LIFE: u32 = 365 * DAY;

/// The rate of a list that names none: one false hit in 64.
const RATE: u8 = 6;

/// Rates a public filter may have (`docs/format.md`).
const RATES: [u8; 3] = [2, 4, 6];

impl PublicEpoch {
    /// The epoch of a list with this many disclosed names: the capacity class that has room for twice as
    /// many, and decoys.
    pub(crate) fn new(
        list: &ListId,
        number: u32,
        rate: u8,
        disclosed: usize,
        now: Time,
    ) -> Result<Self> {
        if !RATES.contains(&rate) {
            return Err(PublisherError::PublicRate);
        }
        let needed = disclosed.checked_mul(2);
        let needed = needed.and_then(|needed| needed.checked_add(MIN_DECOYS));
        let needed = needed.and_then(|needed| u32::try_from(needed).ok());
        let capacity = needed.and_then(public_capacity);
        Ok(Self {
            list: list.clone(),
            number,
            since: now,
            rate,
            capacity: capacity.ok_or(PublisherError::Exhausted)?,
        })
    }

    /// The first one of a list nobody chose anything for.
    pub(crate) fn first(list: &ListId, disclosed: usize, now: Time) -> Result<Self> {
        Self::new(list, 1, RATE, disclosed, now)
    }

    /// From when on the next one may begin.
    #[must_use]
    pub const fn until(&self) -> Time {
        self.since.plus(EPOCH_LIFE)
    }

    /// How many decoys to add to this many names, at least [`MIN_DECOYS`].
    pub(crate) fn decoys(&self, disclosed: usize) -> Result<usize> {
        let capacity = usize::try_from(self.capacity).unwrap_or_default();
        let decoys = capacity.checked_sub(disclosed);
        decoys
            .filter(|decoys| *decoys >= MIN_DECOYS)
            .ok_or_else(|| PublisherError::PublicOutgrown {
                list: self.list.clone(),
                capacity: self.capacity,
                until: self.until(),
            })
    }
}

impl Publisher {
    /// Starts a list's next public epoch: a new key, and a filter for twice the names disclosed now.
    /// The first one starts by itself with the first disclosed name; start it here for another rate
    /// than 2^-6. From the next release on browsers need the new epoch's enrolment.
    ///
    /// # Errors
    /// [`PublisherError::PublicEpochYoung`] within a year, [`PublisherError::PublicRate`].
    pub fn public_start(
        &mut self,
        list: Option<&str>,
        rate: Option<u8>,
        now: Time,
    ) -> Result<PublicEpoch> {
        let _lock = self.directory().lock()?;
        self.check_newest()?;
        let list = self.one_list(list)?;
        self.check_clock(now)?;
        let before = self.register().public_epoch(&list)?;
        if let Some(before) = before.as_ref().filter(|before| now < before.until()) {
            return Err(PublisherError::PublicEpochYoung {
                list,
                until: before.until(),
            });
        }
        let number = before.as_ref().map_or(0, |before| before.number);
        let number = number.checked_add(1).ok_or(PublisherError::Exhausted)?;
        let rate = rate.unwrap_or_else(|| before.map_or(RATE, |before| before.rate));
        let listings = self.register().listings(&list)?;
        let disclosed = disclosure::choose(&listings, now).soon();
        let epoch = PublicEpoch::new(&list, number, rate, disclosed, now)?;
        // The key first: a register that names an epoch without a key could not release.
        self.keys().make_public_key(number)?;
        let change = self.register_mut().change()?;
        change.put_public_epoch(&epoch)?;
        change.commit(&Deed::new("public start", now))?;
        Ok(epoch)
    }

    /// What a dictionary may tell.
    ///
    /// # Errors
    /// A register that cannot be read.
    pub fn public_settings(&self) -> Result<PublicSettings> {
        self.register().public_settings()
    }

    /// Changes what a dictionary may tell, from the next release on.
    ///
    /// # Errors
    /// [`PublisherError::PublicBound`] for an empty dictionary or more than 1,000 per mille.
    pub fn set_public_settings(&mut self, settings: PublicSettings, now: Time) -> Result<()> {
        let _lock = self.directory().lock()?;
        if settings.dictionary == 0 || !(1..=1_000).contains(&settings.share) {
            return Err(PublisherError::PublicBound);
        }
        let change = self.register_mut().change()?;
        change.put_public_settings(settings)?;
        change.commit(&Deed::new("public settings", now))
    }
}
