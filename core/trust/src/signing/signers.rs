//! Signed documents that are not TUF metadata, such as overrides.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use interdict_common::json::{Limits, Object, Value, parse};

use super::key::Key;
use super::signatures::{count_signers, read_signatures};
use crate::error::{Member, TrustError};
use crate::limits::{MAX_DOCUMENT_DEPTH, MAX_DOCUMENT_VALUES, MAX_KEYS, MAX_LARGE_DOCUMENT_VALUES};
use crate::role_name::RoleName;

/// The bounds on a document's JSON.
const DOCUMENT_LIMITS: Limits = Limits {
    depth: MAX_DOCUMENT_DEPTH,
    nodes: MAX_DOCUMENT_VALUES,
};

/// The bounds on the JSON of a document of clearances.
const LARGE_DOCUMENT_LIMITS: Limits = Limits {
    depth: MAX_DOCUMENT_DEPTH,
    nodes: MAX_LARGE_DOCUMENT_VALUES,
};

/// The keys whose signatures on a document count, each with the name that its owner chose.
#[derive(Debug, Clone, Default)]
pub struct Signers {
    keys: Vec<(String, Arc<Key>)>,
    texts: Vec<String>,
}

/// A signed document, read; nobody has checked its signatures yet.
#[derive(Debug, Clone)]
pub struct Document {
    signed: Object<'static>,
    /// What the signatures cover: the canonical bytes of `signed`.
    message: Vec<u8>,
    /// The names of keys and their signatures.
    signatures: Vec<(String, String)>,
}

impl Signers {
    /// Adds a key in the form of TUF metadata (1.0.34 §4.2.2). `None`, and nothing is added, if the
    /// name or the key is already present, if there are [too many](crate::LIMITS) keys, or if the
    /// key is not of a supported kind.
    pub fn add(&mut self, name: &str, keytype: &str, scheme: &str, public: &str) -> Option<()> {
        let key = Key::of(keytype, scheme, public)?;
        let mut others = self.keys.iter();
        if self.keys.len() >= MAX_KEYS
            || others.any(|(other, known)| other == name || **known == key)
        {
            return None;
        }
        self.keys.push((name.to_owned(), Arc::new(key)));
        let texts = [name, scheme, public].map(str::to_owned);
        self.texts.extend(texts);
        Some(())
    }

    /// The number of keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are no keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The name of each key, as given to [`Signers::add`].
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|(name, _)| name.as_str())
    }

    /// Name, scheme and public key of each key, as given to [`Signers::add`].
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(String::as_str)
    }

    /// How many distinct keys signed a document, counted up to `enough`.
    #[must_use]
    pub fn count(&self, document: &Document, enough: u32) -> u32 {
        let Document {
            message,
            signatures,
            ..
        } = document;
        count_signers(&self.keys, message, signatures, enough)
    }
}

impl Document {
    /// Reads `{"signed": {..}, "signatures": [{"keyid": NAME, "sig": ..}]}`. The signatures cover the
    /// canonical JSON (OLPC) of `signed`; [`Signers::count`] checks them.
    ///
    /// # Errors
    /// [`TrustError::Json`], [`TrustError::Malformed`], [`TrustError::TooManySignatures`] or
    /// [`TrustError::DuplicateSignature`]. They name the root role, because a document has no role
    /// of its own.
    pub fn parse(bytes: &[u8]) -> Result<Self, TrustError> {
        Self::within(bytes, DOCUMENT_LIMITS)
    }

    /// Like [`Document::parse`], for a document that holds thousands of clearances.
    ///
    /// # Errors
    /// As [`Document::parse`].
    pub fn parse_large(bytes: &[u8]) -> Result<Self, TrustError> {
        Self::within(bytes, LARGE_DOCUMENT_LIMITS)
    }

    fn within(bytes: &[u8], limits: Limits) -> Result<Self, TrustError> {
        let role = RoleName::Root;
        let malformed = TrustError::Malformed(role, Member::Signed);
        let value = parse(bytes, limits).map_err(|error| TrustError::Json(role, error))?;
        let file = value.as_object().ok_or(malformed)?;
        let signed = file.get("signed").ok_or(malformed)?;
        let (message, signatures) = (signed.canonical(), read_signatures(role, file)?);
        match signed.clone().into_owned() {
            Value::Object(signed) => Ok(Self {
                signed,
                message,
                signatures,
            }),
            _ => Err(malformed),
        }
    }

    /// What was signed. It means nothing until enough keys did.
    #[must_use]
    pub const fn signed(&self) -> &Object<'static> {
        &self.signed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Scheme, Signer};

    fn signers(signers: &[(&str, Signer)]) -> Signers {
        let mut all = Signers::default();
        for (name, signer) in signers {
            let added = all.add(name, "ed25519", "ed25519", &signer.public());
            added.unwrap();
        }
        all
    }

    fn document(signed: &str, signatures: &[(&str, Signer)]) -> String {
        let value = parse(signed.as_bytes(), DOCUMENT_LIMITS).unwrap();
        let message = value.canonical();
        let signatures: Vec<_> = signatures
            .iter()
            .map(|(name, signer)| {
                format!(r#"{{"keyid":"{name}","sig":"{}"}}"#, signer.sign(&message))
            })
            .collect();
        format!(
            r#"{{"signatures":[{}],"signed":{signed}}}"#,
            signatures.join(",")
        )
    }

    #[test]
    fn distinct_keys_that_signed_the_very_document_count() {
        let [a, b, c] = [1, 2, 3].map(|seed| Signer::new(Scheme::Ed25519, seed));
        let known = signers(&[("a", a), ("b", b)]);
        let found = |text: &str| {
            let document = Document::parse(text.as_bytes()).unwrap();
            known.count(&document, 2)
        };
        let signed = r#"{"x":1}"#;
        assert_eq!(found(&document(signed, &[("a", a), ("b", b)])), 2);
        assert_eq!(found(&document(signed, &[("a", a)])), 1);
        // Another's key, another's name, a signature of another document.
        assert_eq!(found(&document(signed, &[("a", a), ("c", c)])), 1);
        assert_eq!(found(&document(signed, &[("a", a), ("b", a)])), 1);
        let both = document(signed, &[("a", a), ("b", b)]);
        assert_eq!(found(&both.replace(r#"{"x":1}"#, r#"{"x":2}"#)), 0);
    }

    #[test]
    fn one_key_is_one_voice_under_whatever_name() {
        let a = Signer::new(Scheme::Ed25519, 1);
        let mut known = signers(&[("a", a)]);
        let key = a.public();
        assert_eq!(known.add("b", "ed25519", "ed25519", &key), None);
        assert_eq!(known.add("a", "ed25519", "ed25519", &key), None);
        assert_eq!(known.add("b", "ed25519", "rsa", &key), None);
        assert_eq!(known.len(), 1);
    }

    #[test]
    fn what_is_no_signed_document_is_refused() {
        let a = Signer::new(Scheme::Ed25519, 1);
        let twice = document("{}", &[("a", a), ("a", a)]);
        for text in [
            "",
            "[]",
            "{}",
            r#"{"signed":{}}"#,
            r#"{"signed":1,"signatures":[]}"#,
            &twice,
        ] {
            assert!(Document::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
