//! A small release for the room's tests.

use sha2::{Digest, Sha256};

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
    valid_until: Time::from_seconds(u32::MAX),
};

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
    let sources = ["test-source".to_owned()];
    let files = Files {
        filter: encode_filter(header, &tags).unwrap(),
        records: Some(encode_records(header, &sources, records).unwrap()),
        stash: None,
    };
    (Descriptor::of(header, None, &files).unwrap(), files)
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
    let sources = ["stash-source".to_owned()];
    files.stash = Some(encode_stash(&later, &base.base_digest(), &sources, changes).unwrap());
    let from = BaseRelease {
        sequence: 1,
        issued: header().issued,
    };
    (Descriptor::of(&later, Some(from), &files).unwrap(), files)
}

/// Gives changed records the page table and the descriptor that belong to them, so that what is
/// wrong with the records themselves shows.
pub(super) fn reseal(descriptor: &Descriptor, records: &mut [u8]) -> Descriptor {
    let head = usize::try_from(descriptor.records.unwrap().head.length).unwrap();
    let stride = usize::from(u16::from_le_bytes(records[67..69].try_into().unwrap()));
    let page_records = u32::from_le_bytes(records[75..79].try_into().unwrap());
    let page = stride * usize::try_from(page_records).unwrap();
    let table = head - PAGE_LINE * (records.len() - head).div_ceil(page);
    let (table_end, body) = records.split_at_mut(head);
    let lines = table_end[table..].chunks_mut(PAGE_LINE);
    for (line, page) in lines.zip(body.chunks(page)) {
        line[..12].copy_from_slice(&page[..12]);
        line[12..].copy_from_slice(&Sha256::digest(page));
    }
    Descriptor {
        records: Some(RecordsDigest {
            whole: PartDigest::of(records).unwrap(),
            head: PartDigest::of(&records[..head]).unwrap(),
        }),
        ..descriptor.clone()
    }
}

/// The same records in pages of another size, with the descriptor that belongs to them.
pub(super) fn repage(
    descriptor: &Descriptor,
    records: &[u8],
    page_records: u32,
) -> (Descriptor, Vec<u8>) {
    let mut digests = descriptor.records.unwrap();
    let (head, body) = records.split_at(usize::try_from(digests.head.length).unwrap());
    let count = u32::try_from(body.len() / 28).unwrap();
    let pages = |size: u32| usize::try_from(count.div_ceil(size)).unwrap() * PAGE_LINE;
    let mut out = head[..head.len() - pages(2_048)].to_vec();
    out[75..79].copy_from_slice(&page_records.to_le_bytes());
    out.resize(out.len() + pages(page_records), 0);
    digests.head.length = u32::try_from(out.len()).unwrap();
    out.extend_from_slice(body);
    let descriptor = Descriptor {
        records: Some(digests),
        ..descriptor.clone()
    };
    (reseal(&descriptor, &mut out), out)
}

/// A line of the page table.
const PAGE_LINE: usize = 44;
