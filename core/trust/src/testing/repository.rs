//! A coalition's repository for tests, whose files are signed on demand.

use std::collections::BTreeMap;

use interdict_forge::{Pins, Scheme, Signer, Snapshots};

use super::role::{Delegated, Delegation, RoleState};
use super::{LIST, sign};
use crate::Client;

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

    /// The same as the forge has it.
    fn forged(&self) -> interdict_forge::Repository {
        let targets = Delegated {
            state: self.targets.clone(),
            files: self.files.clone(),
            delegations: self.delegations.clone(),
        };
        let roles = self.roles.iter();
        let roles = roles.map(|(name, role)| ((*name).to_owned(), role.forged()));
        let listed = self.delegated.iter();
        let listed = listed.map(|(name, version)| ((*name).to_owned(), *version));
        interdict_forge::Repository {
            root: self.root.forged(),
            timestamp: self.timestamp.forged(),
            snapshot: self.snapshot.forged(),
            targets: targets.forged(),
            roles: roles.collect(),
            listed: listed.collect(),
            snapshots: if self.consistent {
                Snapshots::Consistent
            } else {
                Snapshots::Plain
            },
            pins: if self.hashes {
                Pins::Whole
            } else {
                Pins::Versions
            },
        }
    }

    pub(crate) fn root_text(&self) -> String {
        self.forged().root().to_string()
    }

    pub(crate) fn targets_text(&self) -> String {
        self.forged().targets.signed().to_string()
    }

    pub(crate) fn snapshot_text(&self, targets: &[u8]) -> String {
        self.forged().snapshot(targets).to_string()
    }

    pub(crate) fn timestamp_text(&self, snapshot: &[u8]) -> String {
        self.forged().timestamp(snapshot).to_string()
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
        self.served.extend(self.forged().metadata());
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
        let role = self.roles[name].forged();
        let path = self.forged().path(name, role.role.version);
        self.served.insert(path, role.file());
    }

    pub(crate) fn publish_targets(&mut self, targets: Vec<u8>) {
        self.served.extend(self.forged().with_targets(targets));
    }

    pub(crate) fn publish_snapshot(&mut self, snapshot: Vec<u8>) {
        self.served.extend(self.forged().with_snapshot(snapshot));
    }

    /// Raises the versions of timestamp, snapshot and targets, and signs them.
    pub(crate) fn release(&mut self) {
        for role in [&mut self.timestamp, &mut self.snapshot, &mut self.targets] {
            role.version += 1;
        }
        self.publish();
    }
}
