//! A coalition that signs whatever a test asks for, attacks included. Tests use the core's types; the
//! forge writes the bytes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use interdict_core::common::json::{Limits, parse};
use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{
    self, Action, Category, Descriptor, Edition, Flags, Handling, Kinds, MIN_ENTRIES, Part, Record,
    Scope,
};
use interdict_core::token::{ListKey, Tag};
use interdict_forge::{
    Header, Parts, Release, Repository, Role, STRIDE, Scheme, Signer, Source, Target, pack_target,
};
use serde_json::Value;

pub use interdict_forge::Files;

/// A coalition and its keys.
#[derive(Debug)]
pub struct Coalition {
    scheme: Scheme,
}

/// One release of a list, with every choice that an attacker or a mistake could make.
#[derive(Debug, Clone)]
pub struct Publication {
    /// Version of timestamp, snapshot and targets.
    pub version: u32,
    /// Sequence of the list.
    pub sequence: u64,
    /// Listed domains.
    pub listed: Vec<&'static str>,
    /// How many generated domains are listed as well: [`generated`].
    pub generated: u32,
    /// The records of listed domains that differ from [`RECORD`].
    pub records: BTreeMap<&'static str, Record>,
    /// Further entries, of any kind.
    pub others: Vec<(Kind, Cow<'static, str>, Record)>,
    /// The name of source 0, which [`RECORD`] names, and its origin.
    pub source: &'static str,
    /// Names and origins of the sources from 1 on.
    pub more_sources: Vec<&'static str>,
    /// The kinds the list covers.
    pub kinds: Kinds,
    /// The typology pack published with the list.
    pub pack: Option<Vec<u8>>,
    /// The sealed keys published with the list, by their paths. Any bytes will do: the core opens none.
    pub sealed_keys: Vec<(&'static str, Vec<u8>)>,
    /// Members of the descriptor that this release adds or replaces.
    pub members: Vec<(&'static str, Value)>,
    /// Further targets: path, bytes and `custom`.
    pub targets: Vec<(&'static str, Vec<u8>, Value)>,
    /// The id in descriptor and headers.
    pub list: &'static str,
    /// The path of the parts without `.filter`, if it is not the usual one for the list.
    pub path: Option<&'static str>,
    /// Which parts it has; only a member release has records.
    pub edition: Edition,
    /// How sure a compact release is, per mille.
    pub confidence: u16,
    /// `t` of the filter's rate 2^-t.
    pub rate: u8,
    /// What the filter is sized for.
    pub entries: u32,
    /// What the descriptor says it is sized for, if it is something else.
    pub claimed_entries: Option<u32>,
    /// The key period.
    pub epoch: u32,
    /// The earlier release that this one changes by a stash.
    pub base: Option<Box<Self>>,
    /// Serves the stash of this release instead of its own.
    pub stash_of: Option<Box<Self>>,
    /// When each role expires.
    pub expires: [Time; 3],
    /// How many of the two targets keys sign.
    pub targets_signatures: usize,
    /// Whether a stranger signs targets, snapshot and timestamp.
    pub strangers: [bool; 3],
    /// Serves the records of this release instead of its own.
    pub records_of: Option<Box<Self>>,
    /// Signs and serves these bytes instead of a part.
    pub instead: Vec<(Part, Vec<u8>)>,
    /// Describes this part but leaves it out of the targets.
    pub unnamed: Option<Part>,
    /// Describes other bytes of this part than the targets name: of another digest or length.
    pub misdescribed: Option<(Part, &'static str)>,
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
            sealed_keys: Vec::new(),
            members: Vec::new(),
            targets: Vec::new(),
            list: "se/merchants",
            path: None,
            edition: Edition::Member,
            confidence: 900,
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
            misdescribed: None,
        }
    }

    /// The release as the forge writes it.
    pub(crate) fn forged(&self) -> Release {
        let key = interdict_forge::ListKey::of_epoch(self.epoch);
        let header = Header {
            edition: match self.edition {
                Edition::Member => 1,
                Edition::Public => 2,
                Edition::Compact => 3,
            },
            rate: self.rate,
            kinds: self.kinds.0,
            epoch: self.epoch,
            sequence: self.sequence,
            entries: self.entries,
            confidence: (self.edition == Edition::Compact).then_some(self.confidence),
            public_suffixes: (self.edition == Edition::Public).then_some([7; 32]),
            ..Header::new(self.list, &key)
        };
        let exact = self.edition == Edition::Member;
        let others = [
            (Part::Records, &self.records_of),
            (Part::Stash, &self.stash_of),
        ];
        let others = others.into_iter().filter_map(|(part, other)| {
            let parts = other.as_ref()?.forged().parts();
            let bytes = match part {
                Part::Records => parts.records,
                _ => parts.stash,
            };
            Some((forged_part(part), bytes?))
        });
        let instead = self.instead.iter();
        let instead = instead.map(|(part, bytes)| (forged_part(*part), bytes.clone()));
        let sources = [self.source].into_iter().chain(self.more_sources.clone());
        let claimed = self.claimed_entries;
        let claimed = claimed.map(|entries| ("entries".to_owned(), entries.into()));
        let members = self.members.iter();
        let members = members.map(|(name, value)| ((*name).to_owned(), value.clone()));
        let mut release = Release {
            listed: self.entries(),
            sources: sources.map(|name| Source::new(self.list, name)).collect(),
            stride: exact.then_some(STRIDE),
            base: self.base.as_ref().map(|base| Box::new(base.forged())),
            instead: others.chain(instead).collect(),
            unnamed: self.unnamed.map(forged_part),
            path: self.path.map(str::to_owned),
            members: members.chain(claimed).collect(),
            ..Release::new(header, key)
        };
        if let Some((part, member)) = self.misdescribed {
            let name = forged_part(part).name();
            let described = release.descriptor(&release.parts());
            let mut parts = described["interdict"]["parts"].clone();
            let digest = &mut parts[name][member];
            *digest = match digest.as_u64() {
                Some(length) => (length + 1).into(),
                None => interdict_forge::hex(&[0; 32]).into(),
            };
            release.members.insert("parts".to_owned(), parts);
        }
        release
    }

    /// The record of each listed domain.
    fn entries(&self) -> BTreeMap<interdict_forge::Tag, interdict_forge::Record> {
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
        let all = listed.chain(generated).chain(others);
        all.map(|(tag, record)| (interdict_forge::Tag(tag.0), forged_record(&record)))
            .collect()
    }
}

/// The generated domain of this number.
#[must_use]
pub fn generated(index: u32) -> String {
    format!("listed-{index}.example")
}

impl Default for Coalition {
    fn default() -> Self {
        Self {
            scheme: Scheme::P256,
        }
    }
}

impl Coalition {
    /// Signs with Ed25519, for runs of thousands of updates: it is several times faster to verify than
    /// P-256.
    #[must_use]
    pub const fn quick() -> Self {
        Self {
            scheme: Scheme::Ed25519,
        }
    }

    /// The key of a seed.
    pub(crate) const fn signer(&self, seed: u8) -> Signer {
        Signer::new(self.scheme, seed)
    }

    /// Its repository, without lists: 2 of 3 keys for the root, 2 of 2 for targets.
    pub(crate) fn repository(&self, expires: Time) -> Repository {
        let expires = expires.to_string();
        let role = |seeds: &[u8]| {
            let signers: Vec<_> = seeds.iter().map(|seed| self.signer(*seed)).collect();
            Role::new(&expires, &signers)
        };
        let mut repository = Repository::of(role(&[1, 2]));
        repository.root.named = Some(role(&[1, 2, 3]).signers);
        repository.targets.role = role(&[4, 5]);
        repository.snapshot = role(&[6]);
        repository.timestamp = role(&[7]);
        repository
    }

    /// The pinned root: 2 of 3 for itself, 2 of 2 for targets.
    #[must_use]
    pub fn root(&self, expires: Time) -> Vec<u8> {
        self.repository(expires).root_file()
    }

    /// The second root, by which another key signs targets: all lists signed before it are untrusted.
    #[must_use]
    pub fn revoking_root(&self, expires: Time) -> Vec<u8> {
        let mut repository = self.repository(expires);
        repository.root.version = 2;
        repository.targets.role.signers = vec![self.signer(8), self.signer(9)];
        repository.root_file()
    }

    /// Everything a repository serves for a publication.
    #[must_use]
    pub fn publish(&self, publication: &Publication) -> Files {
        self.publish_beside(publication, &[])
    }

    /// The same, with further releases in the same targets: other epochs or other lists.
    #[must_use]
    pub fn publish_beside(&self, publication: &Publication, others: &[Publication]) -> Files {
        let [targets, snapshot, timestamp] = publication.expires;
        let mut repository = self.repository(targets);
        repository.set_version(publication.version.into());
        repository.snapshot.expires = snapshot.to_string();
        repository.timestamp.expires = timestamp.to_string();
        for release in others.iter().chain([publication]) {
            repository.targets.add(release.forged().targets());
            let pack = release.pack.as_ref();
            let pack = pack.map(|pack| pack_target(release.list, 1, pack));
            repository.targets.add(pack);
            let keys = release.sealed_keys.iter();
            let keys = keys.map(|(path, bytes)| ((*path).to_owned(), Target::new(bytes)));
            repository.targets.add(keys);
            let further = release.targets.iter();
            repository.targets.add(further.map(|(path, bytes, custom)| {
                let target = Target {
                    custom: Some(custom.clone()),
                    ..Target::new(bytes)
                };
                ((*path).to_owned(), target)
            }));
        }
        let signatures = publication.targets_signatures;
        repository.targets.role.signers.truncate(signatures);
        let roles = [
            &mut repository.targets.role,
            &mut repository.snapshot,
            &mut repository.timestamp,
        ];
        for (role, strange) in roles.into_iter().zip(publication.strangers) {
            if strange {
                role.signers = vec![self.signer(9)];
            }
        }
        repository.files()
    }

    /// The files of a publication and a descriptor of them.
    ///
    /// # Panics
    /// If the descriptor is refused.
    #[must_use]
    pub fn release(&self, publication: &Publication) -> (Descriptor, list::Files) {
        let release = publication.forged();
        let parts = release.parts();
        let custom = release.descriptor(&parts).to_string();
        let limits = Limits {
            depth: 8,
            nodes: 100,
        };
        let custom = parse(custom.as_bytes(), limits).expect("JSON of the forge");
        let descriptor = Descriptor::from_custom(&custom).expect("a descriptor");
        let Parts {
            filter,
            records,
            stash,
        } = parts;
        let files = list::Files {
            filter,
            records,
            stash,
        };
        (descriptor.expect("a descriptor"), files)
    }

    /// The key of an epoch.
    #[must_use]
    pub fn list_key(epoch: u32) -> ListKey {
        ListKey::new(interdict_forge::ListKey::of_epoch(epoch).0)
    }

    /// The same, as `configure` takes it.
    #[must_use]
    pub fn list_key_text(epoch: u32) -> String {
        interdict_forge::hex(&interdict_forge::ListKey::of_epoch(epoch).0)
    }
}

/// The record of every entry that has no other.
pub const RECORD: Record = Record {
    action: Action::Block,
    category: Category::Csae,
    confidence: 990,
    source: 0,
    group: 0,
    scope: Scope::Domain,
    flags: Flags(0),
    handling: Handling::Amber,
    valid_until: Time::from_seconds(u32::MAX),
};

/// The tag of an identifier under the key of an epoch.
///
/// # Panics
/// On a value that is no identifier of the kind.
pub(crate) fn tag_of(epoch: u32, kind: Kind, value: &str) -> Tag {
    let identifier = Identifier::parse(kind, value).expect("an identifier");
    let key = interdict_forge::ListKey::of_epoch(epoch);
    Tag(key.tag(kind.code(), identifier.canonical()).0)
}

fn tag(epoch: u32, name: &str) -> Tag {
    tag_of(epoch, Kind::Domain, name)
}

const fn forged_part(part: Part) -> interdict_forge::Part {
    match part {
        Part::Filter => interdict_forge::Part::Filter,
        Part::Records => interdict_forge::Part::Records,
        Part::Stash => interdict_forge::Part::Stash,
    }
}

/// The codes of `docs/format.md`.
const fn forged_record(record: &Record) -> interdict_forge::Record {
    interdict_forge::Record {
        action: match record.action {
            Action::Allow => 0,
            Action::Monitor => 1,
            Action::Review => 2,
            Action::HoldPayout => 3,
            Action::Block => 4,
        },
        category: match record.category {
            Category::Unspecified => 0,
            Category::Csae => 1,
            Category::Trafficking => 2,
            Category::Other => 3,
            Category::Test => 4,
        },
        confidence: record.confidence,
        source: record.source,
        scope: match record.scope {
            Scope::Domain => 1,
            Scope::Host => 2,
        },
        flags: record.flags.0,
        handling: match record.handling {
            Handling::Clear => 1,
            Handling::Green => 2,
            Handling::Amber => 3,
            Handling::AmberStrict => 4,
            Handling::Red => 5,
        },
        group: record.group,
        valid_until: record.valid_until.seconds(),
    }
}
