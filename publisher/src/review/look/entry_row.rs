use std::fmt;
use std::ops::ControlFlow;

use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::list::{Action, Category, Handling, ListId, Scope};
use serde_json::{Value, json};

use super::needle::Needle;
use crate::error::Result;
use crate::intake::flag_names;
use crate::publisher::Publisher;
use crate::register::{NO_END, Row, RowFilter, State};
use crate::review::printable;

/// One source's statement about one identifier, with the identifier's value: for the register's owner alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRow {
    /// The list it is on.
    pub list: ListId,
    /// The identifier's kind.
    pub kind: Kind,
    /// The identifier's text form.
    pub value: String,
    /// Who says so.
    pub source: String,
    /// What the source asks for.
    pub action: Action,
    /// What the merchant is said to do.
    pub category: Category,
    /// How sure the source is, per mille.
    pub confidence: u16,
    /// When it ends; `None` for never.
    pub valid_until: Option<Time>,
    /// The seller's name, if the source gave one.
    pub group: Option<String>,
    /// Whether it covers what lies below the identifier.
    pub scope: Scope,
    /// The words for its flags.
    pub flags: Vec<&'static str>,
    /// Who may be told of it, if the source says so.
    pub handling: Option<Handling>,
    /// When the source's first statement came.
    pub listed_at: Time,
    /// When it last changed.
    pub changed_at: Time,
    /// What becomes of it in a release now.
    pub state: EntryState,
}

/// What becomes of an entry in a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryState {
    /// It goes out as it is, unless a stronger statement on the same identifier does.
    Listed,
    /// A name below it is protected: it goes out for the host alone.
    Narrowed,
    /// It is protected itself and does not go out.
    Withheld,
    /// It has ended and does not go out.
    Lapsed,
}

/// Which entries to read; `None` for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryFilter {
    /// On this list.
    pub list: Option<String>,
    /// Of this kind.
    pub kind: Option<Kind>,
    /// From this source.
    pub source: Option<String>,
    /// With this action, as the source asks for it.
    pub action: Option<Action>,
    /// In this state.
    pub state: Option<EntryState>,
    /// With this text in the value, in any case. White space in it does not count, nor do brackets and
    /// hyphens in a number. Internationalised names are found in both forms.
    pub text: Option<String>,
}

impl Publisher {
    /// Reads entries one by one, sorted by list, kind, value and source, until `each` breaks.
    ///
    /// # Errors
    /// An unknown list, or a register that cannot be read.
    pub fn entries(
        &self,
        filter: &EntryFilter,
        now: Time,
        mut each: impl FnMut(&EntryRow) -> ControlFlow<()>,
    ) -> Result<()> {
        let list = match &filter.list {
            Some(list) => Some(self.one_list(Some(list))?),
            None => None,
        };
        let needle = filter.text.as_deref().map(Needle::new);
        let mut wanted = RowFilter {
            list: list.as_ref(),
            kind: filter.kind,
            source: filter.source.as_deref(),
            action: filter.action,
            text: needle.as_ref().and_then(Needle::ascii),
            ..RowFilter::default()
        };
        match filter.state {
            None => {}
            Some(EntryState::Lapsed) => wanted.ended_by = Some(now),
            Some(EntryState::Withheld) => wanted.state = Some(State::Withheld),
            Some(EntryState::Listed) => {
                (wanted.state, wanted.ends_after) = (Some(State::Listed), Some(now));
            }
            Some(EntryState::Narrowed) => {
                (wanted.state, wanted.ends_after) = (Some(State::Narrowed), Some(now));
            }
        }
        self.register().rows(&wanted, |row| {
            let row = EntryRow::of(&row, now);
            let named = needle
                .as_ref()
                .is_none_or(|needle| needle.is_in(&row.value));
            let in_state = filter.state.is_none_or(|state| state == row.state);
            Ok(if named && in_state {
                each(&row)
            } else {
                ControlFlow::Continue(())
            })
        })
    }
}

impl EntryRow {
    pub(super) fn of(row: &Row, now: Time) -> Self {
        let entry = &row.listing.entry;
        Self {
            list: row.list.clone(),
            kind: entry.identifier.kind(),
            value: entry.identifier.text().to_owned(),
            source: entry.source.clone(),
            action: entry.action,
            category: entry.category,
            confidence: entry.confidence,
            valid_until: Some(entry.valid_until).filter(|end| *end != NO_END),
            group: entry.group.clone(),
            scope: entry.scope,
            flags: flag_names(entry.flags).collect(),
            handling: entry.handling,
            listed_at: row.listed_at,
            changed_at: row.changed_at,
            state: match row.listing.state {
                // What waits in quarantine is no entry yet.
                State::Withheld | State::Quarantined => EntryState::Withheld,
                _ if now >= entry.valid_until => EntryState::Lapsed,
                State::Narrowed => EntryState::Narrowed,
                State::Listed => EntryState::Listed,
            },
        }
    }

    /// All fields; times as in RFC 3339.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "list": self.list.as_str(),
            "kind": self.kind.name(),
            "value": self.value,
            "source": self.source,
            "action": self.action.name(),
            "category": self.category.name(),
            "confidence": self.confidence,
            "valid_until": self.valid_until.map(|time| time.to_string()),
            "group": self.group,
            "scope": self.scope.name(),
            "flags": self.flags,
            "handling": self.handling.map(Handling::name),
            "listed_at": self.listed_at.to_string(),
            "changed_at": self.changed_at.to_string(),
            "state": self.state.name(),
        })
    }
}

impl EntryState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Listed, Self::Narrowed, Self::Withheld, Self::Lapsed];

    /// The word used by commands.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Narrowed => "narrowed",
            Self::Withheld => "withheld",
            Self::Lapsed => "lapsed",
        }
    }

    /// The state of a word.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// One line for a terminal: list, kind, value, source, action, confidence and state.
impl fmt::Display for EntryRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}  {}  {}  {}  {}  {}  {}",
            self.list.as_str(),
            self.kind.name(),
            printable(&self.value),
            self.source,
            self.action.name(),
            self.confidence,
            self.state.name()
        )
    }
}
