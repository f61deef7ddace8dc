//! A coalition that signs whatever it is told to: attacks are built with it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use interdict_core::common::json::{Limits, parse};
use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{
    self, Action, BaseRelease, Category, Descriptor, Edition, Flags, Header, Kinds, ListId,
    MIN_ENTRIES, Part, PartDigest, Record, RecordsDigest, Scope, encode_filter, encode_records,
    encode_stash,
};
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
    pub(crate) targets: [Signer; 2],
    pub(crate) snapshot: Signer,
    pub(crate) timestamp: Signer,
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
    /// Listed besides, so many generated domains: [`generated`].
    pub generated: u32,
    /// The records of those domains that are not listed like the others.
    pub records: BTreeMap<&'static str, Record>,
    /// Listed besides, of any kind.
    pub others: Vec<(Kind, Cow<'static, str>, Record)>,
    /// Who had them listed: source 0 of every record.
    pub source: &'static str,
    /// The sources from 1 on.
    pub more_sources: Vec<&'static str>,
    /// The kinds the list covers.
    pub kinds: Kinds,
    /// The typologies that go out beside the list.
    pub pack: Option<Vec<u8>>,
    /// A member list of its filter alone.
    pub without_records: bool,
    /// The id in descriptor and headers.
    pub list: &'static str,
    /// The path the parts are published under, without `.filter`, if not their own.
    pub path: Option<&'static str>,
    /// Who may read it; a public release is a filter alone.
    pub edition: Edition,
    /// `t` of the filter's rate 2^-t.
    pub rate: u8,
    /// What the filter is sized for.
    pub entries: u32,
    /// What header and descriptor say it is sized for, if not that.
    pub claimed_entries: Option<u32>,
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
    /// These bytes are taken instead of a part, and signed.
    pub instead: Vec<(Part, Vec<u8>)>,
    /// The descriptor names this part and the targets do not.
    pub unnamed: Option<Part>,
}

impl Publication {
    /// An honest release.
    #[must_use]
    pub fn new(version: u32, expires: Time) -> Self {
        Self {
            version,
            sequence: u64::from(version),
            listed: vec!["shop.example"],
            generated: 0,
            records: BTreeMap::new(),
            others: Vec::new(),
            source: "hotline.example",
            more_sources: Vec::new(),
            kinds: Kinds::of(Kind::ALL.iter().copied()),
            pack: None,
            without_records: false,
            list: "se/merchants",
            path: None,
            edition: Edition::Member,
            rate: 14,
            entries: MIN_ENTRIES,
            claimed_entries: None,
            epoch: 1,
            base: None,
            stash_of: None,
            expires: [expires; 3],
            targets_signatures: 2,
            strangers: [false; 3],
            records_of: None,
            instead: Vec::new(),
            unnamed: None,
        }
    }

    /// The record of each listed domain.
    fn entries(&self) -> BTreeMap<Tag, Record> {
        let listed = self.listed.iter().map(|name| {
            let record = self.records.get(name).copied().unwrap_or(RECORD);
            (tag(self.epoch, name), record)
        });
        let generated =
            (0..self.generated).map(|index| (tag(self.epoch, &generated(index)), RECORD));
        let others = self.others.iter();
        let others = others.map(|(kind, value, record)| {
            let tag = tag_of(self.epoch, *kind, value);
            (tag, *record)
        });
        listed.chain(generated).chain(others).collect()
    }

    fn sources(&self) -> Vec<String> {
        let sources = [self.source].into_iter().chain(self.more_sources.clone());
        sources.map(str::to_owned).collect()
    }
}

/// The listed domain of this number.
#[must_use]
pub fn generated(index: u32) -> String {
    format!("listed-{index}.example")
}

pub(crate) fn signer(seed: u8) -> Signer {
    Signer::p256(&[seed; 32]).unwrap_or_else(|| Signer::ed25519(&[seed; 32]))
}

impl Default for Coalition {
    fn default() -> Self {
        Self::of(signer)
    }
}

impl Coalition {
    /// One that signs with Ed25519, for runs of thousands of updates: it is verified several times
    /// faster than P-256.
    #[must_use]
    pub fn quick() -> Self {
        Self::of(|seed| Signer::ed25519(&[seed; 32]))
    }

    fn of(signer: impl Fn(u8) -> Signer) -> Self {
        Self {
            root: [signer(1), signer(2), signer(3)],
            targets: [signer(4), signer(5)],
            snapshot: signer(6),
            timestamp: signer(7),
        }
    }

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
    pub(crate) fn name(
        &self,
        publication: &Publication,
        named: &mut Vec<(String, TargetFile)>,
        served: &mut Files,
    ) {
        let (descriptor, files) = self.release(publication);
        let parts = [
            (Part::Filter, Some(files.filter)),
            (Part::Records, files.records),
            (Part::Stash, files.stash),
        ];
        for (part, bytes) in parts {
            let named_here = publication.unnamed != Some(part);
            let Some(bytes) = bytes.filter(|_| named_here) else {
                continue;
            };
            let digest = PartDigest::of(&bytes).unwrap();
            let path = match publication.path {
                Some(path) => format!("{path}.{}", part.name()),
                None => descriptor.header.part_path(part),
            };
            let (folder, name) = path.rsplit_once('/').unwrap();
            let sha256 = interdict_core::common::hex::text(&digest.sha256);
            served.insert(format!("targets/{folder}/{sha256}.{name}"), bytes);
            let custom = (part == Part::Filter).then(|| descriptor.to_custom());
            let file = TargetFile {
                length: digest.length,
                sha256: digest.sha256,
                custom,
            };
            named.push((path, file));
        }
        if let Some(pack) = &publication.pack {
            let path = format!("{}.typologies.json", publication.list);
            let digest = PartDigest::of(pack).unwrap();
            let (folder, name) = path.rsplit_once('/').unwrap();
            let sha256 = interdict_core::common::hex::text(&digest.sha256);
            served.insert(format!("targets/{folder}/{sha256}.{name}"), pack.clone());
            let limits = Limits { depth: 4, nodes: 8 };
            let custom = parse(
                br#"{"interdict_typologies":{"format":1,"version":1}}"#,
                limits,
            );
            let file = TargetFile {
                length: digest.length,
                sha256: digest.sha256,
                custom: custom.ok(),
            };
            named.push((path, file));
        }
    }

