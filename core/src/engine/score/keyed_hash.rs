use alloc::string::String;

use crate::common::hex;
use crate::identifier::{Identifier, Kind};

/// The version of the receipt format. Every digest covers it, so that digests of two formats never
/// match.
pub(super) const FORMAT: u32 = 1;

/// Keyed BLAKE3 over fields, each preceded by its length. The first three say what is hashed, so
/// that digests of two things never match; `docs/scoring.md` has the bytes.
pub(super) struct KeyedHash(blake3::Hasher);

impl KeyedHash {
    pub(super) fn new(key: &[u8; 32], what: &str) -> Self {
        let mut hash = Self(blake3::Hasher::new_keyed(key));
        hash.field(b"interdict");
        hash.field(what.as_bytes());
        hash.field(&FORMAT.to_le_bytes());
        hash
    }

    pub(super) fn field(&mut self, bytes: &[u8]) {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.0.update(&length.to_le_bytes());
        self.0.update(bytes);
    }

    /// Adds a kind and canonical bytes.
    pub(super) fn name(&mut self, kind: Kind, canonical: &[u8]) {
        self.field(&[kind.code()]);
        self.field(canonical);
    }

    pub(super) fn identifier(&mut self, identifier: &Identifier) {
        self.name(identifier.kind(), identifier.canonical());
    }

    /// The first bytes of the hash's output.
    pub(super) fn bytes<const N: usize>(self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.finalize_xof().fill(&mut bytes);
        bytes
    }

    /// A digest as receipts print it: 16 bytes, hexadecimal.
    pub(super) fn text(self) -> String {
        hex::text(&self.bytes::<16>())
    }
}
