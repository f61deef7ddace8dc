//! A small release for the room's tests.

use sha2::{Digest, Sha256};

use super::*;
use crate::identifier::{Identifier, Kind};
use crate::time::Time;
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
    key().token(Kind::Domain, domain(name).canonical()).tag()
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
    let filter = encode_filter(header, &tags).unwrap();
    let records = encode_records(header, &["test-source".to_owned()], records).unwrap();
    (
        describe(header, &filter, Some(&records)),
        Files {
            filter,
            records: Some(records),
        },
    )
}

pub(super) fn describe(header: &Header, filter: &[u8], records: Option<&[u8]>) -> Descriptor {
    let digest = |bytes: &[u8]| PartDigest {
        length: u32::try_from(bytes.len()).unwrap(),
        sha256: Sha256::digest(bytes).into(),
    };
    Descriptor {
        header: header.clone(),
        filter: digest(filter),
        records: records.map(digest),
    }
}
