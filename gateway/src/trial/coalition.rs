//! Makes the repository of a coalition that lasts as long as this process: one list, signed with keys that were
//! made a moment ago and are kept nowhere.

use std::collections::BTreeMap;

use ed25519_dalek::{Signer as _, SigningKey};
use interdict_core::common::hex;
use interdict_core::common::json::{Limits, parse};
use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::list::{
    Descriptor, Edition, Files, Header, Kinds, ListId, MIN_ENTRIES, Part, Provenance, Reserved,
    Source, compact_tag, encode_filter, encode_records,
};
use interdict_core::token::{ListKey, Tag};
use interdict_core::wire::{Enrolment, EnrolmentKey, EnrolmentParts};
use interdict_host::StoreError;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::error::Error;

const DAY: u32 = 86_400;
/// What a reader of our own metadata allows itself.
const LIMITS: Limits = Limits {
    depth: 16,
    nodes: 4_096,
};
/// A compact list's confidence, per mille: that of a person who looked.
const CONFIDENCE: u16 = 900;

/// A coalition of one list, whose entries are the reserved test merchants of every kind.
pub(super) struct Coalition {
    name: &'static str,
    edition: Edition,
    kinds: Kinds,
    signing_key: SigningKey,
    list_key: [u8; 32],
}

/// A repository: bytes by path.
pub(super) type Repository = BTreeMap<String, Vec<u8>>;

impl Coalition {
    /// A coalition with new keys.
    pub(super) fn new(name: &'static str, edition: Edition) -> Result<Self, Error> {
        Ok(Self {
            name,
            edition,
            kinds: Kinds::of(Kind::ALL.iter().copied()),
            signing_key: signing_key()?,
            list_key: random()?,
        })
    }

    pub(super) const fn name(&self) -> &'static str {
        self.name
    }

    /// The id of its list.
    pub(super) fn list(&self) -> Result<ListId, Error> {
        ListId::parse(&format!("{}/merchants", self.name)).map_err(unwritable)
    }

    /// The enrolment of a gateway, with the list's key or with another one.
    pub(super) fn enrolment(&self, repository: &str, key: KeyGiven) -> Result<Enrolment, Error> {
        let list_key = match key {
            KeyGiven::Right => self.list_key,
            KeyGiven::Wrong => random()?,
        };
        let key = EnrolmentKey::new(1, &hex::text(&list_key)).ok_or(Error::ANSWER)?;
        let parts = EnrolmentParts {
            coalition: self.name,
            member: "trial",
            edition: self.edition,
            repository,
            root: &sign(
                &root(&self.signing_key, &self.signing_key, 1),
                &self.signing_key,
            )?,
            lists: &[self.list()?],
            recipient: None,
            keys: &[key],
        };
        Enrolment::new(&parts).map_err(unwritable)
    }

    /// Everything that it publishes: a list that was built at `issued`, and metadata that was signed at `signed`.
    pub(super) fn repository(&self, issued: u32, signed: u32) -> Result<Repository, Error> {
        let mut repository = Repository::new();
        let mut targets = Map::new();
        for Target {
            path,
            bytes,
            custom,
        } in self.targets(issued)?
        {
            let sha256 = hex::text(&Sha256::digest(&bytes));
            let mut target = json!({"length": bytes.len(), "hashes": {"sha256": &sha256}});
            if let (Some(custom), Some(target)) = (custom, target.as_object_mut()) {
                target.insert("custom".to_owned(), custom);
            }
            let (folder, name) = path.split_once('/').unwrap_or_default();
            let stored = format!("targets/{folder}/{sha256}.{name}");
            targets.insert(path, target);
            repository.insert(stored, bytes);
        }
        let key = &self.signing_key;
        let targets = json!({"targets": targets});
        let targets = sign(&signed_part("targets", 1, signed, 90, targets), key)?;
        let meta = json!({"meta": {"targets.json": pin(&targets)}});
        let snapshot = sign(&signed_part("snapshot", 1, signed, 7, meta), key)?;
        let meta = json!({"meta": {"snapshot.json": pin(&snapshot)}});
        let timestamp = sign(&signed_part("timestamp", 1, signed, 3, meta), key)?;
        repository.insert("metadata/1.targets.json".to_owned(), targets);
        repository.insert("metadata/1.snapshot.json".to_owned(), snapshot);
        repository.insert("metadata/timestamp.json".to_owned(), timestamp);
        Ok(repository)
    }

    /// A second root, by which others sign for the targets than those who did.
    pub(super) fn revocation(&self) -> Result<Repository, Error> {
        let root = sign(
            &root(&self.signing_key, &signing_key()?, 2),
            &self.signing_key,
        )?;
        Ok(Repository::from([(
            "metadata/2.root.json".to_owned(),
            root,
        )]))
    }

    /// The list, as targets.
    fn targets(&self, issued: u32) -> Result<Vec<Target>, Error> {
        let key = ListKey::new(self.list_key);
        let header = Header {
            list: self.list()?,
            edition: self.edition,
            epoch: 1,
            sequence: 1,
            issued: Time::from_seconds(issued),
            entries: MIN_ENTRIES,
            rate: if self.is_compact() { 32 } else { 14 },
            kinds: self.kinds,
            key_id: key.id(),
        };
        let files = self.files(&header, &key)?;
        let provenance = Provenance {
            epoch_start: Time::from_seconds(issued),
            history: Provenance::NO_HISTORY,
            ends: None,
            base: None,
        };
        let descriptor = match self.is_compact() {
            true => Descriptor::of_compact(&header, provenance, CONFIDENCE, &files),
            false => Descriptor::of(&header, provenance, &files),
        };
        let custom = descriptor.map_err(unwritable)?.to_custom().canonical();
        let custom = serde_json::from_slice(&custom).map_err(|_| Error::ANSWER)?;
        let filter = Target {
            path: header.part_path(Part::Filter),
            bytes: files.filter,
            custom: Some(custom),
        };
        let records = files.records.map(|bytes| Target {
            path: header.part_path(Part::Records),
            bytes,
            custom: None,
        });
        Ok([filter].into_iter().chain(records).collect())
    }

    /// The list's files: the reserved merchants that its edition has.
    fn files(&self, header: &Header, key: &ListKey) -> Result<Files, Error> {
        let entries = Reserved::entries(self.kinds);
        let entries = entries.map(|(identifier, record)| {
            let tag = key.tag(identifier.kind(), identifier.canonical());
            (tag, record)
        });
        let entries: Vec<_> = entries.collect();
        let source = Source::new(&header.list, Reserved::SOURCE, Reserved::SOURCE);
        let source = source.map_err(unwritable)?;
        let (tags, records) = match self.is_compact() {
            true => {
                let held = entries.iter();
                let held = held.filter_map(|(tag, record)| compact_tag(*tag, record));
                (held.collect(), None)
            }
            false => {
                let records = encode_records(header, &[source], &entries).map_err(unwritable)?;
                (entries.iter().map(|(tag, _)| *tag).collect(), Some(records))
            }
        };
        Ok(Files {
            filter: encode_filter(header, &padded(tags)?).map_err(unwritable)?,
            records,
            stash: None,
        })
    }

    fn is_compact(&self) -> bool {
        self.edition == Edition::Compact
    }
}

