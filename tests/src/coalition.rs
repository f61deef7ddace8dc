//! A coalition that signs whatever it is told to: attacks are built with it.

use std::collections::BTreeMap;

use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{
    Action, Category, Descriptor, Edition, Flags, Header, Kinds, ListId, MIN_ENTRIES, Part,
    PartDigest, Record, Scope, encode_filter, encode_records,
};
use interdict_core::time::Time;
use interdict_core::token::{ListKey, Tag};
use interdict_core::trust::RoleName;
use interdict_publisher::tuf::{
    Pin, RoleKeys, Root, Signer, Snapshot, TargetFile, Targets, Timestamp, sign_metadata,
};

/// A repository: bytes by path.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The keys of a coalition.
#[derive(Debug)]
pub struct Coalition {
    root: [Signer; 3],
    targets: [Signer; 2],
    snapshot: Signer,
    timestamp: Signer,
    /// The key of its lists.
    pub key: ListKey,
}

/// What is published, with every choice an attacker or a mistake could make.
#[derive(Debug, Clone)]
pub struct Publication {
    /// Version of timestamp, snapshot and targets.
    pub version: u32,
    /// Sequence of the list.
    pub sequence: u64,
    /// Listed domains.
    pub listed: Vec<&'static str>,
    /// Who had them listed.
    pub source: &'static str,
    /// The id in descriptor and headers.
    pub list: &'static str,
    /// The path the parts are published under, without `.filter`.
    pub path: &'static str,
    /// When each role expires.
    pub expires: [Time; 3],
    /// How many of the two targets keys sign.
    pub targets_signatures: usize,
    /// Who signs timestamp, snapshot and targets; `None`: the coalition.
    pub strangers: [bool; 3],
    /// The records file of this publication is taken instead of its own.
    pub records_of: Option<Box<Self>>,
}

impl Publication {
    /// An honest release.
    #[must_use]
    pub fn new(version: u32, expires: Time) -> Self {
        Self {
            version,
            sequence: u64::from(version),
            listed: vec!["shop.example"],
            source: "hotline.example",
            list: "se/merchants",
            path: "se/merchants",
            expires: [expires; 3],
            targets_signatures: 2,
            strangers: [false; 3],
            records_of: None,
        }
    }
}

fn signer(seed: u8) -> Signer {
    Signer::p256(&[seed; 32]).unwrap_or_else(|| Signer::ed25519(&[seed; 32]))
}

impl Default for Coalition {
    fn default() -> Self {
        Self {
            root: [signer(1), signer(2), signer(3)],
            targets: [signer(4), signer(5)],
            snapshot: signer(6),
            timestamp: signer(7),
            key: ListKey::new([8; 32]),
        }
    }
}

impl Coalition {
    /// The pinned root: 2 of 3 for itself, 2 of 2 for targets.
    #[must_use]
    pub fn root(&self, expires: Time) -> Vec<u8> {
        let role = |name, threshold, signers: &[&Signer]| RoleKeys {
            name,
            threshold,
            keys: signers
                .iter()
                .map(|signer| signer.public().clone())
                .collect(),
        };
        let [first, second, third] = &self.root;
        let [one, two] = &self.targets;
        let root = Root {
            version: 1,
            expires,
            roles: vec![
                role(RoleName::Root, 2, &[first, second, third]),
                role(RoleName::Targets, 2, &[one, two]),
                role(RoleName::Snapshot, 1, &[&self.snapshot]),
                role(RoleName::Timestamp, 1, &[&self.timestamp]),
            ],
            comment: None,
        };
        sign_metadata(&root.signed(), &[first, second])
    }

