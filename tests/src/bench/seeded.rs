//! Randomness that is the same in every run.

use interdict_core::token::Tag;

/// An endless stream of bytes named by what it is for.
pub(crate) struct Stream(blake3::OutputReader);

impl Stream {
    pub(crate) fn new(purpose: &str) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("interdict 2026-11 benchmark");
        hasher.update(purpose.as_bytes());
        Self(hasher.finalize_xof())
    }

    /// The next tag: as random as the keyed hash of a name nobody has tried.
    pub(crate) fn tag(&mut self) -> Tag {
        let mut tag = Tag([0; 12]);
        self.0.fill(&mut tag.0);
        tag
    }

    /// So many tags.
    pub(crate) fn tags(&mut self, count: u32) -> Vec<Tag> {
        (0..count).map(|_| self.tag()).collect()
    }

    /// A number below a bound; the bias of the remainder is below 2^-32.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        let number = u64::from_le_bytes(bytes) % u64::from(bound.max(1));
        u32::try_from(number).unwrap_or(0)
    }
}
