use crate::identifier::{Identifier, Relation};
use crate::time::Time;
use crate::token::{ListKey, Tag};

use super::filter::Filter;
use super::records::Records;
use super::{Descriptor, Header, ListError, Record, Scope};

/// The files of one release. Whoever fills it has checked each against the descriptor's digest.
#[derive(Debug)]
pub struct Files {
    /// The filter file.
    pub filter: Vec<u8>,
    /// The records file, exactly if the descriptor names one.
    pub records: Option<Vec<u8>>,
}

/// What changed since the base release. A tag here has its answer here, whatever filter and records
/// say; `None` is a removal.
#[derive(Debug, Clone, Default)]
pub struct Stash(Vec<(Tag, Option<Record>)>);

/// One release of one list, checked and ready to be asked. Never edited: a new release is a new
/// value.
#[derive(Debug)]
pub struct BlockList {
    header: Header,
    filter: Filter,
    records: Option<Records>,
    stash: Option<Stash>,
}

/// What a list says of an identifier. "No" has as many values as there are reasons for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// The list covers the kind and does not hold the identifier.
    Absent,
    /// It was listed and its time is over.
    Lapsed(Record),
    /// The filter was hit and there is no record to ask: listed, or a false hit. `keys` is how many
    /// were tried, each with the list's rate.
    Candidate {
        /// Tokens tried: one for each look-up of the identifier.
        keys: u8,
    },
    /// The identifier, or a name above it that stands for its sub-domains, is listed.
    Listed {
        /// The strongest record that applies.
        record: Record,
        /// Whether the record is the identifier's own.
        relation: Relation,
    },
    /// The list says nothing about this kind of identifier.
    NotCovered,
    /// The key the list was made with is not at hand.
    NoKey,
}

impl Stash {
    /// Takes changes in any order; `None` if a tag occurs twice.
    #[must_use]
    pub fn new(mut changes: Vec<(Tag, Option<Record>)>) -> Option<Self> {
        changes.sort_by_key(|(tag, _)| *tag);
        let twice = changes
            .windows(2)
            .any(|pair| matches!(pair, [(a, _), (b, _)] if a == b));
        (!twice).then_some(Self(changes))
    }

    fn get(&self, tag: Tag) -> Option<Option<Record>> {
        let index = self.0.binary_search_by_key(&tag, |(tag, _)| *tag).ok()?;
        self.0.get(index).map(|(_, change)| *change)
    }
}

/// What one tag finds.
enum Entry {
    Nothing,
    Hit,
    Record(Record),
}

impl BlockList {
    /// Checks a release and makes it ready.
    ///
    /// # Errors
    /// The first rule of `docs/format.md` that does not hold.
    pub fn load(descriptor: &Descriptor, files: Files) -> Result<Self, ListError> {
        let header = &descriptor.header;
        header.check()?;
        if files.records.is_some() != descriptor.records.is_some() {
            return Err(ListError::PartMissing);
        }
        let filter = Filter::decode(files.filter, header)?;
        let records = files
            .records
            .map(|file| Records::decode(file, header))
            .transpose()?;
        let mut tags = records.iter().flat_map(Records::iter);
        if !tags.all(|(tag, _)| filter.hit(tag)) {
            return Err(ListError::RecordNotInFilter);
        }
        drop(tags);
        Ok(Self {
            header: header.clone(),
            filter,
            records,
            stash: None,
        })
    }

    /// The same list with later changes on top.
    #[must_use]
    pub fn with_stash(self, stash: Stash) -> Self {
        Self {
            stash: Some(stash),
            ..self
        }
    }

    /// What all files of the release say about themselves.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The id of a record's source.
    #[must_use]
    pub fn source(&self, record: &Record) -> Option<&str> {
        self.records.as_ref()?.source(record.source)
    }

    /// Number of exact records; `None` for a list that is a filter only.
    #[must_use]
    pub fn record_count(&self) -> Option<usize> {
        self.records.as_ref().map(|records| records.iter().count())
    }

    /// Asks for one identifier, under itself and the names above it.
    #[must_use]
    pub fn membership(
        &self,
        identifier: &Identifier,
        key: Option<&ListKey>,
        now: Time,
    ) -> Membership {
        if !self.header.kinds.covers(identifier.kind()) {
            return Membership::NotCovered;
        }
        let Some(key) = key.filter(|key| key.id() == self.header.key_id) else {
            return Membership::NoKey;
        };
        let mut keys = 0_u8;
        let mut best = Membership::Absent;
        for look_up in identifier.look_ups() {
            keys = keys.saturating_add(1);
            let tag = key.token(identifier.kind(), look_up.canonical).tag();
            let found = match self.entry(tag) {
                Entry::Nothing => continue,
                Entry::Hit => Membership::Candidate { keys },
                Entry::Record(record) => {
                    let covers =
                        look_up.relation == Relation::Itself || record.scope == Scope::Domain;
                    match covers {
                        false => continue,
                        true if record.lapsed(now) => Membership::Lapsed(record),
                        true => Membership::Listed {
                            record,
                            relation: look_up.relation,
                        },
                    }
                }
            };
            if found.beats(&best) {
                best = found;
            }
        }
        if let Membership::Candidate { keys: tried } = &mut best {
            *tried = keys;
        }
        best
    }

    fn entry(&self, tag: Tag) -> Entry {
        if let Some(change) = self.stash.as_ref().and_then(|stash| stash.get(tag)) {
            return change.map_or(Entry::Nothing, Entry::Record);
        }
        if !self.filter.hit(tag) {
            return Entry::Nothing;
        }
        match &self.records {
            // A hit without a record is a known false hit of the filter.
            Some(records) => records.get(tag).map_or(Entry::Nothing, Entry::Record),
            None => Entry::Hit,
        }
    }
}

impl Membership {
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
