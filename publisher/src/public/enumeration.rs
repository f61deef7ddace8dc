//! What a dictionary tells of public filters. Whoever asks them for every name there may be hits all
//! that is listed and one in 2^t of the rest; how many of the hits are listed is what he learns. One
//! filter hides the list among its false hits, but a series of them does so only as far as their
//! false hits are the same. So all that was ever published counts.
//!
//! The listed names are asked for as they are. The others are so many random hashes, a new one for
//! each epoch and the same within it, as those of real names are.

use std::fmt;
use std::hash::Hasher as _;

use interdict_core::list::{Header, Part};
use interdict_core::token::Tag;
use siphasher::sip::SipHasher13;

use crate::dictionary::{Pattern, Share};

/// Other names tried; of a larger dictionary the counts are scaled up. Of 100 hits that are counted
/// the true number is, for one dictionary in twenty, off by more than 20 %; of 10,000 by 2 %.
const MOST_TRIED: u32 = 10_000_000;

/// What every rate of 2^-2 to 2^-6 needs at most.
const MOST_HASHES: u64 = 3;

/// The modulus of the third position and on (`docs/format.md`).
const MODULUS: u64 = u64::MAX - 58;

/// The releases of one public epoch, in order: at one key and one size.
#[derive(Debug)]
pub(crate) struct Series {
    halves: [Half; 2],
    releases: usize,
}

/// One half of every release. Bit r of a position's words is that position in release r, so that one
/// look at each position of a tag answers for all of them.
struct Half {
    keys: [[u8; 16]; 2],
    hashes: u64,
    bits: u64,
    /// Words of each position.
    stride: usize,
    words: Vec<u64>,
}

/// Names by the pattern of their hits.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    hit: Vec<u64>,
    always: u64,
    /// By the first release with a hit; that of 0 is not used.
    from: Vec<u64>,
    /// By the first release without one.
    until: Vec<u64>,
}

impl Series {
    /// Reads the filter files of one epoch; `None` if they do not belong together.
    pub(crate) fn read(filters: &[&[u8]]) -> Option<Self> {
        let files: Vec<_> = filters
            .iter()
            .map(|file| halves(file))
            .collect::<Option<_>>()?;
        let half = |index: usize| {
            let files: Vec<&RawHalf<'_>> = files
                .iter()
                .map(|file| file.get(index))
                .collect::<Option<_>>()?;
            Half::new(&files)
        };
        Some(Self {
            halves: [half(0)?, half(1)?],
            releases: filters.len(),
        })
    }

    /// Adds for each release whether it is hit; `false` if no release is.
    fn hits(
        &self,
        hashes: impl Fn(usize) -> [u64; 2],
        found: &mut [u64],
        out: &mut Vec<bool>,
    ) -> bool {
        let found = found.get_mut(..self.stride()).unwrap_or_default();
        found.fill(u64::MAX);
        let mut halves = (0..2).zip(&self.halves);
        if !halves.all(|(index, half)| half.meet(hashes(index), found)) {
            out.resize(out.len().saturating_add(self.releases), false);
            return false;
        }
        let bits = found
            .iter()
            .flat_map(|word| (0..64).map(move |bit| word >> bit & 1 == 1));
        out.extend(bits.take(self.releases));
        true
    }

    fn stride(&self) -> usize {
        self.releases.div_ceil(64)
    }
}

impl Half {
    fn new(files: &[&RawHalf<'_>]) -> Option<Self> {
        let first = files.first()?;
        let bits = u64::try_from(first.bitmap.len()).ok()?.checked_mul(8)?;
        let same = |file: &&RawHalf<'_>| {
            (file.hashes, file.keys, file.bitmap.len())
                == (first.hashes, first.keys, first.bitmap.len())
        };
        if !files.iter().all(same) || bits == 0 || !(1..=MOST_HASHES).contains(&first.hashes) {
            return None;
        }
        let stride = files.len().div_ceil(64);
        let mut words = vec![0; usize::try_from(bits).ok()?.checked_mul(stride)?];
        for (release, file) in files.iter().enumerate() {
            let bit = 1_u64.checked_shl(u32::try_from(release % 64).ok()?)?;
            let word = release.div_euclid(64);
            let set = file
                .bitmap
                .iter()
                .flat_map(|byte| (0..8).map(move |i| byte >> i & 1 == 1));
            for (position, set) in words.chunks_exact_mut(stride).zip(set) {
                if let Some(word) = position.get_mut(word).filter(|_| set) {
                    *word |= bit;
                }
            }
        }
        Some(Self {
            keys: first.keys,
            hashes: first.hashes,
            bits,
            stride,
            words,
        })
    }

    fn hashes(&self, tag: &Tag) -> [u64; 2] {
        self.keys.map(|key| {
            let mut hasher = SipHasher13::new_with_key(&key);
            hasher.write(&tag.0);
            hasher.finish()
        })
    }

    /// Clears the releases in which a position is not set; whether any is left.
    fn meet(&self, [first, second]: [u64; 2], found: &mut [u64]) -> bool {
        (0..self.hashes).all(|index| {
            let position = match index {
                0 => first,
                1 => second,
                _ => first.wrapping_add(index.wrapping_mul(second)) % MODULUS,
            };
            let start = usize::try_from(position % self.bits).unwrap_or_default();
            let start = start.saturating_mul(self.stride);
            let words = self.words.get(start..).unwrap_or_default();
            let mut left = 0;
            for (found, word) in found.iter_mut().zip(words) {
                *found &= word;
                left |= *found;
            }
            left != 0
        })
    }
}

