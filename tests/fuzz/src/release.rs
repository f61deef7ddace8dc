//! A small valid release, and one that changes it by a stash. Nothing here compares the digests of whole
//! files, because that happens before a list is loaded.

use std::sync::LazyLock;

use interdict_core::common::json::parse;
use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{BlockList, Descriptor, Files, ListError, Part};
use interdict_core::token::{ListKey, Tag};
use interdict_forge::{Header, Record, Source, base_digest, kind, stash};

use crate::gateway::LIMITS;

/// When lists are asked.
pub const NOW: Time = Time::from_seconds(1_795_309_323);

/// Domains with a record each, in the base.
const LISTED: [&str; 7] = [
    "shop.example",
    "pay.shop.test",
    "xn--bcher-kva.example",
    "lapsed.example",
    "e.shop.example",
    "victim.example",
    "silent.example",
];

/// Domains the stash lists, those it changes, and those it removes.
const CHANGED: [(&str, Option<u8>); 6] = [
    ("b.c.d.e.shop.example", Some(1)),
    ("new.example", Some(2)),
    ("shop.example", Some(4)),
    ("silent.example", Some(2)),
    ("unlisted.example", None),
    ("victim.example", None),
];

/// Names asked: listed ones, and names above and below them.
pub const ASKED: [&str; 8] = [
    "shop.example",
    "a.b.c.d.e.shop.example",
    "www.pay.shop.test",
    "lapsed.example",
    "www.new.example",
    "unlisted.example",
    "victim.example",
    "silent.example",
];

const SOURCES: [&str; 2] = ["hotline.example", "police.example"];

/// Bits of a fuzzed file's first byte. This one: put the header in front (and for a stash, its base).
pub const FRONT: u8 = 1;
/// Also do what is slow: load the whole release with it, filter included.
pub const LOAD: u8 = 2;

/// The files of one release and the key they were made with.
#[derive(Debug)]
pub struct Release {
    /// The base, without the stash.
    pub base: Descriptor,
    /// The release with the stash.
    pub stashed: Descriptor,
    /// Valid files, the filter one of the smallest size there is.
    pub files: Files,
    /// The key.
    pub key: ListKey,
}

/// The release all targets use.
pub static RELEASE: LazyLock<Release> = LazyLock::new(Release::new);

impl Release {
    fn new() -> Self {
        let key = interdict_forge::ListKey([1; 32]);
        let header = Header {
            sequence: 41,
            issued: NOW.seconds(),
            rate: 2,
            kinds: 1 << kind::DOMAIN,
            ..Header::new("se/cards", &key)
        };
        let tag = |name: &str| key.tag(kind::DOMAIN, canonical(name).as_bytes());
        let listed = LISTED.iter().zip([0, 1, 2, 8, 1, 4, 2]);
        let base = interdict_forge::Release {
            listed: listed
                .map(|(name, choice)| (tag(name), record(choice)))
                .collect(),
            sources: SOURCES.map(|name| Source::new("se/cards", name)).to_vec(),
            ..interdict_forge::Release::new(header, key)
        };
        let mut stashed = base.clone();
        stashed.header.sequence = 42;
        let parts = base.parts();
        let digest = base_digest(&parts.filter, parts.records.as_deref());
        let changes = CHANGED.map(|(name, choice)| (tag(name), choice.map(record)));
        let stash = stash(&stashed.header, &digest, &base.sources, &changes.into());
        stashed.instead = [(interdict_forge::Part::Stash, stash)].into();
        stashed.base = Some(Box::new(base.clone()));
        let parts = stashed.parts();
        Self {
            stashed: described(&stashed),
            base: described(&base),
            files: Files {
                filter: parts.filter,
                records: parts.records,
                stash: parts.stash,
            },
            key: ListKey::new(key.0),
        }
    }

    /// The valid records file.
    #[must_use]
    pub fn records(&self) -> &[u8] {
        self.files.records.as_deref().unwrap_or_default()
    }

    /// What [`FRONT`] puts in front of a part's body, because few mutations leave it correct.
    #[must_use]
    pub fn front(&self, part: Part) -> Vec<u8> {
        match part {
            Part::Filter | Part::Records => self.base.header.encode(part),
            Part::Stash => {
                let header = self.stashed.header.encode(part);
                [&header[..], &self.base.base_digest()].concat()
            }
        }
    }

    /// The choices and the file that a fuzzed input stands for.
    #[must_use]
    pub fn file(&self, part: Part, input: &[u8]) -> (u8, Vec<u8>) {
        let (choice, rest) = input.split_first().unwrap_or((&0, &[]));
        let front = if choice & FRONT == 0 {
            Vec::new()
        } else {
            self.front(part)
        };
        (*choice, [&front, rest].concat())
    }

    /// Loads the base with this filter and these records, or with the filter alone.
    ///
    /// # Errors
    /// What the core refuses.
    pub fn load(&self, filter: Vec<u8>, records: Option<Vec<u8>>) -> Result<BlockList, ListError> {
        let described = records.clone().unwrap_or_else(|| self.records().to_vec());
        let files = Files {
            filter,
            records: Some(described),
            stash: None,
        };
        let mut descriptor = Descriptor::of(&self.base.header, self.base.provenance, &files)?;
        descriptor.records = descriptor.records.filter(|_| records.is_some());
        BlockList::load(&descriptor, Files { records, ..files })
    }

    /// The tag of canonical bytes of a domain.
    #[must_use]
    pub fn tag(&self, canonical: &[u8]) -> Tag {
        token(&self.key, canonical)
    }
}

/// What the descriptor of a release says.
fn described(release: &interdict_forge::Release) -> Descriptor {
    let custom = release.descriptor(&release.parts()).to_string();
    let custom = parse(custom.as_bytes(), LIMITS).expect("JSON of the forge");
    let read = Descriptor::from_custom(&custom).expect("a descriptor");
    read.expect("a valid release")
}

fn token(key: &ListKey, canonical: &[u8]) -> Tag {
    key.tag(Kind::Domain, canonical)
}

fn canonical(name: &str) -> String {
    let identifier = Identifier::parse(Kind::Domain, name).expect("a domain");
    String::from_utf8(identifier.canonical().to_vec()).expect("text")
}

/// The flags are the lower three bits; 1 is for the host alone, and 8 has lapsed.
fn record(choice: u8) -> Record {
    Record {
        // A silent record asks to monitor.
        action: if choice & 2 == 0 { 4 } else { 1 },
        source: u16::from(choice % 2),
        group: u32::from(choice),
        scope: 1 + u8::from(choice == 1),
        flags: choice & 7,
        valid_until: if choice == 8 { NOW.seconds() } else { u32::MAX },
        ..Record::default()
    }
}
