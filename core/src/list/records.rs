use crate::bytes::Reader;
use crate::time::Time;
use crate::token::Tag;

use super::record::{Action, Category, Flags, Record, Scope};
use super::{Header, ListError, Part};

/// Bytes of one record as this version writes it; a newer one may append fields to each.
const STRIDE: u16 = 28;

const LAYOUT: ListError = ListError::Layout(Part::Records);

/// The exact part of a list, kept as the file's own bytes.
///
/// ```text
/// struct Records {                 // follows the Header
///     u16 stride;                  // bytes of one record, 28 or more
///     u16 source_count;
///     u32 record_count;
///     struct { u8 size; u8 id[size]; } sources[source_count];
///     struct {
///         u8  tag[12];             // strictly ascending
///         u8  action;              // 1 monitor, 2 review, 3 hold_payout, 4 block; other: review
///         u8  category;            // 1 csae, 2 trafficking, 3 other; other: unspecified
///         u16 confidence;          // 1 to 999 per mille
///         u16 source;              // index into sources
///         u8  scope;               // 1 domain, 2 host
///         u8  flags;               // 1 mandatory, 2 silent, 4 possibly victim controlled
///         u32 group;               // 0: none
///         u32 valid_until;         // seconds since 1970; 2^32 - 1: no end
///         u8  newer[stride - 28];
///     } records[record_count];
/// }                                // and nothing after it
/// ```
#[derive(Debug)]
pub(super) struct Records {
    file: Vec<u8>,
    start: usize,
    stride: usize,
    sources: Vec<String>,
}

impl Records {
    /// Reads and checks a records file against the header the descriptor promised.
    pub(super) fn decode(file: Vec<u8>, expected: &Header) -> Result<Self, ListError> {
        let (header, body) = Header::decode(Part::Records, &file)?;
        if header != *expected {
            return Err(ListError::HeaderMismatch(Part::Records));
        }
        let mut reader = Reader(file.get(body..).ok_or(LAYOUT)?);
        let stride = reader
            .u16()
            .filter(|stride| *stride >= STRIDE)
            .ok_or(LAYOUT)?;
        let source_count = reader.u16().ok_or(LAYOUT)?;
        let record_count = reader.u32().ok_or(LAYOUT)?;
        let mut sources = Vec::new();
        for _ in 0..source_count {
            let size = usize::from(reader.u8().ok_or(LAYOUT)?);
            let id = core::str::from_utf8(reader.take(size).ok_or(LAYOUT)?).map_err(|_| LAYOUT)?;
            sources.push(if is_source_id(id) {
                Ok(id.to_owned())
            } else {
                Err(LAYOUT)
            }?);
        }
        let left = u64::try_from(reader.0.len()).map_err(|_| LAYOUT)?;
        if u64::from(record_count).checked_mul(u64::from(stride)) != Some(left)
            || record_count > expected.entries
        {
            return Err(LAYOUT);
        }
        let start = file.len().checked_sub(reader.0.len()).ok_or(LAYOUT)?;
        let records = Self {
            start,
            stride: usize::from(stride),
            sources,
            file,
        };
        records.check()?;
        Ok(records)
    }

    fn check(&self) -> Result<(), ListError> {
        let mut previous: Option<Tag> = None;
        for (tag, record) in self.iter() {
            let record = record.ok_or(ListError::RecordField)?;
            if previous.is_some_and(|previous| previous >= tag) {
                return Err(ListError::RecordOrder);
            }
            if usize::from(record.source) >= self.sources.len() {
                return Err(ListError::RecordField);
            }
            previous = Some(tag);
        }
        Ok(())
    }

    /// The record of a tag, by binary search.
    pub(super) fn get(&self, tag: Tag) -> Option<Record> {
        let body = self.file.get(self.start..)?;
        let (mut low, mut high) = (0, body.len().checked_div(self.stride)?);
        while low < high {
            let middle = low.midpoint(high);
            let offset = middle.checked_mul(self.stride)?;
            let (found, fields) = split(body.get(offset..)?)?;
            match found.cmp(&tag) {
                core::cmp::Ordering::Less => low = middle.checked_add(1)?,
                core::cmp::Ordering::Greater => high = middle,
                core::cmp::Ordering::Equal => return decode_record(fields),
            }
        }
        None
    }

    /// All tags with their records, ascending; `None` for a record with a field out of range.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Tag, Option<Record>)> {
        let body = self.file.get(self.start..).unwrap_or_default();
        body.chunks_exact(self.stride)
            .filter_map(split)
            .map(|(tag, fields)| (tag, decode_record(fields)))
    }

    pub(super) fn source(&self, index: u16) -> Option<&str> {
        self.sources.get(usize::from(index)).map(String::as_str)
    }
}

/// 1 to 40 lower-case letters, digits, dots and hyphens. Source ids are the same in every
/// coalition, so that two lists repeating one source count once.
#[must_use]
pub fn is_source_id(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-')
}

fn split(record: &[u8]) -> Option<(Tag, &[u8])> {
    let (tag, fields) = record.split_first_chunk()?;
    Some((Tag(*tag), fields))
}

fn decode_record(fields: &[u8]) -> Option<Record> {
    let mut reader = Reader(fields);
    let record = Record {
        action: Action::from_code(reader.u8()?),
        category: Category::from_code(reader.u8()?),
        confidence: reader
            .u16()
            .filter(|confidence| (1..=999).contains(confidence))?,
        source: reader.u16()?,
        scope: Scope::from_code(reader.u8()?)?,
        flags: Flags(reader.u8()?),
        group: reader.u32()?,
        valid_until: Time::from_seconds(reader.u32()?),
    };
    record.flags.is_known().then_some(record)
}

/// Writes a records file. `records` may come in any order.
///
/// # Errors
/// [`ListError::RecordOrder`] for a tag given twice, [`ListError::RecordField`] for a field out of
/// range, [`ListError::EntryCount`] for more records than `header` says.
pub fn encode_records(
    header: &Header,
    sources: &[String],
    records: &[(Tag, Record)],
) -> Result<Vec<u8>, ListError> {
    header.check()?;
    let count = u32::try_from(records.len()).map_err(|_| ListError::EntryCount)?;
    if count > header.entries {
        return Err(ListError::EntryCount);
    }
    let mut sorted: Vec<_> = records.iter().collect();
    sorted.sort_by_key(|(tag, _)| *tag);
    let mut out = header.encode(Part::Records);
    out.extend_from_slice(&STRIDE.to_le_bytes());
    let source_count = u16::try_from(sources.len()).map_err(|_| ListError::RecordField)?;
    out.extend_from_slice(&source_count.to_le_bytes());
    out.extend_from_slice(&count.to_le_bytes());
    for source in sources {
        let size = u8::try_from(source.len()).map_err(|_| ListError::RecordField)?;
        out.push(size);
        out.extend_from_slice(source.as_bytes());
    }
    for (tag, record) in sorted {
        out.extend_from_slice(&tag.0);
        out.push(record.action.code());
        out.push(record.category.code());
        out.extend_from_slice(&record.confidence.to_le_bytes());
        out.extend_from_slice(&record.source.to_le_bytes());
        out.push(record.scope.code());
        out.push(record.flags.0);
        out.extend_from_slice(&record.group.to_le_bytes());
        out.extend_from_slice(&record.valid_until.seconds().to_le_bytes());
    }
    // What a reader would refuse is refused here.
    Records::decode(out.clone(), header)?;
    Ok(out)
}
