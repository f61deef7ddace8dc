use alloc::vec::Vec;

use crate::list::error::ListError;
use crate::list::header::Header;
use crate::list::record::Record;
use crate::list::sources::Source;
use crate::token::Tag;

use super::file::Records;

/// The content of a records file, for the publisher that builds the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordsContent {
    /// The sources, to which the records refer by index.
    pub sources: Vec<Source>,
    /// Every record, ascending by tag.
    pub records: Vec<(Tag, Record)>,
}

/// Reads a whole records file. The caller has compared the file with its digest.
///
/// # Errors
/// The first rule of `docs/format.md` that is broken.
pub fn read_records(header: &Header, file: Vec<u8>) -> Result<RecordsContent, ListError> {
    let records = Records::decode(file, header)?;
    Ok(RecordsContent {
        sources: records.sources().all().to_vec(),
        records: records.entries().collect(),
    })
}
