//! Roles and delegations of a repository for tests.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use interdict_common::hex;

use super::signer::{Scheme, Signer};

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

    pub(crate) fn text(&self) -> String {
        let ids: Vec<_> = self
            .signers
            .iter()
            .map(|key| format!("{:?}", key.id()))
            .collect();
        format!(
            r#"{{"name":{:?},"keyids":[{}],"threshold":{},"terminating":{},{}}}"#,
            self.name,
            ids.join(","),
            self.threshold,
            self.terminating,
            self.paths
        )
    }
}

/// The text of `signed` in targets or in a delegated role.
pub(crate) fn targets_text(
    state: &RoleState,
    files: &BTreeMap<&'static str, &'static [u8]>,
    delegations: &[Delegation],
) -> String {
    let files: Vec<_> = files
        .iter()
        .map(|(path, bytes)| {
            format!(
                r#""{path}":{{"length":{},"hashes":{{"sha256":"{}"}},"custom":{{"sequence":41}}}}"#,
                bytes.len(),
                hex::text(&Sha256::digest(bytes))
            )
        })
        .collect();
    let mut rest = format!(r#""targets":{{{}}}"#, files.join(","));
    if !delegations.is_empty() {
        let signers = delegations
            .iter()
            .flat_map(|delegation| &delegation.signers);
        let keys: BTreeMap<_, _> = signers.map(|key| (key.id(), key.json())).collect();
        let keys: Vec<_> = keys
            .iter()
            .map(|(id, key)| format!("{id:?}:{key}"))
            .collect();
        let roles: Vec<_> = delegations.iter().map(Delegation::text).collect();
        rest += &format!(
            r#","delegations":{{"keys":{{{}}},"roles":[{}]}}"#,
            keys.join(","),
            roles.join(",")
        );
    }
    signed("targets", state, &rest)
}

impl RoleState {
    pub(crate) fn text(&self) -> String {
        format!(r#""version":{},"expires":"{}""#, self.version, self.expires)
    }
}

pub(crate) fn signed(role: &str, state: &RoleState, rest: &str) -> String {
    format!(
        r#"{{"_type":"{role}","spec_version":"1.0.34",{},{rest}}}"#,
        state.text()
    )
}
