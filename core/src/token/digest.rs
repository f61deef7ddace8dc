use crate::identifier::Kind;

/// The unkeyed 32-byte hash of a name, the same for every coalition. Not public, and without `Debug`,
/// comparison or serialisation, because a guess can be tried against it without any key.
#[derive(Clone)]
pub(super) struct NameDigest([u8; 32]);

impl NameDigest {
    /// BLAKE3 of the kind's code (u8) and the canonical bytes.
    pub(super) fn new(kind: Kind, canonical: &[u8]) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&[kind.code()]);
        hasher.update(canonical);
        Self(hasher.finalize().into())
    }

    pub(super) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}
