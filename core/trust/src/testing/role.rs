//! The settings of roles and delegations that tests change, and what the forge makes of them.

use std::collections::BTreeMap;

use interdict_forge::{Paths, Role, Scheme, Signer, Target, Targets};
use serde_json::json;

/// The settings of one role and its file.
#[derive(Debug, Clone)]
pub(crate) struct RoleState {
    pub(crate) version: i64,
    pub(crate) expires: &'static str,
    pub(crate) signers: Vec<Signer>,
    pub(crate) threshold: i64,
}

/// An entry of `delegations`.
#[derive(Debug, Clone)]
pub(crate) struct Delegation {
    pub(crate) name: &'static str,
    pub(crate) signers: Vec<Signer>,
    pub(crate) threshold: i64,
    pub(crate) terminating: bool,
    /// `"paths":["se/*"]` or `"path_hash_prefixes":["0"]`.
    pub(crate) paths: String,
}

/// A delegated role and its file.
#[derive(Debug, Clone)]
pub(crate) struct Delegated {
    pub(crate) state: RoleState,
    pub(crate) files: BTreeMap<&'static str, &'static [u8]>,
    pub(crate) delegations: Vec<Delegation>,
}

impl RoleState {
    pub(crate) fn forged(&self) -> Role {
        Role {
            version: self.version,
            threshold: self.threshold,
            ..Role::new(self.expires, &self.signers)
        }
    }
}

impl Delegation {
    /// A delegation of one pattern to one P-256 key.
    pub(crate) fn new(name: &'static str, seed: u8, pattern: &str) -> Self {
        Self {
            name,
            signers: vec![Signer::new(Scheme::P256, seed)],
            threshold: 1,
            terminating: false,
            paths: format!(r#""paths":["{pattern}"]"#),
        }
    }

    pub(crate) fn terminating(self) -> Self {
        Self {
            terminating: true,
            ..self
        }
    }

    fn forged(&self) -> interdict_forge::Delegation {
        interdict_forge::Delegation {
            name: self.name.to_owned(),
            signers: self.signers.clone(),
            threshold: self.threshold,
            terminating: self.terminating,
            paths: Paths::Members(serde_json::from_str(&format!("{{{}}}", self.paths)).unwrap()),
        }
    }
}

impl Delegated {
    pub(crate) fn forged(&self) -> Targets {
        let files = self.files.iter().map(|(path, bytes)| {
            let target = Target {
                custom: Some(json!({"sequence": 41})),
                ..Target::new(bytes)
            };
            ((*path).to_owned(), target)
        });
        Targets {
            role: self.state.forged(),
            files: files.collect(),
            delegations: self.delegations.iter().map(Delegation::forged).collect(),
        }
    }
}
