//! A coalition that publishes what a test needs: several epochs, and changes to an earlier release.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use interdict_core::common::hex;
use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{
    Action, BaseRelease, Category, Descriptor, Edition, Files, Flags, Header, Kinds, ListId,
    MIN_ENTRIES, Part, Record, Scope, encode_filter, encode_records, encode_stash,
};
use interdict_core::token::{ListKey, Tag};
use interdict_core::trust::RoleName;
use interdict_host::{Enrolment, Module, OtherRoot, enrol};
use interdict_publisher::tuf::{
    Pin, RoleKeys, Root, Signer, Snapshot, TargetFile, Targets, Timestamp, sign_metadata,
};
use serde_json::json;

use crate::tiny::NOW;

const RECORD: Record = Record {
    action: Action::Block,
    category: Category::Csae,
    confidence: 990,
    source: 0,
    group: 0,
    scope: Scope::Domain,
    flags: Flags(0),
    valid_until: Time::from_seconds(u32::MAX),
};

const ROLES: [RoleName; 4] = [
    RoleName::Root,
    RoleName::Targets,
    RoleName::Snapshot,
    RoleName::Timestamp,
];

/// One release of a list, as a rule of `se/merchants`.
#[derive(Clone)]
pub(crate) struct Release {
    pub(crate) list: &'static str,
    pub(crate) epoch: u32,
    pub(crate) sequence: u64,
    pub(crate) listed: &'static [&'static str],
    /// What this release adds to and removes from the one before.
    pub(crate) changes: Option<(&'static str, &'static str)>,
    /// Of every record of the base.
    pub(crate) flags: Flags,
}

pub(crate) struct Forge {
    pub(crate) repository: PathBuf,
    signer: Signer,
}

impl Forge {
    /// A coalition whose repository lies in `room`.
    pub(crate) fn new(room: &Path) -> Self {
        Self {
            repository: room.join("repository"),
            signer: Signer::ed25519(&[1; 32]),
        }
    }

    /// Enrols a gateway in `room` with the keys of these epochs; its configuration.
    pub(crate) fn enrol(&self, room: &Path, location: &str, epochs: &[u32]) -> PathBuf {
        let role = |name| RoleKeys {
            name,
            threshold: 1,
            keys: vec![self.signer.public().clone()],
        };
        let root = Root {
            version: 1,
            expires: Time::from_seconds(NOW + 1_000_000),
            roles: ROLES.into_iter().map(role).collect(),
            comment: None,
        };
        let keys = epochs.iter().map(|epoch| {
            let [digit, ..] = epoch.to_le_bytes();
            json!({"epoch": epoch, "key": hex::text(&[digit; 32])})
        });
        let enrolment = json!({
            "format": "interdict-enrolment-1", "coalition": "se", "member": "bank-a",
            "repository": location, "lists": ["se/merchants"],
            "root": BASE64.encode(sign_metadata(&root.signed(), &[&self.signer])),
            "keys": keys.collect::<Vec<_>>(),
        });
        let enrolment = Enrolment::read(enrolment.to_string().as_bytes()).unwrap();
        let module = Module::built_in().unwrap();
        let state = room.join("state");
        enrol(&module, &state, &enrolment, OtherRoot::Refuse, NOW).unwrap();
        let config = room.join("gateway.toml");
        if !config.exists() {
            std::fs::write(&config, "").unwrap();
        }
        config
    }

    /// Publishes these releases as version `version` of the metadata.
    pub(crate) fn publish(&self, version: u32, releases: &[Release]) {
        let expires = Time::from_seconds(NOW + 1_000_000);
        let mut served: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let mut named = Vec::new();
        for release in releases {
            release.name(&mut named, &mut served);
        }
        let sign = |signed| sign_metadata(&signed, &[&self.signer]);
        let files = named;
        let targets = sign(
            Targets {
                version,
                expires,
                files,
            }
            .signed(),
        );
        let targets_pin = Pin::of(version, &targets).unwrap();
        let snapshot = Snapshot {
            version,
            expires,
            targets: targets_pin,
        };
        let snapshot = sign(snapshot.signed());
        let snapshot_pin = Pin::of(version, &snapshot).unwrap();
        let timestamp = Timestamp {
            version,
            expires,
            snapshot: snapshot_pin,
        };
        served.insert("metadata/timestamp.json".into(), sign(timestamp.signed()));
        served.insert(format!("metadata/{version}.snapshot.json"), snapshot);
        served.insert(format!("metadata/{version}.targets.json"), targets);
        for (path, bytes) in served {
            let path = self.repository.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
    }
}

impl Release {
    pub(crate) fn base(epoch: u32, sequence: u64, listed: &'static [&'static str]) -> Self {
        Self {
            list: "se/merchants",
            epoch,
            sequence,
            listed,
            changes: None,
            flags: Flags(0),
        }
    }

