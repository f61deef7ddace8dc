use std::collections::{BTreeMap, BTreeSet};

use crate::header::{Header, Part};
use crate::key::Tag;
use crate::record::{Record, Source, count, count_u16, write_sources};
use crate::text::sha256;

/// The digest by which a stash names its base: of the filter's digest and, if there are records, of theirs.
#[must_use]
pub fn base_digest(filter: &[u8], records: Option<&[u8]>) -> [u8; 32] {
    let records = records.map(sha256);
    sha256(
        &[
            &sha256(filter)[..],
            records.as_ref().map_or(&[], |digest| digest),
        ]
        .concat(),
    )
}

/// A stash file (`docs/format.md`, Stash): each changed tag with its new record, or `None` if it was
/// removed. That of a compact list (edition 3) has no answers: 1 stands for any record.
#[must_use]
pub fn stash(
    header: &Header,
    base: &[u8; 32],
    sources: &[Source],
    changes: &BTreeMap<Tag, Option<Record>>,
) -> Vec<u8> {
    if header.edition == 3 {
        return compact(header, base, changes);
    }
    let answers: BTreeSet<[u8; 17]> = changes.values().flatten().map(Record::bytes).collect();
    let mut out = header.bytes(Part::Stash);
    out.extend_from_slice(base);
    out.extend_from_slice(&17_u16.to_le_bytes());
    out.extend_from_slice(&count_u16(sources.len()).to_le_bytes());
    out.extend_from_slice(&count_u16(answers.len()).to_le_bytes());
    out.extend_from_slice(&count(changes.len()).to_le_bytes());
    write_sources(sources, &mut out);
    for answer in &answers {
        out.extend_from_slice(answer);
    }
    let numbers: BTreeMap<_, _> = answers.iter().zip(1_u16..).collect();
    for (tag, record) in changes {
        let number = record.and_then(|record| numbers.get(&record.bytes()).copied());
        out.extend_from_slice(&tag.0);
        out.extend_from_slice(&number.unwrap_or(0).to_le_bytes());
    }
    out
}

fn compact(header: &Header, base: &[u8; 32], changes: &BTreeMap<Tag, Option<Record>>) -> Vec<u8> {
    let mut out = header.bytes(Part::Stash);
    out.extend_from_slice(base);
    out.extend_from_slice(&[0; 6]);
    out.extend_from_slice(&count(changes.len()).to_le_bytes());
    for (tag, record) in changes {
        out.extend_from_slice(&tag.0);
        out.extend_from_slice(&u16::from(record.is_some()).to_le_bytes());
    }
    out
}
