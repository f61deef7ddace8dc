//! What the roles say, read from verified JSON (TUF 1.0.34 §4.3 to §4.6).
//!
//! Members not named here are part of what was signed and otherwise ignored.

use interdict_common::hex;
use interdict_common::json::{Object, Value};

use super::delegation::{Delegation, delegations};
use super::error::{Member, TrustError};
use super::hashes::{Hashes, Pin};
use super::name::{is_unreserved_or_slash, percent_encode};
use super::role::{Keys, Role, RoleName};
use super::signed::Metadata;

/// Who speaks for every role (TUF 1.0.34 §4.3).
#[derive(Debug)]
pub(super) struct Root {
    root: Role,
    timestamp: Role,
    snapshot: Role,
    targets: Role,
    consistent_snapshot: bool,
}

impl Root {
    pub(super) const fn role(&self, name: RoleName) -> &Role {
        match name {
            RoleName::Root => &self.root,
            RoleName::Timestamp => &self.timestamp,
            RoleName::Snapshot => &self.snapshot,
            RoleName::Targets | RoleName::Delegated => &self.targets,
        }
    }

    /// Do file names carry the version or hash (TUF 1.0.34 §6.2)?
    pub(super) const fn consistent_snapshot(&self) -> bool {
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
            // As in python-tuf: publishers of before the member existed did not have them.
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

/// Which snapshot is current (TUF 1.0.34 §4.6).
#[derive(Debug)]
pub(super) struct Timestamp {
    snapshot: Pin,
}

impl Timestamp {
    pub(super) const fn snapshot(&self) -> &Pin {
        &self.snapshot
    }
}

impl Metadata for Timestamp {
    fn parse(role: RoleName, signed: &Object<'_>) -> Result<Self, TrustError> {
        let meta = meta(role, signed)?;
        let snapshot = meta
            .get("snapshot.json")
            .ok_or(TrustError::Malformed(role, Member::Meta))?;
        Ok(Self {
            snapshot: Pin::parse(role, snapshot)?,
        })
    }
}

/// Which version of every targets role belongs together (TUF 1.0.34 §4.4).
#[derive(Debug)]
pub(super) struct Snapshot {
    targets: Pin,
    /// By file name, sorted, of targets and of every delegated role.
    pins: Vec<(String, Pin)>,
}

impl Snapshot {
    pub(super) const fn targets(&self) -> &Pin {
        &self.targets
    }

    /// What it says of the role of this name.
    pub(super) fn delegated(&self, name: &str) -> Option<&Pin> {
        self.pin(&format!("{name}.json"))
    }

    fn pin(&self, file: &str) -> Option<&Pin> {
        find(&self.pins, file)
    }

    /// Compares with the snapshot that was trusted before (TUF 1.0.34 §5.5.5).
    pub(super) fn follows(&self, trusted: &Self) -> Result<(), TrustError> {
        for (name, trusted) in &trusted.pins {
            match self.pin(name) {
                None => return Err(TrustError::ListedRoleRemoved(RoleName::Snapshot)),
                Some(pin) if pin.version < trusted.version => {
                    return Err(TrustError::ListedRollback(RoleName::Snapshot));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

impl Metadata for Snapshot {
    fn parse(role: RoleName, signed: &Object<'_>) -> Result<Self, TrustError> {
        let meta = meta(role, signed)?;
        let targets = meta
            .get("targets.json")
            .ok_or(TrustError::MissingRole(RoleName::Targets))?;
        let mut pins = Vec::with_capacity(meta.members().len());
        for (name, value) in meta.members() {
            pins.push((name.clone().into_owned(), Pin::parse(role, value)?));
        }
        Ok(Self {
            targets: Pin::parse(role, targets)?,
            pins,
        })
    }
}

/// Which files there are, and which other roles may say so (TUF 1.0.34 §4.5).
#[derive(Debug)]
pub(super) struct Targets {
    /// Sorted by path.
    listed: Vec<(String, Target)>,
    delegations: Vec<Delegation>,
}

impl Targets {
    /// The paths it lists itself, sorted.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.listed.iter().map(|(path, _)| path.as_str())
    }

    /// What it says itself of a file.
    pub(super) fn target(&self, path: &str) -> Option<&Target> {
        find(&self.listed, path)
    }

    /// The roles it delegates to, in the order they are asked.
    pub(super) fn delegations(&self) -> &[Delegation] {
        &self.delegations
    }
}

impl Metadata for Targets {
    fn parse(role: RoleName, signed: &Object<'_>) -> Result<Self, TrustError> {
        let malformed = TrustError::Malformed(role, Member::Targets);
        let listed = signed
            .get("targets")
            .and_then(Value::as_object)
            .ok_or(malformed)?;
        let mut targets = Vec::with_capacity(listed.members().len());
        for (path, value) in listed.members() {
            let target = Target::parse(value).ok_or(malformed)?;
            targets.push((path.clone().into_owned(), target));
        }
        Ok(Self {
            listed: targets,
            delegations: delegations(role, signed)?,
        })
    }
}

/// What the signed targets say about one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Length in bytes.
    pub length: u64,
    /// SHA-256, if listed.
    pub sha256: Option<[u8; 32]>,
    /// SHA-512, if listed.
    pub sha512: Option<[u8; 64]>,
    /// What the publisher adds; TUF gives it no meaning.
    pub custom: Option<Value<'static>>,
}

impl Target {
    fn parse(value: &Value<'_>) -> Option<Self> {
        let target = value.as_object()?;
        let length = u64::try_from(target.get("length")?.as_integer()?).ok()?;
        let Hashes { sha256, sha512 } = Hashes::parse(target.get("hashes")?.as_object()?)?;
        let custom = target.get("custom").cloned().map(Value::into_owned);
        Some(Self {
            length,
            sha256,
            sha512,
            custom,
        })
    }

    /// Is this the file that was signed: its length, and every hash listed (TUF 1.0.34 §5.7.3)?
    ///
    /// # Errors
    /// [`TrustError::TargetLength`], [`TrustError::TargetHash`], or
    /// [`TrustError::TargetNoKnownHash`] if neither hash is listed.
    pub fn verify(&self, bytes: &[u8]) -> Result<(), TrustError> {
        if u64::try_from(bytes.len()) != Ok(self.length) {
            return Err(TrustError::TargetLength);
        }
        let hashes = self.hashes();
        if !hashes.any() {
            return Err(TrustError::TargetNoKnownHash);
        }
        if hashes.match_file(bytes) {
            Ok(())
        } else {
            Err(TrustError::TargetHash)
        }
    }

    /// Where the file lies below the repository's base. With consistent snapshots the file name
    /// carries a hash (TUF 1.0.34 §6.2): `se/cards.filter` is `targets/se/<hash>.cards.filter`.
    ///
    /// Percent-encoded, all but `/`. [`is_plain_path`](super::is_plain_path) tells whether it stays
    /// below the base.
    #[must_use]
    pub fn path(&self, target_path: &str, consistent: bool) -> String {
        let target_path = percent_encode(target_path.as_bytes(), is_unreserved_or_slash);
        let hash = match (consistent, self.sha256, self.sha512) {
            (false, ..) => None,
            (true, Some(sha256), _) => Some(hex::text(&sha256)),
            (true, None, sha512) => sha512.map(|sha512| hex::text(&sha512)),
        };
        match (hash, target_path.rsplit_once('/')) {
            (None, _) => format!("targets/{target_path}"),
            (Some(hash), None) => format!("targets/{hash}.{target_path}"),
            (Some(hash), Some((folder, file))) => format!("targets/{folder}/{hash}.{file}"),
        }
    }

    /// Is there a hash that we can compute?
    pub(super) const fn has_known_hash(&self) -> bool {
        self.hashes().any()
    }

    const fn hashes(&self) -> Hashes {
        Hashes {
            sha256: self.sha256,
            sha512: self.sha512,
        }
    }
}

/// Looks up in what is sorted by name.
fn find<'v, T>(sorted: &'v [(String, T)], name: &str) -> Option<&'v T> {
    let at = sorted.binary_search_by(|(other, _)| other.as_str().cmp(name));
    Some(&sorted.get(at.ok()?)?.1)
}

fn meta<'v, 'a>(role: RoleName, signed: &'v Object<'a>) -> Result<&'v Object<'a>, TrustError> {
    signed
        .get("meta")
        .and_then(Value::as_object)
        .ok_or(TrustError::Malformed(role, Member::Meta))
}
