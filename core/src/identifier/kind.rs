//! The kinds of identifier: wire number, name and parser of each, in one place.

use super::{Rule, card_acceptor, domain, iban};

/// What an identifier is: which standard gives it its form, and within what it is unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A host name or IP address (RFC 1123, UTS #46).
    Domain,
    /// An international bank account number (ISO 13616).
    Iban,
    /// An acquirer and its card acceptor id (ISO 8583 DE32 and DE42).
    CardAcceptor,
}

/// The two forms of a value: text for people and files, bytes for tokens.
pub(super) struct Forms {
    pub(super) text: String,
    pub(super) canonical: Vec<u8>,
}

/// One row per kind: all that another kind adds, besides its own module.
struct Row {
    code: u8,
    name: &'static str,
    parse: fn(&str) -> Result<Forms, Rule>,
    guard: Guard,
}

/// Whether the card-number guard reads the values of a kind.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Guard {
    /// The kind has no check digits of its own, so every value is read.
    Always,
    /// A value whose own check digits are right is no card number.
    UnlessChecked,
}

impl Kind {
    /// Every kind, in the order of its code.
    pub const ALL: &[Self] = &[Self::Domain, Self::Iban, Self::CardAcceptor];

    // 3 belongs to the legal entity identifier. A code is never used again.
    const fn row(self) -> Row {
        match self {
            Self::Domain => Row {
                code: 1,
                name: "domain",
                parse: domain::parse,
                guard: Guard::Always,
            },
            Self::Iban => Row {
                code: 2,
                name: "iban",
                parse: iban::parse,
                guard: Guard::UnlessChecked,
            },
            Self::CardAcceptor => Row {
                code: 4,
                name: "card_acceptor",
                parse: card_acceptor::parse,
                guard: Guard::Always,
            },
        }
    }

    /// The number that stands for this kind in tokens and list files; never changed.
    #[must_use]
    pub const fn code(self) -> u8 {
        self.row().code
    }

    /// The name that stands for this kind in CSV, JSON and fixtures; never changed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// The kind of that name, or `None`. Names are matched exactly.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// The kind of that code, or `None`.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    pub(super) const fn guard(self) -> Guard {
        self.row().guard
    }

    pub(super) fn forms(self, value: &str) -> Result<Forms, Rule> {
        (self.row().parse)(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_are_the_published_ones() {
        let rows: Vec<_> = Kind::ALL
            .iter()
            .map(|kind| (kind.code(), kind.name()))
            .collect();
        assert_eq!(rows, [(1, "domain"), (2, "iban"), (4, "card_acceptor")]);
    }

    #[test]
    fn every_kind_is_found_by_its_code_and_its_name() {
        for &kind in Kind::ALL {
            assert_eq!(Kind::from_code(kind.code()), Some(kind));
            assert_eq!(Kind::from_name(kind.name()), Some(kind));
        }
    }

    #[test]
    fn a_misspelt_name_and_an_unused_code_are_no_kind() {
        for name in ["", "Domain", "domain ", "ibans", "card-acceptor", "lei"] {
            assert_eq!(Kind::from_name(name), None, "{name}");
        }
        for code in [0, 3, 5, 255] {
            assert_eq!(Kind::from_code(code), None, "{code}");
        }
    }
}
