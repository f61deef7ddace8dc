use std::sync::Arc;

use crate::common::time::Time;
use crate::identifier::{Identifier, Kind, LookUp, Relation};
use crate::token::{ListKey, Tag};

use super::filter::Filter;
use super::records::{self, Pages, Records, RecordsMode};
use super::sources::Sources;
use super::stash::Stash;
use super::{Action, Descriptor, Header, ListError, Part, Record, Scope};

/// The files of one release. Whoever fills it has checked each against the descriptor's digest.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// The filter file.
    pub filter: Vec<u8>,
    /// The records file, or its head, exactly if the descriptor names one.
    pub records: Option<Vec<u8>>,
    /// The stash file, exactly if the descriptor names one.
    pub stash: Option<Vec<u8>>,
}

/// One release of one list, checked and ready to be asked. Never edited: a new release is a new
/// value, which may share its base with the one before; a clone shares everything.
#[derive(Debug, Clone)]
pub struct BlockList {
    header: Header,
    base: Arc<Base>,
    stash: Option<Arc<Stash>>,
    pages: Pages,
}

/// One page of the records file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page<'l> {
    /// Its number, from 0.
    pub index: u32,
    /// Where it lies in the records file, in bytes.
    pub offset: u32,
    /// Its bytes.
    pub length: u32,
    /// Its digest.
    pub sha256: &'l [u8],
}

/// What a stash is a change of.
#[derive(Debug)]
struct Base {
    header: Header,
    digest: [u8; 32],
    mode: RecordsMode,
    filter: Filter,
    records: Option<Records>,
}

/// What a list says of an identifier. "No" has as many values as there are reasons for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership<'l> {
    /// The list covers the kind and does not hold the identifier.
    Absent,
    /// It was listed and its time is over.
    Lapsed(Record),
    /// The filter was hit and no record is at hand to ask: listed, or a false hit. `keys` is how many
    /// were tried, each with the list's rate.
    Candidate {
        /// Tokens tried: one for each look-up of the identifier.
        keys: u8,
    },
    /// The identifier, or a name above it that stands for its sub-domains, is listed.
    Listed {
        /// The strongest record that applies.
        record: Record,
        /// The id of its source.
        source: &'l str,
        /// Whether the record is the identifier's own.
        relation: Relation,
    },
    /// The list says nothing about this kind of identifier.
    NotCovered,
    /// The key the list was made with is not at hand.
    NoKey,
}

/// One record that applies to an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit<'l> {
    /// What it says; of a label it asks for `review` at most, since others may bear the same brand.
    pub record: Record,
    /// The id of its source.
    pub source: &'l str,
    /// What was found to what was asked.
    pub relation: Relation,
    /// The kind it was asked as.
    pub kind: Kind,
    /// What it is listed under.
    pub tag: Tag,
}

/// One thing that a list finds for an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found<'l> {
    /// A filter hit without a record at hand, asked as this kind.
    Candidate(Kind),
    /// A record whose time is over.
    Lapsed(Record),
    /// A record that applies.
    Listed(Hit<'l>),
}

/// Whether a list could be asked at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// It says nothing about this kind of identifier.
    NotCovered,
    /// Its key is not at hand.
    NoKey,
    /// So many tokens were tried.
    Keys(u8),
}

/// What one tag finds.
enum Entry<'l> {
    Nothing,
    Hit,
    /// The page of records that would tell.
    NotLoaded(u32),
    Record(Record, &'l str),
}

impl BlockList {
    /// Checks a release and makes it ready.
    ///
    /// # Errors
    /// The first rule of `docs/format.md` that does not hold.
    pub fn load(
        descriptor: &Descriptor,
        files: Files,
        mode: RecordsMode,
    ) -> Result<Self, ListError> {
        descriptor.header.check()?;
        let header = descriptor.part_header(Part::Filter);
        let filter = Filter::decode(files.filter, &header)?;
        let records = match (files.records, &descriptor.records) {
            (Some(file), Some(digest)) => Some(Records::decode(file, &header, digest, mode)?),
            (None, None) => None,
            _ => return Err(ListError::PartMissing),
        };
        let base = Base {
            digest: descriptor.base_digest(),
            header,
            mode,
            filter,
            records,
        };
        let mut tags = base.records.iter().flat_map(Records::tags);
        if !tags.all(|tag| base.filter.hit(tag)) {
            return Err(ListError::RecordNotInFilter);
        }
        drop(tags);
        Self::of(descriptor, Arc::new(base), files.stash, Pages::default())
    }