    fn key(&self) -> ListKey {
        let [digit, ..] = self.epoch.to_le_bytes();
        ListKey::new([digit; 32])
    }

    fn tag(&self, name: &str) -> Tag {
        let identifier = Identifier::parse(Kind::Domain, name).unwrap();
        let canonical = identifier.canonical();
        self.key().token(Kind::Domain, canonical).tag()
    }

    fn header(&self) -> Header {
        Header {
            list: ListId::parse(self.list).unwrap(),
            edition: Edition::Member,
            epoch: self.epoch,
            sequence: self.sequence,
            issued: Time::from_seconds(NOW - 1000),
            entries: MIN_ENTRIES,
            rate: 14,
            kinds: Kinds::of(Kind::ALL.iter().copied()),
            key_id: self.key().id(),
        }
    }

    fn base_files(&self) -> Files {
        let listed = self.listed.iter();
        let record = Record {
            flags: self.flags,
            ..RECORD
        };
        let records: Vec<_> = listed.map(|name| (self.tag(name), record)).collect();
        let mut tags: Vec<Tag> = records.iter().map(|(tag, _)| *tag).collect();
        let missing = usize::try_from(MIN_ENTRIES).unwrap() - tags.len();
        tags.extend((0..missing).map(|index| self.tag(&format!("padding-{index}.example"))));
        let sources = ["hotline.example".to_owned()];
        Files {
            filter: encode_filter(&self.header(), &tags).unwrap(),
            records: Some(encode_records(&self.header(), &sources, &records).unwrap()),
            stash: None,
        }
    }

    fn files(&self) -> (Descriptor, Files) {
        let Some((added, removed)) = self.changes else {
            let files = self.base_files();
            return (Descriptor::of(&self.header(), None, &files).unwrap(), files);
        };
        let base = Self {
            sequence: self.sequence - 1,
            changes: None,
            ..self.clone()
        };
        let mut files = base.base_files();
        let descriptor = Descriptor::of(&base.header(), None, &files).unwrap();
        let changes = [(self.tag(added), Some(RECORD)), (self.tag(removed), None)];
        let sources = ["hotline.example".to_owned()];
        let digest = descriptor.base_digest();
        files.stash = Some(encode_stash(&self.header(), &digest, &sources, &changes).unwrap());
        let header = base.header();
        let base = BaseRelease {
            sequence: header.sequence,
            issued: header.issued,
        };
        let descriptor = Descriptor::of(&self.header(), Some(base), &files).unwrap();
        (descriptor, files)
    }

    fn name(&self, named: &mut Vec<(String, TargetFile)>, served: &mut BTreeMap<String, Vec<u8>>) {
        let (descriptor, files) = self.files();
        for (part, digest) in descriptor.parts() {
            let bytes = match part {
                Part::Filter => Some(files.filter.clone()),
                Part::Records => files.records.clone(),
                Part::Stash => files.stash.clone(),
            };
            let path = descriptor.header.part_path(part);
            let (coalition, name) = path.split_once('/').unwrap();
            let sha256 = hex::text(&digest.sha256);
            let served_as = format!("targets/{coalition}/{sha256}.{name}");
            served.insert(served_as, bytes.unwrap());
            let custom = (part == Part::Filter).then(|| descriptor.to_custom());
            let file = TargetFile {
                length: digest.length,
                sha256: digest.sha256,
                custom,
            };
            named.push((path, file));
        }
    }
}
