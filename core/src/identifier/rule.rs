//! The rules for values, each with the name and the sentence that errors show.

/// The rule that a refused value breaks. Each kind defines its rules beside its parser, and
/// `docs/identifiers.md` lists them all. Only this room defines rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule(pub(super) &'static Words);

/// The name and the sentence of a rule.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Words {
    /// Stable, for JSON and logs.
    name: &'static str,
    /// For a log.
    pub(super) sentence: &'static str,
    pub(super) sort: Sort,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    CardNumber,
    CheckDigits,
    Missing,
    Other,
}

impl Rule {
    /// The value looks like a card number. Takes precedence over every other rule.
    pub const CARD_NUMBER: Self = Self(&Words {
        name: "card_number",
        sentence: "looks like a card number; never send one here",
        sort: Sort::CardNumber,
    });
    /// The value is empty or white space.
    pub const EMPTY: Self = Self(&Words::new("empty", "the value is empty"));

    /// The stable name, for JSON and logs; never changed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0.name
    }
}

impl Words {
    pub(super) const fn new(name: &'static str, sentence: &'static str) -> Self {
        Self {
            name,
            sentence,
            sort: Sort::Other,
        }
    }

    /// For a rule that one of two fields, which name somebody only together, is absent.
    pub(super) const fn missing(name: &'static str, sentence: &'static str) -> Self {
        Self {
            name,
            sentence,
            sort: Sort::Missing,
        }
    }

    /// For a rule about check digits or a checksum.
    pub(super) const fn check_digits(name: &'static str, sentence: &'static str) -> Self {
        Self {
            name,
            sentence,
            sort: Sort::CheckDigits,
        }
    }
}
