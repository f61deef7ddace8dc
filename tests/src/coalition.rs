//! A coalition that signs whatever it is told to: attacks are built with it.

use std::collections::BTreeMap;

use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{
    self, Action, BaseRelease, Category, Descriptor, Edition, Flags, Header, Kinds, ListId,
    MIN_ENTRIES, Part, PartDigest, Record, RecordsDigest, Scope, encode_filter, encode_records,
    encode_stash,
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
    /// The path the parts are published under, without `.filter`, if not their own.
    pub path: Option<&'static str>,
    /// The key period.
    pub epoch: u32,
    /// The publication whose filter and records this one changes by a stash.
    pub base: Option<Box<Self>>,
    /// The stash of this publication is taken instead of its own.
    pub stash_of: Option<Box<Self>>,
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
            path: None,
            epoch: 1,
            base: None,
            stash_of: None,
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
    pub fn publish(&self, publication: &Publication) -> Files {
        self.publish_beside(publication, &[])
    }

    /// The same with further releases named by the same targets: other epochs, other lists.
    ///
    /// # Panics
    /// If a publication cannot be built at all.
    #[must_use]
    #[expect(
        clippy::unwrap_used,
        reason = "a test that cannot build its attack must fail"
    )]
    pub fn publish_beside(&self, publication: &Publication, others: &[Publication]) -> Files {
        let mut served = Files::new();
        let mut named = Vec::new();
        for release in others.iter().chain([publication]) {
            self.name(release, &mut named, &mut served);
        }
        let [targets_end, snapshot_end, timestamp_end] = publication.expires;
        let version = publication.version;
        let targets = Targets {
            version,
            expires: targets_end,
            files: named,
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
        served.extend([
            ("metadata/timestamp.json".to_owned(), timestamp),
            (format!("metadata/{version}.snapshot.json"), snapshot),
            (format!("metadata/{version}.targets.json"), targets),
        ]);
        served
    }

    /// Adds one release to the targets and its files to what is served.
    #[expect(
        clippy::unwrap_used,
        reason = "a test that cannot build its attack must fail"
    )]
    fn name(
        &self,
        publication: &Publication,
        named: &mut Vec<(String, TargetFile)>,
        served: &mut Files,
    ) {
        let files = self.files(publication);
        // A descriptor of whatever is there: what is wrong with it must show when it is loaded.
        let base = publication.base.as_ref();
        let descriptor = Descriptor {
            header: self.header(publication),
            base: base.map(|base| BaseRelease {
                sequence: base.sequence,
                issued: ISSUED,
            }),
            filter: PartDigest::of(&files.filter).unwrap(),
            records: files.records.as_deref().map(records_digest),
            stash: files
                .stash
                .as_deref()
                .map(|file| PartDigest::of(file).unwrap()),
        };
        let parts = [
            (Part::Filter, Some(files.filter)),
            (Part::Records, files.records),
            (Part::Stash, files.stash),
        ];
        for (part, bytes) in parts {
            let Some(bytes) = bytes else { continue };
            let digest = PartDigest::of(&bytes).unwrap();
            let path = match publication.path {
                Some(path) => format!("{path}.{}", part.name()),
                None => descriptor.header.part_path(part),
            };
            let (folder, name) = path.rsplit_once('/').unwrap();
            let sha256 = interdict_core::hex::text(&digest.sha256);
            served.insert(format!("targets/{folder}/{sha256}.{name}"), bytes);
            let custom = (part == Part::Filter).then(|| descriptor.to_custom());
            let file = TargetFile {
                length: digest.length,
                sha256: digest.sha256,
                custom,
            };
            named.push((path, file));
        }
    }

    /// The key of an epoch.
    #[must_use]
    pub fn list_key(epoch: u32) -> ListKey {
        ListKey::new([u8::try_from(epoch).unwrap_or(u8::MAX).saturating_add(7); 32])
    }

    #[expect(
        clippy::unwrap_used,
        reason = "a test that cannot build its attack must fail"
    )]
    fn header(&self, publication: &Publication) -> Header {
        Header {
            list: ListId::parse(publication.list).unwrap(),
            edition: Edition::Member,
            epoch: publication.epoch,
            sequence: publication.sequence,
            issued: ISSUED,
            entries: MIN_ENTRIES,
            rate: 14,
            kinds: Kinds::of(Kind::ALL.iter().copied()),
            key_id: Self::list_key(publication.epoch).id(),
        }
    }

    /// The parts of a release, with those taken from elsewhere.
    fn files(&self, publication: &Publication) -> list::Files {
        let mut files = match &publication.base {
            None => self.base_files(publication),
            Some(base) => {
                let mut files = self.files(base);
                files.stash = Some(self.stash(publication, base, &files));
                files
            }
        };
        if let Some(other) = &publication.records_of {
            files.records = self.files(other).records;
        }
        if let Some(other) = &publication.stash_of {
            files.stash = self.files(other).stash;
        }
        files
    }

    #[expect(
        clippy::unwrap_used,
        reason = "a test that cannot build its attack must fail"
    )]
    fn base_files(&self, publication: &Publication) -> list::Files {
        let header = self.header(publication);
        let epoch = publication.epoch;
        let listed = publication.listed.iter();
        let records: Vec<(Tag, Record)> = listed.map(|name| (tag(epoch, name), RECORD)).collect();
        let mut tags: Vec<Tag> = records.iter().map(|(tag, _)| *tag).collect();
        let padding = (0_u32..).map(|index| tag(epoch, &format!("padding-{index}.example")));
        let missing = usize::try_from(MIN_ENTRIES)
            .unwrap()
            .saturating_sub(tags.len());
        tags.extend(padding.take(missing));
        let sources = [publication.source.to_owned()];
        list::Files {
            filter: encode_filter(&header, &tags).unwrap(),
            records: Some(encode_records(&header, &sources, &records).unwrap()),
            stash: None,
        }
    }

    /// What `publication` lists otherwise than its base.
    #[expect(
        clippy::unwrap_used,
        reason = "a test that cannot build its attack must fail"
    )]
    fn stash(&self, publication: &Publication, base: &Publication, files: &list::Files) -> Vec<u8> {
        let epoch = publication.epoch;
        let added = publication.listed.iter();
        let added = added.filter(|name| !base.listed.contains(name));
        let removed = base.listed.iter();
        let removed = removed.filter(|name| !publication.listed.contains(name));
        let changes: Vec<_> = added
            .map(|name| (tag(epoch, name), Some(RECORD)))
            .chain(removed.map(|name| (tag(epoch, name), None)))
            .collect();
        let descriptor = Descriptor::of(&self.header(base), None, files).unwrap();
        let sources = [publication.source.to_owned()];
        let header = self.header(publication);
        encode_stash(&header, &descriptor.base_digest(), &sources, &changes).unwrap()
    }
}

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

/// When every release was built: 2026-11-22.
const ISSUED: Time = Time::from_seconds(1_795_305_600);

#[expect(
    clippy::unwrap_used,
    reason = "a test that cannot build its attack must fail"
)]
fn tag(epoch: u32, name: &str) -> Tag {
    let identifier = Identifier::parse(Kind::Domain, name).unwrap();
    let key = Coalition::list_key(epoch);
    key.token(Kind::Domain, identifier.canonical()).tag()
}

/// Of any records file, whatever release it was built for.
#[expect(
    clippy::unwrap_used,
    reason = "a test that cannot build its attack must fail"
)]
fn records_digest(file: &[u8]) -> RecordsDigest {
    let (header, _) = Header::decode(Part::Records, file).unwrap();
    RecordsDigest::of(file, &header).unwrap()
}
