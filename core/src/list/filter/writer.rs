use alloc::vec::Vec;
use core::hash::{Hash, Hasher};

use bloomfilter::Bloom;

use crate::list::error::ListError;
use crate::list::exceptions::Exceptions;
use crate::list::header::{Edition, Header};
use crate::list::part::Part;
use crate::token::Tag;

use super::file::Filter;
use super::half::{half_header, half_size};

/// The key of both filters. Its `Hash` writes the bytes and nothing else, as [`Half::hit`] hashes them.
///
/// [`Half::hit`]: super::half::Half::hit
struct FilterKey([u8; 12]);

impl Hash for FilterKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(&self.0);
    }
}

/// Writes a filter file, in the public edition without exceptions. `tags` are the entries and the padding,
/// `header.entries` in all.
///
/// # Errors
/// [`ListError::EntryCount`] unless exactly that many tags are given, whatever [`Header::check`] refuses,
/// and [`ListError::FilterFill`] if so many tags are duplicates that too few bits are set.
pub fn encode_filter(header: &Header, tags: &[Tag]) -> Result<Vec<u8>, ListError> {
    encode_filter_without(header, tags, &[])
}

/// Writes the filter file of a public edition. `never_listed` are the tags of the Public Suffix List: those
/// that the filter hits by chance become its exceptions. None of them may be listed.
///
/// # Errors
/// As [`encode_filter`], and [`ListError::ExceptionCount`] if too many of them are hit.
pub fn encode_filter_without(
    header: &Header,
    tags: &[Tag],
    never_listed: &[Tag],
) -> Result<Vec<u8>, ListError> {
    header.check()?;
    if u32::try_from(tags.len()) != Ok(header.entries) {
        return Err(ListError::EntryCount);
    }
    let mut out = header.encode(Part::Filter);
    let mut hit = never_listed.to_vec();
    for index in [0, 1] {
        let mut bytes = half_header(header, index)
            .ok_or(ListError::EntryCount)?
            .to_vec();
        bytes.resize(half_size(header).ok_or(ListError::EntryCount)?, 0);
        let mut bloom = Bloom::from_bytes(bytes).map_err(|_| ListError::FilterSize)?;
        for tag in tags {
            bloom.set(&FilterKey(tag.0));
        }
        hit.retain(|tag| bloom.check(&FilterKey(tag.0)));
        out.append(&mut bloom.into_bytes());
    }
    if header.edition == Edition::Public {
        out.append(&mut Exceptions::encode(hit)?);
    }
    // Refuse here whatever a reader would refuse.
    Filter::decode(out.clone(), header)?;
    Ok(out)
}
