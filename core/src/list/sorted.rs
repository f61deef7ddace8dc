//! Entries that begin with a tag and are sorted by it.

use crate::token::Tag;

/// Bytes of a tag.
pub(super) const TAG_SIZE: usize = 12;

/// Finds a tag among sorted entries of `stride` bytes, and returns the fields after it.
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

/// The tag of an entry, and the fields after it.
pub(super) fn split(entry: &[u8]) -> Option<(Tag, &[u8])> {
    let (tag, fields) = entry.split_first_chunk::<TAG_SIZE>()?;
    Some((Tag(*tag), fields))
}