impl Counts {
    fn new(releases: usize) -> Self {
        Self {
            hit: vec![0; releases],
            always: 0,
            from: vec![0; releases],
            until: vec![0; releases],
        }
    }

    fn add(&mut self, hits: &[bool]) {
        for (count, _) in self.hit.iter_mut().zip(hits).filter(|(_, hit)| **hit) {
            *count = count.saturating_add(1);
        }
        let first = hits.first().copied().unwrap_or_default();
        let turn = hits.iter().position(|hit| *hit != first);
        let Some(turn) = turn else {
            self.always = self.always.saturating_add(u64::from(first));
            return;
        };
        // A second turn matches no pattern.
        if hits.iter().skip(turn).any(|hit| *hit == first) {
            return;
        }
        let counts = if first {
            &mut self.until
        } else {
            &mut self.from
        };
        if let Some(count) = counts.get_mut(turn) {
            *count = count.saturating_add(1);
        }
    }

    fn patterns(&self) -> impl Iterator<Item = (Pattern, u64)> {
        let each = |counts: &[u64], pattern: fn(usize) -> Pattern| {
            let counts = counts.iter().enumerate();
            counts
                .map(|(index, count)| (pattern(index), *count))
                .collect::<Vec<_>>()
        };
        let mut patterns = each(&self.hit, Pattern::In);
        patterns.push((Pattern::Always, self.always));
        patterns.extend(each(&self.from, Pattern::From));
        patterns.extend(each(&self.until, Pattern::Until));
        patterns.into_iter()
    }
}

impl Share {
    /// The worst that can be made of all releases with a dictionary of so many names, the listed
    /// ones among them; `None` if none was ever listed. `listed` holds for each name its tags in
    /// the order of `epochs`.
    pub(crate) fn worst(epochs: &[Series], listed: &[Vec<Tag>], dictionary: u32) -> Option<Self> {
        let releases: Vec<usize> = epochs.iter().map(|epoch| epoch.releases).collect();
        let mut names = Counts::new(releases.iter().sum());
        let mut others = Counts::new(releases.iter().sum());
        let widest = epochs.iter().map(Series::stride).max().unwrap_or_default();
        let (mut found, mut hits) = (vec![0; widest], Vec::new());
        for tags in listed {
            hits.clear();
            for (epoch, tag) in epochs.iter().zip(tags) {
                let hashes = |half: usize| {
                    let half = epoch.halves.get(half);
                    half.map_or([0; 2], |half| half.hashes(tag))
                };
                epoch.hits(hashes, &mut found, &mut hits);
            }
            names.add(&hits);
        }
        let rest = u64::from(dictionary).saturating_sub(u64::try_from(listed.len()).ok()?);
        let tried = rest.min(u64::from(MOST_TRIED));
        for number in 0..tried {
            hits.clear();
            let mut any = false;
            for (index, epoch) in (0_u64..).zip(epochs) {
                let seed = number
                    .wrapping_mul(1 << 10)
                    .wrapping_add(index.wrapping_mul(4));
                let hashes = |half: usize| {
                    let seed = seed.wrapping_add(if half == 0 { 0 } else { 2 });
                    [random(seed), random(seed.wrapping_add(1))]
                };
                any |= epoch.hits(hashes, &mut found, &mut hits);
            }
            // Most names hit nothing, and match no pattern.
            if any {
                others.add(&hits);
            }
        }
        let scaled = |count: u64| {
            let scaled = u128::from(count).saturating_mul(u128::from(rest));
            let scaled = scaled.checked_div(u128::from(tried)).unwrap_or_default();
            u64::try_from(scaled).unwrap_or(u64::MAX)
        };
        let shares =
            names
                .patterns()
                .zip(others.patterns())
                .map(|((pattern, listed), (_, others))| Self {
                    listed,
                    others: scaled(others),
                    pattern,
                });
        let shares = shares.filter(|share| share.listed > 0);
        shares.reduce(|worst, share| if share.exceeds(&worst) { share } else { worst })
    }
}

/// SplitMix64: independent enough to stand for the hashes of names, and the same in every run.
fn random(index: u64) -> u64 {
    let z = index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// One half of a filter file (`docs/format.md`).
struct RawHalf<'f> {
    hashes: u64,
    keys: [[u8; 16]; 2],
    bitmap: &'f [u8],
}

fn halves(file: &[u8]) -> Option<Vec<RawHalf<'_>>> {
    let (_, body) = Header::decode(Part::Filter, file).ok()?;
    let mut rest = file.get(body..)?;
    let mut halves = Vec::new();
    // What follows the halves are exceptions: everybody can compute them, and they tell nothing.
    for _ in 0..2 {
        let (_version, after) = rest.split_first_chunk::<1>()?;
        let (size, after) = after.split_first_chunk()?;
        let (hashes, after) = after.split_first_chunk()?;
        let (first, after) = after.split_first_chunk()?;
        let (second, after) = after.split_first_chunk()?;
        let size = usize::try_from(u64::from_le_bytes(*size)).ok()?;
        let (bitmap, after) = after.split_at_checked(size)?;
        halves.push(RawHalf {
            hashes: u64::from(u32::from_le_bytes(*hashes)),
            keys: [*first, *second],
            bitmap,
        });
        rest = after;
    }
    Some(halves)
}

impl fmt::Debug for Half {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Half({} bits)", self.bits)
    }
}

#[cfg(test)]
mod tests;
