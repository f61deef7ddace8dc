//! The reader beside `bloomfilter`, which writes.

use core::hash::{Hash, Hasher};
use core::ops::Range;

use bloomfilter::Bloom;

use crate::list::testing::{header, padding};
use crate::list::{Header, ListError, Part};
use crate::token::Tag;

use super::half::{Half, half_size, nth_hash};
use super::probes::Probes;
use super::{check_filter, encode_filter};

struct Plain(Tag);

impl Hash for Plain {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(&self.0.0);
    }
}

/// A filter file of padding, and where its halves lie.
fn filter(header: &Header) -> (Vec<u8>, [Range<usize>; 2]) {
    let file = encode_filter(header, &padding(header.entries)).unwrap();
    let (_, start) = Header::decode(Part::Filter, &file).unwrap();
    let middle = start + half_size(header).unwrap();
    let halves = [start..middle, middle..file.len()];
    (file, halves)
}

#[test]
fn a_half_answers_as_bloomfilter_does_on_a_million_tags() {
    for (entries, rate) in [
        (10_000, 2),
        (10_007, 4),
        (12_345, 14),
        (20_001, 32),
        (10_001, 48),
    ] {
        let header = Header {
            entries,
            rate,
            ..header()
        };
        let (file, places) = filter(&header);
        for (index, place) in (0..).zip(places) {
            let half = Half::decode(&file, place.clone(), &header, index).unwrap();
            let bloom: Bloom<Plain> = Bloom::from_slice(&file[place]).unwrap();
            let mut hits = 0_u32;
            // The first ones are the entries.
            for (number, tag) in (0..).zip(padding(200_000)) {
                let hit = half.hit(&file, tag);
                assert_eq!(
                    hit,
                    bloom.check(&Plain(tag)),
                    "{number} at 2^-{rate}, half {index}"
                );
                assert!(hit || number >= entries, "{number} is lost");
                hits += u32::from(hit);
            }
            assert!(hits < 200_000, "some miss");
        }
    }
}

/// `docs/format.md`: `((h0 + i * h1) mod 2^64) mod (2^64 - 59)`.
#[test]
fn sums_of_hashes_are_taken_modulo_the_largest_prime_of_64_bits() {
    let prime = u64::MAX - 58;
    for sum in [0, 1, prime - 1, prime, prime + 1, u64::MAX] {
        assert_eq!(nth_hash(sum, 0, 2), sum % prime);
        assert_eq!(nth_hash(sum.wrapping_sub(9), 3, 3), sum % prime);
        assert_eq!(
            nth_hash(sum, u64::MAX, 5),
            sum.wrapping_sub(5) % prime,
            "it wraps"
        );
    }
}

#[test]
fn in_a_filter_beyond_the_caches_one_lost_bit_of_one_tag_among_all_is_noticed() {
    let header = Header {
        entries: 500_000,
        rate: 48,
        ..header()
    };
    let (mut file, places) = filter(&header);
    let tags = padding(header.entries);
    for (index, place) in (0..).zip(places) {
        let half = Half::decode(&file, place.clone(), &header, index).unwrap();
        assert!(half.hit_by_all(&file, tags.iter().copied()));
        // The last byte with a bit: some tag among all of them set it.
        let last = place.clone().rfind(|at| file[*at] != 0).unwrap();
        file[last] &= file[last] - 1;
        assert!(!half.hit_by_all(&file, tags.iter().copied()));
        assert!(!tags.iter().all(|tag| half.hit(&file, *tag)));
    }
}

#[test]
fn of_many_tags_a_single_one_without_one_bit_is_noticed_wherever_it_is() {
    // Bits for a few regions, and for one that is cut short.
    let positions = 5 * 65_536 + 808;
    let bits = vec![u8::MAX; positions / 8];
    let last = u64::try_from(positions).unwrap() - 1;
    let holds = |bits: &[u8], tested: &[u64]| {
        let mut probes = Probes::of(bits);
        tested.iter().for_each(|position| probes.add(*position));
        probes.all_set()
    };
    // More of one region than wait for it.
    let tested: Vec<u64> = (0..=last).step_by(7).chain(0..3000).chain([last]).collect();
    assert!(holds(&bits, &tested));
    for unset in [0, 7, 2_999, 65_534, 65_536, 196_616, last] {
        let mut changed = bits.clone();
        let byte = usize::try_from(unset / 8).unwrap();
        changed[byte] ^= 1 << (unset % 8);
        assert_eq!(
            holds(&changed, &tested),
            !tested.contains(&unset),
            "{unset}"
        );
        assert!(!holds(&changed, &[unset]), "{unset} alone");
    }
}

#[test]
fn a_changed_byte_in_front_of_the_bits_is_refused_by_the_name_of_its_field() {
    let (file, places) = filter(&header());
    assert_eq!(check_filter(&header(), file.clone()), Ok(()));
    for start in places.map(|place| place.start) {
        for offset in 0..45 {
            let mut changed = file.clone();
            changed[start + offset] ^= 1;
            let expected = match offset {
                0..9 => ListError::FilterSize,
                9..13 => ListError::FilterHashes,
                _ => ListError::FilterSeed,
            };
            let found = check_filter(&header(), changed);
            assert_eq!(found, Err(expected), "byte {offset}");
        }
    }
}
