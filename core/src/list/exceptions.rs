use alloc::vec::Vec;

use crate::token::Tag;

use super::error::ListError;
use super::limits::most_hits;
use super::part::Part;
use super::sorted::{TAG_SIZE, search, split};

const LAYOUT: ListError = ListError::Layout(Part::Filter);

/// The most names that the Public Suffix List is thought to have: six times as many as in 2026. It bounds
/// how many of them a filter may hit by chance.
const MOST_SUFFIXES: u32 = 65_536;

/// The names of the Public Suffix List that a public filter hits by chance, by tag. A look-up asks for the
/// names above a shop too, so one hit on `co.uk` would put a country under suspicion. Nobody can be listed
/// under such a name, and everybody can compute which of them a filter hits, so the exceptions tell
/// nothing.
///
/// ```text
/// struct Exceptions {              // follows the halves of a public filter
///     u32 count;                   // at most what 65,536 names hit at the filter's rate
///     u8  tags[count][12];         // strictly ascending; each hits both halves
/// };
/// ```
#[derive(Debug, Default)]
pub(super) struct Exceptions {
    tags: Vec<u8>,
}

impl Exceptions {
    /// Reads all that follows the halves of a public filter of this rate. Whether the tags hit the filter
    /// is not checked here.
    pub(super) fn decode(bytes: Vec<u8>, rate: u8) -> Result<Self, ListError> {
        let mut tags = bytes;
        let count = tags.first_chunk().ok_or(LAYOUT)?;
        let count = u32::from_le_bytes(*count);
        if count > most_hits(MOST_SUFFIXES, u32::from(rate)) {
            return Err(ListError::ExceptionCount);
        }
        tags.drain(..size_of::<u32>());
        let count = usize::try_from(count).map_err(|_| LAYOUT)?;
        if count.checked_mul(TAG_SIZE) != Some(tags.len()) {
            return Err(LAYOUT);
        }
        let exceptions = Self { tags };
        if exceptions.tags().is_sorted_by(|one, next| one < next) {
            Ok(exceptions)
        } else {
            Err(ListError::ExceptionOrder)
        }
    }

    /// The bytes of these exceptions, given in any order.
    #[cfg(any(test, feature = "write-filters"))]
    pub(super) fn encode(mut tags: Vec<Tag>) -> Result<Vec<u8>, ListError> {
        tags.sort_unstable();
        tags.dedup();
        let count = u32::try_from(tags.len()).map_err(|_| ListError::ExceptionCount)?;
        let mut out = count.to_le_bytes().to_vec();
        out.extend(tags.iter().flat_map(|tag| tag.0));
        Ok(out)
    }

    pub(super) fn contains(&self, tag: Tag) -> bool {
        search(&self.tags, TAG_SIZE, tag).is_some()
    }

    pub(super) fn contain_any(&self, mut tags: impl Iterator<Item = Tag>) -> bool {
        !self.tags.is_empty() && tags.any(|tag| self.contains(tag))
    }

    /// All of them, ascending.
    pub(super) fn tags(&self) -> impl Iterator<Item = Tag> {
        let tags = self.tags.chunks_exact(TAG_SIZE).filter_map(split);
        tags.map(|(tag, _)| tag)
    }
}
