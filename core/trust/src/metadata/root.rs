//! Root: the keys and thresholds of every top-level role (TUF 1.0.34 §4.3).

use interdict_common::json::{Object, Value};

use crate::error::{Member, TrustError};
use crate::role_name::RoleName;
use crate::signing::{Keys, Metadata, Pinned, Role};

/// The keys and thresholds of every top-level role (TUF 1.0.34 §4.3).
#[derive(Debug)]
pub(crate) struct Root {
    root: Role,
    timestamp: Role,
    snapshot: Role,
    targets: Role,
    consistent_snapshot: bool,
}

impl Root {
    pub(crate) const fn role(&self, name: RoleName) -> &Role {
        match name {
            RoleName::Root => &self.root,
            RoleName::Timestamp => &self.timestamp,
            RoleName::Snapshot => &self.snapshot,
            RoleName::Targets | RoleName::Delegated => &self.targets,
        }
    }

    /// Whether file names contain the version or hash (TUF 1.0.34 §6.2).
    pub(crate) const fn consistent_snapshot(&self) -> bool {
        self.consistent_snapshot
    }
}

impl Metadata for Root {
    fn parse(_: RoleName, signed: &Object<'_>) -> Result<Self, TrustError> {
        let malformed = |member| TrustError::Malformed(RoleName::Root, member);
        let object = |name, member| {
            signed
                .get(name)
                .and_then(Value::as_object)
                .ok_or_else(|| malformed(member))
        };
        let keys = Keys::parse(RoleName::Root, object("keys", Member::Keys)?)?;
        let roles = object("roles", Member::Roles)?;
        // 4.3: all four top-level roles are present.
        let role = |name: RoleName| {
            let role = roles
                .get(name.as_str())
                .ok_or(TrustError::MissingRole(name))?;
            let role = role.as_object().ok_or_else(|| malformed(Member::Roles))?;
            Role::parse(RoleName::Root, name, role, &keys)
        };
        let consistent_snapshot = match signed.get("consistent_snapshot") {
            Some(value) => value
                .as_bool()
                .ok_or_else(|| malformed(Member::ConsistentSnapshot))?,
            // As in python-tuf: repositories older than this member have no such names.
            None => false,
        };
        Ok(Self {
            root: role(RoleName::Root)?,
            timestamp: role(RoleName::Timestamp)?,
            snapshot: role(RoleName::Snapshot)?,
            targets: role(RoleName::Targets)?,
            consistent_snapshot,
        })
    }

    fn own_role(&self) -> Option<&Role> {
        Some(&self.root)
    }
}

impl Pinned for Root {}
