use crate::IS_FULL;
use crate::common::time::Time;
use crate::identifier::{Kind, Relation};
use crate::token::{ListKey, Name, Names, Tag};

use super::release::BlockList;
use crate::list::compact::own_name_alone;
use crate::list::header::Edition;
use crate::list::record::{Action, Record, Scope};
use crate::list::sources::{Source, Sources};
use crate::list::stash::Change;

/// One record that applies to an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listing<'l> {
    /// The record. For a label its action is `review` at most, since others may use the same brand.
    pub record: Record,
    /// Who says so.
    pub source: &'l Source,
    /// How the listed name relates to the identifier.
    pub relation: Relation,
    /// The kind that was looked up.
    pub kind: Kind,
    /// The tag that it is listed under.
    pub tag: Tag,
}

/// One match of an identifier in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookUpMatch<'l> {
    /// The filter or the stash was hit for this kind, and the list has no records that could confirm it.
    Candidate(Kind),
    /// A record that has expired.
    Lapsed(Record),
    /// A record that applies.
    Listed(Listing<'l>),
}

/// Whether a list could answer for an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookUpOutcome {
    /// The list does not cover this kind of identifier.
    NotCovered,
    /// The list's key was not given.
    NoKey,
    /// It answered.
    Answered,
}

/// What the list holds for one tag.
enum TagAnswer<'l> {
    Nothing,
    /// A hit of the filter, or of a stash without records.
    FilterHit,
    Record(Record, &'l Source),
}

impl BlockList {
    /// Looks up one identifier and everything that contains it, and calls `on_match` for each match.
    pub fn ask<'l>(
        &'l self,
        names: &Names<'_>,
        key: Option<&ListKey>,
        now: Time,
        mut on_match: impl FnMut(LookUpMatch<'l>),
    ) -> LookUpOutcome {
        let mut covered = self.covered(names).peekable();
        if covered.peek().is_none() {
            return LookUpOutcome::NotCovered;
        }
        let Some(key) = self.own_key(key) else {
            return LookUpOutcome::NoKey;
        };
        let is_compact = IS_FULL && self.header().edition == Edition::Compact;
        for name in covered {
            let (look_up, tag) = (name.look_up, name.tag(key));
            let mut answer = self.answer(tag);
            if is_compact && look_up.relation == Relation::Itself {
                answer = answer.or_else(|| self.answer(own_name_alone(tag)));
            }
            match answer {
                TagAnswer::Nothing => {}
                TagAnswer::FilterHit => on_match(LookUpMatch::Candidate(look_up.kind)),
                TagAnswer::Record(..) if !IS_FULL => {}
                TagAnswer::Record(record, _)
                    if look_up.relation == Relation::Parent && record.scope != Scope::Domain => {}
                TagAnswer::Record(record, _) if record.lapsed(now) => {
                    on_match(LookUpMatch::Lapsed(record));
                }
                TagAnswer::Record(mut record, source) => {
                    if look_up.kind == Kind::Label {
                        record.action = record.action.min(Action::Review);
                    }
                    on_match(LookUpMatch::Listed(Listing {
                        record,
                        source,
                        relation: look_up.relation,
                        kind: look_up.kind,
                        tag,
                    }));
                }
            }
        }
        LookUpOutcome::Answered
    }

    /// The names of an identifier whose kind this list covers.
    fn covered<'n>(&self, names: &'n Names<'_>) -> impl Iterator<Item = Name<'n>> {
        let kinds = self.header().kinds;
        names
            .iter()
            .filter(move |name| kinds.covers(name.look_up.kind))
    }

    fn own_key<'k>(&self, key: Option<&'k ListKey>) -> Option<&'k ListKey> {
        key.filter(|key| key.id() == self.header().key_id)
    }

    fn answer(&self, tag: Tag) -> TagAnswer<'_> {
        if let Some((stash, change)) = self.stash.as_ref().filter(|_| IS_FULL).and_then(|stash| {
            let change = stash.get(tag)?;
            Some((stash, change))
        }) {
            return match change {
                Change::Record(record) => TagAnswer::of(record, stash.sources()),
                Change::Added => TagAnswer::FilterHit,
                Change::Removed => TagAnswer::Nothing,
            };
        }
        if !self.base.filter.hit(tag) {
            return TagAnswer::Nothing;
        }
        let Some(records) = self.base.records.as_ref().filter(|_| IS_FULL) else {
            return TagAnswer::FilterHit;
        };
        match records.get(tag) {
            Some(record) => TagAnswer::of(record, records.sources()),
            // The records are complete, so a filter hit without a record is a false hit.
            None => TagAnswer::Nothing,
        }
    }
}

impl<'l> TagAnswer<'l> {
    fn or_else(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Nothing => other(),
            answer => answer,
        }
    }

    fn of(record: Record, sources: &'l Sources) -> Self {
        Self::Record(record, sources.of(record.source))
    }
}
