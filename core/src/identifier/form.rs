//! What a kind of identifier gives the room: its type, and the two forms of a value.

use super::relation::Relation;
use super::rule::Rule;

/// One kind of identifier: a type that only its parser makes, so that it cannot be malformed.
pub(super) trait Form: Sized {
    /// The number that stands for the kind in tokens and list files; never changed.
    const CODE: u8;
    /// The name that stands for the kind in CSV, JSON and fixtures; never changed.
    const NAME: &'static str;
    /// The rules of this kind alone, in the order of `docs/identifiers.md`.
    const RULES: &'static [Rule];

    /// Reads any accepted spelling. What is nothing but white space never comes here.
    fn parse(value: &str) -> Result<Self, Rule>;

    /// The one text form: `parse(text())` is the same value.
    fn text(&self) -> String;

    /// What tokens are made of: equal exactly if the values are. The bytes of the text, but for kinds
    /// of several fields.
    fn canonical(&self) -> Vec<u8> {
        self.text().into_bytes()
    }

    /// What the card-number guard does with a value of this kind.
    fn guard(&self) -> Guard {
        Guard::Read
    }

    /// Parts of the canonical bytes that are asked for besides the whole, in order.
    fn above(&self) -> Vec<Above> {
        Vec::new()
    }

    /// All that the room keeps of it.
    fn forms(self) -> Forms {
        Forms {
            text: self.text(),
            canonical: self.canonical(),
            above: self.above(),
            guard: self.guard(),
        }
    }
}

/// What the card-number guard does with a value that was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guard {
    /// Reads it as any text.
    Read,
    /// A number given out by somebody: reads it, and passes lengths at which no card is issued today.
    ReadNumber,
    /// Leaves it alone: its own check digits or checksum are right.
    Exempt,
}

/// A part of an identifier that a list may hold too.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Above {
    pub(super) relation: Relation,
    /// Where it lies in the text: from and to before.
    pub(super) text: (usize, usize),
    /// Where it lies in the canonical bytes: from and to before.
    pub(super) canonical: (usize, usize),
}

impl Above {
    /// The same part of both forms, for kinds whose text is their bytes.
    pub(super) const fn part(relation: Relation, from: usize, to: usize) -> Self {
        Self {
            relation,
            text: (from, to),
            canonical: (from, to),
        }
    }
}

/// A value of any kind, read.
pub(super) struct Forms {
    pub(super) text: String,
    pub(super) canonical: Vec<u8>,
    pub(super) above: Vec<Above>,
    pub(super) guard: Guard,
}
