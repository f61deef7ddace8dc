use crate::common::time::Time;
use crate::identifier::{Identifier, Kind, LookUp, Relation};
use crate::token::{ListKey, Tag};

use super::release::BlockList;
use crate::list::record::{Action, Record, Scope};
use crate::list::records::{RecordSearch, RecordsMode};
use crate::list::sources::Sources;

/// One record that applies to an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listing<'l> {
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
pub enum Match<'l> {
    /// A filter hit without a record at hand, asked as this kind.
    Candidate(Kind),
    /// A record whose time is over.
    Lapsed(Record),
    /// A record that applies.
    Listed(Listing<'l>),
}

/// Whether a list could be asked at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    /// It says nothing about this kind of identifier.
    NotCovered,
    /// Its key is not at hand.
    NoKey,
    /// So many tokens were tried.
    Keys(u8),
}

/// What one tag finds.
enum TagAnswer<'l> {
    Nothing,
    FilterHit,
    /// The page of records that would tell.
    NotLoaded(u32),
    Record(Record, &'l str),
}

impl BlockList {
    /// Asks for one identifier, under itself and the names above it, and tells each thing found.
    pub fn ask<'l>(
        &'l self,
        identifier: &Identifier,
        key: Option<&ListKey>,
        now: Time,
        mut on_match: impl FnMut(Match<'l>),
    ) -> Coverage {
        let mut look_ups = self.look_ups(identifier).peekable();
        if look_ups.peek().is_none() {
            return Coverage::NotCovered;
        }
        let Some(key) = self.own_key(key) else {
            return Coverage::NoKey;
        };
        let mut keys = 0_u8;
        for look_up in look_ups {
            keys = keys.saturating_add(1);
            let tag = key.token(look_up.kind, look_up.canonical).tag();
            match self.answer(tag) {
                TagAnswer::Nothing => {}
                TagAnswer::FilterHit | TagAnswer::NotLoaded(_) => {
                    on_match(Match::Candidate(look_up.kind));
                }
                TagAnswer::Record(record, _)
                    if look_up.relation == Relation::Parent && record.scope != Scope::Domain => {}
                TagAnswer::Record(record, _) if record.lapsed(now) => {
                    on_match(Match::Lapsed(record))
                }
                TagAnswer::Record(mut record, source) => {
                    if look_up.kind == Kind::Label {
                        record.action = record.action.min(Action::Review);
                    }
                    on_match(Match::Listed(Listing {
                        record,
                        source,
                        relation: look_up.relation,
                        kind: look_up.kind,
                        tag,
                    }));
                }
            }
        }
        Coverage::Keys(keys)
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
            match self.answer(tag) {
                TagAnswer::NotLoaded(page) => Some(page),
                TagAnswer::Nothing | TagAnswer::FilterHit | TagAnswer::Record(..) => None,
            }
        })
    }

    /// The questions about an identifier that this list answers.
    fn look_ups<'i>(&self, identifier: &'i Identifier) -> impl Iterator<Item = LookUp<'i>> {
        let kinds = self.header().kinds;
        identifier
            .look_ups()
            .filter(move |look_up| kinds.covers(look_up.kind))
    }

    fn own_key<'k>(&self, key: Option<&'k ListKey>) -> Option<&'k ListKey> {
        key.filter(|key| key.id() == self.header().key_id)
    }

    fn answer(&self, tag: Tag) -> TagAnswer<'_> {
        if let Some((stash, change)) = self.stash.as_ref().and_then(|stash| {
            let change = stash.get(tag)?;
            Some((stash, change))
        }) {
            return match change {
                Some(record) => TagAnswer::of(record, stash.sources()),
                None => TagAnswer::Nothing,
            };
        }
        if !self.base.filter.hit(tag) {
            return TagAnswer::Nothing;
        }
        let Some(records) = &self.base.records else {
            return TagAnswer::FilterHit;
        };
        match records.get(tag, &self.pages) {
            RecordSearch::Record(record) => TagAnswer::of(record, records.sources()),
            // A hit without a record is a known false hit of the filter.
            RecordSearch::Nothing => TagAnswer::Nothing,
            RecordSearch::NotLoaded(page) => TagAnswer::NotLoaded(page),
        }
    }
}

impl<'l> TagAnswer<'l> {
    fn of(record: Record, sources: &'l Sources) -> Self {
        // Every index was checked when the file was read.
        Self::Record(record, sources.get(record.source).unwrap_or_default())
    }
}
