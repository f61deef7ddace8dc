//! A coalition's repository for tests, whose files are signed on demand.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use interdict_common::hex;

use super::LIST;
use super::role::{Delegated, Delegation, RoleState, signed, targets_text};
use super::signer::{Scheme, Signer, sign};
use crate::Client;
use crate::name::{is_unreserved, percent_encode};

#[derive(Debug, Clone)]
pub(crate) struct Repository {
    pub(crate) root: RoleState,
    pub(crate) timestamp: RoleState,
    pub(crate) snapshot: RoleState,
    pub(crate) targets: RoleState,
    pub(crate) consistent: bool,
    /// Whether timestamp and snapshot list length and hash.
    pub(crate) hashes: bool,
    /// Other roles listed in snapshot, without files.
    pub(crate) delegated: BTreeMap<&'static str, i64>,
    pub(crate) files: BTreeMap<&'static str, &'static [u8]>,
    /// The delegations of targets.
    pub(crate) delegations: Vec<Delegation>,
    /// The published delegated roles, by name.
    pub(crate) roles: BTreeMap<&'static str, Delegated>,
    /// The served files, by path below the base of the repository.
    pub(crate) served: BTreeMap<String, Vec<u8>>,
}

impl Repository {
    /// Root needs 2 of 3 P-256 keys and targets 2 of 2. One Ed25519 key signs snapshot and
    /// timestamp.
    pub(crate) fn new() -> Self {
        let p256 = |seed| Signer::new(Scheme::P256, seed);
        let online = Signer::new(Scheme::Ed25519, 20);
        let role = |expires, signers, threshold| RoleState {
            version: 1,
            expires,
            signers,
            threshold,
        };
        let mut repository = Self {
            root: role("2027-06-01T00:00:00Z", vec![p256(1), p256(2), p256(3)], 2),
            timestamp: role("2026-06-03T00:00:00Z", vec![online], 1),
            snapshot: role("2026-06-08T00:00:00Z", vec![online], 1),
            targets: role("2026-09-01T00:00:00Z", vec![p256(11), p256(12)], 2),
            consistent: true,
            hashes: false,
            delegated: BTreeMap::new(),
            files: BTreeMap::from([(LIST, &b"one"[..])]),
            delegations: Vec::new(),
            roles: BTreeMap::new(),
            served: BTreeMap::new(),
        };
        repository.publish_root();
        repository.publish();
        repository
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(&self.served["metadata/1.root.json"]).unwrap()
    }

    pub(crate) fn root_text(&self) -> String {
        let roles = [
            ("root", &self.root),
            ("timestamp", &self.timestamp),
            ("snapshot", &self.snapshot),
            ("targets", &self.targets),
        ];
        let mut keys = BTreeMap::new();
        let mut members = Vec::new();
        for (name, role) in roles {
            keys.extend(
                role.signers
                    .iter()
                    .map(|signer| (signer.id(), signer.json())),
            );
            let ids: Vec<_> = role
                .signers
                .iter()
                .map(|signer| format!("\"{}\"", signer.id()))
                .collect();
            let (ids, threshold) = (ids.join(","), role.threshold);
            members.push(format!(
                r#""{name}":{{"keyids":[{ids}],"threshold":{threshold}}}"#
            ));
        }
        let keys: Vec<_> = keys
            .iter()
            .map(|(id, key)| format!("\"{id}\":{key}"))
            .collect();
        signed(
            "root",
            &self.root,
            &format!(
                r#""consistent_snapshot":{},"keys":{{{}}},"roles":{{{}}}"#,
                self.consistent,
                keys.join(","),
                members.join(",")
            ),
        )
    }

    pub(crate) fn targets_text(&self) -> String {
        targets_text(&self.targets, &self.files, &self.delegations)
    }