    /// The release that a stash makes of the base in place, or with no stash of the base alone. The
    /// base is shared, not read again.
    ///
    /// # Errors
    /// [`ListError::StashBase`] unless the descriptor names the base in place, and what is wrong
    /// with the stash.
    pub fn update(
        &self,
        descriptor: &Descriptor,
        stash: Option<Vec<u8>>,
    ) -> Result<Self, ListError> {
        descriptor.header.check()?;
        if !self.has_base_of(descriptor) {
            return Err(ListError::StashBase);
        }
        Self::of(
            descriptor,
            Arc::clone(&self.base),
            stash,
            self.pages.clone(),
        )
    }

    /// Whether filter and records of a release are the ones in place.
    #[must_use]
    pub fn has_base_of(&self, descriptor: &Descriptor) -> bool {
        self.base.header == descriptor.part_header(Part::Filter)
            && self.base.digest == descriptor.base_digest()
    }

    fn of(
        descriptor: &Descriptor,
        base: Arc<Base>,
        stash: Option<Vec<u8>>,
        pages: Pages,
    ) -> Result<Self, ListError> {
        if stash.is_some() != descriptor.stash.is_some() {
            return Err(ListError::PartMissing);
        }
        let header = descriptor.header.clone();
        let stash = stash
            .map(|file| Stash::decode(file, &header, &base.digest).map(Arc::new))
            .transpose()?;
        Ok(Self {
            header,
            base,
            stash,
            pages,
        })
    }

    /// What the release says about itself.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Number of records of the base; `None` for a list that is a filter only.
    #[must_use]
    pub fn record_count(&self) -> Option<usize> {
        self.base.records.as_ref().map(Records::count)
    }

    /// Number of changes since the base.
    #[must_use]
    pub fn change_count(&self) -> usize {
        self.stash.as_ref().map_or(0, |stash| stash.count())
    }

