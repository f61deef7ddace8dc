//! A small valid release. Its digests are never compared: whoever loads a list has done that.

use std::sync::LazyLock;

use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{
    Action, BlockList, Category, Descriptor, Edition, Files, Flags, Header, Kinds, ListId,
    MIN_ENTRIES, Membership, Part, PartDigest, Record, Scope, encode_filter, encode_records,
};
use interdict_core::time::Time;
use interdict_core::token::{ListKey, Tag};

/// When lists are asked.
pub const NOW: Time = Time::from_seconds(1_795_309_323);

/// Domains with a record each, and names above and below them.
const LISTED: [&str; 4] = [
    "shop.example",
    "pay.shop.test",
    "xn--bcher-kva.example",
    "lapsed.example",
];
const ASKED: [&str; 5] = [
    "shop.example",
    "a.b.c.d.e.shop.example",
    "www.pay.shop.test",
    "lapsed.example",
    "unlisted.example",
];

/// The sources of [`Release::records`].
const SOURCES: [&str; 2] = ["hotline.example", "police.example"];

/// The files of one release and the key it was made with.
#[derive(Debug)]
pub struct Release {
    /// What every part's header must say.
    pub header: Header,
    /// A valid filter file of the smallest size there is.
    pub filter: Vec<u8>,
    /// A valid records file.
    pub records: Vec<u8>,
    key: ListKey,
}

/// The release all targets use.
pub static RELEASE: LazyLock<Release> = LazyLock::new(Release::new);

impl Release {
    fn new() -> Self {
        let key = ListKey::new([1; 32]);
        let header = Header {
            list: ListId::parse("se/cards").expect("a list id"),
            edition: Edition::Member,
            epoch: 1,
            sequence: 41,
            issued: NOW,
            entries: MIN_ENTRIES,
            rate: 2,
            kinds: Kinds::of([Kind::Domain]),
            key_id: key.id(),
        };
        let records: Vec<_> = LISTED
            .iter()
            .zip([0, 1, 2, 4])
            .map(|(name, flags)| (tag(&key, name), record(flags)))
            .collect();
        let padding = (0..).map(|index: u32| tag(&key, &format!("padding-{index}.example")));
        let tags: Vec<_> = records
            .iter()
            .map(|(tag, _)| *tag)
            .chain(padding)
            .take(usize::try_from(MIN_ENTRIES).expect("a small number"))
            .collect();
        Self {
            filter: encode_filter(&header, &tags).expect("a valid filter"),
            records: encode_records(&header, &SOURCES.map(str::to_owned), &records)
                .expect("valid records"),
            header,
            key,
        }
    }

    /// The file that a fuzzed input stands for. After an odd first byte the input is a body and
    /// gets the header the descriptor demands: few mutations leave a header right.
    #[must_use]
    pub fn file(&self, part: Part, input: &[u8]) -> Vec<u8> {
        match input.split_first() {
            Some((choice, body)) if choice % 2 == 1 => {
                [&self.header.encode(part)[..], body].concat()
            }
            Some((_, file)) => file.to_vec(),
            None => Vec::new(),
        }
    }

    /// Loads files as the engine does once their digests are right.
    #[must_use]
    pub fn load(&self, files: Files) -> Option<BlockList> {
        BlockList::load(&self.descriptor(files.records.is_some()), files).ok()
    }

    /// Asks a list that was accepted about all names; whatever it holds, the answers are sound.
    pub fn ask(&self, list: &BlockList) {
        for name in ASKED {
            match list.membership(&domain(name), Some(&self.key), NOW) {
                Membership::Absent => {}
                Membership::Candidate { keys } => assert!((1..=6).contains(&keys)),
                Membership::Listed { record, .. } => {
                    assert!(!record.lapsed(NOW), "a lapsed record lists");
                    assert!(list.source(&record).is_some(), "a record without a source");
                    assert!((1..=999).contains(&record.confidence));
                }
                Membership::Lapsed(record) => assert!(record.lapsed(NOW)),
                other => panic!("{other:?} for a covered kind and the right key"),
            }
        }
    }

    /// The signed statement, with digests of nothing.
    #[must_use]
    pub fn descriptor(&self, records: bool) -> Descriptor {
        let digest = PartDigest {
            length: 1,
            sha256: [0; 32],
        };
        Descriptor {
            header: self.header.clone(),
            filter: digest,
            records: records.then_some(digest),
        }
    }
}

fn domain(name: &str) -> Identifier {
    Identifier::parse(Kind::Domain, name).expect("a domain")
}

fn tag(key: &ListKey, name: &str) -> Tag {
    key.token(Kind::Domain, domain(name).canonical()).tag()
}

fn record(flags: u8) -> Record {
    Record {
        action: Action::Block,
        category: Category::Csae,
        confidence: 990,
        source: u16::from(flags % 2),
        group: u32::from(flags),
        scope: if flags == 1 {
            Scope::Host
        } else {
            Scope::Domain
        },
        flags: Flags(flags),
        valid_until: if flags == 4 {
            NOW
        } else {
            Time::from_seconds(u32::MAX)
        },
    }
}
