//! How full a filter may be and how often it may be hit, to the bit and to the hit.

use bloomfilter::Bloom;

use super::*;
use crate::list::testing::{header, padding, release};

struct Plain([u8; 12]);

impl core::hash::Hash for Plain {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        state.write(&self.0);
    }
}

/// The two halves of a filter file, read as the crate that wrote them reads them.
fn halves(file: &[u8]) -> [Bloom<Plain>; 2] {
    let (first, second) = file[BODY..].split_at((file.len() - BODY) / 2);
    [first, second].map(|half| Bloom::from_bytes(half.to_vec()).unwrap())
}

/// The tags on no list that every host tries.
fn probes() -> Vec<[u8; 12]> {
    let mut stream = blake3::Hasher::new_derive_key("interdict 2026-11 filter probes");
    stream.update(&header().encode(Part::Filter));
    let mut stream = stream.finalize_xof();
    let mut probes = vec![[0; 12]; 4_096];
    probes.iter_mut().for_each(|probe| stream.fill(probe));
    probes
}

/// How many of the probes hit the first half, the second, and both.
fn hits(halves: &[Bloom<Plain>; 2]) -> [usize; 3] {
    let mut hits = [0; 3];
    for probe in probes() {
        let [first, second] = halves.each_ref().map(|half| half.check(&Plain(probe)));
        for (count, hit) in hits.iter_mut().zip([first, second, first && second]) {
            *count += usize::from(hit);
        }
    }
    hits
}

/// Adds probes to some of the halves until the count at `place` is above `limit`, and asserts that the
/// release is taken up to there.
fn assert_limit(taken: [bool; 2], place: usize, limit: usize) {
    let (descriptor, files) = release(&header(), &[]);
    let mut halves = halves(&files.filter);
    let mut seen = Vec::new();
    // The last ones first, so that trying only some of them shows.
    for probe in probes().iter().rev() {
        for (half, _) in halves.iter_mut().zip(taken).filter(|(_, taken)| *taken) {
            half.set(&Plain(*probe));
        }
        let counts = hits(&halves);
        if counts[place] < limit {
            continue;
        }
        let body = halves.each_ref().map(Bloom::to_bytes).concat();
        let filter = [&files.filter[..BODY], &body].concat();
        let refused = (counts[place] > limit).then_some(ListError::FilterRate);
        let found = load(&descriptor, filter, files.records.clone());
        assert_eq!(found, refused, "{counts:?}");
        seen.push(counts[place]);
        if refused.is_some() {
            break;
        }
    }
    assert_eq!((seen[0], seen.last()), (limit, Some(&(limit + 1))));
}

/// limit(t) = m + isqrt(36 * (m + 1)) + 6 with m = 4096 / 2^t: for t = 7, m = 32 and 36 * 33 = 1,188, whose
/// root is 34; for t = 14, m = 0 and the root of 36 is 6.
#[test]
fn unlisted_tags_may_hit_each_half_and_both_as_often_as_the_document_states_and_no_oftener() {
    assert_limit([true, false], 0, 32 + 34 + 6);
    assert_limit([false, true], 1, 32 + 34 + 6);
    assert_limit([true, true], 2, 6 + 6);
}

/// Sets or clears bits of one half until so many are set.
fn fill(bits: &mut [u8], wanted: u32) {
    let set = |bits: &[u8]| bits.iter().map(|byte| byte.count_ones()).sum::<u32>();
    let mut count = set(bits);
    for place in 0..bits.len() * 8 {
        let bit = 1 << (place % 8);
        let byte = &mut bits[place / 8];
        if count < wanted && *byte & bit == 0 {
            *byte |= bit;
            count += 1;
        } else if count > wanted && *byte & bit != 0 {
            *byte &= !bit;
            count -= 1;
        }
    }
    assert_eq!(set(bits), wanted);
}

/// Of b bits, b / 2 more or less max(isqrt(b) * 1662 / 1000, b / 200). For 10,000 entries b = 100,992, whose
/// root is 317: 526, above 504. For 20,000 entries b = 201,984, whose root is 449: 1,009, above 746.
#[test]
fn a_half_may_be_as_full_and_as_empty_as_the_document_states_and_no_bit_beyond() {
    for (entries, bits, most) in [(10_000, 100_992, 526), (20_000, 201_984, 1_009)] {
        let header = Header {
            entries,
            ..header()
        };
        let (descriptor, files) = release(&header, &[]);
        let size = usize::try_from(bits / 8).unwrap();
        assert_eq!(files.filter.len(), BODY + 2 * (BLOOM_HEADER + size));
        for start in [BODY + BLOOM_HEADER, BODY + 2 * BLOOM_HEADER + size] {
            for (wanted, error) in [
                (bits / 2 + most, None),
                (bits / 2 + most + 1, Some(ListError::FilterFill)),
                (bits / 2 - most, None),
                (bits / 2 - most - 1, Some(ListError::FilterFill)),
            ] {
                let mut filter = files.filter.clone();
                fill(&mut filter[start..start + size], wanted);
                let found = load(&descriptor, filter, files.records.clone());
                assert_eq!(found, error, "{wanted} of {bits}");
            }
        }
    }
}

/// ceil(entries * (t/2) * 1442695041 / 8000000000). 311,090 is the least number of entries at which the last
/// digit of the constant makes another size: 448,808,000,304,690 / 8 * 10^9 is just above 56,101.
#[test]
fn a_half_has_the_size_of_the_formula_rounded_up() {
    let header = Header {
        entries: 311_090,
        rate: 2,
        ..header()
    };
    let filter = encode_filter(&header, &padding(311_090)).unwrap();
    assert_eq!(filter.len(), BODY + 2 * (BLOOM_HEADER + 56_102));
}

#[test]
fn a_filter_is_written_of_exactly_as_many_tags_as_its_header_says() {
    for count in [MIN_ENTRIES - 1, MIN_ENTRIES + 1] {
        let encoded = encode_filter(&header(), &padding(count));
        assert_eq!(encoded, Err(ListError::EntryCount), "{count}");
    }
}
