//! The files of one release of one epoch: a new base, or a stash on the published base.

use std::collections::BTreeSet;

use interdict_core::common::time::Time;
use interdict_core::list::{
    BaseRelease, Descriptor, Edition, Files, Header, Kinds, ListError, ListId, Part, PartDigest,
    Provenance, Record, Source, encode_filter, encode_records, encode_stash,
};
use interdict_core::token::{ListKey, Tag};

use super::content::Content;
use super::stash::difference;
use crate::error::{PublisherError, Result};
use crate::keys::{Decoys, capacity};
use crate::release::repository::Base;
use crate::release::statement::Statement;

/// What the files of one release are made of.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) list: &'a ListId,
    pub(crate) epoch: u32,
    pub(crate) sequence: u64,
    pub(crate) issued: Time,
    pub(crate) rate: u8,
    /// The head of the register's history that this release is made from.
    pub(crate) history: [u8; 32],
    /// The kinds that the list declares, whatever is on it.
    pub(crate) kinds: Kinds,
    /// When the epoch starts.
    pub(crate) epoch_start: Time,
    /// The day from which the list is published in a later format alone.
    pub(crate) ends: Option<Time>,
    pub(crate) key: &'a ListKey,
    pub(crate) decoys: &'a Decoys,
}

/// One edition and epoch of one list, ready to be signed.
#[derive(Debug)]
pub(crate) struct Build {
    pub(crate) descriptor: Descriptor,
    pub(crate) files: Files,
    /// Changes since the base; `None` for a new base.
    pub(crate) changes: Option<usize>,
}

/// The files of one edition and epoch, as they are signed and written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EditionFiles<'a> {
    pub(crate) descriptor: &'a Descriptor,
    pub(crate) files: &'a Files,
}

impl Plan<'_> {
    /// What the list says, by tag.
    pub(crate) fn keyed<'c>(&self, content: &'c Content) -> Vec<(Tag, &'c Statement)> {
        let named = content.all().map(|(identifier, statement)| {
            let tag = self.key.tag(identifier.kind(), identifier.canonical());
            (tag, statement)
        });
        let unnamed = content.unnamed.get(&self.epoch).into_iter().flatten();
        named
            .chain(unnamed.map(|(tag, statement)| (*tag, statement)))
            .collect()
    }

    /// The header of a new base, whose filter is sized for so many entries.
    pub(super) fn header(&self, edition: Edition, rate: u8, entries: usize) -> Result<Header> {
        Ok(Header {
            list: self.list.clone(),
            edition,
            epoch: self.epoch,
            sequence: self.sequence,
            issued: self.issued,
            entries: u32::try_from(entries).map_err(|_| PublisherError::Exhausted)?,
            rate,
            kinds: self.kinds,
            key_id: self.key.id(),
        })
    }

    pub(super) const fn provenance(&self, base: Option<BaseRelease>) -> Provenance {
        Provenance {
            epoch_start: self.epoch_start,
            history: self.history,
            ends: self.ends,
            base,
        }
    }

    /// A new base: filter and records of everything the list says.
    pub(crate) fn base(&self, content: &Content) -> Result<Build> {
        let refused = PublisherError::in_list(self.list);
        let keyed = self.keyed(content);
        let (sources, records) = indexed(&keyed).map_err(refused)?;
        let entries = capacity(records.len()).ok_or(PublisherError::Exhausted)?;
        let header = self.header(Edition::Member, self.rate, entries)?;
        let mut tags: Vec<Tag> = records.iter().map(|(tag, _)| *tag).collect();
        let decoys = entries.saturating_sub(tags.len());
        tags.extend(self.decoys.tags(self.list.as_str(), self.epoch, decoys));
        let files = Files {
            filter: encode_filter(&header, &tags).map_err(refused)?,
            records: Some(encode_records(&header, &sources, &records).map_err(refused)?),
            stash: None,
        };
        let descriptor = Descriptor::of(&header, self.provenance(None), &files).map_err(refused)?;
        Ok(Build {
            descriptor,
            files,
            changes: None,
        })
    }

    /// A stash that makes of the base what the list says; `None` if the base cannot be changed so,
    /// or so much that a new one costs gateways less.
    pub(crate) fn stash(&self, base: &Base, content: &Content) -> Result<Option<Build>> {
        let release = &base.header;
        let of_this = (release.rate, release.key_id, release.kinds);
        if of_this != (self.rate, self.key.id(), self.kinds) {
            return Ok(None);
        }
        let keyed = self.keyed(content);
        let Some(changes) = difference(base, &keyed, self.issued) else {
            return Ok(None);
        };
        let refused = PublisherError::in_list(self.list);
        let listed: Vec<_> = changes
            .iter()
            .filter_map(|(tag, statement)| Some((*tag, (*statement)?)))
            .collect();
        let (sources, records) = indexed(&listed).map_err(refused)?;
        let removed = changes.iter().filter(|(_, statement)| statement.is_none());
        let changes: Vec<(Tag, Option<Record>)> = records
            .into_iter()
            .map(|(tag, record)| (tag, Some(record)))
            .chain(removed.map(|(tag, _)| (*tag, None)))
            .collect();
        let header = Header {
            sequence: self.sequence,
            issued: self.issued,
            ..release.clone()
        };
        let stash = encode_stash(&header, &base.digest, &sources, &changes).map_err(refused)?;
        let files = Files {
            stash: Some(stash),
            ..base.files.clone()
        };
        let since = BaseRelease {
            sequence: release.sequence,
            issued: release.issued,
        };
        let descriptor =
            Descriptor::of(&header, self.provenance(Some(since)), &files).map_err(refused)?;
        Ok(Some(Build {
            descriptor,
            files,
            changes: Some(changes.len()),
        }))
    }
}

