use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::common::bytes::Reader;
use crate::token::Tag;

use super::record::Record;
use super::sources::Sources;
use super::{Header, ListError, Part, PartDigest, RecordsDigest};

/// Bytes of a tag.
const TAG_SIZE: usize = 12;

/// Bytes of a record with its tag, as this version writes it; a newer one may append to each.
const STRIDE: u16 = 28;

/// Records of a page: 56 KiB, what a small host holds many of and a page table few of.
const PAGE_RECORDS: u32 = 2_048;

/// Most records of a page a reader takes: a page of them is what a host holds at once.
const MAX_PAGE_RECORDS: u32 = 65_536;

/// Bytes of one page's line in the page table: its first tag and its SHA-256.
const PAGE_LINE: usize = 44;

const LAYOUT: ListError = ListError::Layout(Part::Records);

/// The exact part of a list: the file's own bytes, or of a list whose pages are loaded one at a
/// time the bytes of its head.
///
/// ```text
/// struct Records {                 // follows the Header
///     u16 stride;                  // bytes of one record, 28 or more
///     u16 source_count;
///     u32 record_count;
///     u32 page_records;            // records of each page but the last, 1 to 65,536
///     struct { u8 size; u8 id[size]; } sources[source_count];
///     struct {
///         u8  first[12];           // the tag of its first record
///         u8  sha256[32];          // of its records
///     } pages[ceil(record_count / page_records)];
///                                  // the head ends here
///     struct {
///         u8  tag[12];             // strictly ascending
///         Record record;
///         u8  newer[stride - 28];
///     } records[record_count];
/// };                               // and nothing after it
/// ```
#[derive(Debug)]
pub(super) struct Records {
    file: Vec<u8>,
    head: Head,
}

/// Whether all records are loaded with a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordsMode {
    /// All of them.
    Whole,
    /// The head only; pages follow when a question needs them.
    Paged,
}

/// Pages loaded one at a time, at most [`MAX_PAGES`] of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Pages(Vec<(u32, Arc<Vec<u8>>)>);

/// Pages held at once: more than the names of one request can need (32 identifiers of 6 names).
const MAX_PAGES: usize = 256;

/// What the records say of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Record(Record),
    Nothing,
    /// The page that would say is not loaded.
    NotLoaded(u32),
}

/// Where everything lies.
#[derive(Debug)]
struct Head {
    stride: usize,
    record_count: usize,
    page_records: usize,
    sources: Sources,
    /// Where the page table starts.
    table: usize,
    /// Where the records start: the length of the head.
    end: usize,
}

impl Head {
    /// Reads the head of a records file against the header the descriptor promised.
    fn decode(file: &[u8], expected: &Header) -> Result<Self, ListError> {
        let (header, body) = Header::decode(Part::Records, file)?;
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
        let page_records = reader
            .u32()
            .filter(|records| (1..=MAX_PAGE_RECORDS).contains(records))
            .ok_or(LAYOUT)?;
        let sources = Sources::decode(&mut reader, source_count).ok_or(LAYOUT)?;
        let table = file.len().checked_sub(reader.0.len()).ok_or(LAYOUT)?;
        let pages = usize::try_from(record_count.div_ceil(page_records)).map_err(|_| LAYOUT)?;
        let table_size = pages.checked_mul(PAGE_LINE).ok_or(LAYOUT)?;
        reader.take(table_size).ok_or(LAYOUT)?;
        if record_count > expected.entries {
            return Err(LAYOUT);
        }
        Ok(Self {
            stride: usize::from(stride),
            record_count: usize::try_from(record_count).map_err(|_| LAYOUT)?,
            page_records: usize::try_from(page_records).map_err(|_| LAYOUT)?,
            sources,
            table,
            end: table.checked_add(table_size).ok_or(LAYOUT)?,
        })
    }
}

impl Records {
    /// Reads and checks a records file, or its head alone, against what the descriptor promised.
    pub(super) fn decode(
        file: Vec<u8>,
        expected: &Header,
        digest: &RecordsDigest,
        mode: RecordsMode,
    ) -> Result<Self, ListError> {
        let head = Head::decode(&file, expected)?;
        let bytes = file.get(..head.end).ok_or(LAYOUT)?;
        if digest.head != PartDigest::of(bytes)? {
            return Err(ListError::RecordsHead);
        }
        let size = head.stride.checked_mul(head.record_count);
        let whole = size.and_then(|size| size.checked_add(head.end));
        // Of the head alone too: a page that lies beyond the file could never be had.
        if whole != usize::try_from(digest.whole.length).ok() {
            return Err(LAYOUT);
        }
        let expected_length = match mode {
            RecordsMode::Whole => whole,
            RecordsMode::Paged => Some(head.end),
        };
        if expected_length != Some(file.len()) {
            return Err(LAYOUT);
        }
        let records = Self { file, head };
        records.check_table()?;
        if mode == RecordsMode::Whole {
            for (index, _, _) in records.table() {
                records.check_page(index, records.whole_page(index).ok_or(LAYOUT)?)?;
            }
        }
        Ok(records)
    }

