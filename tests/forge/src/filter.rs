use std::collections::BTreeSet;
use std::hash::Hasher as _;

use siphasher::sip::SipHasher13;

use crate::header::{Header, Part};
use crate::key::Tag;

/// The modulus of all positions from the third on: the largest prime below 2^64.
/// No test could notice another number near it: a sum reaches it once in 2^58 positions.
const PRIME: u64 = u64::MAX - 58;

/// A filter file that holds these tags and nothing else (`docs/format.md`, Filter). It is sized by the
/// header's entries and rate, however many tags there are. A public one has no exceptions.
#[must_use]
pub fn filter(header: &Header, tags: &[Tag]) -> Vec<u8> {
    filter_without(header, tags, &[])
}

/// A public filter file, whose exceptions are those of `never_listed` that hit it.
#[must_use]
pub fn filter_without(header: &Header, tags: &[Tag], never_listed: &[Tag]) -> Vec<u8> {
    let mut out = header.bytes(Part::Filter);
    let halves = [0, 1].map(|half| bytes(header, half, tags));
    let all_set = |half: u8, tag: &Tag| {
        let bitmap = halves
            .get(usize::from(half))
            .and_then(|half| half.get(45..));
        let bits = 8 * u64::try_from(bitmap.map_or(0, <[u8]>::len)).unwrap_or(0);
        positions(&seed(header, half), tag, u32::from(header.rate / 2)).all(|position| {
            let position = position % bits.max(1);
            let byte = usize::try_from(position / 8).ok();
            let byte = byte.and_then(|byte| bitmap?.get(byte));
            byte.is_some_and(|byte| byte >> (position % 8) & 1 == 1)
        })
    };
    let hit = never_listed.iter();
    let hit = hit.filter(|tag| all_set(0, tag) && all_set(1, tag));
    let hit: BTreeSet<_> = hit.copied().collect();
    out.extend(halves.iter().flatten());
    if header.edition == 2 {
        out.extend(u32::try_from(hit.len()).unwrap_or(u32::MAX).to_le_bytes());
        out.extend(hit.iter().flat_map(|tag| tag.0));
    }
    out
}

fn bytes(header: &Header, half: u8, tags: &[Tag]) -> Vec<u8> {
    let hashes = u32::from(header.rate / 2);
    let bits = u128::from(header.entries) * u128::from(hashes) * 1_442_695_041;
    let size = u64::try_from(bits.div_ceil(8_000_000_000)).unwrap_or(0);
    let seed = seed(header, half);
    let mut bitmap = vec![0_u8; usize::try_from(size).unwrap_or(0)];
    for tag in tags {
        for position in positions(&seed, tag, hashes) {
            let position = position % (8 * size).max(1);
            let byte = usize::try_from(position / 8).unwrap_or(usize::MAX);
            if let Some(byte) = bitmap.get_mut(byte) {
                *byte |= 1 << (position % 8);
            }
        }
    }
    let size = size.to_le_bytes();
    [&[1], &size[..], &hashes.to_le_bytes(), &seed, &bitmap].concat()
}

fn seed(header: &Header, half: u8) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("interdict 2026-11 filter seed");
    hasher.update(header.list.as_bytes()).update(&[0]);
    hasher.update(&header.epoch.to_le_bytes()).update(&[half]);
    hasher.finalize().into()
}

/// The positions of a tag, before the modulo by the number of bits.
fn positions(seed: &[u8; 32], tag: &Tag, hashes: u32) -> impl Iterator<Item = u64> {
    let word = |at: usize| {
        let bytes = seed.iter().skip(8 * at).take(8).rev();
        bytes.fold(0_u64, |word, byte| word << 8 | u64::from(*byte))
    };
    let hash = |first: u64, second: u64| {
        let mut hasher = SipHasher13::new_with_keys(first, second);
        hasher.write(&tag.0);
        hasher.finish()
    };
    let (first, second) = (hash(word(0), word(1)), hash(word(2), word(3)));
    (0..hashes).map(move |index| match index {
        0 => first,
        1 => second,
        _ => first.wrapping_add(u64::from(index).wrapping_mul(second)) % PRIME,
    })
}
