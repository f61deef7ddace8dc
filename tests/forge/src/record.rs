use std::collections::BTreeMap;

use crate::header::{Header, Part};
use crate::key::Tag;

/// Bytes of one record with its tag, as a publisher writes them.
pub const STRIDE: u16 = 29;

/// Who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// `COALITION.NAME`.
    pub id: String,
    /// The party's one name in every coalition.
    pub origin: String,
}

impl Source {
    /// A source of a list's own coalition that has one name everywhere.
    #[must_use]
    pub fn new(list: &str, name: &str) -> Self {
        let (coalition, _) = list.split_once('/').unwrap_or((list, ""));
        Self {
            id: format!("{coalition}.{name}"),
            origin: name.to_owned(),
        }
    }
}

/// What a list says about one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// 1 monitor, 2 review, 3 hold_payout, 4 block.
    pub action: u8,
    /// 1 csae, 2 trafficking, 3 other, 4 test.
    pub category: u8,
    /// 1 to 999 per mille.
    pub confidence: u16,
    /// Index into the file's sources.
    pub source: u16,
    /// 1 the name and all below it, 2 the name alone.
    pub scope: u8,
    /// Bits 1 mandatory, 2 silent, 4 possibly victim controlled.
    pub flags: u8,
    /// 1 clear, 2 green, 3 amber, 4 amber+strict, 5 red.
    pub handling: u8,
    /// 0: none.
    pub group: u32,
    /// Seconds since 1970; 2^32 - 1: no end.
    pub valid_until: u32,
}

impl Default for Record {
    /// Blocks, without end, at 990 per mille.
    fn default() -> Self {
        Self {
            action: 4,
            category: 1,
            confidence: 990,
            source: 0,
            scope: 1,
            flags: 0,
            handling: 3,
            group: 0,
            valid_until: u32::MAX,
        }
    }
}

impl Record {
    /// The 17 bytes after a tag in a records file, or an answer of a stash.
    #[must_use]
    pub fn bytes(&self) -> [u8; 17] {
        let mut out = [0; 17];
        let fields = [
            &[self.action, self.category][..],
            &self.confidence.to_le_bytes(),
            &self.source.to_le_bytes(),
            &[self.scope, self.flags, self.handling],
            &self.group.to_le_bytes(),
            &self.valid_until.to_le_bytes(),
        ];
        for (to, from) in out.iter_mut().zip(fields.concat()) {
            *to = from;
        }
        out
    }
}

/// A records file (`docs/format.md`, Records). Bytes of a record after the 29th are zero.
#[must_use]
pub fn records(
    header: &Header,
    stride: u16,
    sources: &[Source],
    records: &BTreeMap<Tag, Record>,
) -> Vec<u8> {
    let mut body = Vec::new();
    for (tag, record) in records {
        let end = body.len() + usize::from(stride);
        body.extend_from_slice(&tag.0);
        body.extend_from_slice(&record.bytes());
        body.resize(end, 0);
    }
    let mut out = header.bytes(Part::Records);
    out.extend_from_slice(&stride.to_le_bytes());
    out.extend_from_slice(&count_u16(sources.len()).to_le_bytes());
    out.extend_from_slice(&count(records.len()).to_le_bytes());
    write_sources(sources, &mut out);
    out.extend_from_slice(&body);
    out
}

/// Id and origin, each after its length.
pub(crate) fn write_sources(sources: &[Source], out: &mut Vec<u8>) {
    for text in sources
        .iter()
        .flat_map(|source| [&source.id, &source.origin])
    {
        out.push(u8::try_from(text.len()).unwrap_or(u8::MAX));
        out.extend_from_slice(text.as_bytes());
    }
}

pub(crate) fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

pub(crate) fn count_u16(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}
