use std::collections::BTreeMap;

use interdict_core::common::json::Value;
use interdict_core::common::time::Time;
use interdict_core::trust::RoleName;

use super::json::{Json, integer, object, text};

use super::PublicKey;
use super::metadata::{read_signed, signed};

/// The four roles every root names (TUF 1.0.34 §4.3).
const ROLES: [RoleName; 4] = [
    RoleName::Root,
    RoleName::Targets,
    RoleName::Snapshot,
    RoleName::Timestamp,
];

/// Who may sign for a role, and how many of them must.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleKeys {
    /// The role.
    pub name: RoleName,
    /// Signatures needed.
    pub threshold: u32,
    /// Keys in the order they are asked to sign.
    pub keys: Vec<PublicKey>,
}

/// Who speaks for every role (TUF 1.0.34 §4.3).
#[derive(Debug, Clone)]
pub struct Root {
    /// Counts the roots; the next one has exactly one more.
    pub version: u32,
    /// From when on nobody relies on it.
    pub expires: Time,
    /// Each role once.
    pub roles: Vec<RoleKeys>,
    /// A remark for whoever reads the file; signed, and without meaning to a client.
    pub comment: Option<String>,
}

impl Root {
    /// The part to sign, with consistent snapshots.
    #[must_use]
    pub fn signed(&self) -> Json {
        let keys: BTreeMap<_, _> = self
            .roles
            .iter()
            .flat_map(|role| &role.keys)
            .map(|key| (key.id().to_owned(), key.json().clone()))
            .collect();
        let roles = self.roles.iter().map(|role| {
            let ids = role.keys.iter().map(|key| text(key.id())).collect();
            let members = [
                ("keyids", Value::Array(ids)),
                ("threshold", integer(role.threshold)),
            ];
            (role.name.as_str(), object(members))
        });
        let own = [
            ("consistent_snapshot", Value::Bool(true)),
            ("keys", object(keys)),
            ("roles", object(roles)),
        ];
        let comment = self
            .comment
            .clone()
            .map(|comment| ("comment", text(comment)));
        signed(
            "root",
            self.version,
            self.expires,
            own.into_iter().chain(comment),
        )
    }

    /// Reads a root file of ours, unverified; `None` if it is not one.
    #[must_use]
    pub fn read(file: &[u8]) -> Option<Self> {
        let signed = read_signed(file)?;
        let signed = signed.as_object()?;
        let keys = signed.get("keys")?.as_object()?;
        let named = signed.get("roles")?.as_object()?;
        let role = |name: RoleName| {
            let role = named.get(name.as_str())?.as_object()?;
            let threshold = u32::try_from(role.get("threshold")?.as_integer()?).ok()?;
            let ids = role.get("keyids")?.as_array()?.iter();
            let keys = ids.map(|id| keys.get(id.as_str()?).cloned().map(PublicKey::of));
            Some(RoleKeys {
                name,
                threshold,
                keys: keys.collect::<Option<_>>()?,
            })
        };
        Some(Self {
            version: u32::try_from(signed.get("version")?.as_integer()?).ok()?,
            expires: Time::parse(signed.get("expires")?.as_str()?)?,
            roles: ROLES.map(role).into_iter().collect::<Option<_>>()?,
            comment: signed
                .get("comment")
                .and_then(Value::as_str)
                .map(str::to_owned),
        })
    }

    /// Who signs for a role; nobody if the root does not name it.
    #[must_use]
    pub fn role(&self, name: RoleName) -> Option<&RoleKeys> {
        self.roles.iter().find(|role| role.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tuf::{Signer, sign_metadata};

    #[test]
    fn a_root_reads_back_as_written() {
        let signers = [Signer::p256(&[1; 32]).unwrap(), Signer::ed25519(&[2; 32])];
        let keys = signers
            .iter()
            .map(|signer| signer.public().clone())
            .collect::<Vec<_>>();
        let roles = ROLES.map(|name| RoleKeys {
            name,
            threshold: 2,
            keys: keys.clone(),
        });
        let expires = Time::parse("2027-11-22T00:00:00Z").unwrap();
        let comment = Some("TEST".to_owned());
        let root = Root {
            version: 3,
            expires,
            roles: roles.to_vec(),
            comment,
        };
        let file = sign_metadata(&root.signed(), &[&signers[0], &signers[1]]);
        let back = Root::read(&file).unwrap();
        assert_eq!((back.version, back.expires), (3, expires));
        assert_eq!((back.roles, back.comment), (root.roles, root.comment));
        assert!(interdict_core::trust::Client::new(&file).is_ok());
    }
}
