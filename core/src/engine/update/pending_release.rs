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
    /// Whether files that are not asked for lie with the host, and not in a live release.
    is_saved: bool,
    /// Releases of the same list in other epochs, best first, for a store that lacks these files.
    pub(super) otherwise: VecDeque<Self>,
}

#[derive(Debug)]
pub(crate) struct PendingFile {
    part: Part,
    target: Target,
    fetch: Fetch,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Missing,
    Bytes(Vec<u8>),
    /// The host has it, and did not hand it over.
    Saved,
}

/// A release with all its files.
#[derive(Debug)]
pub(crate) enum WholeRelease {
    Live(LiveRelease),
    /// The host has files that it did not hand over.
    Saved(Descriptor),
}

impl PendingRelease {
    /// `live` is the live release of the same list and epoch, `saved` the one that the host has saved: files
    /// they share are not fetched again.
    pub(crate) fn new(
        descriptor: Descriptor,
        newer: NewerEpochs,
        live: Option<&LiveRelease>,
        saved: Option<&Descriptor>,
        client: &Client,
    ) -> Result<Self, Error> {
        let known = live.map(|live| &live.descriptor).or(saved);
        let unchanged = known.is_some_and(|known| *known == descriptor);
        let same_base = known.is_some_and(|known| known.has_base_of(&descriptor));
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
            is_saved: live.is_none() && same_base,
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
        self.files.iter_mut().find(|file| file.is_missing())
    }

    pub(crate) fn next(&self) -> Option<&Fetch> {
        let missing = self.files.iter().find(|file| file.is_missing());
        missing.map(|file| &file.fetch)
    }

    /// Loads the release from its files and from those it shares with the live one, unless the host has
    /// kept one of them.
    pub(crate) fn load(self, live: &[LiveRelease]) -> Result<WholeRelease, ListError> {
        let descriptor = self.descriptor;
        let (mut filter, mut records, mut stash) = (None, None, None);
        let mut is_saved = self.is_saved;
        for file in self.files {
            let bytes = match file.content {
                Content::Bytes(bytes) => Some(bytes),
                Content::Missing => None,
                Content::Saved => {
                    is_saved = true;
                    None
                }
            };
            match file.part {
                Part::Filter => filter = bytes,
                Part::Records => records = bytes,
                Part::Stash => stash = bytes,
            }
        }
        if is_saved {
            return Ok(WholeRelease::Saved(descriptor));
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
        Ok(WholeRelease::Live(LiveRelease {
            path: descriptor.header.part_path(Part::Filter),
            descriptor,
            list,
            newer: self.newer,
        }))
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
            content: Content::Missing,
        })
    }

    const fn is_missing(&self) -> bool {
        matches!(self.content, Content::Missing)
    }

    /// Goes on without the bytes, which the host has saved.
    pub(crate) fn leave(&mut self) {
        self.content = Content::Saved;
    }

    pub(crate) fn take(&mut self, bytes: Vec<u8>) -> Result<(), Error> {
        self.target.verify(&bytes)?;
        self.content = Content::Bytes(bytes);
        Ok(())
    }
}
