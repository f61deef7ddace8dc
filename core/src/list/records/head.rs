use crate::common::bytes::Reader;
use crate::list::digest::{PartDigest, RecordsDigest};
use crate::list::error::ListError;
use crate::list::header::Header;
use crate::list::limits::MAX_PAGE_RECORDS;
use crate::list::part::Part;
use crate::list::sources::Sources;

/// Bytes of a record with its tag, as this version writes them. Newer versions may append fields.
pub(super) const STRIDE: u16 = 28;

/// Bytes of one page's line in the page table: its first tag and its SHA-256.
pub(super) const PAGE_LINE: usize = 44;

pub(super) const LAYOUT: ListError = ListError::Layout(Part::Records);

/// The head of a records file: its tables, and the offsets of what follows.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) stride: usize,
    pub(super) record_count: usize,
    pub(super) page_records: usize,
    pub(super) sources: Sources,
    /// Offset of the page table.
    pub(super) table: usize,
    /// Offset of the first record, which is the length of the head.
    pub(super) end: usize,
}

impl Head {
    /// Reads the head of a records file and compares its header with the descriptor's.
    pub(super) fn decode(file: &[u8], expected: &Header) -> Result<Self, ListError> {
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

impl RecordsDigest {
    /// Lengths and digests of a records file and of its head.
    ///
    /// # Errors
    /// Errors in the head.
    pub fn of(file: &[u8], header: &Header) -> Result<Self, ListError> {
        let head = Head::decode(file, header)?.end;
        Ok(Self {
            whole: PartDigest::of(file)?,
            head: PartDigest::of(file.get(..head).ok_or(LAYOUT)?)?,
        })
    }
}
