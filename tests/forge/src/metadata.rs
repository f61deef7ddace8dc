use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::signer::Signer;
use crate::text::{canonical, hex, sha256};

/// The head of one role's file, and who signs it.
#[derive(Debug, Clone)]
pub struct Role {
    /// Raised with every file of the role.
    pub version: i64,
    /// `YYYY-MM-DDTHH:MM:SSZ`.
    pub expires: String,
    /// Who signs.
    pub signers: Vec<Signer>,
    /// The keys that the delegator names, if not those that sign.
    pub named: Option<Vec<Signer>>,
    /// How many of the named keys must sign.
    pub threshold: i64,
    /// Members put into `signed` at the end, in place of those of the same name. `null` removes one.
    pub members: Map<String, Value>,
}

impl Role {
    /// Version 1, signed by all of these keys, of which all are needed.
    #[must_use]
    pub fn new(expires: &str, signers: &[Signer]) -> Self {
        Self {
            version: 1,
            expires: expires.to_owned(),
            signers: signers.to_vec(),
            named: None,
            threshold: i64::try_from(signers.len()).unwrap_or(i64::MAX),
            members: Map::new(),
        }
    }

    /// The keys that its delegator names.
    #[must_use]
    pub fn named(&self) -> &[Signer] {
        self.named.as_deref().unwrap_or(&self.signers)
    }

    /// The part that is signed, with these members of its own.
    pub(crate) fn signed(&self, kind: &str, own: Value) -> Value {
        let mut signed = Map::new();
        signed.insert("_type".to_owned(), kind.into());
        signed.insert("spec_version".to_owned(), "1.0.34".into());
        signed.insert("version".to_owned(), self.version.into());
        signed.insert("expires".to_owned(), self.expires.as_str().into());
        if let Value::Object(own) = own {
            signed.extend(own);
        }
        for (name, value) in &self.members {
            match value {
                Value::Null => signed.remove(name),
                value => signed.insert(name.clone(), value.clone()),
            };
        }
        Value::Object(signed)
    }
}

/// A file that targets metadata lists.
#[derive(Debug, Clone, Default)]
pub struct Target {
    /// What is served.
    pub bytes: Vec<u8>,
    /// The publisher's own statement about it.
    pub custom: Option<Value>,
    /// The metadata's entry for it, if not its length, SHA-256 and `custom`.
    pub listed: Option<Value>,
}

impl Target {
    /// A file without a statement about it.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.to_vec(),
            ..Self::default()
        }
    }

    fn json(&self) -> Value {
        if let Some(listed) = &self.listed {
            return listed.clone();
        }
        let sha256 = hex(&sha256(&self.bytes));
        let mut json = json!({"length": self.bytes.len(), "hashes": {"sha256": sha256}});
        if let Some(custom) = &self.custom {
            json["custom"] = custom.clone();
        }
        json
    }
}

/// Which paths a delegated role may list.
#[derive(Debug, Clone)]
pub enum Paths {
    /// Patterns such as `se/*`.
    Patterns(Vec<String>),
    /// Beginnings of the SHA-256 of a path.
    Prefixes(Vec<String>),
    /// Any members of the delegation, for what the format does not allow.
    Members(Map<String, Value>),
}

/// An entry of `delegations`.
#[derive(Debug, Clone)]
pub struct Delegation {
    /// The role.
    pub name: String,
    /// The keys named for it.
    pub signers: Vec<Signer>,
    /// How many of them must sign.
    pub threshold: i64,
    /// Whether a search ends here.
    pub terminating: bool,
    /// What it may list.
    pub paths: Paths,
}

impl Delegation {
    /// Delegates one pattern to one key. The search continues after it.
    #[must_use]
    pub fn new(name: &str, signer: Signer, pattern: &str) -> Self {
        Self {
            name: name.to_owned(),
            signers: vec![signer],
            threshold: 1,
            terminating: false,
            paths: Paths::Patterns(vec![pattern.to_owned()]),
        }
    }