    /// The page table: index, first tag, SHA-256.
    fn table(&self) -> impl Iterator<Item = (u32, Tag, &[u8])> {
        let lines = self.file.get(self.head.table..self.head.end);
        let (lines, _) = lines.unwrap_or_default().as_chunks::<PAGE_LINE>();
        (0_u32..).zip(lines).filter_map(|(index, line)| {
            let (first, sha256) = split(line)?;
            Some((index, first, sha256))
        })
    }

    fn line(&self, index: u32) -> Option<(Tag, &[u8])> {
        let offset = usize::try_from(index).ok()?.checked_mul(PAGE_LINE)?;
        let lines = self.file.get(self.head.table..self.head.end)?;
        split(lines.get(offset..)?.first_chunk::<PAGE_LINE>()?)
    }

    fn check_table(&self) -> Result<(), ListError> {
        let firsts = self.table().map(|(_, first, _)| first);
        if firsts.is_sorted_by(|one, next| one < next) {
            Ok(())
        } else {
            Err(ListError::RecordOrder)
        }
    }

    /// Checks the bytes of one page against the page table.
    pub(super) fn check_page(&self, index: u32, page: &[u8]) -> Result<(), ListError> {
        let (first, sha256) = self.line(index).ok_or(ListError::RecordsPage)?;
        let (_, length) = self.page_range(index).ok_or(ListError::RecordsPage)?;
        if page.len() != length || *Sha256::digest(page) != *sha256 {
            return Err(ListError::RecordsPage);
        }
        if tags(page, self.head.stride).next() != Some(first) {
            return Err(ListError::RecordsPage);
        }
        let next = index.checked_add(1).and_then(|next| self.line(next));
        let next = next.map(|(next, _)| next);
        if !tags(page, self.head.stride)
            .chain(next)
            .is_sorted_by(|one, next| one < next)
        {
            return Err(ListError::RecordOrder);
        }
        for record in page.chunks_exact(self.head.stride) {
            let record = split(record).and_then(|(_, fields)| Record::decode(fields));
            let known = record.filter(|record| self.head.sources.get(record.source).is_some());
            known.ok_or(ListError::RecordField)?;
        }
        Ok(())
    }

    /// The SHA-256 the page table has of a page.
    pub(super) fn page_sha256(&self, index: u32) -> Option<&[u8]> {
        self.line(index).map(|(_, sha256)| sha256)
    }

    /// Where a page lies in the whole file, and how long it is.
    pub(super) fn page_range(&self, index: u32) -> Option<(usize, usize)> {
        let before = usize::try_from(index)
            .ok()?
            .checked_mul(self.head.page_records)?;
        let records = self.head.record_count.checked_sub(before)?;
        let records = records.min(self.head.page_records);
        let start = before.checked_mul(self.head.stride)?;
        let length = records.checked_mul(self.head.stride)?;
        (length > 0).then_some((self.head.end.checked_add(start)?, length))
    }

    /// A page of a file that is loaded whole.
    fn whole_page(&self, index: u32) -> Option<&[u8]> {
        let (start, length) = self.page_range(index)?;
        self.file.get(start..start.checked_add(length)?)
    }

    /// What is known of a tag: the page by its first tag, then binary search in the page.
    pub(super) fn get(&self, tag: Tag, pages: &Pages) -> Found {
        let Some(index) = self.page_of(tag) else {
            return Found::Nothing;
        };
        let Some(page) = self.whole_page(index).or_else(|| pages.get(index)) else {
            return Found::NotLoaded(index);
        };
        let found = search(page, self.head.stride, tag);
        match found.and_then(Record::decode) {
            Some(record) => Found::Record(record),
            None => Found::Nothing,
        }
    }

    /// The last page whose first tag is not above `tag`.
    fn page_of(&self, tag: Tag) -> Option<u32> {
        let (mut low, mut high) = (0_u32, self.pages());
        while low < high {
            let middle = low.midpoint(high);
            if self.line(middle)?.0 <= tag {
                low = middle.checked_add(1)?;
            } else {
                high = middle;
            }
        }
        low.checked_sub(1)
    }

    fn pages(&self) -> u32 {
        let pages = self.head.end.saturating_sub(self.head.table);
        u32::try_from(pages.wrapping_div(PAGE_LINE)).unwrap_or(u32::MAX)
    }

    /// The tags of a file that is loaded whole, ascending; none of one that is not.
    pub(super) fn tags(&self) -> impl Iterator<Item = Tag> {
        let body = self.file.get(self.head.end..).unwrap_or_default();
        tags(body, self.head.stride)
    }

    /// The tags of one checked page.
    pub(super) fn page_tags<'p>(&self, page: &'p [u8]) -> impl Iterator<Item = Tag> + use<'p> {
        tags(page, self.head.stride)
    }

    pub(super) const fn count(&self) -> usize {
        self.head.record_count
    }

    pub(super) const fn sources(&self) -> &Sources {
        &self.head.sources
    }
}

