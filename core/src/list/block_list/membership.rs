use crate::common::time::Time;
use crate::identifier::{Identifier, Relation};
use crate::token::{ListKey, Names};

use super::answer::{LookUpMatch, LookUpOutcome};
use super::release::BlockList;
use crate::list::record::Record;
use crate::list::sources::Source;

/// A list's answer for one identifier, in one value. Each reason for a "no" is a value of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership<'l> {
    /// The list covers the kind and does not list the identifier.
    Absent,
    /// It was listed, and the listing has expired.
    Lapsed(Record),
    /// The filter was hit and the list has no records: listed, or a false hit.
    Candidate,
    /// The identifier is listed, or something that contains it and covers it.
    Listed {
        /// The strongest record that applies.
        record: Record,
        /// Who says so.
        source: &'l Source,
        /// How the listed name relates to the identifier.
        relation: Relation,
    },
    /// The list does not cover this kind of identifier.
    NotCovered,
    /// The list's key was not given.
    NoKey,
}

impl BlockList {
    /// The strongest match that [`BlockList::ask`] finds, as one value. A fold over `ask`, so that a
    /// publisher proves a release with the look-up that gateways run.
    #[must_use]
    pub fn membership(
        &self,
        identifier: &Identifier,
        key: Option<&ListKey>,
        now: Time,
    ) -> Membership<'_> {
        let mut best = Membership::Absent;
        let names = Names::new(identifier);
        let asked = self.ask(&names, key, now, |found| {
            let found = match found {
                LookUpMatch::Candidate(_) => Membership::Candidate,
                LookUpMatch::Lapsed(record) => Membership::Lapsed(record),
                LookUpMatch::Listed(hit) => Membership::Listed {
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
            (LookUpOutcome::NotCovered, _) => Membership::NotCovered,
            (LookUpOutcome::NoKey, _) => Membership::NoKey,
            // The list may cover a look-up, such as a label, without covering the identifier's own kind.
            (_, Membership::Absent) if !self.header().kinds.covers(identifier.kind()) => {
                Membership::NotCovered
            }
            (_, best) => best,
        }
    }
}

impl Membership<'_> {
    /// Orders the matches of one identifier; the first of equals wins.
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
            Self::Candidate | Self::Listed { .. } => 2,
        }
    }
}
