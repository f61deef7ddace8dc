use sha2::{Digest, Sha256};

use crate::list::digest::{PartDigest, RecordsDigest};
use crate::list::error::ListError;
use crate::list::header::Header;
use crate::list::record::Record;
use crate::list::sorted::{search, split};
use crate::list::sources::Sources;
use crate::token::Tag;

use super::head::{Head, LAYOUT, PAGE_LINE};
use super::pages::LoadedPages;

/// The records of a list: the bytes of the whole file, or of its head alone if pages are loaded one at a
/// time.
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
pub(in crate::list) struct Records {
    file: Vec<u8>,
    head: Head,
}

/// Whether a release is loaded with all its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordsMode {
    /// All of them.
    Whole,
    /// The head only; pages are loaded when a look-up needs them.
    Paged,
}

/// What the records say of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::list) enum RecordSearch {
    Record(Record),
    Nothing,
    /// The page that may hold the tag is not loaded.
    NotLoaded(u32),
}

impl Records {
    /// Reads a records file, or its head alone, and checks it against the descriptor.
    pub(in crate::list) fn decode(
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
        // Also if only the head is loaded: pages beyond the end of the file could never be fetched.
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
    pub(in crate::list) fn check_page(&self, index: u32, page: &[u8]) -> Result<(), ListError> {
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

    /// The SHA-256 of a page, from the page table.
    pub(in crate::list) fn page_sha256(&self, index: u32) -> Option<&[u8]> {
        self.line(index).map(|(_, sha256)| sha256)
    }

    /// Offset of a page in the whole file, and its length.
    pub(in crate::list) fn page_range(&self, index: u32) -> Option<(usize, usize)> {
        let before = usize::try_from(index)
            .ok()?
            .checked_mul(self.head.page_records)?;
        let records = self.head.record_count.checked_sub(before)?;
        let records = records.min(self.head.page_records);
        let start = before.checked_mul(self.head.stride)?;
        let length = records.checked_mul(self.head.stride)?;
        (length > 0).then_some((self.head.end.checked_add(start)?, length))
    }

    /// A page, if the file is loaded whole.
    fn whole_page(&self, index: u32) -> Option<&[u8]> {
        let (start, length) = self.page_range(index)?;
        self.file.get(start..start.checked_add(length)?)
    }

    /// Looks a tag up: finds its page by the pages' first tags, then searches in the page.
    pub(in crate::list) fn get(&self, tag: Tag, pages: &LoadedPages) -> RecordSearch {
        let Some(index) = self.page_of(tag) else {
            return RecordSearch::Nothing;
        };
        let Some(page) = self.whole_page(index).or_else(|| pages.get(index)) else {
            return RecordSearch::NotLoaded(index);
        };
        let found = search(page, self.head.stride, tag);
        match found.and_then(Record::decode) {
            Some(record) => RecordSearch::Record(record),
            None => RecordSearch::Nothing,
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

    /// All tags in ascending order if the file is loaded whole, otherwise none.
    pub(in crate::list) fn tags(&self) -> impl Iterator<Item = Tag> {
        let body = self.file.get(self.head.end..).unwrap_or_default();
        tags(body, self.head.stride)
    }

    /// Every record of a file that is loaded whole, ascending by tag.
    pub(super) fn entries(&self) -> impl Iterator<Item = (Tag, Record)> {
        let body = self.file.get(self.head.end..).unwrap_or_default();
        body.chunks_exact(self.head.stride).filter_map(|entry| {
            let (tag, fields) = split(entry)?;
            Some((tag, Record::decode(fields)?))
        })
    }

    pub(super) fn into_file(self) -> Vec<u8> {
        self.file
    }

    /// The tags of one checked page.
    pub(in crate::list) fn page_tags<'p>(
        &self,
        page: &'p [u8],
    ) -> impl Iterator<Item = Tag> + use<'p> {
        tags(page, self.head.stride)
    }

    pub(in crate::list) const fn count(&self) -> usize {
        self.head.record_count
    }

    pub(in crate::list) const fn sources(&self) -> &Sources {
        &self.head.sources
    }
}

fn tags(records: &[u8], stride: usize) -> impl Iterator<Item = Tag> + use<'_> {
    let records = records.chunks_exact(stride);
    records.filter_map(|record| split(record).map(|(tag, _)| tag))
}
