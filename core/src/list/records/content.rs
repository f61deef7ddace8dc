use crate::list::digest::RecordsDigest;
use crate::list::error::ListError;
use crate::list::header::Header;
use crate::list::record::Record;
use crate::token::Tag;

use super::file::{Records, RecordsMode};

/// A records file as its publisher wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordsContent {
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
pub fn read_records(header: &Header, file: Vec<u8>) -> Result<RecordsContent, ListError> {
    let digest = RecordsDigest::of(&file, header)?;
    let records = Records::decode(file, header, &digest, RecordsMode::Whole)?;
    Ok(RecordsContent {
        sources: records.sources().ids().to_vec(),
        records: records.entries().collect(),
    })
}
