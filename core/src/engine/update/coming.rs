//! What an update brings besides metadata, worked out once the metadata is verified.

use crate::engine::error::{EngineError, Error};
use crate::list::{Descriptor, Edition, ListId};
use crate::trust::{Client, Source};

use super::choice::Choice;
use super::fetch::Fetch;
use super::live::Live;
use super::pack::{IncomingPack, LivePack};
use super::release::Incoming;

/// Releases and packs that the newest targets name, with the files still missing.
#[derive(Debug)]
pub(super) struct Coming {
    pub(super) releases: Vec<Incoming>,
    pub(super) packs: Vec<IncomingPack>,
}

/// What is known when an update's metadata is verified.
#[derive(Debug, Clone, Copy)]
pub(super) struct Verified<'c> {
    pub(super) client: &'c Client,
    pub(super) choice: &'c Choice,
    /// The live releases and packs: what they have already is not fetched again.
    pub(super) lists: &'c [Live],
    pub(super) packs: &'c [LivePack],
    pub(super) source: Source,
}

impl Coming {
    /// The next file that is missing.
    pub(super) fn next(&self) -> Option<&Fetch> {
        let releases = self.releases.iter().find_map(Incoming::next);
        releases.or_else(|| self.packs.iter().find_map(IncomingPack::next))
    }

    /// Takes the file that [`Coming::next`] names.
    pub(super) fn take(&mut self, bytes: Vec<u8>) -> Result<(), Error> {
        if let Some(file) = self.releases.iter_mut().find_map(Incoming::missing) {
            return file.take(bytes);
        }
        let mut packs = self.packs.iter_mut();
        let pack = packs.find(|pack| pack.next().is_some());
        pack.ok_or(EngineError::NoUpdate)?.take(&bytes)
    }
}

impl Verified<'_> {
    pub(super) fn coming(&self) -> Result<Coming, Error> {
        Ok(Coming {
            releases: self.releases()?,
            packs: self.incoming_packs()?,
        })
    }

    /// The releases that the verified targets name, with the files that are not live yet.
    fn releases(&self) -> Result<Vec<Incoming>, Error> {
        let mut descriptors = Vec::new();
        for (path, target) in self.client.targets() {
            descriptors.extend(self.choice.descriptor(path, target)?);
        }
        let epochs: Vec<_> = descriptors
            .iter()
            .map(|release| (release.header.list.clone(), release.header.epoch))
            .collect();
        self.choice.retain_epochs(&mut descriptors);
        let published = |list: &ListId| {
            let mut descriptors = descriptors.iter();
            descriptors.any(|release| release.header.list == *list)
        };
        // A replay takes what was saved: a list enrolled since shows as missing in each verdict.
        let mut wanted = self.choice.lists.iter().flatten();
        if self.source == Source::Repository && !wanted.all(published) {
            return Err(EngineError::ListMissing.into());
        }
        let mut incoming = Vec::new();
        for descriptor in descriptors {
            let list = &descriptor.header.list;
            let own = epochs.iter().filter(|(other, _)| other == list);
            let newest = own.map(|(_, epoch)| *epoch).max();
            let newest = newest.unwrap_or(descriptor.header.epoch);
            incoming.push(self.release(descriptor, newest)?);
        }
        Ok(incoming)
    }

    fn release(&self, descriptor: Descriptor, newest_epoch: u32) -> Result<Incoming, Error> {
        let mut lists = self.lists.iter();
        let live = lists.find(|live| live.is_release_of(&descriptor.header));
        let rollback = live.is_some_and(|live| {
            let other = live.descriptor != descriptor;
            other && descriptor.header.sequence <= live.descriptor.header.sequence
        });
        if rollback {
            return Err(EngineError::ListRollback.into());
        }
        let mode = self.choice.records;
        Incoming::new(descriptor, newest_epoch, live, self.client, mode)
    }

    /// The packs beside the lists that the gateway takes. A public edition is a filter and nothing
    /// else.
    fn incoming_packs(&self) -> Result<Vec<IncomingPack>, Error> {
        let mut packs = Vec::new();
        if self.choice.edition == Edition::Public {
            return Ok(packs);
        }
        for (path, target) in self.client.targets() {
            let pack = IncomingPack::of(path, target, self.packs, self.client)?;
            packs.extend(pack.filter(|pack| self.choice.takes(&pack.list)));
        }
        Ok(packs)
    }
}
