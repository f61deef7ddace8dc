use std::fmt;
use std::path::Path;

use ed25519_dalek::{Signer as _, SigningKey};
use interdict_core::common::hex;
use interdict_core::common::json::{Limits, parse};
use interdict_host::{DocumentKind, StoreError, files};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::error::Error;

const MAX_KEY: u64 = 4096;
/// As the module reads a document of clearances, the larger of the two.
const LIMITS: Limits = Limits {
    depth: 8,
    nodes: 65_536,
};
/// As in the policy's `override_keys` and `clearance_keys`.
const MAX_NAME: usize = 64;

/// What a person's key signs. A key for one use signs nothing of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyUse {
    /// Documents that the module reads.
    Document(DocumentKind),
    /// Statements about a self-test.
    SelfTest,
}

impl KeyUse {
    /// The command that makes such keys, which is also the word in the format of a key file.
    const fn name(self) -> &'static str {
        match self {
            Self::Document(kind) => kind.name(),
            Self::SelfTest => "selftest",
        }
    }
}

impl From<DocumentKind> for KeyUse {
    fn from(kind: DocumentKind) -> Self {
        Self::Document(kind)
    }
}

/// The Ed25519 key with which one person of the gateway signs documents of one kind.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonKey {
    format: String,
    /// The name of its person, which the policy gives with the public half.
    pub name: String,
    secret: String,
}

impl PersonKey {
    /// A new key.
    ///
    /// # Errors
    /// [`Error::Signing`] for a name that no policy takes, or [`StoreError::Randomness`].
    pub fn create(for_use: impl Into<KeyUse>, name: &str) -> Result<Self, Error> {
        let fits = (1..=MAX_NAME).contains(&name.len()) && !name.chars().any(char::is_control);
        if !fits {
            return Err(Error::Signing(
                "a name has 1 to 64 bytes and no line ends".to_owned(),
            ));
        }
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|_| StoreError::Randomness)?;
        Ok(Self {
            format: key_format(for_use.into()),
            name: name.to_owned(),
            secret: hex::text(&secret),
        })
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// It cannot be read, or is not a key file for this use.
    pub fn read(for_use: impl Into<KeyUse>, path: &Path) -> Result<Self, Error> {
        let for_use = for_use.into();
        let none = || {
            Error::Signing(format!(
                "{}: this is no key file of interdict {} key",
                path.display(),
                for_use.name()
            ))
        };
        let Some(bytes) = files::read(path, MAX_KEY)? else {
            return Err(StoreError::at(path)(std::io::ErrorKind::NotFound.into()).into());
        };
        match serde_json::from_slice::<Self>(&bytes) {
            Ok(key) if key.format == key_format(for_use) => {
                let is_secret = hex::array::<32>(&key.secret).is_some();
                Some(key).filter(|_| is_secret).ok_or_else(none)
            }
            _ => Err(none()),
        }
    }

    /// Writes the key file so that only its owner can read it. A file is never overwritten.
    ///
    /// # Errors
    /// It exists, or cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let text = serde_json::to_vec(self).map_err(|_| Error::ANSWER)?;
        Ok(files::create_new(path, &text).map_err(StoreError::at(path))?)
    }

    /// The table that adds the key to the policy in `gateway.toml`. Its comment says how it begins in a policy
    /// file of its own.
    #[must_use]
    pub fn policy_block(&self, kind: DocumentKind) -> String {
        let public = self.public();
        // In a text without line ends, JSON and TOML escape alike.
        let name = Value::from(self.name.as_str());
        format!(
            "# For gateway.toml. In a policy file of its own, the next line is [[{kind}_keys]]\n\
             [[policy.{kind}_keys]]\nname = {name}\nkeytype = \"ed25519\"\nscheme = \"ed25519\"\npublic = \"{public}\"\n",
            kind = kind.name(),
        )
    }

    /// Adds its signature to a document, or replaces its earlier one.
    ///
    /// # Errors
    /// [`Error::Signing`] for a document of another kind: nothing else is signed.
    pub fn sign(&self, kind: DocumentKind, document: &[u8]) -> Result<Vec<u8>, Error> {
        let none = || Error::Signing(format!("this is no {} document", kind.name()));
        let value = parse(document, LIMITS).map_err(|_| none())?;
        let file = value.as_object().ok_or_else(none)?;
        let signed = file.get("signed").ok_or_else(none)?;
        let mut json: Value = serde_json::from_slice(document).map_err(|_| none())?;
        let document_type = format!("interdict-{}", kind.name());
        if json.pointer("/signed/_type") != Some(&Value::from(document_type)) {
            return Err(none());
        }
        let signature = self.key().sign(&signed.canonical());
        let signatures = json.get_mut("signatures").and_then(Value::as_array_mut);
        let signatures = signatures.ok_or_else(none)?;
        signatures.retain(|one| one.get("keyid").and_then(Value::as_str) != Some(&self.name));
        signatures.push(json!({"keyid": self.name, "sig": hex::text(&signature.to_bytes())}));
        let mut text = serde_json::to_vec(&json).map_err(|_| none())?;
        text.push(b'\n');
        Ok(text)
    }

    /// The public half: 64 hexadecimal digits.
    #[must_use]
    pub fn public(&self) -> String {
        hex::text(self.key().verifying_key().as_bytes())
    }

    /// The signature of a message whose first words say what it is.
    pub(crate) fn signature(&self, message: &[u8]) -> [u8; 64] {
        self.key().sign(message).to_bytes()
    }

    fn key(&self) -> SigningKey {
        SigningKey::from_bytes(&hex::array(&self.secret).unwrap_or_default())
    }
}

