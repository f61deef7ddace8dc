//! A small release for the room's tests.

use super::*;
use crate::common::time::Time;
use crate::identifier::{Identifier, Kind};
use crate::token::{ListKey, Tag};

pub(super) fn key() -> ListKey {
    ListKey::new([1; 32])
}

pub(super) fn header() -> Header {
    Header {
        list: ListId::parse("se/cards").unwrap(),
        edition: Edition::Member,
        epoch: 1,
        sequence: 1,
        issued: Time::parse("2026-11-22T00:00:00Z").unwrap(),
        entries: MIN_ENTRIES,
        rate: 14,
        kinds: Kinds::of([Kind::Domain, Kind::Iban]),
        key_id: key().id(),
    }
}

pub(super) fn domain(name: &str) -> Identifier {
    Identifier::parse(Kind::Domain, name).unwrap()
}

pub(super) fn tag(name: &str) -> Tag {
    key().tag(Kind::Domain, domain(name).canonical())
}

pub(super) const RECORD: Record = Record {
    action: Action::Block,
    category: Category::Csae,
    confidence: 990,
    source: 0,
    group: 0,
    scope: Scope::Domain,
    flags: Flags(0),
    handling: Handling::Amber,
    valid_until: Time::from_seconds(u32::MAX),
};

/// Of a first release.
pub(super) const FIRST: Provenance = Provenance {
    epoch_start: Time::from_seconds(1_790_812_800),
    history: [0; 32],
    ends: None,
    base: None,
};

/// A source of the list of [`header`] that has one name everywhere.
pub(super) fn source(name: &str) -> Source {
    Source::new(&header().list, name, name).unwrap()
}

/// Tags that stand for nothing, `count` of them.
pub(super) fn padding(count: u32) -> Vec<Tag> {
    let mut stream = blake3::Hasher::new().finalize_xof();
    (0..count)
        .map(|_| {
            let mut tag = Tag([0; 12]);
            stream.fill(&mut tag.0);
            tag
        })
        .collect()
}

pub(super) fn release(header: &Header, records: &[(Tag, Record)]) -> (Descriptor, Files) {
    let mut tags: Vec<Tag> = records.iter().map(|(tag, _)| *tag).collect();
    tags.extend(padding(header.entries - u32::try_from(tags.len()).unwrap()));
    let sources = [source("test-source")];
    let files = Files {
        filter: encode_filter(header, &tags).unwrap(),
        records: Some(encode_records(header, &sources, records).unwrap()),
        stash: None,
    };
    (Descriptor::of(header, FIRST, &files).unwrap(), files)
}

/// Of a release on the base of [`header`].
pub(super) fn after_first() -> Provenance {
    Provenance {
        base: Some(BaseRelease {
            sequence: 1,
            issued: header().issued,
        }),
        ..FIRST
    }
}

/// A release of sequence 2 that changes one of sequence 1 by a stash.
pub(super) fn stashed(
    listed: &[(Tag, Record)],
    changes: &[(Tag, Option<Record>)],
) -> (Descriptor, Files) {
    let (base, mut files) = release(&header(), listed);
    let later = Header {
        sequence: 2,
        ..header()
    };
    let sources = [source("stash-source")];
    files.stash = Some(encode_stash(&later, &base.base_digest(), &sources, changes).unwrap());
    (
        Descriptor::of(&later, after_first(), &files).unwrap(),
        files,
    )
}

pub(super) fn public_header(rate: u8) -> Header {
    Header {
        edition: Edition::Public,
        rate,
        kinds: Kinds::of([Kind::Domain]),
        ..header()
    }
}

/// Tags that must not be hit, as those of public suffixes.
pub(super) fn never_listed() -> Vec<Tag> {
    padding(MIN_ENTRIES * 2).split_off(10_000)
}

/// A public filter of `shop.example`, and exceptions.
pub(super) fn public_release(rate: u8) -> (Descriptor, Files) {
    let header = public_header(rate);
    let mut tags = vec![tag("shop.example")];
    tags.extend(padding(MIN_ENTRIES - 1));
    let files = Files {
        filter: encode_filter_without(&header, &tags, &never_listed()).unwrap(),
        ..Files::default()
    };
    let descriptor = Descriptor::of_public(&header, FIRST, [7; 32], &files).unwrap();
    (descriptor, files)
}

/// The descriptor that belongs to changed records, so that what is wrong with the records themselves
/// shows.
pub(super) fn reseal(descriptor: &Descriptor, records: &[u8]) -> Descriptor {
    Descriptor {
        records: Some(PartDigest::of(records).unwrap()),
        ..descriptor.clone()
    }
}