/// A file that the targets metadata names.
struct Target {
    path: String,
    bytes: Vec<u8>,
    custom: Option<Value>,
}

/// Which key an enrolment brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyGiven {
    /// The list's.
    Right,
    /// Another one, with which the list cannot be read.
    Wrong,
}

/// Fills a filter up with tags of nobody: it has a least size.
fn padded(mut tags: Vec<Tag>) -> Result<Vec<Tag>, Error> {
    let size = usize::try_from(MIN_ENTRIES).unwrap_or(tags.len());
    let mut bytes = vec![0; size.saturating_sub(tags.len()).saturating_mul(12)];
    getrandom::fill(&mut bytes).map_err(|_| StoreError::Randomness)?;
    let (decoys, _) = bytes.as_chunks::<12>();
    tags.extend(decoys.iter().copied().map(Tag));
    Ok(tags)
}

fn random() -> Result<[u8; 32], Error> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|_| StoreError::Randomness)?;
    Ok(secret)
}

fn signing_key() -> Result<SigningKey, Error> {
    Ok(SigningKey::from_bytes(&random()?))
}

/// A root: one key for its targets, another for all other roles.
fn root(own: &SigningKey, targets: &SigningKey, version: u32) -> Value {
    let public = |key: &SigningKey| hex::text(key.verifying_key().as_bytes());
    let of = |key: &SigningKey| json!({"keyids": [public(key)], "threshold": 1});
    let entry = |key: &SigningKey| {
        let public = public(key);
        let value = json!({"public": &public});
        let key = json!({"keytype": "ed25519", "scheme": "ed25519", "keyval": value});
        (public, key)
    };
    let keys: Map<_, _> = [entry(own), entry(targets)].into_iter().collect();
    json!({
        "_type": "root", "spec_version": "1.0.34", "version": version,
        "expires": "2100-01-01T00:00:00Z", "consistent_snapshot": true, "keys": keys,
        "roles": {"root": of(own), "targets": of(targets), "snapshot": of(own), "timestamp": of(own)},
    })
}

/// The part of a metadata file that is signed (TUF 1.0.34 §4.3), with this member of its own.
fn signed_part(role: &str, version: u32, signed: u32, days: u32, own: Value) -> Value {
    let expires = signed.saturating_add(days.saturating_mul(DAY));
    let mut part = json!({
        "_type": role, "spec_version": "1.0.34", "version": version,
        "expires": Time::from_seconds(expires).to_string(),
    });
    if let (Value::Object(own), Some(part)) = (own, part.as_object_mut()) {
        part.extend(own);
    }
    part
}

fn pin(file: &[u8]) -> Value {
    let sha256 = hex::text(&Sha256::digest(file));
    json!({"version": 1, "length": file.len(), "hashes": {"sha256": sha256}})
}

/// A metadata file.
fn sign(signed: &Value, key: &SigningKey) -> Result<Vec<u8>, Error> {
    let text = signed.to_string();
    let value = parse(text.as_bytes(), LIMITS).map_err(|_| Error::ANSWER)?;
    let signature = hex::text(&key.sign(&value.canonical()).to_bytes());
    let key_id = hex::text(key.verifying_key().as_bytes());
    let signatures = json!([{"keyid": key_id, "sig": signature}]);
    let file = json!({"signatures": signatures, "signed": signed});
    Ok(file.to_string().into_bytes())
}

/// What the core refuses to write for us.
fn unwritable(why: impl std::fmt::Display) -> Error {
    Error::Trial(format!("the built-in coalition cannot be made: {why}"))
}
