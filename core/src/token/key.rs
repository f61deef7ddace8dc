use core::fmt;

use siphasher::sip128::SipHasher24;

use crate::common::bytes::first;
use crate::identifier::Kind;

use super::digest::NameDigest;

/// Version of the rule in [`ListKey::tag`]. Every list header names it; other schemes are refused.
pub const TOKEN_SCHEME: u16 = 2;

/// Domain separation of [`KeyId`], as BLAKE3's `derive_key` asks: unique, fixed, application named.
const KEY_ID_CONTEXT: &str = "interdict 2026-11 list key id";

/// Domain separation of the key that tags are made with; another scheme has another key.
const TAG_KEY_CONTEXT: &str = "interdict 2026-11 token scheme 2";

/// What is derived from the 32-byte secret of one coalition and epoch. The secret itself is not kept.
#[derive(Clone, PartialEq, Eq)]
pub struct ListKey {
    id: KeyId,
    /// The key of SipHash, which makes tags.
    tag_key: [u8; 16],
}

/// Names a [`ListKey`] without revealing it: 8 bytes derived from the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyId(pub [u8; 8]);

/// The first 12 bytes of an identifier's keyed hash, the only thing a list ever holds. 96 bits, so that
/// two of ten million entries collide with probability 6e-16 and a merchant with any of them with 1e-22.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub [u8; 12]);

impl ListKey {
    /// Takes 32 secret bytes.
    #[must_use]
    pub fn new(secret: [u8; 32]) -> Self {
        Self {
            id: KeyId(first(&blake3::derive_key(KEY_ID_CONTEXT, &secret))),
            tag_key: first(&blake3::derive_key(TAG_KEY_CONTEXT, &secret)),
        }
    }

    /// Reads 64 hexadecimal digits, the form enrolment files use.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        crate::common::hex::array(text).map(Self::new)
    }

    /// The id by which list headers name this key.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The tag of canonical bytes. If a name is asked for under several keys, [`Names`] is faster.
    ///
    /// [`Names`]: super::Names
    #[must_use]
    pub fn tag(&self, kind: Kind, canonical: &[u8]) -> Tag {
        self.tag_of(&NameDigest::new(kind, canonical))
    }

    /// SipHash-2-4 with 128-bit output over the digest, cut to 12 bytes.
    pub(super) fn tag_of(&self, digest: &NameDigest) -> Tag {
        Tag(first(&siphash_2_4_128(&self.tag_key, digest.bytes())))
    }
}

/// SipHash-2-4-128, as the 16 bytes that its reference implementation writes.
fn siphash_2_4_128(key: &[u8; 16], message: &[u8]) -> [u8; 16] {
    let hash = SipHasher24::new_with_key(key).hash(message);
    u128::from(hash).to_le_bytes()
}

impl fmt::Debug for ListKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ListKey(secret)")
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tag(keyed)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_depends_on_key_kind_and_value() {
        let (one, two) = (ListKey::new([1; 32]), ListKey::new([2; 32]));
        let tag = one.tag(Kind::Domain, b"shop.example");
        assert_eq!(tag, one.tag(Kind::Domain, b"shop.example"));
        assert_ne!(tag, two.tag(Kind::Domain, b"shop.example"));
        assert_ne!(tag, one.tag(Kind::Iban, b"shop.example"));
        assert_ne!(tag, one.tag(Kind::Domain, b"shop.test"));
        assert_ne!(one.id(), two.id());
    }

    /// docs/format.md, Token scheme 2, in the words of BLAKE3 and of the SipHash crate's integers.
    #[test]
    fn a_tag_and_a_key_id_are_those_of_the_document() {
        let secret = [7; 32];
        let key = ListKey::new(secret);
        let digest = blake3::hash(b"\x02DE89370400440532013000");
        let derived = blake3::derive_key("interdict 2026-11 token scheme 2", &secret);
        let word = |at: usize| derived[at..].first_chunk().copied().map(u64::from_le_bytes);
        let (k0, k1) = (word(0).expect("a word"), word(8).expect("a word"));
        let hash = SipHasher24::new_with_keys(k0, k1).hash(digest.as_bytes());
        let written = [hash.h1.to_le_bytes(), hash.h2.to_le_bytes()].concat();
        let tag = key.tag(Kind::Iban, b"DE89370400440532013000");
        assert_eq!(tag.0, written[..12]);
        let derived = blake3::derive_key("interdict 2026-11 list key id", &secret);
        assert_eq!(key.id().0, derived[..8]);
    }

    /// <https://github.com/veorq/SipHash>, `vectors.h` at f26d35e964c6, `vectors_sip128`: the key is
    /// 00 01 … 0f and the message 00 01 … of so many bytes.
    #[test]
    fn the_vectors_of_siphash_2_4_128_come_out() {
        let key = core::array::from_fn(|at| u8::try_from(at).expect("below 16"));
        for (size, expected) in [
            (0, "a3817f04ba25a8e66df67214c7550293"),
            (1, "da87c1d86b99af44347659119b22fc45"),
            (2, "8177228da4a45dc7fca38bdef60affe4"),
            (7, "a1f1ebbed8dbc153c0b84aa61ff08239"),
            (8, "3b62a9ba6258f5610f83e264f31497b4"),
            (15, "5493e99933b0a8117e08ec0f97cfc3d9"),
            (31, "2939b0183223fafc1723de4f52c43d35"),
            (32, "7c3956ca5eeafc3e363e9d556546eb68"),
            (63, "5150d1772f50834a503e069a973fbd7c"),
        ] {
            let message: Vec<u8> = (0..size).collect();
            let found = siphash_2_4_128(&key, &message);
            assert_eq!(crate::common::hex::text(&found), expected, "{size}");
        }
    }

    #[test]
    fn secrets_are_not_printed() {
        let key = ListKey::new([7; 32]);
        let tag = key.tag(Kind::Domain, b"shop.example");
        assert_eq!(format!("{key:?} {tag:?}"), "ListKey(secret) Tag(keyed)");
    }
}
