use core::hash::{Hash, Hasher};

use bloomfilter::Bloom;

use crate::token::Tag;

use super::error::ListError;
use super::exceptions::Exceptions;
use super::header::{Edition, Header};
use super::limits::most_hits;
use super::part::Part;

const LAYOUT: ListError = ListError::Layout(Part::Filter);

/// What `bloomfilter` 3.0.2 writes before its bits: version, bitmap bytes, hashes, seed.
const BLOOM_HEADER: usize = 45;

/// Domain separation of the seeds, as BLAKE3's `derive_key` asks.
const SEED_CONTEXT: &str = "interdict 2026-11 filter seed";

/// How many random unlisted tags are tried against a new filter.
const PROBES: u32 = 4096;

/// The key of both filters. Its `Hash` writes the bytes and nothing else: the standard library's
/// own `Hash` of arrays and slices also writes a length of the platform's pointer width, and a
/// filter built on a 64-bit machine would then miss every entry when read in a 32-bit module.
struct FilterKey([u8; 12]);

impl Hash for FilterKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(&self.0);
    }
}

/// The Bloom part of a list: two filters of half the bits, and a tag must hit both. One filter
/// alone has a floor of about 0.1 / bits under its false-positive rate, whatever its size promises,
/// because `bloomfilter` derives all its positions from two hashes.
///
/// ```text
/// struct Filter {                  // follows the Header
///     Half halves[2];
///     Exceptions exceptions;       // in the public edition, and in no other
/// };                               // and nothing after it
/// struct Half {                    // as bloomfilter 3.0.2 serializes it
///     u8  version;                 // 1
///     u64 bitmap_size;             // bytes: ceil(entries * t/2 / ln 2 / 8)
///     u32 hashes;                  // t / 2
///     u8  seed[32];                // derived from list id, epoch and the half's index
///     u8  bitmap[bitmap_size];
/// };
/// ```
pub(super) struct Filter {
    halves: [Bloom<FilterKey>; 2],
    exceptions: Exceptions,
}

impl core::fmt::Debug for Filter {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "Filter({} bits)",
            self.halves
                .iter()
                .map(Bloom::len)
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
    /// records. The file's own memory becomes the first half.
    pub(super) fn decode(mut file: Vec<u8>, expected: &Header) -> Result<Self, ListError> {
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
        let second = file.split_off(middle);
        file.drain(..body);
        file.shrink_to_fit();
        let filter = Self {
            halves: [half(file, expected, 0)?, half(second, expected, 1)?],
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
    pub(super) fn hit(&self, tag: Tag) -> bool {
        self.hits_halves(tag) && !self.exceptions.contains(tag)
    }

    fn hits_halves(&self, tag: Tag) -> bool {
        let key = FilterKey(tag.0);
        self.halves.iter().all(|half| half.check(&key))
    }

    /// Tries tags that are on no list. They are derived from the list's own header, so that every host tries
    /// the same ones.
    fn check_rate(&self, header: &Header) -> Result<(), ListError> {
        let mut stream = blake3::Hasher::new_derive_key("interdict 2026-11 filter probes");
        stream.update(&header.encode(Part::Filter));
        let mut probes = stream.finalize_xof();
        let mut hits = [0_u32; 3];
        for _ in 0..PROBES {
            let mut key = FilterKey([0; 12]);
            probes.fill(&mut key.0);
            let [first, second] = self.halves.each_ref().map(|half| half.check(&key));
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

fn half(bytes: Vec<u8>, header: &Header, index: u8) -> Result<Bloom<FilterKey>, ListError> {
    let (found, bits) = bytes.split_first_chunk::<BLOOM_HEADER>().ok_or(LAYOUT)?;
    let expected = bloom_header(header, index).ok_or(ListError::EntryCount)?;
    // Field by field, so that each wrong field has its own error.
    for (range, error) in [
        (0..9, ListError::FilterSize),
        (9..13, ListError::FilterHashes),
        (13..BLOOM_HEADER, ListError::FilterSeed),
    ] {
        if found.get(range.clone()) != expected.get(range) {
            return Err(error);
        }
    }
    check_fill(bits)?;
    Bloom::from_bytes(bytes).map_err(|_| ListError::FilterSize)
}

/// Half the bits of a full filter are set, by its size formula. The share varies by 0.277 / sqrt(bits)
/// (balls into bins). Six such deviations are accepted, and at least 0.005.
fn check_fill(bits: &[u8]) -> Result<(), ListError> {
    let (words, rest) = bits.as_chunks::<8>();
    let set = words
        .iter()
        .map(|word| u64::from(u64::from_le_bytes(*word).count_ones()))
        .chain(rest.iter().map(|byte| u64::from(byte.count_ones())))
        .fold(0, u64::saturating_add);
    let total = u64::try_from(bits.len())
        .map_err(|_| LAYOUT)?
        .saturating_mul(8);
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
fn half_size(header: &Header) -> Option<usize> {
    usize::try_from(bitmap_size(header)?)
        .ok()?
        .checked_add(BLOOM_HEADER)
}

/// Bytes of one half's bitmap: ceil(n * h / ln 2 / 8) for n entries and h = t/2 hashes, with
/// 1 / ln 2 as 1,442,695,041 / 10^9, rounded up.
fn bitmap_size(header: &Header) -> Option<u64> {
    let hashes = u64::from(header.rate).wrapping_shr(1);
    u64::from(header.entries)
        .checked_mul(hashes)?
        .checked_mul(1_442_695_041)
        .map(|scaled| scaled.div_ceil(8_000_000_000))
}

fn bloom_header(header: &Header, index: u8) -> Option<[u8; BLOOM_HEADER]> {
    let mut out = Vec::with_capacity(BLOOM_HEADER);
    out.push(1);
    out.extend_from_slice(&bitmap_size(header)?.to_le_bytes());
    out.extend_from_slice(&u32::from(header.rate).wrapping_shr(1).to_le_bytes());
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
        let mut bytes = bloom_header(header, index)
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