    /// Everything a repository serves for a publication.
    ///
    /// # Panics
    /// If the publication cannot be built at all.
    #[must_use]
    #[expect(
        clippy::unwrap_used,
        reason = "a test that cannot build its attack must fail"
    )]
    pub fn publish(&self, publication: &Publication) -> Files {
        let (descriptor, filter, records) = self.parts(publication);
        let records = publication
            .records_of
            .as_ref()
            .map_or(records, |other| self.parts(other).2);
        let descriptor = Descriptor {
            records: Some(digest(&records)),
            ..descriptor
        };
        let file = |bytes: &[u8], custom| TargetFile {
            length: u32::try_from(bytes.len()).unwrap(),
            sha256: digest(bytes).sha256,
            custom,
        };
        let path = |part: Part| format!("{}.{}", publication.path, part.name());
        let [targets_end, snapshot_end, timestamp_end] = publication.expires;
        let version = publication.version;
        let targets = Targets {
            version,
            expires: targets_end,
            files: vec![
                (
                    path(Part::Filter),
                    file(&filter, Some(descriptor.to_custom())),
                ),
                (path(Part::Records), file(&records, None)),
            ],
        };
        let stranger = signer(9);
        let [strange_targets, strange_snapshot, strange_timestamp] = publication.strangers;
        let targets_signers: Vec<&Signer> = if strange_targets {
            vec![&stranger]
        } else {
            self.targets
                .iter()
                .take(publication.targets_signatures)
                .collect()
        };
        let targets = sign_metadata(&targets.signed(), &targets_signers);
        let pin = Pin::of(version, &targets).unwrap();
        let snapshot = Snapshot {
            version,
            expires: snapshot_end,
            targets: pin,
        };
        let snapshot_signer = if strange_snapshot {
            &stranger
        } else {
            &self.snapshot
        };
        let snapshot = sign_metadata(&snapshot.signed(), &[snapshot_signer]);
        let pin = Pin::of(version, &snapshot).unwrap();
        let timestamp = Timestamp {
            version,
            expires: timestamp_end,
            snapshot: pin,
        };
        let timestamp_signer = if strange_timestamp {
            &stranger
        } else {
            &self.timestamp
        };
        let timestamp = sign_metadata(&timestamp.signed(), &[timestamp_signer]);
        let target_path = |part: Part, bytes: &[u8]| {
            let path = path(part);
            let (folder, name) = path.rsplit_once('/').unwrap();
            format!(
                "targets/{folder}/{}.{name}",
                interdict_core::hex::text(&digest(bytes).sha256)
            )
        };
        Files::from([
            ("metadata/timestamp.json".to_owned(), timestamp),
            (format!("metadata/{version}.snapshot.json"), snapshot),
            (format!("metadata/{version}.targets.json"), targets),
            (target_path(Part::Filter, &filter), filter),
            (target_path(Part::Records, &records), records),
        ])
    }

    #[expect(
        clippy::unwrap_used,
        reason = "a test that cannot build its attack must fail"
    )]
    fn parts(&self, publication: &Publication) -> (Descriptor, Vec<u8>, Vec<u8>) {
        let header = Header {
            list: ListId::parse(publication.list).unwrap(),
            edition: Edition::Member,
            epoch: 1,
            sequence: publication.sequence,
            issued: Time::parse("2026-11-22T00:00:00Z").unwrap(),
            entries: MIN_ENTRIES,
            rate: 14,
            kinds: Kinds::of(Kind::ALL.iter().copied()),
            key_id: self.key.id(),
        };
        let record = Record {
            action: Action::Block,
            category: Category::Csae,
            confidence: 990,
            source: 0,
            group: 0,
            scope: Scope::Domain,
            flags: Flags(0),
            valid_until: Time::from_seconds(u32::MAX),
        };
        let records: Vec<(Tag, Record)> = publication
            .listed
            .iter()
            .map(|name| (self.tag(name), record))
            .collect();
        let mut tags: Vec<Tag> = records.iter().map(|(tag, _)| *tag).collect();
        let padding = (0_u32..).map(|index| self.tag(&format!("padding-{index}.example")));
        let missing = usize::try_from(MIN_ENTRIES)
            .unwrap()
            .saturating_sub(tags.len());
        tags.extend(padding.take(missing));
        let filter = encode_filter(&header, &tags).unwrap();
        let records = encode_records(&header, &[publication.source.to_owned()], &records).unwrap();
        let descriptor = Descriptor {
            header,
            filter: digest(&filter),
            records: Some(digest(&records)),
        };
        (descriptor, filter, records)
    }

    #[expect(
        clippy::unwrap_used,
        reason = "a test that cannot build its attack must fail"
    )]
    fn tag(&self, name: &str) -> Tag {
        let identifier = Identifier::parse(Kind::Domain, name).unwrap();
        self.key.token(Kind::Domain, identifier.canonical()).tag()
    }
}

#[expect(
    clippy::unwrap_used,
    reason = "a test that cannot build its attack must fail"
)]
fn digest(bytes: &[u8]) -> PartDigest {
    let pin = Pin::of(1, bytes).unwrap();
    PartDigest {
        length: pin.length,
        sha256: pin.sha256,
    }
}
