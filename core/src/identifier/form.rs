//! What each kind of identifier provides: its type, and the text and canonical bytes of a value.

use alloc::string::String;
use alloc::vec::Vec;

use super::numeric_ids::LongId;
use super::relation::Relation;
use super::rule::Rule;

/// One kind of identifier: a type that only its parser makes, so a value is never malformed.
pub(super) trait Form: Sized {
    /// The kind's number in tokens and list files; never changed.
    const CODE: u8;
    /// The kind's name in CSV, JSON and fixtures; never changed.
    const NAME: &'static str;
    /// The rules of this kind alone, in the order of `docs/identifiers.md`.
    const RULES: &'static [Rule];

    /// Reads any accepted spelling. Never called with an empty value or white space only.
    fn parse(value: &str) -> Result<Self, Rule>;

    /// The one text form: `parse(text())` is the same value.
    fn text(self) -> String;

    /// The bytes that tokens are made of: equal if and only if the values are. `None` for those of the text;
    /// kinds of several fields have others.
    fn canonical(&self) -> Option<Vec<u8>> {
        None
    }

    /// The id in the value, and whose it is, if it may be the number of a card. `NumericIds` says where
    /// it is none.
    fn long_id(_value: &str) -> Option<LongId<'_>> {
        None
    }

    /// A second text of the same value, under which lists may hold it. Only for kinds whose canonical
    /// bytes are those of the text.
    fn also(&self) -> Option<String> {
        None
    }

    /// What else a list is asked for: parts of the canonical bytes, in the order of the look-ups.
    fn above(&self) -> Vec<Above> {
        Vec::new()
    }

    /// All that an [`Identifier`](crate::identifier::Identifier) keeps of the value.
    fn forms(self) -> Forms {
        Forms {
            canonical: self.canonical(),
            above: self.above(),
            also: self.also(),
            text: self.text(),
        }
    }
}

/// A part of an identifier that a list may hold as an entry of its own.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Above {
    pub(super) relation: Relation,
    /// Byte range in the text: start, and end (exclusive).
    pub(super) text: (usize, usize),
    /// Byte range in the canonical bytes: start, and end (exclusive).
    pub(super) canonical: (usize, usize),
}

impl Above {
    /// One range for both, for kinds whose canonical bytes are those of their text.
    pub(super) const fn part(relation: Relation, from: usize, to: usize) -> Self {
        Self {
            relation,
            text: (from, to),
            canonical: (from, to),
        }
    }
}

/// An accepted value of any kind.
pub(super) struct Forms {
    pub(super) text: String,
    /// `None` for those of the text.
    pub(super) canonical: Option<Vec<u8>>,
    pub(super) above: Vec<Above>,
    pub(super) also: Option<String>,
}
