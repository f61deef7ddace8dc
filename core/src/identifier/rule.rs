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
    CardData,
    CheckDigits,
    Missing,
    /// Only the full build reads such values.
    OtherBuild,
    Other,
}

impl Rule {
    /// The id is as long as a card number, and nothing says that such ids are given out here. Takes
    /// precedence over every other rule of its kind.
    pub const CARD_DATA: Self = Self(&Words {
        name: "card_data",
        sentence: "may be a card number; never send one here, or have the policy name the scheme or \
                   facilitator that gives out such numbers",
        sort: Sort::CardData,
    });
    /// The web address is one of a payment or profile host, and its path names nobody there.
    pub const NAMES_NOBODY: Self = Self(&Words::new(
        "names_nobody",
        "is an address of a host that pays many people, and its path names none of them",
    ));
    /// The value is empty or white space.
    pub const EMPTY: Self = Self(&Words::new("empty", "the value is empty"));
    /// The value is none that the signal can have.
    pub const SIGNAL_VALUE: Self = Self(&Words::new(
        "signal_value",
        "is no value that this signal can have",
    ));
    /// The array has more elements than are read.
    pub const TOO_MANY: Self = Self(&Words::new(
        "too_many",
        "this element and those after it are more than are read",
    ));

    /// Only the full build reads such a value.
    pub(super) const NOT_IN_THIS_BUILD: Self = Self(&Words {
        name: "not_in_this_build",
        sentence: "the edge build has no part for this; ask the gateway",
        sort: Sort::OtherBuild,
    });

    /// The stable name, for JSON and logs; never changed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// Whether the value may be a card number. A verdict without it is never clean.
    pub(crate) const fn is_card_number(self) -> bool {
        matches!(self.0.sort, Sort::CardData)
    }

    /// Whether one of two fields is absent that name somebody only together, such as the acquirer of a card
    /// acceptor: networks leave some out.
    pub(crate) const fn is_incomplete(self) -> bool {
        matches!(self.0.sort, Sort::Missing)
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
