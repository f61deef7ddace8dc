use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::metadata::{Role, Targets, ids, keys, pin, sign};
use crate::signer::Signer;
use crate::text::{hex, sha256};

/// A repository: bytes by path.
pub type Files = BTreeMap<String, Vec<u8>>;

/// What snapshot and timestamp say of other files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pins {
    /// Versions alone.
    Versions,
    /// Versions, lengths and hashes.
    Whole,
}

/// How files are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Snapshots {
    /// By version or digest, as `consistent_snapshot` asks.
    Consistent,
    /// By their plain names.
    Plain,
}

/// A coalition's repository (TUF 1.0.34).
#[derive(Debug, Clone)]
pub struct Repository {
    /// The root.
    pub root: Role,
    /// The timestamp.
    pub timestamp: Role,
    /// The snapshot.
    pub snapshot: Role,
    /// The targets.
    pub targets: Targets,
    /// The delegated roles, by name.
    pub roles: BTreeMap<String, Targets>,
    /// Further files that snapshot lists, such as `se.json`, with their versions.
    pub listed: BTreeMap<String, i64>,
    /// How files are named.
    pub snapshots: Snapshots,
    /// What snapshot and timestamp say of other files.
    pub pins: Pins,
}

impl Repository {
    /// Version 1, with one Ed25519 key of seed 1 for all roles.
    #[must_use]
    pub fn new(expires: &str) -> Self {
        Self::of(Role::new(expires, &[Signer::ed25519(1)]))
    }

    /// Every role has these settings.
    #[must_use]
    pub fn of(role: Role) -> Self {
        Self {
            root: role.clone(),
            timestamp: role.clone(),
            snapshot: role.clone(),
            targets: Targets::new(role),
            roles: BTreeMap::new(),
            listed: BTreeMap::new(),
            snapshots: Snapshots::Consistent,
            pins: Pins::Whole,
        }
    }

    /// Gives timestamp, snapshot and targets this version.
    pub const fn set_version(&mut self, version: i64) {
        self.timestamp.version = version;
        self.snapshot.version = version;
        self.targets.role.version = version;
    }

    /// The part of the root that is signed.
    ///
    /// # Panics
    /// On a P-256 key of seed 0.
    #[must_use]
    pub fn root(&self) -> Value {
        let roles = [
            ("root", &self.root),
            ("timestamp", &self.timestamp),
            ("snapshot", &self.snapshot),
            ("targets", &self.targets.role),
        ];
        let signers = roles.iter().flat_map(|(_, role)| role.named());
        let keys = keys(signers);
        let roles = roles.map(|(name, role)| {
            let json = json!({"keyids": ids(role.named()), "threshold": role.threshold});
            (name.to_owned(), json)
        });
        let own = json!({
            "consistent_snapshot": self.snapshots == Snapshots::Consistent,
            "keys": keys,
            "roles": Map::from_iter(roles),
        });
        self.root.signed("root", own)
    }

    /// The root file.
    ///
    /// # Panics
    /// On a P-256 key of seed 0.
    #[must_use]
    pub fn root_file(&self) -> Vec<u8> {
        sign(&self.root(), &self.root.signers)
    }

    /// The part of the snapshot that is signed, with this targets file.
    ///
    /// # Panics
    /// On a P-256 key of seed 0.
    #[must_use]
    pub fn snapshot(&self, targets: &[u8]) -> Value {
        let roles = self.roles.iter();
        let mut meta: Map<_, _> = roles
            .map(|(name, role)| {
                let pin = self.pin(role.role.version, || role.file());
                (format!("{name}.json"), pin)
            })
            .collect();
        for (name, version) in &self.listed {
            meta.insert(name.clone(), json!({"version": version}));
        }
        let pin = self.pin(self.targets.role.version, || targets.to_vec());
        meta.insert("targets.json".to_owned(), pin);
        self.snapshot.signed("snapshot", json!({"meta": meta}))
    }

    /// The part of the timestamp that is signed, with this snapshot file.
    #[must_use]
    pub fn timestamp(&self, snapshot: &[u8]) -> Value {
        let pin = self.pin(self.snapshot.version, || snapshot.to_vec());
        let own = json!({"meta": {"snapshot.json": pin}});
        self.timestamp.signed("timestamp", own)
    }

    fn pin(&self, version: i64, file: impl FnOnce() -> Vec<u8>) -> Value {
        match self.pins {
            Pins::Versions => json!({"version": version}),
            Pins::Whole => pin(version, &file()),
        }
    }

    /// Everything that is served but the root, which a gateway has pinned.
    ///
    /// # Panics
    /// On a P-256 key of seed 0.
    #[must_use]
    pub fn files(&self) -> Files {
        let mut files = self.metadata();
        for role in self.roles.values().chain([&self.targets]) {
            for (path, target) in &role.files {
                files.insert(self.stored(path, &target.bytes), target.bytes.clone());
            }
        }
        files
    }

    /// All metadata below the root.
    ///
    /// # Panics
    /// On a P-256 key of seed 0.
    #[must_use]
    pub fn metadata(&self) -> Files {
        let mut files = self.with_targets(self.targets.file());
        for (name, role) in &self.roles {
            files.insert(self.path(name, role.role.version), role.file());
        }
        files
    }

    /// This targets file, and the snapshot and timestamp that name it.
    ///
    /// # Panics
    /// On a P-256 key of seed 0.
    #[must_use]
    pub fn with_targets(&self, targets: Vec<u8>) -> Files {
        let snapshot = sign(&self.snapshot(&targets), &self.snapshot.signers);
        let mut files = self.with_snapshot(snapshot);
        files.insert(self.path("targets", self.targets.role.version), targets);
        files
    }

    /// This snapshot file and the timestamp that names it.
    ///
    /// # Panics
    /// On a P-256 key of seed 0.
    #[must_use]
    pub fn with_snapshot(&self, snapshot: Vec<u8>) -> Files {
        let timestamp = sign(&self.timestamp(&snapshot), &self.timestamp.signers);
        let path = self.path("snapshot", self.snapshot.version);
        let timestamp = ("metadata/timestamp.json".to_owned(), timestamp);
        Files::from([(path, snapshot), timestamp])
    }

    /// Where a role's file lies.
    #[must_use]
    pub fn path(&self, role: &str, version: i64) -> String {
        let role = percent_encoded(role);
        match self.snapshots {
            Snapshots::Consistent => format!("metadata/{version}.{role}.json"),
            Snapshots::Plain => format!("metadata/{role}.json"),
        }
    }

    /// Where a target lies. Each part of its path is percent-encoded.
    #[must_use]
    pub fn stored(&self, path: &str, bytes: &[u8]) -> String {
        let mut parts: Vec<_> = path.split('/').map(percent_encoded).collect();
        if self.snapshots == Snapshots::Consistent {
            let name = parts.pop().unwrap_or_default();
            parts.push(format!("{}.{name}", hex(&sha256(bytes))));
        }
        format!("targets/{}", parts.join("/"))
    }
}

/// A name in a path, where every byte but RFC 3986's unreserved ones is percent-encoded.
fn percent_encoded(name: &str) -> String {
    let encoded = name.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    });
    encoded.collect()
}
