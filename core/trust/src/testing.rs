//! A coalition's repository for tests: keys from fixed seeds, files signed on demand, and a host
//! that fetches them.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::name::{is_unreserved, percent_encode};
use super::{Client, Kept, Outcome, Request, Source, Step, TrustError, Wanted};
use interdict_common::hex;
use interdict_common::json::{Limits, parse};
use interdict_common::time::Time;

/// 2026-06-01T00:00:00Z
pub(super) const NOW: Time = Time::from_seconds(1_780_272_000);
pub(super) const DAY: u32 = 86_400;
/// The path of the list in the repository.
pub(super) const LIST: &str = "se/cards.filter";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    P256,
    Ed25519,
}

/// A key pair made from a seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Signer {
    scheme: Scheme,
    seed: u8,
    /// Distinguishes two key ids of one key.
    alias: u8,
}

impl Signer {
    pub(super) const fn new(scheme: Scheme, seed: u8) -> Self {
        Self {
            scheme,
            seed,
            alias: 0,
        }
    }

    pub(super) const fn alias(self, alias: u8) -> Self {
        Self { alias, ..self }
    }

    pub(super) fn id(self) -> String {
        format!("{:?}-{}-{}", self.scheme, self.seed, self.alias)
    }

    fn p256(self) -> p256::ecdsa::SigningKey {
        p256::ecdsa::SigningKey::from_slice(&[self.seed; 32]).unwrap()
    }

    fn ed25519(self) -> ed25519_dalek::SigningKey {
        ed25519_dalek::SigningKey::from_bytes(&[self.seed; 32])
    }

    pub(super) fn pem(self) -> String {
        let prefix = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
        let mut der = hex::array::<26>(prefix).unwrap().to_vec();
        der.extend_from_slice(
            self.p256()
                .verifying_key()
                .to_encoded_point(false)
                .as_bytes(),
        );
        let base64 = STANDARD.encode(der);
        let (first, second) = base64.split_at(64);
        format!("-----BEGIN PUBLIC KEY-----\n{first}\n{second}\n-----END PUBLIC KEY-----\n")
    }