impl<'a> EditionFiles<'a> {
    /// The files with their digests, filter first.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (Part, PartDigest, &'a [u8])> + use<'a> {
        let files = self.files;
        self.descriptor.parts().map(move |(part, digest)| {
            let bytes = match part {
                Part::Filter => Some(&files.filter),
                Part::Records => files.records.as_ref(),
                Part::Stash => files.stash.as_ref(),
            };
            (part, digest, bytes.map(Vec::as_slice).unwrap_or_default())
        })
    }

    /// The target path of a part.
    pub(crate) fn path(&self, part: Part) -> String {
        self.descriptor.header.part_path(part)
    }

    /// Bytes of all files, for whoever has none of them.
    pub(crate) fn bytes(&self) -> u64 {
        let parts = self.descriptor.parts();
        parts.map(|(_, digest)| u64::from(digest.length)).sum()
    }

    /// Bytes of the files that are new, for whoever has the release before.
    pub(crate) fn new_bytes(&self) -> u64 {
        self.descriptor
            .stash
            .map_or_else(|| self.bytes(), |stash| u64::from(stash.length))
    }
}

impl Build {
    pub(crate) const fn header(&self) -> &Header {
        &self.descriptor.header
    }

    pub(crate) const fn edition(&self) -> EditionFiles<'_> {
        EditionFiles {
            descriptor: &self.descriptor,
            files: &self.files,
        }
    }
}

type Indexed = (Vec<Source>, Vec<(Tag, Record)>);

/// The sources, sorted, so that the same register gives the same bytes, and records that point into
/// them.
fn indexed(keyed: &[(Tag, &Statement)]) -> Result<Indexed, ListError> {
    let sources: BTreeSet<&Source> = keyed
        .iter()
        .map(|(_, statement)| statement.source.as_ref())
        .collect();
    let sources: Vec<Source> = sources.into_iter().cloned().collect();
    let records = keyed.iter().map(|(tag, statement)| {
        let index = sources.binary_search(&statement.source).ok();
        let source = index.and_then(|index| u16::try_from(index).ok());
        let record = Record {
            source: source.ok_or(ListError::RecordField)?,
            ..statement.record
        };
        Ok((*tag, record))
    });
    let records = records.collect::<Result<_, _>>()?;
    Ok((sources, records))
}