impl Pages {
    fn get(&self, index: u32) -> Option<&[u8]> {
        let found = self.0.iter().find(|(other, _)| *other == index);
        found.map(|(_, page)| page.as_slice())
    }

    pub(super) fn indexes(&self) -> impl Iterator<Item = u32> {
        self.0.iter().map(|(index, _)| *index)
    }

    /// Takes a checked page; the one held longest gives way.
    pub(super) fn insert(&mut self, index: u32, page: Vec<u8>) {
        self.0.retain(|(other, _)| *other != index);
        if self.0.len() >= MAX_PAGES {
            self.0.remove(0);
        }
        self.0.push((index, Arc::new(page)));
    }
}

fn tags(records: &[u8], stride: usize) -> impl Iterator<Item = Tag> + use<'_> {
    let records = records.chunks_exact(stride);
    records.filter_map(|record| split(record).map(|(tag, _)| tag))
}

/// The fields after a tag in sorted entries of `stride` bytes.
pub(super) fn search(entries: &[u8], stride: usize, tag: Tag) -> Option<&[u8]> {
    let (mut low, mut high) = (0, entries.len().checked_div(stride)?);
    while low < high {
        let middle = low.midpoint(high);
        let start = middle.checked_mul(stride)?;
        let (found, fields) = split(entries.get(start..start.checked_add(stride)?)?)?;
        match found.cmp(&tag) {
            core::cmp::Ordering::Less => low = middle.checked_add(1)?,
            core::cmp::Ordering::Greater => high = middle,
            core::cmp::Ordering::Equal => return Some(fields),
        }
    }
    None
}

pub(super) fn split(entry: &[u8]) -> Option<(Tag, &[u8])> {
    let (tag, fields) = entry.split_first_chunk::<TAG_SIZE>()?;
    Some((Tag(*tag), fields))
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
    sorted.sort_unstable_by_key(|(tag, _)| *tag);
    let mut out = header.encode(Part::Records);
    let (source_count, sources) = Sources::encode(sources)?;
    out.extend_from_slice(&STRIDE.to_le_bytes());
    out.extend_from_slice(&source_count.to_le_bytes());
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&PAGE_RECORDS.to_le_bytes());
    out.extend_from_slice(&sources);
    let page_records = usize::try_from(PAGE_RECORDS).map_err(|_| LAYOUT)?;
    let pages = sorted.chunks(page_records);
    let mut table = Vec::with_capacity(pages.len().saturating_mul(PAGE_LINE));
    let table_start = out.len();
    out.reserve_exact(table.capacity().saturating_add(body_size(records)));
    out.resize(table_start.saturating_add(table.capacity()), 0);
    for page in pages {
        let start = out.len();
        for (tag, record) in page {
            out.extend_from_slice(&tag.0);
            out.extend_from_slice(&record.encode());
        }
        let page = out.get(start..).unwrap_or_default();
        table.extend(page.iter().take(TAG_SIZE));
        table.extend_from_slice(&Sha256::digest(page));
    }
    out.iter_mut()
        .skip(table_start)
        .zip(table)
        .for_each(|(to, from)| *to = from);
    // What a reader would refuse is refused here.
    let digest = RecordsDigest::of(&out, header)?;
    Records::decode(out, header, &digest, RecordsMode::Whole).map(|records| records.file)
}

fn body_size(records: &[(Tag, Record)]) -> usize {
    records.len().saturating_mul(usize::from(STRIDE))
}

/// A records file as its publisher wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// Source ids.
    pub sources: Vec<String>,
    /// Every record, ascending by tag.
    pub records: Vec<(Tag, Record)>,
}

/// Reads a whole records file, for whoever builds the next one. The caller has compared it with its
/// digest.
///
/// # Errors
/// The first rule of `docs/format.md` that does not hold.
pub fn read_records(header: &Header, file: Vec<u8>) -> Result<Contents, ListError> {
    let digest = RecordsDigest::of(&file, header)?;
    let records = Records::decode(file, header, &digest, RecordsMode::Whole)?;
    let stride = records.head.stride;
    let body = records.file.get(records.head.end..).unwrap_or_default();
    let entries = body.chunks_exact(stride).filter_map(|entry| {
        let (tag, fields) = split(entry)?;
        Some((tag, Record::decode(fields)?))
    });
    Ok(Contents {
        sources: records.head.sources.ids().to_vec(),
        records: entries.collect(),
    })
}

impl RecordsDigest {
    /// Lengths and digests of a records file and of its head.
    ///
    /// # Errors
    /// What is wrong with the head.
    pub fn of(file: &[u8], header: &Header) -> Result<Self, ListError> {
        let head = Head::decode(file, header)?.end;
        Ok(Self {
            whole: PartDigest::of(file)?,
            head: PartDigest::of(file.get(..head).ok_or(LAYOUT)?)?,
        })
    }
}
