use alloc::vec::Vec;
use core::num::NonZeroU64;
use core::ops::Range;

use siphasher::sip::SipHasher13;

use crate::common::bytes::Reader;
use crate::list::error::ListError;
use crate::list::header::Header;
use crate::list::part::Part;
use crate::token::Tag;

use super::probes::Probes;

const LAYOUT: ListError = ListError::Layout(Part::Filter);

/// What `bloomfilter` 3.0.2 writes before its bits: version, bitmap bytes, hashes, seed.
const HALF_HEADER: usize = 45;

/// Where the seed begins in it.
const SEED: usize = 13;

/// Domain separation of the seeds, as BLAKE3's `derive_key` asks.
const SEED_CONTEXT: &str = "interdict 2026-11 filter seed";

/// Sums of hashes are taken modulo the largest prime below 2^64.
const PRIME: u64 = 0xffff_ffff_ffff_ffc5;

/// The largest bitmap whose bits are tested one by one: larger ones, of more than about two million entries, do
/// not fit into a processor's caches beside the records.
const CACHED: usize = 2 << 20;

/// One of a filter's two Bloom filters: where its bits lie in the file, and which of them a tag has.
///
/// ```text
/// struct Half {                    // as bloomfilter 3.0.2 serializes it
///     u8  version;                 // 1
///     u64 bitmap_size;             // bytes: ceil(entries * t/2 / ln 2 / 8)
///     u32 hashes;                  // t / 2
///     u8  seed[32];                // derived from list id, epoch and the half's index
///     u8  bitmap[bitmap_size];     // bit i of byte j is position 8j + i
/// };
/// ```
pub(super) struct Half {
    bitmap: Range<usize>,
    positions: NonZeroU64,
    hashes: u32,
    /// Keyed with the two parts of the seed.
    sips: (SipHasher13, SipHasher13),
}

impl Half {
    /// Checks the half at a place of the file against the list's header.
    pub(super) fn decode(
        file: &[u8],
        place: Range<usize>,
        header: &Header,
        index: u8,
    ) -> Result<Self, ListError> {
        let bytes = file.get(place.clone()).ok_or(LAYOUT)?;
        let (found, bits) = bytes.split_first_chunk::<HALF_HEADER>().ok_or(LAYOUT)?;
        let expected = half_header(header, index).ok_or(ListError::EntryCount)?;
        // Field by field, so that each wrong field has its own error.
        for (range, error) in [
            (0..9, ListError::FilterSize),
            (9..SEED, ListError::FilterHashes),
            (SEED..HALF_HEADER, ListError::FilterSeed),
        ] {
            if found.get(range.clone()) != expected.get(range) {
                return Err(error);
            }
        }
        let positions = u64::try_from(bits.len()).map_err(|_| LAYOUT)?;
        let positions = positions.saturating_mul(8);
        check_fill(bits, positions)?;
        let mut seed = Reader(found.get(SEED..).unwrap_or_default());
        let mut sip = || seed.array().map(|key| SipHasher13::new_with_key(&key));
        let sips = sip().zip(sip()).ok_or(ListError::FilterSeed)?;
        Ok(Self {
            bitmap: place.start.checked_add(HALF_HEADER).ok_or(LAYOUT)?..place.end,
            positions: NonZeroU64::new(positions).ok_or(ListError::FilterSize)?,
            hashes: hashes(header),
            sips,
        })
    }

    pub(super) const fn positions(&self) -> u64 {
        self.positions.get()
    }

    /// Whether all bits of a tag are set. A bit outside the file would count as set: a miss is certain.
    pub(super) fn hit(&self, file: &[u8], tag: Tag) -> bool {
        let bitmap = self.bitmap(file);
        self.all_positions(tag, |position| {
            let byte = usize::try_from(position.wrapping_shr(3)).ok();
            let byte = byte.and_then(|index| bitmap.get(index));
            let bit = u32::try_from(position & 7).unwrap_or_default();
            byte.is_none_or(|byte| byte.wrapping_shr(bit) & 1 != 0)
        })
    }

    /// Whether all bits of all tags are set.
    pub(super) fn hit_by_all(&self, file: &[u8], mut tags: impl Iterator<Item = Tag>) -> bool {
        let bitmap = self.bitmap(file);
        if bitmap.len() <= CACHED {
            return tags.all(|tag| self.hit(file, tag));
        }
        let mut probes = Probes::of(bitmap);
        for tag in tags {
            self.all_positions(tag, |position| {
                probes.add(position);
                true
            });
        }
        probes.all_set()
    }

