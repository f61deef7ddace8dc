//! One release of one list, of any size. Only this file calls the functions of the list room that write.

use anyhow::{Context as _, Result, anyhow};
use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{
    Action, BaseRelease, BlockList, Category, Descriptor, Edition, Files, Flags, Handling, Header,
    Kinds, ListError, ListId, Part, Provenance, Record, Scope, Source, encode_filter,
    encode_records, encode_stash,
};
use interdict_core::token::{ListKey, Tag};

/// The list's id.
pub(crate) const LIST: &str = "se/merchants";

/// The clock of all benchmarks.
pub(crate) const NOW: u32 = 1_795_309_323;

/// The key of the member edition.
pub(crate) const SECRET: [u8; 32] = [8; 32];

/// The files of a release and what the signed descriptor says of them.
pub(crate) struct Release {
    pub(crate) descriptor: Descriptor,
    pub(crate) files: Files,
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

/// The header of a list for gateways with little memory.
pub(crate) fn compact(entries: u32) -> Result<Header> {
    Ok(Header {
        edition: Edition::Compact,
        ..member(entries, 32)?
    })
}

/// The header of a list for browsers, whose key is public.
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

/// The answer of every record.
pub(crate) const RECORD: Record = Record {
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

/// A records file in which all have the same answer.
pub(crate) fn records(header: &Header, tags: &[Tag]) -> Result<Vec<u8>> {
    let records: Vec<(Tag, Record)> = tags.iter().map(|tag| (*tag, RECORD)).collect();
    records_of(header, &[source("hotline.example")?], &records)
}

/// A records file of these.
pub(crate) fn records_of(
    header: &Header,
    sources: &[Source],
    records: &[(Tag, Record)],
) -> Result<Vec<u8>> {
    encode_records(header, sources, records).map_err(because)
}

/// Of a release that changes no earlier one.
const FIRST: Provenance = Provenance {
    epoch_start: Time::from_seconds(NOW),
    history: [0; 32],
    ends: None,
    base: None,
};

/// A source that has one name everywhere.
pub(crate) fn source(name: &str) -> Result<Source> {
    let list = ListId::parse(LIST).map_err(because)?;
    Source::new(&list, name, name).map_err(because)
}

/// The tag of a domain.
pub(crate) fn tag(key: &ListKey, domain: &Identifier) -> Tag {
    key.tag(Kind::Domain, domain.canonical())
}

/// A domain.
pub(crate) fn domain(name: &str) -> Result<Identifier> {
    Identifier::parse(Kind::Domain, name).map_err(|error| anyhow!("{error}"))
}

impl Release {
    /// Puts the files of one list together.
    pub(crate) fn of(header: &Header, filter: Vec<u8>, records: Option<Vec<u8>>) -> Result<Self> {
        let files = Files {
            filter,
            records,
            stash: None,
        };
        let descriptor = match header.edition {
            Edition::Public => Descriptor::of_public(header, FIRST, [0; 32], &files),
            Edition::Compact => Descriptor::of_compact(header, FIRST, 900, &files),
            Edition::Member => Descriptor::of(header, FIRST, &files),
        };
        let descriptor = descriptor.map_err(because)?;
        Ok(Self { descriptor, files })
    }

    /// The next release, which changes this one by a stash.
    pub(crate) fn changed(&self, sequence: u64, changes: &[(Tag, Option<Record>)]) -> Result<Self> {
        let header = Header {
            sequence,
            ..self.descriptor.header.clone()
        };
        let base = BaseRelease {
            sequence: self.descriptor.header.sequence,
            issued: self.descriptor.header.issued,
        };
        let sources = [source("hotline.example")?];
        let digest = self.descriptor.base_digest();
        let files = Files {
            stash: Some(encode_stash(&header, &digest, &sources, changes).map_err(because)?),
            ..self.files.clone()
        };
        let provenance = Provenance {
            base: Some(base),
            ..FIRST
        };
        let descriptor = Descriptor::of(&header, provenance, &files).map_err(because)?;
        Ok(Self { descriptor, files })
    }

    /// The name and the bytes of each part.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (Part, &[u8])> {
        let records = self.files.records.as_deref();
        let stash = self.files.stash.as_deref();
        std::iter::once((Part::Filter, self.files.filter.as_slice()))
            .chain(records.map(|records| (Part::Records, records)))
            .chain(stash.map(|stash| (Part::Stash, stash)))
    }

    /// The list as loaded by the core.
    pub(crate) fn load(&self) -> Result<BlockList> {
        let (descriptor, files) = (&self.descriptor, self.files.clone());
        BlockList::load(descriptor, files).map_err(because)
    }
}

fn because(error: ListError) -> anyhow::Error {
    anyhow!("the list room refuses it: {error}")
}
