//! Epochs, as far as lists decide when they begin and end.
//!
//! After a damaged or restored register, published entries may have no name in it. They stay published under
//! their tags. A tag is made with the key of one epoch, so the lists of a new one would lack them, and gateways
//! would answer with less. So no epoch begins before each of them has a name again, or a person has agreed that
//! it goes.

use std::collections::BTreeMap;

use interdict_core::common::time::Time;
use interdict_core::list::ListId;

use super::guard::{Decision, Effect, EffectName, entry_digest};
use super::repository::LastRelease;
use crate::error::{PublisherError, Result, UnnamedEntries};
use crate::keys::{KeylessMembers, Urgency, as_due};
use crate::publisher::Publisher;
use crate::register::Epoch;

impl Publisher {
    /// Makes the ListKey of the next epoch. The next release announces it. A week after that release its
    /// lists are published beside those of the epoch before.
    ///
    /// After a leak, that release has its lists already, and an epoch that was announced and has no lists yet
    /// is given up.
    ///
    /// # Errors
    /// [`PublisherError::Unnamed`], [`PublisherError::TooManyEpochs`], or a key or register that cannot be
    /// written.
    pub fn epoch_start(&mut self, now: Time, urgency: Urgency) -> Result<Epoch> {
        let _lock = self.directory().lock()?;
        self.check_newest()?;
        self.check_clock(now)?;
        refuse(&self.unnamed(&self.last_release()?, Decision::Nothing, now)?)?;
        self.start_epoch(now, urgency, &[])
    }

    /// Does the same after a leak although published entries have no name here: a person was shown how many,
    /// which [`PublisherError::Unnamed`] has. They go with the next release.
    ///
    /// # Errors
    /// As [`Publisher::epoch_start`].
    pub fn epoch_start_confirmed(&mut self, now: Time) -> Result<Epoch> {
        let _lock = self.directory().lock()?;
        self.check_newest()?;
        self.check_clock(now)?;
        let unnamed = self.unnamed(&self.last_release()?, Decision::Nothing, now)?;
        let entries = unnamed.iter();
        let entries = entries.map(|(list, effect)| entry_digest(list, effect));
        self.start_epoch(now, Urgency::Leak, &entries.collect::<Vec<_>>())
    }

    /// Ends an epoch: the next release leaves its lists out. Its key stays in `keys/`, for archived
    /// files. If members would have the key of no list that is left, nothing is done.
    ///
    /// # Errors
    /// [`PublisherError::UnknownEpoch`], [`PublisherError::EpochRetired`],
    /// [`PublisherError::NewestEpoch`], [`PublisherError::EpochNeeded`],
    /// [`PublisherError::KeylessMembers`], [`PublisherError::Unnamed`].
    pub fn epoch_retire(&mut self, number: u32, now: Time, urgency: Urgency) -> Result<Epoch> {
        let _lock = self.directory().lock()?;
        self.check_left_lists(number, now)?;
        self.retire_epoch(number, now, urgency, KeylessMembers::Refuse)
    }

    /// Does the same although members would have the key of no list: a person was shown their names, which
    /// [`PublisherError::KeylessMembers`] has.
    ///
    /// # Errors
    /// As [`Publisher::epoch_retire`].
    pub fn epoch_retire_confirmed(
        &mut self,
        number: u32,
        now: Time,
        urgency: Urgency,
    ) -> Result<Epoch> {
        let _lock = self.directory().lock()?;
        self.check_left_lists(number, now)?;
        self.retire_epoch(number, now, urgency, KeylessMembers::Accept)
    }

    /// The epoch that holds the only lists with entries without a name stays until another one has lists.
    fn check_left_lists(&self, number: u32, now: Time) -> Result<()> {
        let last = self.last_release()?;
        let known = self.epochs()?.into_iter();
        let others = known.filter(|epoch| epoch.is_live() && epoch.number != number);
        let mut others = others.peekable();
        if others.peek().is_none() || others.any(|epoch| last.has_epoch(epoch.number)) {
            return Ok(());
        }
        refuse(&self.unnamed(&last, Decision::Nothing, now)?)
    }

    /// The epochs as a release at this time leaves them, and those that it puts off: their first lists would
    /// lack published entries that have no name here. They begin with the first release that nothing is in the
    /// way of.
    ///
    /// # Errors
    /// [`PublisherError::Unnamed`] if no epoch with lists would be left.
    pub(super) fn released_epochs(
        &self,
        last: &LastRelease,
        decision: Decision<'_>,
        now: Time,
    ) -> Result<(Vec<Epoch>, Vec<u32>)> {
        let mut known = self.epochs()?;
        let due = announced(as_due(&known, now), now);
        let is_new = |epoch: &Epoch| epoch.is_published(now) && !last.has_epoch(epoch.number);
        let new = due.iter().filter(|epoch| is_new(epoch));
        let new: Vec<u32> = new.map(|epoch| epoch.number).collect();
        // A first release, and one after which every epoch goes on, take nothing away.
        if new.is_empty() || !known.iter().any(|epoch| last.has_epoch(epoch.number)) {
            return Ok((due, Vec::new()));
        }
        let unnamed = self.unnamed(last, decision, now)?;
        if unnamed.is_empty() {
            return Ok((due, Vec::new()));
        }
        for epoch in known.iter_mut().filter(|one| new.contains(&one.number)) {
            // It starts a second from now, so that the next release may have its lists.
            let next = now.plus(1).seconds().saturating_sub(epoch.notice);
            epoch.announced = Some(Time::from_seconds(next));
        }
        let due = announced(as_due(&known, now), now);
        if !due.iter().any(|epoch| epoch.is_published(now)) {
            refuse(&unnamed)?;
        }
        Ok((due, new))
    }

    /// What is published without a name here, as the changes that wait for a person, by list.
    fn unnamed(
        &self,
        last: &LastRelease,
        decision: Decision<'_>,
        now: Time,
    ) -> Result<Vec<(ListId, Effect)>> {
        let protected = self.register().protected()?;
        let mut all = Vec::new();
        for list in self.lists()? {
            let content = self.content(&list, &protected, now)?;
            let published = self.published(last, &list);
            let guarded = self.guard(&list, content, published, decision, now)?;
            let held = guarded.held.into_iter();
            let unnamed = held.filter(|effect| matches!(effect.name, EffectName::Unknown(_)));
            all.extend(unnamed.map(|effect| (list.clone(), effect)));
        }
        Ok(all)
    }
}

fn refuse(unnamed: &[(ListId, Effect)]) -> Result<()> {
    let mut counts: BTreeMap<(&ListId, String), usize> = BTreeMap::new();
    for (list, effect) in unnamed {
        let count = counts.entry((list, effect.cell().source)).or_default();
        *count = count.saturating_add(1);
    }
    if counts.is_empty() {
        return Ok(());
    }
    let entries = counts.into_iter();
    let entries = entries.map(|((list, source), count)| UnnamedEntries {
        list: list.clone(),
        source,
        count,
    });
    Err(PublisherError::Unnamed(entries.collect()))
}

/// The epochs with those announced that this release is the first to tell of.
fn announced(mut epochs: Vec<Epoch>, now: Time) -> Vec<Epoch> {
    for epoch in epochs.iter_mut().filter(|epoch| epoch.is_live()) {
        epoch.announced.get_or_insert(now);
    }
    epochs
}