    /// The key object for a root.
    pub(super) fn json(self) -> String {
        let (keytype, scheme, public) = match self.scheme {
            Scheme::P256 => (
                "ecdsa",
                "ecdsa-sha2-nistp256",
                self.pem().replace('\n', "\\n"),
            ),
            Scheme::Ed25519 => (
                "ed25519",
                "ed25519",
                hex::text(self.ed25519().verifying_key().as_bytes()),
            ),
        };
        format!(r#"{{"keytype":"{keytype}","scheme":"{scheme}","keyval":{{"public":"{public}"}}}}"#)
    }

    pub(super) fn sign(self, message: &[u8]) -> String {
        use ed25519_dalek::Signer as _;
        match self.scheme {
            Scheme::P256 => {
                let signature: p256::ecdsa::Signature = self.p256().sign(message);
                hex::text(signature.to_der().as_bytes())
            }
            Scheme::Ed25519 => hex::text(&self.ed25519().sign(message).to_bytes()),
        }
    }
}

/// Signs the text of a `signed` member.
pub(super) fn sign(signed: &str, signers: &[Signer]) -> Vec<u8> {
    let canonical = parse(
        signed.as_bytes(),
        Limits {
            depth: 50,
            nodes: 1_000_000,
        },
    )
    .unwrap()
    .canonical();
    let signatures: Vec<_> = signers
        .iter()
        .map(|signer| {
            format!(
                r#"{{"keyid":"{}","sig":"{}"}}"#,
                signer.id(),
                signer.sign(&canonical)
            )
        })
        .collect();
    format!(
        r#"{{"signatures":[{}],"signed":{signed}}}"#,
        signatures.join(",")
    )
    .into_bytes()
}

/// The settings of one role and its file.
#[derive(Debug, Clone)]
pub(super) struct RoleState {
    pub(super) version: i64,
    pub(super) expires: &'static str,
    pub(super) signers: Vec<Signer>,
    pub(super) threshold: i64,
}

#[derive(Debug, Clone)]
pub(super) struct Repository {
    pub(super) root: RoleState,
    pub(super) timestamp: RoleState,
    pub(super) snapshot: RoleState,
    pub(super) targets: RoleState,
    pub(super) consistent: bool,
    /// Whether timestamp and snapshot list length and hash.
    pub(super) hashes: bool,
    /// Other roles listed in snapshot, without files.
    pub(super) delegated: BTreeMap<&'static str, i64>,
    pub(super) files: BTreeMap<&'static str, &'static [u8]>,
    /// The delegations of targets.
    pub(super) delegations: Vec<Delegation>,
    /// The published delegated roles, by name.
    pub(super) roles: BTreeMap<&'static str, Delegated>,
    /// The served files, by path below the base of the repository.
    pub(super) served: BTreeMap<String, Vec<u8>>,
}

/// An entry of `delegations`.
#[derive(Debug, Clone)]
pub(super) struct Delegation {
    pub(super) name: &'static str,
    pub(super) signers: Vec<Signer>,
    pub(super) threshold: i64,
    pub(super) terminating: bool,
    /// `"paths":["se/*"]` or `"path_hash_prefixes":["0"]`.
    pub(super) paths: String,
}

/// A delegated role and its file.
#[derive(Debug, Clone)]
pub(super) struct Delegated {
    pub(super) state: RoleState,
    pub(super) files: BTreeMap<&'static str, &'static [u8]>,
    pub(super) delegations: Vec<Delegation>,
}

/// What a host saw during one update.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) paths: Vec<String>,
    pub(super) kept: Vec<String>,
    pub(super) result: Result<(), TrustError>,
}

