use alloc::vec::Vec;

use crate::list::error::ListError;
use crate::list::exceptions::Exceptions;
use crate::list::header::{Edition, Header};
use crate::list::limits::most_hits;
use crate::list::part::Part;
use crate::token::Tag;

use super::half::{Half, half_size};

const LAYOUT: ListError = ListError::Layout(Part::Filter);

/// How many random unlisted tags are tried against a new filter.
const PROBES: u32 = 4096;

/// The Bloom part of a list: two filters of half the bits, and a tag must hit both. One filter
/// alone has a floor of about 0.1 / bits under its false-positive rate, whatever its size promises,
/// because `bloomfilter` derives all its positions from two hashes.
///
/// ```text
/// struct Filter {                  // follows the Header
///     Half halves[2];
///     Exceptions exceptions;       // in the public edition, and in no other
/// };                               // and nothing after it
/// ```
pub(in crate::list) struct Filter {
    /// The whole file but its exceptions, read where it lies.
    file: Vec<u8>,
    halves: [Half; 2],
    exceptions: Exceptions,
}

impl core::fmt::Debug for Filter {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "Filter({} bits)",
            self.halves
                .iter()
                .map(Half::positions)
                .fold(0, u64::saturating_add)
        )
    }
}

/// Checks a whole filter file by itself, except what depends on records. The caller has compared the file
/// with its digest.
///
/// # Errors
/// The first rule of `docs/format.md` that is broken.
pub fn check_filter(header: &Header, file: Vec<u8>) -> Result<(), ListError> {
    header.check()?;
    Filter::decode(file, header).map(|_| ())
}

impl Filter {
    /// Reads a filter file, compares its header with the descriptor's, and makes every check that needs no
    /// records.
    pub(in crate::list) fn decode(mut file: Vec<u8>, expected: &Header) -> Result<Self, ListError> {
        let (header, body) = Header::decode(Part::Filter, &file)?;
        if header != *expected {
            return Err(ListError::HeaderMismatch(Part::Filter));
        }
        let size = half_size(expected).ok_or(ListError::EntryCount)?;
        let middle = body.checked_add(size).ok_or(LAYOUT)?;
        let end = middle.checked_add(size).ok_or(LAYOUT)?;
        if end > file.len() {
            return Err(LAYOUT);
        }
        let exceptions = file.split_off(end);
        let exceptions = match expected.edition {
            Edition::Public => Exceptions::decode(exceptions, expected.rate)?,
            Edition::Member | Edition::Compact if exceptions.is_empty() => Exceptions::default(),
            Edition::Member | Edition::Compact => return Err(LAYOUT),
        };
        let filter = Self {
            halves: [
                Half::decode(&file, body..middle, expected, 0)?,
                Half::decode(&file, middle..end, expected, 1)?,
            ],
            file,
            exceptions,
        };
        filter.check_rate(expected)?;
        if filter.exceptions.tags().all(|tag| filter.hits_halves(tag)) {
            Ok(filter)
        } else {
            Err(ListError::ExceptionNotInFilter)
        }
    }

    /// Whether a tag may be listed. `false` is certain.
    pub(in crate::list) fn hit(&self, tag: Tag) -> bool {
        self.hits_halves(tag) && !self.exceptions.contains(tag)
    }

    /// Whether all these tags may be listed.
    pub(in crate::list) fn hit_by_all(&self, tags: impl Iterator<Item = Tag> + Clone) -> bool {
        let mut halves = self.halves.iter();
        halves.all(|half| half.hit_by_all(&self.file, tags.clone()))
            && !self.exceptions.contain_any(tags)
    }

    fn hits_halves(&self, tag: Tag) -> bool {
        self.halves.iter().all(|half| half.hit(&self.file, tag))
    }

    /// Tries tags that are on no list. They are derived from the list's own header, so that every host tries
    /// the same ones.
    fn check_rate(&self, header: &Header) -> Result<(), ListError> {
        let mut stream = blake3::Hasher::new_derive_key("interdict 2026-11 filter probes");
        stream.update(&header.encode(Part::Filter));
        let mut probes = stream.finalize_xof();
        let mut hits = [0_u32; 3];
        for _ in 0..PROBES {
            let mut tag = Tag([0; 12]);
            probes.fill(&mut tag.0);
            let halves = self.halves.each_ref();
            let [first, second] = halves.map(|half| half.hit(&self.file, tag));
            for (count, hit) in hits.iter_mut().zip([first, second, first && second]) {
                *count = count.saturating_add(u32::from(hit));
            }
        }
        let half = u32::from(header.rate).wrapping_shr(1);
        let limits = [half, half, u32::from(header.rate)].map(|t| most_hits(PROBES, t));
        if hits.iter().zip(limits).all(|(hits, limit)| *hits <= limit) {
            Ok(())
        } else {
            Err(ListError::FilterRate)
        }
    }
}
