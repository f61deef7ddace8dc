//! A release that the verified targets name, until all its files are supplied.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use crate::engine::error::{EngineError, Error};
use crate::list::{BlockList, Descriptor, Files, ListError, Part, PartDigest};
use crate::trust::{Client, Target};

use super::fetch::{Fetch, part_name};
use super::live_release::{LiveRelease, NewerEpochs};

/// A release of the newest targets, with the files that must still be supplied.
#[derive(Debug)]
pub(crate) struct PendingRelease {
    descriptor: Descriptor,
    newer: NewerEpochs,
    files: Vec<PendingFile>,
    /// Releases of the same list in other epochs, best first, for a store that lacks these files.
    pub(super) otherwise: VecDeque<Self>,
}

#[derive(Debug)]
pub(crate) struct PendingFile {
    part: Part,
    target: Target,
    fetch: Fetch,
    bytes: Option<Vec<u8>>,
}

impl PendingRelease {
    /// `live` is the live release of the same list and epoch: files it shares are not fetched
    /// again.
    pub(crate) fn new(
        descriptor: Descriptor,
        newer: NewerEpochs,
        live: Option<&LiveRelease>,
        client: &Client,
    ) -> Result<Self, Error> {
        let unchanged = live.is_some_and(|live| live.descriptor == descriptor);
        let same_base = live.is_some_and(|live| live.list.has_base_of(&descriptor));
        let mut files = Vec::new();
        for (part, digest) in descriptor.parts() {
            // Shared parts are checked too: a release becomes live as a whole or not at all.
            let file = PendingFile::new(&descriptor, part, digest, client)?;
            if !unchanged && (part == Part::Stash || !same_base) {
                files.push(file);
            }
        }
        Ok(Self {
            descriptor,
            newer,
            files,
            otherwise: VecDeque::new(),
        })
    }

    /// Becomes the next best release of the same list. Returns whether there is one.
    pub(super) fn fall_back(&mut self) -> bool {
        let Some(next) = self.otherwise.pop_front() else {
            return false;
        };
        let otherwise = core::mem::take(&mut self.otherwise);
        *self = Self { otherwise, ..next };
        true
    }

    /// The next file to supply.
    pub(crate) fn missing(&mut self) -> Option<&mut PendingFile> {
        self.files.iter_mut().find(|file| file.bytes.is_none())
    }

    pub(crate) fn next(&self) -> Option<&Fetch> {
        let missing = self.files.iter().find(|file| file.bytes.is_none());
        missing.map(|file| &file.fetch)
    }

    /// Loads the release from its files and from those it shares with the live one.
    pub(crate) fn load(self, live: &[LiveRelease]) -> Result<LiveRelease, ListError> {
        let descriptor = self.descriptor;
        let (mut filter, mut records, mut stash) = (None, None, None);
        for file in self.files {
            match file.part {
                Part::Filter => filter = file.bytes,
                Part::Records => records = file.bytes,
                Part::Stash => stash = file.bytes,
            }
        }
        let live = live
            .iter()
            .find(|live| live.is_release_of(&descriptor.header));
        let list = match (filter, live) {
            (Some(filter), _) => {
                let files = Files {
                    filter,
                    records,
                    stash,
                };
                BlockList::load(&descriptor, files)?
            }
            (None, Some(live)) if live.descriptor == descriptor => live.list.clone(),
            (None, Some(live)) => live.list.update(&descriptor, stash)?,
            (None, None) => return Err(ListError::PartMissing),
        };
        Ok(LiveRelease {
            path: descriptor.header.part_path(Part::Filter),
            descriptor,
            list,
            newer: self.newer,
        })
    }
}

impl PendingFile {
    fn new(
        descriptor: &Descriptor,
        part: Part,
        digest: PartDigest,
        client: &Client,
    ) -> Result<Self, Error> {
        let path = descriptor.header.part_path(part);
        let mut targets = client.targets();
        let target = targets.find(|(other, _)| **other == path);
        let (_, target) = target.ok_or(EngineError::PartMismatch)?;
        if descriptor.part_of(&path, target.length, target.sha256) != Some(part) {
            return Err(EngineError::PartMismatch.into());
        }
        Ok(Self {
            part,
            target: target.clone(),
            fetch: Fetch {
                name: part_name(&descriptor.header, part),
                path: target.path(&path, client.consistent_snapshot()),
                max_size: digest.length,
            },
            bytes: None,
        })
    }

    pub(crate) fn take(&mut self, bytes: Vec<u8>) -> Result<(), Error> {
        self.target.verify(&bytes)?;
        self.bytes = Some(bytes);
        Ok(())
    }
}
