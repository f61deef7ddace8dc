use sha2::{Digest, Sha256};

use crate::list::digest::RecordsDigest;
use crate::list::error::ListError;
use crate::list::header::Header;
use crate::list::limits::PAGE_RECORDS;
use crate::list::part::Part;
use crate::list::record::Record;
use crate::list::sorted::TAG_SIZE;
use crate::list::sources::Sources;
use crate::token::Tag;

use super::file::{Records, RecordsMode};
use super::head::{LAYOUT, PAGE_LINE, STRIDE};

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
    // Refuse here whatever a reader would refuse.
    let digest = RecordsDigest::of(&out, header)?;
    Records::decode(out, header, &digest, RecordsMode::Whole).map(Records::into_file)
}

fn body_size(records: &[(Tag, Record)]) -> usize {
    records.len().saturating_mul(usize::from(STRIDE))
}