    /// The files of a publication and a descriptor of them, whatever they are: what is wrong with
    /// them must show when they are loaded.
    ///
    /// # Panics
    /// If the publication cannot be built at all.
    #[must_use]
    #[expect(
        clippy::unwrap_used,
        reason = "a test that cannot build its attack must fail"
    )]
    pub fn release(&self, publication: &Publication) -> (Descriptor, list::Files) {
        let mut files = self.files(publication);
        for (part, bytes) in &publication.instead {
            match part {
                Part::Filter => files.filter.clone_from(bytes),
                Part::Records => files.records = Some(bytes.clone()),
                Part::Stash => files.stash = Some(bytes.clone()),
            }
        }
        let base = publication.base.as_ref();
        let mut header = self.header(publication);
        header.entries = publication.claimed_entries.unwrap_or(header.entries);
        let descriptor = Descriptor {
            header,
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
        (descriptor, files)
    }

    /// The key of an epoch.
    #[must_use]
    pub fn list_key(epoch: u32) -> ListKey {
        ListKey::new(key_bytes(epoch))
    }

    /// The same, as `configure` takes it.
    #[must_use]
    pub fn list_key_text(epoch: u32) -> String {
        interdict_core::common::hex::text(&key_bytes(epoch))
    }

    #[expect(
        clippy::unwrap_used,
        reason = "a test that cannot build its attack must fail"
    )]
    fn header(&self, publication: &Publication) -> Header {
        Header {
            list: ListId::parse(publication.list).unwrap(),
            edition: publication.edition,
            epoch: publication.epoch,
            sequence: publication.sequence,
            issued: ISSUED,
            entries: publication.entries,
            rate: publication.rate,
            kinds: publication.kinds,
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
        let records: Vec<(Tag, Record)> = publication.entries().into_iter().collect();
        let padding = (0_u32..).map(|index| padding(publication.epoch, index));
        let entries = usize::try_from(publication.entries).unwrap();
        let listed = records.iter().map(|(tag, _)| *tag);
        let tags: Vec<Tag> = listed.chain(padding).take(entries).collect();
        let sources = publication.sources();
        let exact = publication.edition == Edition::Member && !publication.without_records;
        list::Files {
            filter: encode_filter(&header, &tags).unwrap(),
            records: exact.then(|| encode_records(&header, &sources, &records).unwrap()),
            stash: None,
        }
    }

    /// What `publication` lists otherwise than its base.
    #[expect(
        clippy::unwrap_used,
        reason = "a test that cannot build its attack must fail"
    )]
    fn stash(&self, publication: &Publication, base: &Publication, files: &list::Files) -> Vec<u8> {
        let (now, before) = (publication.entries(), base.entries());
        let removed = before.keys().filter(|tag| !now.contains_key(tag));
        let removed = removed.map(|tag| (*tag, None));
        let changed = now
            .iter()
            .filter(|(tag, record)| before.get(tag) != Some(record));
        let changes: Vec<_> = changed
            .map(|(tag, record)| (*tag, Some(*record)))
            .chain(removed)
            .collect();
        let descriptor = Descriptor::of(&self.header(base), None, files).unwrap();
        let sources = publication.sources();
        let header = self.header(publication);
        encode_stash(&header, &descriptor.base_digest(), &sources, &changes).unwrap()
    }
}

/// How everything is listed that no other record was given for.
pub const RECORD: Record = Record {
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
pub(crate) fn tag_of(epoch: u32, kind: Kind, value: &str) -> Tag {
    let identifier = Identifier::parse(kind, value).unwrap();
    let key = Coalition::list_key(epoch);
    key.token(kind, identifier.canonical()).tag()
}

fn tag(epoch: u32, name: &str) -> Tag {
    tag_of(epoch, Kind::Domain, name)
}

/// The tag of a decoy. Its name was made here and needs no reading.
fn padding(epoch: u32, index: u32) -> Tag {
    let name = format!("padding-{index}.example");
    let key = Coalition::list_key(epoch);
    key.token(Kind::Domain, name.as_bytes()).tag()
}

fn key_bytes(epoch: u32) -> [u8; 32] {
    [u8::try_from(epoch).unwrap_or(u8::MAX).saturating_add(7); 32]
}

/// Of any records file, whatever release it was built for; of one without a readable head, its own.
#[expect(
    clippy::unwrap_used,
    reason = "a test that cannot build its attack must fail"
)]
fn records_digest(file: &[u8]) -> RecordsDigest {
    let whole = PartDigest::of(file).unwrap();
    Header::decode(Part::Records, file)
        .and_then(|(header, _)| RecordsDigest::of(file, &header))
        .unwrap_or(RecordsDigest { whole, head: whole })
}