impl fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonKey({:?}, secret)", self.name)
    }
}

/// The format of a key file.
fn key_format(for_use: KeyUse) -> String {
    format!("interdict-{}-key-1", for_use.name())
}

/// The SHA-256 of what the signatures below a document are over, by which the journal names it.
///
/// # Errors
/// [`Error::Signing`] for what is no document.
pub fn document_digest(document: &[u8]) -> Result<String, Error> {
    let none = || Error::Signing("this is no signed document".to_owned());
    let value = parse(document, LIMITS).map_err(|_| none())?;
    let signed = value.as_object().and_then(|file| file.get("signed"));
    let signed = signed.ok_or_else(none)?.canonical();
    Ok(hex::text(&Sha256::digest(&signed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [DocumentKind; 2] = [DocumentKind::Override, DocumentKind::Clearance];

    fn document(kind: DocumentKind) -> String {
        let kind = kind.name();
        format!(r#"{{"signatures":[],"signed":{{"_type":"interdict-{kind}","identifier":"00"}}}}"#)
    }

    #[test]
    fn a_key_is_read_back_never_written_over_and_never_printed() {
        let room = tempfile::tempdir().unwrap();
        for (kind, other) in KINDS.into_iter().zip(KINDS.into_iter().rev()) {
            let path = room.path().join(kind.name());
            let key = PersonKey::create(kind, "risk \"lead\"").unwrap();
            key.save(&path).unwrap();
            assert!(key.save(&path).is_err());
            assert!(!files::is_open_to_others(&path));
            let back = PersonKey::read(kind, &path).unwrap();
            let block = key.policy_block(kind);
            assert_eq!(back.policy_block(kind), block);
            assert!(toml::from_str::<toml::Value>(&block).is_ok());
            assert!(block.contains(&format!("[[policy.{}_keys]]\n", kind.name())));
            assert!(!format!("{key:?}").contains(&key.secret));
            assert!(PersonKey::read(other, &path).is_err(), "a key of one kind");
            assert!(PersonKey::read(KeyUse::SelfTest, &path).is_err());
            for name in ["", "a\nb", &"x".repeat(65)] {
                assert!(PersonKey::create(kind, name).is_err());
            }
        }
    }

    #[test]
    fn nothing_but_its_kind_is_signed_and_a_second_signature_replaces_the_first() {
        for (kind, other) in KINDS.into_iter().zip(KINDS.into_iter().rev()) {
            let key = |name| PersonKey::create(kind, name).unwrap();
            let (one, two) = (key("a"), key("b"));
            let good = document(kind);
            let signed = one.sign(kind, good.as_bytes()).unwrap();
            let signed = two.sign(kind, &one.sign(kind, &signed).unwrap()).unwrap();
            let json: Value = serde_json::from_slice(&signed).unwrap();
            assert_eq!(json["signatures"].as_array().unwrap().len(), 2);
            for refused in [
                "",
                "{}",
                "[]",
                &document(other),
                &good.replace("\"identifier\"", "\"_type\""),
                &good.replace("[]", "{}"),
            ] {
                assert!(one.sign(kind, refused.as_bytes()).is_err(), "{refused}");
            }
        }
    }
}
