use alloc::vec::Vec;

use crate::list::error::ListError;
use crate::list::header::Header;
use crate::list::part::Part;
use crate::list::record::Record;
use crate::list::sources::{Source, Sources};
use crate::token::Tag;

use super::file::{Records, STRIDE};

/// Writes a records file. `records` may come in any order.
///
/// # Errors
/// [`ListError::RecordOrder`] for a tag given twice, [`ListError::RecordField`] for a field out of
/// range, [`ListError::EntryCount`] for more records than `header` says, [`ListError::SourceForm`] for
/// sources that do not ascend, [`ListError::SourceCoalition`], and what [`Record::check`] refuses.
pub fn encode_records(
    header: &Header,
    sources: &[Source],
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
    out.extend_from_slice(&sources);
    out.reserve_exact(sorted.len().saturating_mul(usize::from(STRIDE)));
    for (tag, record) in sorted {
        out.extend_from_slice(&tag.0);
        out.extend_from_slice(&record.encode());
    }
    // Refuse here whatever a reader would refuse.
    Records::decode(out, header).map(Records::into_file)
}