    fn bitmap<'f>(&self, file: &'f [u8]) -> &'f [u8] {
        file.get(self.bitmap.clone()).unwrap_or_default()
    }

    /// Whether a test holds for the positions of all bits of a tag, one after the other until it does not. A hash
    /// covers the bytes of the tag and nothing else: the standard library's own `Hash` of arrays also writes a
    /// length of the platform's pointer width, and a filter built on a 64-bit machine would then miss every
    /// entry when read in a 32-bit module.
    fn all_positions(&self, tag: Tag, mut test: impl FnMut(u64) -> bool) -> bool {
        let (one, two) = &self.sips;
        let one = one.hash(&tag.0);
        // Half of the tags that are not listed need no second hash.
        if !test(one % self.positions) {
            return false;
        }
        if self.hashes < 2 {
            return true;
        }
        let two = two.hash(&tag.0);
        test(two % self.positions)
            && (2..self.hashes).all(|index| test(nth_hash(one, two, index) % self.positions))
    }
}

/// The hash of index 2 and above.
pub(super) fn nth_hash(one: u64, two: u64, index: u32) -> u64 {
    let sum = one.wrapping_add(u64::from(index).wrapping_mul(two));
    // The remainder, since twice the prime is more than 64 bits.
    sum.checked_sub(PRIME).unwrap_or(sum)
}

/// Half the bits of a full filter are set, by its size formula. The share varies by 0.277 / sqrt(bits)
/// (balls into bins). Six such deviations are accepted, and at least 0.005.
fn check_fill(bits: &[u8], total: u64) -> Result<(), ListError> {
    let (words, rest) = bits.as_chunks::<8>();
    let set = words
        .iter()
        .map(|word| u64::from(u64::from_le_bytes(*word).count_ones()))
        .chain(rest.iter().map(|byte| u64::from(byte.count_ones())))
        .fold(0, u64::saturating_add);
    let half = total.wrapping_shr(1);
    // In bits: total * 0.277 * 6 / sqrt(total) = 1.662 * sqrt(total).
    let deviations = total.isqrt().saturating_mul(1_662).wrapping_div(1_000);
    let tolerance = deviations.max(total.wrapping_div(200));
    if set.abs_diff(half) <= tolerance {
        Ok(())
    } else {
        Err(ListError::FilterFill)
    }
}

/// Bytes of one half, its header included; `None` beyond the address space.
pub(super) fn half_size(header: &Header) -> Option<usize> {
    usize::try_from(bitmap_size(header)?)
        .ok()?
        .checked_add(HALF_HEADER)
}

/// Bytes of one half's bitmap: ceil(n * h / ln 2 / 8) for n entries and h = t/2 hashes, with
/// 1 / ln 2 as 1,442,695,041 / 10^9, rounded up.
fn bitmap_size(header: &Header) -> Option<u64> {
    u64::from(header.entries)
        .checked_mul(u64::from(hashes(header)))?
        .checked_mul(1_442_695_041)
        .map(|scaled| scaled.div_ceil(8_000_000_000))
}

/// How many bits of each half a tag has.
fn hashes(header: &Header) -> u32 {
    u32::from(header.rate).wrapping_shr(1)
}

pub(super) fn half_header(header: &Header, index: u8) -> Option<[u8; HALF_HEADER]> {
    let mut out = Vec::with_capacity(HALF_HEADER);
    out.push(1);
    out.extend_from_slice(&bitmap_size(header)?.to_le_bytes());
    out.extend_from_slice(&hashes(header).to_le_bytes());
    out.extend_from_slice(&seed(header, index));
    out.try_into().ok()
}

/// The seed of a half. It is derived, so that nobody can choose one that makes a given merchant a false hit,
/// and so that the halves differ (with equal halves the rate is up to 900,000 times too high).
fn seed(header: &Header, index: u8) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key(SEED_CONTEXT);
    hasher.update(header.list.as_str().as_bytes());
    hasher.update(&[0]);
    hasher.update(&header.epoch.to_le_bytes());
    hasher.update(&[index]);
    *hasher.finalize().as_bytes()
}
