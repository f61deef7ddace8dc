//! The files that an update must still fetch once its metadata is verified.

use alloc::vec::Vec;

use crate::IS_FULL;
use crate::engine::error::{EngineError, Error};
use crate::list::{Descriptor, Edition, ListId};
use crate::token::KeyId;
use crate::trust::{Client, Source};

use super::choice::Choice;
use super::fetch::Fetch;
use super::live_release::{LiveRelease, NewerEpochs, is_same_release};
use super::pack::{LivePack, PendingPack};
use super::pending_release::PendingRelease;
use super::sealed_key::SealedKey;

/// The sealed keys, releases and packs that the newest targets name, with the files that are still missing.
#[derive(Debug)]
pub(super) struct PendingUpdate {
    pub(super) sealed_keys: Vec<SealedKey>,
    pub(super) releases: Vec<PendingRelease>,
    pub(super) packs: Vec<PendingPack>,
}

/// The verified targets of an update, with the gateway's choice and the releases it has already.
#[derive(Debug, Clone, Copy)]
pub(super) struct VerifiedTargets<'c> {
    pub(super) client: &'c Client,
    pub(super) choice: &'c Choice,
    /// The ListKeys that are known.
    pub(super) keys: &'c [KeyId],
    /// The live releases, those that the host has saved, live packs and sealed keys: files they share with the update are not fetched again.
    pub(super) lists: &'c [LiveRelease],
    pub(super) saved: &'c [Descriptor],
    pub(super) packs: &'c [LivePack],
    pub(super) sealed_keys: &'c [SealedKey],
    pub(super) source: Source,
}

impl PendingUpdate {
    /// The next file that is missing. Sealed keys come first: a walk that lacks one brings no list in vain.
    pub(super) fn next(&self) -> Option<&Fetch> {
        let keys = self.sealed_keys.iter().find_map(SealedKey::next);
        let releases = || self.releases.iter().find_map(PendingRelease::next);
        let packs = || self.packs.iter().find_map(PendingPack::next);
        keys.or_else(releases).or_else(packs)
    }

    /// Goes on without the file that [`PendingUpdate::next`] names, with another epoch of the same list.
    /// Returns whether there is one. A sealed key has no other file in its place.
    pub(super) fn fall_back(&mut self) -> bool {
        if self.sealed_keys.iter().any(|key| key.next().is_some()) {
            return false;
        }
        let mut releases = self.releases.iter_mut();
        let release = releases.find(|release| release.next().is_some());
        release.is_some_and(PendingRelease::fall_back)
    }

    /// Goes on without the bytes of the part that [`PendingUpdate::next`] names, which the host has saved.
    pub(super) fn leave(&mut self) -> Result<(), Error> {
        let is_key = self.sealed_keys.iter().any(|key| key.next().is_some());
        let mut releases = self.releases.iter_mut();
        match releases.find_map(PendingRelease::missing) {
            Some(file) if !is_key => {
                file.leave();
                Ok(())
            }
            Some(_) | None => Err(EngineError::PartUnavailable.into()),
        }
    }

    /// Takes the file that [`PendingUpdate::next`] names.
    pub(super) fn take(&mut self, bytes: Vec<u8>) -> Result<(), Error> {
        let mut keys = self.sealed_keys.iter_mut();
        if let Some(key) = keys.find(|key| key.next().is_some()) {
            return key.take(&bytes);
        }
        if let Some(file) = self.releases.iter_mut().find_map(PendingRelease::missing) {
            return file.take(bytes);
        }
        let mut packs = self.packs.iter_mut();
        let pack = packs.find(|pack| pack.next().is_some());
        pack.ok_or(EngineError::NoUpdate)?.take(&bytes)
    }
}

impl VerifiedTargets<'_> {
    pub(super) fn pending(&self) -> Result<PendingUpdate, Error> {
        Ok(PendingUpdate {
            sealed_keys: self.pending_keys(),
            releases: self.releases()?,
            packs: self.pending_packs()?,
        })
    }

    /// The releases that the verified targets name, with the files that are not live yet.
    fn releases(&self) -> Result<Vec<PendingRelease>, Error> {
        let mut descriptors = Vec::new();
        for (path, target) in self.client.targets() {
            descriptors.extend(self.choice.descriptor(path, target)?);
        }
        let epochs: Vec<_> = descriptors
            .iter()
            .map(|release| {
                let header = &release.header;
                (
                    header.list.clone(),
                    header.epoch,
                    release.provenance.epoch_start,
                )
            })
            .collect();
        let published = |list: &ListId| {
            let mut descriptors = descriptors.iter();
            descriptors.any(|release| release.header.list == *list)
        };
        // A list that is gone is reported in each verdict. If all are, they may have come in another format:
        // then the last ones stay. A replay loads what was saved.
        let wanted = self.choice.lists.as_deref().unwrap_or_default();
        let all_gone = !wanted.is_empty() && !wanted.iter().any(published);
        if self.source == Source::Repository && all_gone {
            return Err(EngineError::ListMissing.into());
        }
        let mut pending = Vec::new();
        for descriptors in self.choice.by_preference(self.keys, descriptors) {
            let mut descriptors = descriptors.into_iter().map(|descriptor| {
                let header = &descriptor.header;
                let own = epochs.iter().filter(|(list, ..)| *list == header.list);
                let own = own.map(|(_, epoch, start)| (*epoch, *start));
                let newer = NewerEpochs::after(header.epoch, own);
                self.release(descriptor, newer)
            });
            let Some(mut release) = descriptors.next().transpose()? else {
                continue;
            };
            if self.source == Source::Store {
                release.otherwise = descriptors.filter_map(Result::ok).collect();
            }
            pending.push(release);
        }
        Ok(pending)
    }

    fn release(&self, descriptor: Descriptor, newer: NewerEpochs) -> Result<PendingRelease, Error> {
        let mut lists = self.lists.iter();
        let live = lists.find(|live| live.is_release_of(&descriptor.header));
        let mut saved = self.saved.iter();
        let saved = saved.find(|saved| is_same_release(&saved.header, &descriptor.header));
        let known = live.map(|live| &live.descriptor).or(saved);
        let rollback = known.is_some_and(|known| {
            let other = *known != descriptor;
            other && descriptor.header.sequence <= known.header.sequence
        });
        if rollback {
            return Err(EngineError::ListRollback.into());
        }
        PendingRelease::new(descriptor, newer, live, saved, self.client)
    }

    /// The sealed keys of the chosen lists.
    fn pending_keys(&self) -> Vec<SealedKey> {
        if !IS_FULL {
            return Vec::new();
        }
        let keys = self.client.targets().filter_map(|(path, target)| {
            SealedKey::of(path, target, self.sealed_keys, self.client)
        });
        keys.filter(|key| self.choice.takes_key(&key.key)).collect()
    }

    /// The packs published with the chosen lists. A public edition has a filter only, and no pack.
    fn pending_packs(&self) -> Result<Vec<PendingPack>, Error> {
        let mut packs = Vec::new();
        if !IS_FULL || self.choice.edition == Edition::Public {
            return Ok(packs);
        }
        for (path, target) in self.client.targets() {
            let pack = PendingPack::of(path, target, self.packs, self.client)?;
            packs.extend(pack.filter(|pack| self.choice.takes(&pack.list)));
        }
        Ok(packs)
    }
}