impl Repository {
    /// Root needs 2 of 3 P-256 keys and targets 2 of 2. One Ed25519 key signs snapshot and
    /// timestamp.
    pub(super) fn new() -> Self {
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

    pub(super) fn client(&self) -> Client {
        Client::new(&self.served["metadata/1.root.json"]).unwrap()
    }

    pub(super) fn root_text(&self) -> String {
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

    pub(super) fn targets_text(&self) -> String {
        targets_text(&self.targets, &self.files, &self.delegations)
    }

    pub(super) fn snapshot_text(&self, targets: &[u8]) -> String {
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

    pub(super) fn timestamp_text(&self, snapshot: &[u8]) -> String {
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
    pub(super) fn publish_root(&mut self) {
        let signers = self.root.signers.clone();
        self.publish_root_signed_by(&signers);
    }

    pub(super) fn publish_root_signed_by(&mut self, signers: &[Signer]) {
        let path = format!("metadata/{}.root.json", self.root.version);
        self.served.insert(path, sign(&self.root_text(), signers));
    }

    /// Changes the root and signs it with the old and the new keys.
    pub(super) fn rotate(&mut self, change: impl FnOnce(&mut Self)) {
        let mut signers = self.root.signers.clone();
        change(self);
        self.root.version += 1;
        signers.extend(self.root.signers.clone());
        signers.sort_by_key(|signer| signer.id());
        signers.dedup();
        self.publish_root_signed_by(&signers);
    }

    /// Signs targets, snapshot and timestamp with the present settings.
    pub(super) fn publish(&mut self) {
        for name in self.roles.keys().copied().collect::<Vec<_>>() {
            self.publish_role(name);
        }
        let targets = sign(&self.targets_text(), &self.targets.signers);
        self.publish_targets(targets);
    }

    /// Adds a delegation of targets, to a role with these files.
    pub(super) fn delegate(
        &mut self,
        delegation: Delegation,
        files: &[(&'static str, &'static [u8])],
    ) {
        self.delegate_from("targets", delegation, files);
    }

    /// Adds a delegation of a role, to a role with these files.
    pub(super) fn delegate_from(
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
    pub(super) fn publish_role(&mut self, name: &str) {
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

    pub(super) fn publish_targets(&mut self, targets: Vec<u8>) {
        let snapshot = sign(&self.snapshot_text(&targets), &self.snapshot.signers);
        self.serve("targets", self.targets.version, targets);
        self.publish_snapshot(snapshot);
    }

    pub(super) fn publish_snapshot(&mut self, snapshot: Vec<u8>) {
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
    pub(super) fn release(&mut self) {
        for role in [&mut self.timestamp, &mut self.snapshot, &mut self.targets] {
            role.version += 1;
        }
        self.publish();
    }

    /// Runs one update at `now`, up to the target files.
    pub(super) fn fetch(&self, client: &mut Client, now: Time) -> Run {
        self.fetch_wanted(client, now, Wanted::All)
    }

    /// The same, for some files only.
    pub(super) fn fetch_wanted(&self, client: &mut Client, now: Time, wanted: Wanted) -> Run {
        client.begin(Source::Repository, now, wanted);
        bring(client, |request| self.served.get(&request.path).cloned())
    }

    /// Runs the search for one file.
    pub(super) fn search(&self, client: &mut Client, path: &str) -> Run {
        match client.begin_target(Source::Repository, NOW, path) {
            Ok(()) => bring(client, |request| self.served.get(&request.path).cloned()),
            Err(error) => Run {
                paths: Vec::new(),
                kept: Vec::new(),
                result: Err(error),
            },
        }
    }

    /// Runs one update at [`NOW`] and completes it.
    pub(super) fn update(&self, client: &mut Client) -> Result<(), TrustError> {
        let run = self.fetch(client, NOW);
        client.complete();
        run.result
    }
}

impl Delegation {
    /// A delegation of one pattern to one P-256 key.
    pub(super) fn new(name: &'static str, seed: u8, pattern: &str) -> Self {
        Self {
            name,
            signers: vec![Signer::new(Scheme::P256, seed)],
            threshold: 1,
            terminating: false,
            paths: format!(r#""paths":["{pattern}"]"#),
        }
    }

    pub(super) fn terminating(self) -> Self {
        Self {
            terminating: true,
            ..self
        }
    }

    pub(super) fn text(&self) -> String {
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
pub(super) fn targets_text(
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
    pub(super) fn text(&self) -> String {
        format!(r#""version":{},"expires":"{}""#, self.version, self.expires)
    }
}

fn signed(role: &str, state: &RoleState, rest: &str) -> String {
    format!(
        r#"{{"_type":"{role}","spec_version":"1.0.34",{},{rest}}}"#,
        state.text()
    )
}

/// Supplies files until the client asks for target files, or for nothing.
pub(super) fn drive(
    client: &mut Client,
    source: Source,
    now: Time,
    file: impl FnMut(&Request) -> Option<Vec<u8>>,
) -> Run {
    client.begin(source, now, Wanted::All);
    bring(client, file)
}

fn bring(client: &mut Client, mut file: impl FnMut(&Request) -> Option<Vec<u8>>) -> Run {
    let mut run = Run {
        paths: Vec::new(),
        kept: Vec::new(),
        result: Ok(()),
    };
    while let Step::Fetch(request) = client.step() {
        assert_eq!(
            client.step(),
            Step::Fetch(request.clone()),
            "asking again changes nothing"
        );
        run.paths.push(request.path.clone());
        let bytes = file(&request);
        match client.supply(bytes.as_deref().map_or(Outcome::NotFound, Outcome::Bytes)) {
            Ok(Kept::Yes) => run.kept.push(request.name),
            Ok(Kept::No) => {}
            Err(error) => {
                assert_eq!(client.step(), Step::Idle, "an error ends the update");
                run.result = Err(error);
            }
        }
    }
    run
}