    /// A page of records that is loaded on its own; `None` for a page there is not, and for records
    /// that are loaded whole.
    #[must_use]
    pub fn page(&self, index: u32) -> Option<Page<'_>> {
        let records = self.base.records.as_ref();
        let records = records.filter(|_| self.base.mode == RecordsMode::Paged)?;
        let (offset, length) = records.page_range(index)?;
        Some(Page {
            index,
            offset: u32::try_from(offset).ok()?,
            length: u32::try_from(length).ok()?,
            sha256: records.page_sha256(index)?,
        })
    }

    /// The pages at hand.
    pub fn loaded_pages(&self) -> impl Iterator<Item = Page<'_>> {
        self.pages.indexes().filter_map(|index| self.page(index))
    }

    /// Takes the bytes of one page of records.
    ///
    /// # Errors
    /// [`ListError::RecordsPage`] if they are not that page's, and what is wrong with its records.
    pub fn supply_page(&mut self, page: u32, bytes: Vec<u8>) -> Result<(), ListError> {
        let records = self.base.records.as_ref().ok_or(ListError::RecordsPage)?;
        records.check_page(page, &bytes)?;
        if !records
            .page_tags(&bytes)
            .all(|tag| self.base.filter.hit(tag))
        {
            return Err(ListError::RecordNotInFilter);
        }
        self.pages.insert(page, bytes);
        Ok(())
    }

    /// The first page without which the answer for an identifier is not final.
    #[must_use]
    pub fn page_needed(&self, identifier: &Identifier, key: Option<&ListKey>) -> Option<u32> {
        if self.base.mode == RecordsMode::Whole {
            return None;
        }
        let key = self.own_key(key)?;
        self.look_ups(identifier).find_map(|look_up| {
            let tag = key.token(look_up.kind, look_up.canonical).tag();
            match self.entry(tag) {
                Entry::NotLoaded(page) => Some(page),
                Entry::Nothing | Entry::Hit | Entry::Record(..) => None,
            }
        })
    }

    /// The questions about an identifier that this list answers.
    fn look_ups<'i>(&self, identifier: &'i Identifier) -> impl Iterator<Item = LookUp<'i>> {
        let kinds = self.header.kinds;
        identifier
            .look_ups()
            .filter(move |look_up| kinds.covers(look_up.kind))
    }

    fn own_key<'k>(&self, key: Option<&'k ListKey>) -> Option<&'k ListKey> {
        key.filter(|key| key.id() == self.header.key_id)
    }

    /// Asks for one identifier, under itself and the names above it, and tells each thing found.
    pub fn ask<'l>(
        &'l self,
        identifier: &Identifier,
        key: Option<&ListKey>,
        now: Time,
        mut tell: impl FnMut(Found<'l>),
    ) -> Asked {
        let mut look_ups = self.look_ups(identifier).peekable();
        if look_ups.peek().is_none() {
            return Asked::NotCovered;
        }
        let Some(key) = self.own_key(key) else {
            return Asked::NoKey;
        };
        let mut keys = 0_u8;
        for look_up in look_ups {
            keys = keys.saturating_add(1);
            let tag = key.token(look_up.kind, look_up.canonical).tag();
            match self.entry(tag) {
                Entry::Nothing => {}
                Entry::Hit | Entry::NotLoaded(_) => tell(Found::Candidate(look_up.kind)),
                Entry::Record(record, _)
                    if look_up.relation == Relation::Parent && record.scope != Scope::Domain => {}
                Entry::Record(record, _) if record.lapsed(now) => tell(Found::Lapsed(record)),
                Entry::Record(mut record, source) => {
                    if look_up.kind == Kind::Label {
                        record.action = record.action.min(Action::Review);
                    }
                    tell(Found::Listed(Hit {
                        record,
                        source,
                        relation: look_up.relation,
                        kind: look_up.kind,
                        tag,
                    }));
                }
            }
        }
        Asked::Keys(keys)
    }

    /// What [`BlockList::ask`] finds, in one word: the strongest record, else what there is.
    #[must_use]
    pub fn membership(
        &self,
        identifier: &Identifier,
        key: Option<&ListKey>,
        now: Time,
    ) -> Membership<'_> {
        let mut best = Membership::Absent;
        let asked = self.ask(identifier, key, now, |found| {
            let found = match found {
                Found::Candidate(_) => Membership::Candidate { keys: 0 },
                Found::Lapsed(record) => Membership::Lapsed(record),
                Found::Listed(hit) => Membership::Listed {
                    record: hit.record,
                    source: hit.source,
                    relation: hit.relation,
                },
            };
            if found.beats(&best) {
                best = found;
            }
        });
        match (asked, best) {
            (Asked::NotCovered, _) => Membership::NotCovered,
            (Asked::NoKey, _) => Membership::NoKey,
            // What is asked besides the identifier may be covered where it is not.
            (_, Membership::Absent) if !self.header.kinds.covers(identifier.kind()) => {
                Membership::NotCovered
            }
            (Asked::Keys(keys), Membership::Candidate { .. }) => Membership::Candidate { keys },
            (_, best) => best,
        }
    }

    fn entry(&self, tag: Tag) -> Entry<'_> {
        if let Some((stash, change)) = self.stash.as_ref().and_then(|stash| {
            let change = stash.get(tag)?;
            Some((stash, change))
        }) {
            return match change {
                Some(record) => Entry::of(record, stash.sources()),
                None => Entry::Nothing,
            };
        }
        if !self.base.filter.hit(tag) {
            return Entry::Nothing;
        }
        let Some(records) = &self.base.records else {
            return Entry::Hit;
        };
        match records.get(tag, &self.pages) {
            records::Found::Record(record) => Entry::of(record, records.sources()),
            // A hit without a record is a known false hit of the filter.
            records::Found::Nothing => Entry::Nothing,
            records::Found::NotLoaded(page) => Entry::NotLoaded(page),
        }
    }
}

impl<'l> Entry<'l> {
    fn of(record: Record, sources: &'l Sources) -> Self {
        // Every index was checked when the file was read.
        Self::Record(record, sources.get(record.source).unwrap_or_default())
    }
}

impl Membership<'_> {
    /// Orders what several names of one identifier find; the first of equals stays.
    fn beats(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Listed { record, .. }, Self::Listed { record: other, .. }) => {
                record.strength() > other.strength()
            }
            _ => self.rank() > other.rank(),
        }
    }

    const fn rank(&self) -> u8 {
        match self {
            Self::NotCovered | Self::NoKey | Self::Absent => 0,
            Self::Lapsed(_) => 1,
            Self::Candidate { .. } => 2,
            Self::Listed { .. } => 3,
        }
    }
}
