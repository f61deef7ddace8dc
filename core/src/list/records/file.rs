use alloc::vec::Vec;

use crate::common::bytes::Reader;
use crate::list::error::ListError;
use crate::list::header::Header;
use crate::list::part::Part;
use crate::list::record::{Category, Record};
use crate::list::sorted::{search, split};
use crate::list::sources::Sources;
use crate::token::Tag;

/// Bytes of a record with its tag, as this version writes them. Newer versions may append fields.
pub(super) const STRIDE: u16 = 29;

const LAYOUT: ListError = ListError::Layout(Part::Records);

/// The records of a list.
///
/// ```text
/// struct Records {                 // follows the Header
///     u16 stride;                  // bytes of one record with its tag, 29 or more
///     u16 source_count;
///     u32 record_count;            // at most `entries`
///     Source sources[source_count];
///     struct {
///         u8  tag[12];             // strictly ascending
///         Record record;
///         u8  newer[stride - 29];
///     } records[record_count];
/// };                               // and nothing after it
/// ```
#[derive(Debug)]
pub(in crate::list) struct Records {
    file: Vec<u8>,
    /// Offset of the first record.
    start: usize,
    stride: usize,
    count: usize,
    /// How many of them are test entries.
    tests: usize,
    sources: Sources,
}

impl Records {
    /// Reads a records file. Its header must be the `expected` one.
    pub(in crate::list) fn decode(file: Vec<u8>, expected: &Header) -> Result<Self, ListError> {
        let (header, body) = Header::decode(Part::Records, &file)?;
        if header != *expected {
            return Err(ListError::HeaderMismatch(Part::Records));
        }
        let mut reader = Reader(file.get(body..).ok_or(LAYOUT)?);
        let stride = usize::from(reader.u16().ok_or(LAYOUT)?);
        let source_count = reader.u16().ok_or(LAYOUT)?;
        let record_count = reader.u32().ok_or(LAYOUT)?;
        let sources = Sources::decode(&mut reader, source_count, &header.list, LAYOUT)?;
        let count = usize::try_from(record_count).map_err(|_| LAYOUT)?;
        let size = stride.checked_mul(count);
        if stride < usize::from(STRIDE)
            || record_count > expected.entries
            || size != Some(reader.0.len())
        {
            return Err(LAYOUT);
        }
        let mut records = Self {
            start: file.len().checked_sub(reader.0.len()).ok_or(LAYOUT)?,
            file,
            stride,
            count,
            tests: 0,
            sources,
        };
        records.tests = records.check()?;
        Ok(records)
    }

    /// Checks order and fields of the records, and counts the test entries among them.
    fn check(&self) -> Result<usize, ListError> {
        if !self.tags().is_sorted_by(|one, next| one < next) {
            return Err(ListError::RecordOrder);
        }
        let mut tests = 0_usize;
        for entry in self.body().chunks_exact(self.stride) {
            let (_, fields) = split(entry).ok_or(LAYOUT)?;
            let record = Record::load(fields, &self.sources, ListError::RecordField)?;
            tests = tests.saturating_add(usize::from(record.category == Category::Test));
        }
        Ok(tests)
    }

    fn body(&self) -> &[u8] {
        self.file.get(self.start..).unwrap_or_default()
    }

    /// The record of a tag.
    pub(in crate::list) fn get(&self, tag: Tag) -> Option<Record> {
        search(self.body(), self.stride, tag).and_then(Record::decode)
    }

    /// All tags, ascending.
    pub(in crate::list) fn tags(&self) -> impl Iterator<Item = Tag> + Clone {
        let entries = self.body().chunks_exact(self.stride);
        entries.filter_map(|entry| split(entry).map(|(tag, _)| tag))
    }

    /// Every record, ascending by tag.
    pub(super) fn entries(&self) -> impl Iterator<Item = (Tag, Record)> {
        self.body().chunks_exact(self.stride).filter_map(|entry| {
            let (tag, fields) = split(entry)?;
            Some((tag, Record::decode(fields)?))
        })
    }

    pub(super) fn into_file(self) -> Vec<u8> {
        self.file
    }

    /// How many merchants are listed: all records but the test entries.
    pub(in crate::list) const fn count(&self) -> usize {
        self.count.saturating_sub(self.tests)
    }

    pub(in crate::list) const fn sources(&self) -> &Sources {
        &self.sources
    }
}