    pub(crate) fn snapshot_text(&self, targets: &[u8]) -> String {
        let mut meta = vec![self.pin("targets.json", self.targets.version, targets)];
        let delegated = self.delegated.iter();
        meta.extend(
            delegated.map(|(name, version)| format!(r#""{name}":{{"version":{version}}}"#)),
        );
        meta.extend(self.roles.iter().map(|(name, role)| {
            let version = role.state.version;
            let served = self.served.get(&self.role_path(name));
            self.pin(
                &format!("{name}.json"),
                version,
                served.map_or(&[], Vec::as_slice),
            )
        }));
        signed(
            "snapshot",
            &self.snapshot,
            &format!(r#""meta":{{{}}}"#, meta.join(",")),
        )
    }

    pub(crate) fn timestamp_text(&self, snapshot: &[u8]) -> String {
        let pin = self.pin("snapshot.json", self.snapshot.version, snapshot);
        signed(
            "timestamp",
            &self.timestamp,
            &format!(r#""meta":{{{pin}}}"#),
        )
    }

    fn pin(&self, name: &str, version: i64, bytes: &[u8]) -> String {
        let hash = hex::text(&Sha256::digest(bytes));
        let listed = if self.hashes {
            format!(
                r#","length":{},"hashes":{{"sha256":"{hash}"}}"#,
                bytes.len()
            )
        } else {
            String::new()
        };
        format!(r#""{name}":{{"version":{version}{listed}}}"#)
    }

    /// Signs the root with its own keys.
    pub(crate) fn publish_root(&mut self) {
        let signers = self.root.signers.clone();
        self.publish_root_signed_by(&signers);
    }

    pub(crate) fn publish_root_signed_by(&mut self, signers: &[Signer]) {
        let path = format!("metadata/{}.root.json", self.root.version);
        self.served.insert(path, sign(&self.root_text(), signers));
    }

    /// Changes the root and signs it with the old and the new keys.
    pub(crate) fn rotate(&mut self, change: impl FnOnce(&mut Self)) {
        let mut signers = self.root.signers.clone();
        change(self);
        self.root.version += 1;
        signers.extend(self.root.signers.clone());
        signers.sort_by_key(|signer| signer.id());
        signers.dedup();
        self.publish_root_signed_by(&signers);
    }

    /// Signs targets, snapshot and timestamp with the present settings.
    pub(crate) fn publish(&mut self) {
        for name in self.roles.keys().copied().collect::<Vec<_>>() {
            self.publish_role(name);
        }
        let targets = sign(&self.targets_text(), &self.targets.signers);
        self.publish_targets(targets);
    }

    /// Adds a delegation of targets, to a role with these files.
    pub(crate) fn delegate(
        &mut self,
        delegation: Delegation,
        files: &[(&'static str, &'static [u8])],
    ) {
        self.delegate_from("targets", delegation, files);
    }

    /// Adds a delegation of a role, to a role with these files.
    pub(crate) fn delegate_from(
        &mut self,
        delegator: &str,
        delegation: Delegation,
        files: &[(&'static str, &'static [u8])],
    ) {
        let state = RoleState {
            version: 1,
            expires: "2026-09-01T00:00:00Z",
            signers: delegation.signers.clone(),
            threshold: delegation.threshold,
        };
        let role = Delegated {
            state,
            files: files.iter().copied().collect(),
            delegations: Vec::new(),
        };
        self.roles.entry(delegation.name).or_insert(role);
        match self.roles.get_mut(delegator) {
            Some(delegator) => delegator.delegations.push(delegation),
            None => self.delegations.push(delegation),
        }
    }

    /// Signs one delegated role with its present settings.
    pub(crate) fn publish_role(&mut self, name: &str) {
        let role = &self.roles[name];
        let text = targets_text(&role.state, &role.files, &role.delegations);
        let bytes = sign(&text, &role.state.signers);
        self.served.insert(self.role_path(name), bytes);
    }

    fn role_path(&self, name: &str) -> String {
        let (version, name) = (
            self.roles[name].state.version,
            percent_encode(name.as_bytes(), is_unreserved),
        );
        if self.consistent {
            format!("metadata/{version}.{name}.json")
        } else {
            format!("metadata/{name}.json")
        }
    }

    pub(crate) fn publish_targets(&mut self, targets: Vec<u8>) {
        let snapshot = sign(&self.snapshot_text(&targets), &self.snapshot.signers);
        self.serve("targets", self.targets.version, targets);
        self.publish_snapshot(snapshot);
    }

    pub(crate) fn publish_snapshot(&mut self, snapshot: Vec<u8>) {
        let timestamp = sign(&self.timestamp_text(&snapshot), &self.timestamp.signers);
        self.serve("snapshot", self.snapshot.version, snapshot);
        self.served
            .insert("metadata/timestamp.json".to_owned(), timestamp);
    }

    fn serve(&mut self, role: &str, version: i64, bytes: Vec<u8>) {
        let path = if self.consistent {
            format!("metadata/{version}.{role}.json")
        } else {
            format!("metadata/{role}.json")
        };
        self.served.insert(path, bytes);
    }

    /// Raises the versions of timestamp, snapshot and targets, and signs them.
    pub(crate) fn release(&mut self) {
        for role in [&mut self.timestamp, &mut self.snapshot, &mut self.targets] {
            role.version += 1;
        }
        self.publish();
    }
}
