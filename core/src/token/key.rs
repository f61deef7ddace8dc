use core::fmt;

use crate::identifier::Kind;

/// Version of the rule in [`ListKey::token`]. Every list header names it; other schemes are refused.
pub const TOKEN_SCHEME: u16 = 1;

/// Domain separation of [`KeyId`], as BLAKE3's `derive_key` asks: unique, fixed, application named.
const KEY_ID_CONTEXT: &str = "interdict 2026-11 list key id";

/// The 32-byte secret of one coalition and epoch.
#[derive(Clone, PartialEq, Eq)]
pub struct ListKey {
    secret: [u8; 32],
    id: KeyId,
}

/// Names a [`ListKey`] without revealing it: 8 bytes derived from the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyId(pub [u8; 8]);

/// The keyed 16-byte hash of an identifier.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Token([u8; 16]);

/// The first 12 bytes of a [`Token`], the only thing a list ever holds. 96 bits, so that two of ten
/// million entries collide with probability 6e-16 and a merchant with any of them with 1e-22.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub [u8; 12]);

impl ListKey {
    /// Takes 32 secret bytes.
    #[must_use]
    pub fn new(secret: [u8; 32]) -> Self {
        let derived = blake3::derive_key(KEY_ID_CONTEXT, &secret);
        Self {
            secret,
            id: KeyId(crate::common::bytes::first(&derived)),
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

    /// The token of an identifier: BLAKE3 keyed with this key over scheme version (u16, little
    /// endian), kind code (u8) and canonical bytes, cut to 16 bytes.
    #[must_use]
    pub fn token(&self, kind: Kind, canonical: &[u8]) -> Token {
        let mut hasher = blake3::Hasher::new_keyed(&self.secret);
        hasher.update(&TOKEN_SCHEME.to_le_bytes());
        hasher.update(&[kind.code()]);
        hasher.update(canonical);
        Token(crate::common::bytes::first(hasher.finalize().as_bytes()))
    }
}

impl Token {
    /// The part that a list holds.
    #[must_use]
    pub fn tag(&self) -> Tag {
        Tag(crate::common::bytes::first(&self.0))
    }
}

impl fmt::Debug for ListKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ListKey(secret)")
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(keyed)")
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
    fn a_token_depends_on_key_kind_and_value() {
        let (one, two) = (ListKey::new([1; 32]), ListKey::new([2; 32]));
        let token = one.token(Kind::Domain, b"shop.example");
        assert_eq!(token, one.token(Kind::Domain, b"shop.example"));
        assert_ne!(token, two.token(Kind::Domain, b"shop.example"));
        assert_ne!(token, one.token(Kind::Iban, b"shop.example"));
        assert_ne!(token, one.token(Kind::Domain, b"shop.test"));
        assert_ne!(one.id(), two.id());
    }

    /// docs/format.md, Token scheme 1, in BLAKE3's own words.
    #[test]
    fn a_token_and_a_key_id_are_those_of_the_document() {
        let secret = [7; 32];
        let key = ListKey::new(secret);
        let message = [&[1, 0, 2][..], b"DE89370400440532013000"].concat();
        let keyed = blake3::keyed_hash(&secret, &message);
        let token = key.token(Kind::Iban, b"DE89370400440532013000");
        assert_eq!(token.0, keyed.as_bytes()[..16]);
        assert_eq!(token.tag().0, keyed.as_bytes()[..12]);
        let derived = blake3::derive_key("interdict 2026-11 list key id", &secret);
        assert_eq!(key.id().0, derived[..8]);
    }

    #[test]
    fn secrets_are_not_printed() {
        let key = ListKey::new([7; 32]);
        let token = key.token(Kind::Domain, b"shop.example");
        let printed = format!("{key:?} {token:?} {:?}", token.tag());
        assert_eq!(printed, "ListKey(secret) Token(keyed) Tag(keyed)");
    }
}