    fn json(&self) -> Value {
        let mut json = json!({
            "name": self.name,
            "keyids": ids(&self.signers),
            "threshold": self.threshold,
            "terminating": self.terminating,
        });
        match &self.paths {
            Paths::Patterns(patterns) => json["paths"] = json!(patterns),
            Paths::Prefixes(prefixes) => json["path_hash_prefixes"] = json!(prefixes),
            Paths::Members(members) => {
                for (name, value) in members {
                    json[name] = value.clone();
                }
            }
        }
        json
    }
}

/// Targets, or a role that it delegates to.
#[derive(Debug, Clone)]
pub struct Targets {
    /// Its own settings.
    pub role: Role,
    /// The files it lists, by target path.
    pub files: BTreeMap<String, Target>,
    /// The roles it delegates to, in order.
    pub delegations: Vec<Delegation>,
}

impl Targets {
    /// A role that lists nothing yet.
    #[must_use]
    pub const fn new(role: Role) -> Self {
        Self {
            role,
            files: BTreeMap::new(),
            delegations: Vec::new(),
        }
    }

    /// Lists more files.
    pub fn add(&mut self, files: impl IntoIterator<Item = (String, Target)>) {
        self.files.extend(files);
    }

    /// The part that is signed.
    ///
    /// # Panics
    /// On a P-256 key of seed 0.
    #[must_use]
    pub fn signed(&self) -> Value {
        let files = self.files.iter();
        let files: Map<_, _> = files
            .map(|(path, file)| (path.clone(), file.json()))
            .collect();
        let mut own = json!({"targets": files});
        if !self.delegations.is_empty() {
            let signers = self.delegations.iter().flat_map(|one| &one.signers);
            let roles: Vec<_> = self.delegations.iter().map(Delegation::json).collect();
            own["delegations"] = json!({"keys": keys(signers), "roles": roles});
        }
        self.role.signed("targets", own)
    }

    /// The signed file.
    ///
    /// # Panics
    /// On a P-256 key of seed 0.
    #[must_use]
    pub fn file(&self) -> Vec<u8> {
        sign(&self.signed(), &self.role.signers)
    }
}

/// One file's entry for another: version, length and SHA-256.
#[must_use]
pub fn pin(version: i64, file: &[u8]) -> Value {
    let sha256 = hex(&sha256(file));
    json!({"version": version, "length": file.len(), "hashes": {"sha256": sha256}})
}

/// The key objects of some keys, by id.
pub(crate) fn keys<'a>(signers: impl IntoIterator<Item = &'a Signer>) -> Value {
    let signers = signers.into_iter();
    signers
        .map(|signer| (signer.id(), signer.key()))
        .collect::<Map<_, _>>()
        .into()
}

pub(crate) fn ids(signers: &[Signer]) -> Vec<String> {
    signers.iter().map(|signer| signer.id()).collect()
}

/// A metadata file: `signed`, and a signature of its canonical form for each signer, in order.
///
/// # Panics
/// On a P-256 key of seed 0.
#[must_use]
pub fn sign(signed: &Value, signers: &[Signer]) -> Vec<u8> {
    envelope(signed, signed.to_string().as_bytes(), signers)
}

/// The same for a text, which is kept byte for byte; `None` if it is not JSON.
///
/// # Panics
/// On a P-256 key of seed 0.
#[must_use]
pub fn sign_text(signed: &[u8], signers: &[Signer]) -> Option<Vec<u8>> {
    let value = serde_json::from_slice(signed).ok()?;
    Some(envelope(&value, signed, signers))
}

fn envelope(value: &Value, text: &[u8], signers: &[Signer]) -> Vec<u8> {
    let message = canonical(value);
    let signatures = signers.iter();
    let signatures = signatures
        .map(|signer| json!({"keyid": signer.id(), "sig": signer.sign(&message)}))
        .collect::<Vec<_>>();
    let start = format!(r#"{{"signatures":{},"signed":"#, Value::Array(signatures));
    [start.as_bytes(), text, b"}"].concat()
}
