use crate::common::time::Time;
use crate::identifier::{Identifier, Relation};
use crate::token::ListKey;

use super::answer::{Coverage, Match};
use super::release::BlockList;
use crate::list::record::Record;

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

impl BlockList {
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
                Match::Candidate(_) => Membership::Candidate { keys: 0 },
                Match::Lapsed(record) => Membership::Lapsed(record),
                Match::Listed(hit) => Membership::Listed {
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
            (Coverage::NotCovered, _) => Membership::NotCovered,
            (Coverage::NoKey, _) => Membership::NoKey,
            // What is asked besides the identifier may be covered where it is not.
            (_, Membership::Absent) if !self.header().kinds.covers(identifier.kind()) => {
                Membership::NotCovered
            }
            (Coverage::Keys(keys), Membership::Candidate { .. }) => Membership::Candidate { keys },
            (_, best) => best,
        }
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
