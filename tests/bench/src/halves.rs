//! The two halves of a filter file, read by `docs/format.md` with only the `bloomfilter` crate. It is a
//! second reader of the format, and the only way to ask one half alone.

use std::hash::{Hash, Hasher};

use anyhow::{Result, anyhow};
use bloomfilter::Bloom;
use interdict_core::list::{Header, Part};
use interdict_core::token::Tag;

use crate::table::wide;

/// Bytes `bloomfilter` writes before its bits.
const BLOOM_HEADER: usize = 45;

/// A tag as both filters hash it: its 12 bytes and nothing else.
pub(crate) struct Key(pub(crate) Tag);

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(&self.0.0);
    }
}

/// Both filters of a list.
pub(crate) struct Halves(pub(crate) [Bloom<Key>; 2]);

impl Halves {
    pub(crate) fn read(file: &[u8]) -> Result<Self> {
        let (_, start) = Header::decode(Part::Filter, file)
            .map_err(|error| anyhow!("the filter's header: {error}"))?;
        let body = file.get(start..).unwrap_or_default();
        let size = body.get(1..9).and_then(<[u8]>::first_chunk);
        let size = size.and_then(|size| usize::try_from(u64::from_le_bytes(*size)).ok());
        let size = size.unwrap_or(0) + BLOOM_HEADER;
        // The exceptions of a public filter follow.
        let halves = body.get(..2 * size).unwrap_or_default();
        let (first, second) = halves.split_at(halves.len() / 2);
        let half = |bytes: &[u8]| Bloom::from_slice(bytes).map_err(|error| anyhow!(error));
        Ok(Self([half(first)?, half(second)?]))
    }

    /// Whether a tag may be listed.
    pub(crate) fn hit(&self, tag: Tag) -> bool {
        let key = Key(tag);
        self.0.iter().all(|half| half.check(&key))
    }

    /// What each half says alone.
    pub(crate) fn each(&self, tag: Tag) -> [bool; 2] {
        let key = Key(tag);
        self.0.each_ref().map(|half| half.check(&key))
    }

    /// The rate each half must have by the share of its bits that are set: share ^ hashes.
    pub(crate) fn rates_by_fill(&self) -> [f64; 2] {
        self.0.each_ref().map(|half| {
            let bits = half.as_slice().get(BLOOM_HEADER..).unwrap_or_default();
            let set: u32 = bits.iter().map(|byte| byte.count_ones()).sum();
            let hashes = i32::try_from(half.number_of_hash_functions()).unwrap_or(0);
            (f64::from(set) / wide(half.len())).powi(hashes)
        })
    }
}
