//! Signed documents that are not TUF metadata, such as overrides.

use std::sync::Arc;

use interdict_common::json::{Limits, Object, Value, parse};

use super::key::Key;
use super::signatures::{count_signers, read_signatures};
use crate::error::{Member, TrustError};
use crate::limits::{MAX_DOCUMENT_DEPTH, MAX_DOCUMENT_VALUES, MAX_KEYS};
use crate::role_name::RoleName;

/// The bounds on a document's JSON.
const DOCUMENT_LIMITS: Limits = Limits {
    depth: MAX_DOCUMENT_DEPTH,
    nodes: MAX_DOCUMENT_VALUES,
};

/// The keys whose signatures on a document count, each with the name that its owner chose.
#[derive(Debug, Clone, Default)]
pub struct Signers {
    keys: Vec<(String, Arc<Key>)>,
    texts: Vec<String>,
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

    /// Reads `{"signed": {..}, "signatures": [{"keyid": NAME, "sig": ..}]}`. Returns `signed`, and
    /// how many distinct keys signed its canonical JSON (OLPC), counted up to `enough`.
    ///
    /// # Errors
    /// [`TrustError::Json`], [`TrustError::Malformed`], [`TrustError::TooManySignatures`] or
    /// [`TrustError::DuplicateSignature`]. They name the root role, because a document has no role
    /// of its own.
    pub fn open<'v>(&self, bytes: &'v [u8], enough: u32) -> Result<(Object<'v>, u32), TrustError> {
        let role = RoleName::Root;
        let malformed = TrustError::Malformed(role, Member::Signed);
        let value = parse(bytes, DOCUMENT_LIMITS).map_err(|error| TrustError::Json(role, error))?;
        let file = value.as_object().ok_or(malformed)?;
        let signed = file.get("signed").ok_or(malformed)?;
        let found = count_signers(
            &self.keys,
            &signed.canonical(),
            &read_signatures(role, file)?,
            enough,
        );
        match signed.clone() {
            Value::Object(signed) => Ok((signed, found)),
            _ => Err(malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Scheme, Signer};

    fn public(signer: Signer) -> String {
        let json = signer.json();
        let key = parse(json.as_bytes(), DOCUMENT_LIMITS).unwrap();
        let key = key.as_object().unwrap().get("keyval").unwrap();
        let public = key.as_object().unwrap().get("public").unwrap();
        public.as_str().unwrap().to_owned()
    }

    fn signers(signers: &[(&str, Signer)]) -> Signers {
        let mut all = Signers::default();
        for (name, signer) in signers {
            let added = all.add(name, "ed25519", "ed25519", &public(*signer));
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
        let found = |text: &str| known.open(text.as_bytes(), 2).unwrap().1;
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
        let key = public(a);
        assert_eq!(known.add("b", "ed25519", "ed25519", &key), None);
        assert_eq!(known.add("a", "ed25519", "ed25519", &key), None);
        assert_eq!(known.add("b", "ed25519", "rsa", &key), None);
        assert_eq!(known.len(), 1);
    }

    #[test]
    fn what_is_no_signed_document_is_refused() {
        let a = Signer::new(Scheme::Ed25519, 1);
        let known = signers(&[("a", a)]);
        let twice = document("{}", &[("a", a), ("a", a)]);
        for text in [
            "",
            "[]",
            "{}",
            r#"{"signed":{}}"#,
            r#"{"signed":1,"signatures":[]}"#,
            &twice,
        ] {
            assert!(known.open(text.as_bytes(), 2).is_err(), "{text}");
        }
    }
}
