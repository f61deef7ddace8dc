use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use crate::key::ListKey;
use crate::metadata::Target;
use crate::signer::Signer;
use crate::text::{canonical, hex};

/// The file by which a gateway joins a coalition.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// The coalition's name.
    pub coalition: String,
    /// The gateway's name in the coalition.
    pub member: String,
    /// Which edition it takes, such as `member`.
    pub edition: String,
    /// Where the repository is.
    pub repository: String,
    /// The lists it may read.
    pub lists: Vec<String>,
    /// The root it pins.
    pub root: Vec<u8>,
    /// Each epoch with its key.
    pub keys: Vec<(u32, ListKey)>,
}

impl Enrolment {
    /// The file.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let keys = self.keys.iter();
        let keys: Vec<_> = keys
            .map(|(epoch, key)| json!({"epoch": epoch, "key": hex(&key.0)}))
            .collect();
        let json = json!({
            "format": "interdict-enrolment-1",
            "coalition": self.coalition,
            "member": self.member,
            "edition": self.edition,
            "repository": self.repository,
            "lists": self.lists,
            "root": BASE64.encode(&self.root),
            "keys": keys,
        });
        json.to_string().into_bytes()
    }
}

/// A typology pack with these rules (`docs/scoring.md`, Typologies).
#[must_use]
pub fn pack(version: u32, name: &str, rules: &[Value]) -> Vec<u8> {
    let json = json!({"format": 1, "version": version, "name": name, "rules": rules});
    json.to_string().into_bytes()
}

/// A pack as a target that says it is one, at the path for its list.
#[must_use]
pub fn pack_target(list: &str, version: u32, pack: &[u8]) -> (String, Target) {
    let custom = json!({"interdict_typologies": {"format": 1, "version": version}});
    let target = Target {
        custom: Some(custom),
        ..Target::new(pack)
    };
    (format!("{list}.typologies.json"), target)
}

/// A signed document that is no metadata, such as an override: each signer signs under a name of its
/// own.
///
/// # Panics
/// On a P-256 key of seed 0.
#[must_use]
pub fn signed_as(signed: &Value, signers: &[(&str, Signer)]) -> Vec<u8> {
    let message = canonical(signed);
    let signatures = signers.iter();
    let signatures: Vec<_> = signatures
        .map(|(name, signer)| json!({"keyid": name, "sig": signer.sign(&message)}))
        .collect();
    let document = json!({"signatures": signatures, "signed": signed});
    document.to_string().into_bytes()
}
