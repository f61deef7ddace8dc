use std::collections::BTreeMap;

use crate::header::{Header, Part};
use crate::key::Tag;
use crate::text::sha256;

/// Records in each page but the last, as a publisher writes them.
pub const PAGE_RECORDS: u32 = 2_048;

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

/// How the records of a file are laid out.
#[derive(Debug, Clone, Copy)]
pub struct Pages {
    /// The size of one record with its tag. Bytes after the 28th are zero.
    pub stride: u16,
    /// Records of each page but the last.
    pub records: u32,
}

impl Default for Pages {
    fn default() -> Self {
        Self {
            stride: 28,
            records: PAGE_RECORDS,
        }
    }
}

/// A records file (`docs/format.md`, Records).
#[must_use]
pub fn records(
    header: &Header,
    pages: Pages,
    sources: &[String],
    records: &BTreeMap<Tag, Record>,
) -> Vec<u8> {
    let mut body = Vec::new();
    for (tag, record) in records {
        let end = body.len() + usize::from(pages.stride);
        body.extend_from_slice(&tag.0);
        body.extend_from_slice(&record.bytes());
        body.resize(end, 0);
    }
    let mut out = header.bytes(Part::Records);
    out.extend_from_slice(&pages.stride.to_le_bytes());
    out.extend_from_slice(&count_u16(sources.len()).to_le_bytes());
    out.extend_from_slice(&count(records.len()).to_le_bytes());
    out.extend_from_slice(&pages.records.to_le_bytes());
    write_sources(sources, &mut out);
    let page = usize::from(pages.stride) * usize::try_from(pages.records).unwrap_or(1);
    for page in body.chunks(page.max(1)) {
        out.extend_from_slice(page.get(..12).unwrap_or(page));
        out.extend_from_slice(&sha256(page));
    }
    out.extend_from_slice(&body);
    out
}

/// The size of everything in front of the first record; `None` for bytes that are no records file.
pub(crate) fn head_size(file: &[u8]) -> Option<usize> {
    let size = |at: usize| {
        let bytes = file.get(at..at.checked_add(4)?)?;
        usize::try_from(u32::from_le_bytes(bytes.try_into().ok()?)).ok()
    };
    let header = size(20)?;
    let sources = file.get(header.checked_add(2)?..header.checked_add(4)?)?;
    let sources = u16::from_le_bytes(sources.try_into().ok()?);
    let records = size(header.checked_add(4)?)?;
    let pages = records.checked_div(size(header.checked_add(8)?)?)?;
    let pages = pages + usize::from(!records.is_multiple_of(size(header + 8)?));
    let mut end = header.checked_add(12)?;
    for _ in 0..sources {
        end = end.checked_add(1 + usize::from(*file.get(end)?))?;
    }
    end.checked_add(pages.checked_mul(44)?)
        .filter(|end| *end <= file.len())
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
