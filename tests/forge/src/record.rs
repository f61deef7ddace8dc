use std::collections::BTreeMap;

use crate::header::{Header, Part};
use crate::key::Tag;

/// Bytes of one record with its tag, as a publisher writes them.
pub const STRIDE: u16 = 28;

/// What a list says about one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// 1 monitor, 2 review, 3 hold_payout, 4 block.
    pub action: u8,
    /// 1 csae, 2 trafficking, 3 other.
    pub category: u8,
    /// 1 to 999 per mille.
    pub confidence: u16,
    /// Index into the file's sources.
    pub source: u16,
    /// 1 the name and all below it, 2 the name alone.
    pub scope: u8,
    /// Bits 1 mandatory, 2 silent, 4 possibly victim controlled.
    pub flags: u8,
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
            group: 0,
            valid_until: u32::MAX,
        }
    }
}

impl Record {
    /// The 16 bytes after a tag in a records file, or an answer of a stash.
    #[must_use]
    pub fn bytes(&self) -> [u8; 16] {
        let mut out = [0; 16];
        let fields = [
            &[self.action, self.category][..],
            &self.confidence.to_le_bytes(),
            &self.source.to_le_bytes(),
            &[self.scope, self.flags],
            &self.group.to_le_bytes(),
            &self.valid_until.to_le_bytes(),
        ];
        for (to, from) in out.iter_mut().zip(fields.concat()) {
            *to = from;
        }
        out
    }
}

/// A records file (`docs/format.md`, Records). Bytes of a record after the 28th are zero.
#[must_use]
pub fn records(
    header: &Header,
    stride: u16,
    sources: &[String],
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

/// Each after its length.
pub(crate) fn write_sources(sources: &[String], out: &mut Vec<u8>) {
    for source in sources {
        out.push(u8::try_from(source.len()).unwrap_or(u8::MAX));
        out.extend_from_slice(source.as_bytes());
    }
}

pub(crate) fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

pub(crate) fn count_u16(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}
