use std::cmp::Reverse;

use interdict_core::common::time::Time;
use interdict_core::identifier::Identifier;
use interdict_core::list::{Action, Category, Flags, Handling, Record, Scope};

/// No end: the value a record holds for it.
pub(crate) const NO_END: Time = Time::from_seconds(u32::MAX);

/// Who may be told of an entry whose source says nothing: a member may act on it in its own organisation,
/// and name it to a client who needs to know.
const HANDLING: Handling = Handling::Amber;

/// One source's statement about one identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) identifier: Identifier,
    pub(crate) source: String,
    pub(crate) action: Action,
    pub(crate) category: Category,
    pub(crate) confidence: u16,
    pub(crate) valid_until: Time,
    pub(crate) group: Option<String>,
    pub(crate) scope: Scope,
    pub(crate) flags: Flags,
    /// Who may be told of it, if its source says so.
    pub(crate) handling: Option<Handling>,
}

/// What becomes of an entry in the next release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It goes out as it is.
    Listed,
    /// A name below it is protected: it goes out for the host alone.
    Narrowed,
    /// It is protected itself: it stays in the register and does not go out.
    Withheld,
    /// It waits for a person and does not go out. What other sources say about it still does.
    Quarantined,
}

impl Entry {
    /// What a list says of it, without its source and group, which have numbers in a file alone.
    pub(crate) fn record(&self) -> Record {
        Record {
            action: self.action,
            category: self.category,
            confidence: self.confidence,
            source: 0,
            group: 0,
            scope: self.scope,
            flags: self.flags,
            handling: self.handling.unwrap_or(HANDLING),
            valid_until: self.valid_until,
        }
    }

    /// Whether it asks for more than an earlier statement of its source, in any respect that a merchant
    /// would notice.
    pub(crate) fn says_more(&self, earlier: &Self) -> bool {
        let (after, before) = (self.record(), earlier.record());
        let wider = (before.scope, after.scope) == (Scope::Host, Scope::Domain);
        let mandatory = |record: &Record| record.flags.has(Flags::MANDATORY);
        after.strength() > before.strength()
            || after.confidence > before.confidence
            || after.valid_until > before.valid_until
            || after.category != before.category
            || wider
            || (mandatory(&after) && !mandatory(&before))
    }
}

impl State {
    /// The word used in the register and in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Narrowed => "narrowed",
            Self::Withheld => "withheld",
            Self::Quarantined => "quarantined",
        }
    }

    /// Whether a list says what an entry in this state says.
    pub(crate) const fn goes_out(self) -> bool {
        match self {
            Self::Listed | Self::Narrowed => true,
            Self::Withheld | Self::Quarantined => false,
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [
            Self::Listed,
            Self::Narrowed,
            Self::Withheld,
            Self::Quarantined,
        ]
        .into_iter()
        .find(|state| state.name() == name)
    }
}

/// An entry as the register holds it.
#[derive(Debug, Clone)]
pub(crate) struct Listing {
    pub(crate) entry: Entry,
    /// The number of its group, 0 for none.
    pub(crate) group: u32,
    pub(crate) state: State,
    /// Approvers marked its identifier as public.
    pub(crate) disclosed: bool,
    /// Since when every release has asked gateways to block an identifier that is marked so; `None` if the last one
    /// did not.
    pub(crate) blocked_since: Option<Time>,
}

impl Listing {
    /// A list has one record for an identifier, so of several sources the strongest statement goes
    /// out: by what it can lead to, later end (or a short listing would free a merchant of a lasting
    /// one), confidence, then the first source id by alphabet.
    pub(crate) fn strength(&self) -> impl Ord + '_ {
        strength(&self.record(0), &self.entry.source)
    }

    /// Whether it can go out: neither withheld nor ended.
    pub(crate) fn is_in_force(&self, now: Time) -> bool {
        self.state != State::Withheld && now < self.entry.valid_until
    }

    /// Of the statements on one identifier the one that goes out.
    pub(crate) fn strongest(statements: &[Self], now: Time) -> Option<&Self> {
        let in_force = statements.iter().filter(|one| one.is_in_force(now));
        in_force.max_by(|one, other| one.strength().cmp(&other.strength()))
    }

    pub(crate) fn record(&self, source: u16) -> Record {
        let scope = match self.state {
            State::Narrowed => Scope::Host,
            State::Listed | State::Withheld | State::Quarantined => self.entry.scope,
        };
        Record {
            source,
            group: self.group,
            scope,
            ..self.entry.record()
        }
    }
}

/// How strong a statement is among those on one identifier.
pub(crate) fn strength<'s>(record: &Record, source: &'s str) -> impl Ord + use<'s> {
    let silent = record.flags.has(Flags::SILENT);
    let lasting = (record.effective_action(), !silent, record.valid_until);
    (lasting, record.confidence, Reverse(source))
}
