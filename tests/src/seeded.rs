//! Random bytes that are the same in every run.

use interdict_core::token::Tag;

/// An endless stream of bytes, named after its purpose.
#[derive(Debug)]
pub struct Stream(blake3::OutputReader);

impl Stream {
    /// The stream of that name; equal names give equal bytes.
    #[must_use]
    pub fn new(purpose: &str) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("interdict 2026-11 benchmark");
        hasher.update(purpose.as_bytes());
        Self(hasher.finalize_xof())
    }

    /// The next tag: as random as the keyed hash of a name nobody has tried.
    pub fn tag(&mut self) -> Tag {
        let mut tag = Tag([0; 12]);
        self.0.fill(&mut tag.0);
        tag
    }

    /// This many tags.
    pub fn tags(&mut self, count: u32) -> Vec<Tag> {
        (0..count).map(|_| self.tag()).collect()
    }

    /// A number below a bound; the bias of the remainder is below 2^-32.
    pub fn below(&mut self, bound: u32) -> u32 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        let number = u64::from_le_bytes(bytes) % u64::from(bound.max(1));
        u32::try_from(number).unwrap_or(0)
    }

    /// True in `percent` of a hundred cases.
    pub fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// One of these.
    ///
    /// # Panics
    /// If there is none.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.index(from.len())]
    }

    /// A position in a sequence of this length; 0 if it is empty.
    pub fn index(&mut self, length: usize) -> usize {
        let bound = u32::try_from(length).unwrap_or(u32::MAX);
        usize::try_from(self.below(bound)).unwrap_or(0)
    }
}
