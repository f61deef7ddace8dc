//! One release of one list, of any size. All that the benchmarks need of the list room's writing side
//! is called here.

use anyhow::{Context as _, Result, anyhow};
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{
    Action, BlockList, Category, Descriptor, Edition, Files, Flags, Header, Kinds, ListError,
    ListId, Part, PartDigest, Record, Scope, encode_filter, encode_records,
};
use interdict_core::time::Time;
use interdict_core::token::{ListKey, Tag};
use interdict_publisher::tuf::Pin;

/// The list's id and, without a part's ending, its path.
pub(crate) const LIST: &str = "se/merchants";

/// The second the benchmarks happen in.
pub(crate) const NOW: u32 = 1_795_309_323;

/// The key of the member edition.
pub(crate) const SECRET: [u8; 32] = [8; 32];

/// The files of a release and what the signed descriptor says of them.
pub(crate) struct Release {
    pub(crate) descriptor: Descriptor,
    pub(crate) filter: Vec<u8>,
    pub(crate) records: Option<Vec<u8>>,
}

/// A member list's header.
pub(crate) fn member(entries: u32, rate: u8) -> Result<Header> {
    Ok(Header {
        list: ListId::parse(LIST).map_err(because)?,
        edition: Edition::Member,
        epoch: 1,
        sequence: 1,
        issued: Time::parse("2026-11-22T00:00:00Z").context("a time")?,
        entries,
        rate,
        kinds: Kinds::of([Kind::Domain]),
        key_id: ListKey::new(SECRET).id(),
    })
}

/// The header of a list for browsers, whose key everybody has.
pub(crate) fn public(entries: u32, epoch: u32, key: &ListKey) -> Result<Header> {
    Ok(Header {
        edition: Edition::Public,
        epoch,
        key_id: key.id(),
        ..member(entries, 6)?
    })
}

/// A filter file.
pub(crate) fn filter(header: &Header, tags: &[Tag]) -> Result<Vec<u8>> {
    encode_filter(header, tags).map_err(because)
}

/// A records file in which all have the same answer.
pub(crate) fn records(header: &Header, tags: &[Tag]) -> Result<Vec<u8>> {
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
    let records: Vec<(Tag, Record)> = tags.iter().map(|tag| (*tag, record)).collect();
    encode_records(header, &["hotline.example".to_owned()], &records).map_err(because)
}

/// The tag of a domain.
pub(crate) fn tag(key: &ListKey, domain: &Identifier) -> Tag {
    key.token(Kind::Domain, domain.canonical()).tag()
}

/// A domain.
pub(crate) fn domain(name: &str) -> Result<Identifier> {
    Identifier::parse(Kind::Domain, name).map_err(|error| anyhow!("{error}"))
}

impl Release {
    /// Puts the files of one list together.
    pub(crate) fn of(header: Header, filter: Vec<u8>, records: Option<Vec<u8>>) -> Result<Self> {
        let descriptor = Descriptor {
            header,
            filter: digest(&filter)?,
            records: records.as_deref().map(digest).transpose()?,
        };
        Ok(Self {
            descriptor,
            filter,
            records,
        })
    }

    /// What each part is called, with its bytes.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (Part, &[u8])> {
        let records = self.records.as_deref();
        let records = records.map(|records| (Part::Records, records));
        std::iter::once((Part::Filter, self.filter.as_slice())).chain(records)
    }

    /// The list as the core holds it.
    pub(crate) fn load(&self) -> Result<BlockList> {
        let files = Files {
            filter: self.filter.clone(),
            records: self.records.clone(),
        };
        BlockList::load(&self.descriptor, files).map_err(because)
    }
}

fn digest(bytes: &[u8]) -> Result<PartDigest> {
    let pin = Pin::of(1, bytes).context("a file of 4 GB")?;
    Ok(PartDigest {
        length: pin.length,
        sha256: pin.sha256,
    })
}

fn because(error: ListError) -> anyhow::Error {
    anyhow!("the list room refuses it: {error}")
}
