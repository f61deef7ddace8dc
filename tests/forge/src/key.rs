use siphasher::sip128::SipHasher24;

/// The codes of kinds, from the table in `docs/identifiers.md`.
pub mod kind {
    /// A host name or address.
    pub const DOMAIN: u8 = 1;
    /// An account.
    pub const IBAN: u8 = 2;
    /// The highest code in the table.
    pub const LAST: u8 = 13;
}

/// What a list holds of an identifier: the first 12 bytes of its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub [u8; 12]);

/// The secret of one coalition and epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListKey(pub [u8; 32]);

impl ListKey {
    /// The key that tests give to an epoch: every byte is `epoch + 7`.
    #[must_use]
    pub fn of_epoch(epoch: u32) -> Self {
        let byte = u8::try_from(epoch.saturating_add(7)).unwrap_or(u8::MAX);
        Self([byte; 32])
    }

    /// The tag of canonical bytes, under token scheme 2.
    #[must_use]
    pub fn tag(&self, kind: u8, canonical: &[u8]) -> Tag {
        let digest = blake3::hash(&[&[kind][..], canonical].concat());
        let mut secret = blake3::Hasher::new_derive_key("interdict 2026-11 token scheme 2");
        let mut key = [0; 16];
        secret.update(&self.0).finalize_xof().fill(&mut key);
        let token = SipHasher24::new_with_key(&key).hash(digest.as_bytes());
        let [low, high] = [token.h1, token.h2].map(u64::to_le_bytes);
        let mut tag = [0; 12];
        let bytes = low.into_iter().chain(high);
        tag.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
        Tag(tag)
    }

    /// The key's id in files.
    #[must_use]
    pub fn id(&self) -> [u8; 8] {
        let mut id = [0; 8];
        let mut hasher = blake3::Hasher::new_derive_key("interdict 2026-11 list key id");
        hasher.update(&self.0).finalize_xof().fill(&mut id);
        id
    }

    /// Tags of no identifier, to pad a filter with. The same key gives the same tags.
    pub fn decoys(&self) -> impl Iterator<Item = Tag> {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        let mut stream = hasher.update(b"decoys").finalize_xof();
        std::iter::repeat_with(move || {
            let mut tag = [0; 12];
            stream.fill(&mut tag);
            Tag(tag)
        })
    }
}
