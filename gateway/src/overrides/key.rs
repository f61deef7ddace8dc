use std::fmt;
use std::path::Path;

use ed25519_dalek::{Signer as _, SigningKey};
use interdict_core::common::hex;
use interdict_core::common::json::{Limits, parse};
use interdict_host::{StoreError, files};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::Error;

const KEY_FORMAT: &str = "interdict-override-key-1";
const MAX_KEY: u64 = 4096;
/// As the module reads a document.
const LIMITS: Limits = Limits {
    depth: 8,
    nodes: 512,
};
/// As the policy's `override_keys`.
const MAX_NAME: usize = 64;

/// The Ed25519 key with which one person of the gateway signs overrides.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OverrideKey {
    format: String,
    /// The name of its person, which the policy gives with the public half.
    pub name: String,
    secret: String,
}

impl OverrideKey {
    /// A new key.
    ///
    /// # Errors
    /// [`Error::Override`] for a name that no policy takes, or [`StoreError::Randomness`].
    pub fn create(name: &str) -> Result<Self, Error> {
        let fits = (1..=MAX_NAME).contains(&name.len()) && !name.chars().any(char::is_control);
        if !fits {
            return Err(Error::Override("a name has 1 to 64 bytes and no line ends"));
        }
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|_| StoreError::Randomness)?;
        Ok(Self {
            format: KEY_FORMAT.to_owned(),
            name: name.to_owned(),
            secret: hex::text(&secret),
        })
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// It cannot be read, or is not a key file.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let none = Error::Override("this is no key file of interdict override key");
        let Some(bytes) = files::read(path, MAX_KEY)? else {
            return Err(StoreError::at(path)(std::io::ErrorKind::NotFound.into()).into());
        };
        match serde_json::from_slice::<Self>(&bytes) {
            Ok(key) if key.format == KEY_FORMAT && hex::array::<32>(&key.secret).is_some() => {
                Ok(key)
            }
            _ => Err(none),
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
    pub fn policy_block(&self) -> String {
        let public = hex::text(self.key().verifying_key().as_bytes());
        // In a text without line ends, JSON and TOML escape alike.
        let name = Value::from(self.name.as_str());
        format!(
            "# For gateway.toml. In a policy file of its own, the next line is [[override_keys]]\n\
             [[policy.override_keys]]\nname = {name}\nkeytype = \"ed25519\"\nscheme = \"ed25519\"\npublic = \"{public}\"\n"
        )
    }

    /// Adds its signature to an override, or replaces its earlier one.
    ///
    /// # Errors
    /// [`Error::Override`] for a document that is no override: nothing else is signed.
    pub fn sign(&self, document: &[u8]) -> Result<Vec<u8>, Error> {
        let none = || Error::Override("this is no override document");
        let value = parse(document, LIMITS).map_err(|_| none())?;
        let file = value.as_object().ok_or_else(none)?;
        let signed = file.get("signed").ok_or_else(none)?;
        let mut json: Value = serde_json::from_slice(document).map_err(|_| none())?;
        if json.pointer("/signed/_type") != Some(&Value::from("interdict-override")) {
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

    fn key(&self) -> SigningKey {
        SigningKey::from_bytes(&hex::array(&self.secret).unwrap_or_default())
    }
}

impl fmt::Debug for OverrideKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OverrideKey({:?}, secret)", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str =
        r#"{"signatures":[],"signed":{"_type":"interdict-override","identifier":"00"}}"#;

    #[test]
    fn a_key_is_read_back_never_written_over_and_never_printed() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("a.key");
        let key = OverrideKey::create("risk \"lead\"").unwrap();
        key.save(&path).unwrap();
        assert!(key.save(&path).is_err());
        assert!(!files::is_open_to_others(&path));
        let back = OverrideKey::read(&path).unwrap();
        assert_eq!(back.policy_block(), key.policy_block());
        assert!(toml::from_str::<toml::Value>(&key.policy_block()).is_ok());
        assert!(!format!("{key:?}").contains(&key.secret));
        for name in ["", "a\nb", &"x".repeat(65)] {
            assert!(OverrideKey::create(name).is_err());
        }
    }

    #[test]
    fn nothing_but_an_override_is_signed_and_a_second_signature_replaces_the_first() {
        let (one, two) = (
            OverrideKey::create("a").unwrap(),
            OverrideKey::create("b").unwrap(),
        );
        let signed = one.sign(DOCUMENT.as_bytes()).unwrap();
        let signed = two.sign(&one.sign(&signed).unwrap()).unwrap();
        let json: Value = serde_json::from_slice(&signed).unwrap();
        assert_eq!(json["signatures"].as_array().unwrap().len(), 2);
        for other in [
            "",
            "{}",
            "[]",
            &DOCUMENT.replace("interdict-override", "targets"),
            &DOCUMENT.replace("\"identifier\"", "\"_type\""),
            &DOCUMENT.replace("[]", "{}"),
        ] {
            assert!(one.sign(other.as_bytes()).is_err(), "{other}");
        }
    }
}
