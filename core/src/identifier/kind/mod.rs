//! The table of the kinds of identifier. `CONTRIBUTING.md` says what a new kind needs. A kind never uses
//! this table.

mod card_acceptor;
mod domain;
mod handle;
mod iban;
mod label;
mod lei;
mod other;
mod phone;
mod prepaid_program;
mod registration;
mod short_code;
mod sub_merchant;
mod wallet;

pub(super) use card_acceptor::CardAcceptor;
pub(super) use domain::{Host, parents};
pub(super) use handle::{Handle, Link, Payee};
pub(super) use phone::Phone;
pub(super) use registration::Registration;
pub(super) use sub_merchant::SubMerchant;
pub(super) use wallet::{Wallet, is_wallet_scheme};

pub use other::is_scheme;
pub use sub_merchant::is_facilitator;

use super::form::{Form, Forms};
use super::numeric_ids::LongId;
use super::rule::Rule;
use crate::IS_FULL;

/// A kind of identifier: the standard that defines its form, and the space in which a value is unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A host name or IP address (RFC 1123, UTS #46).
    Domain,
    /// An international bank account number (ISO 13616).
    Iban,
    /// A legal entity identifier (ISO 17442).
    Lei,
    /// An acquirer and its card acceptor id (ISO 8583 DE32 and DE42).
    CardAcceptor,
    /// A payment facilitator and the id of its merchant.
    SubMerchant,
    /// An account on a public ledger, with its destination tag or payment id where it has one.
    Wallet,
    /// A payment app and the name under which it pays somebody.
    Handle,
    /// The issuer identification number (ISO/IEC 7812-1) of a programme that receives top-ups.
    PrepaidProgram,
    /// A telephone number (ITU-T E.164).
    Phone,
    /// A country and the number of a premium text message service there.
    ShortCode,
    /// A country and a number in its company register.
    Registration,
    /// The brand part of a domain.
    Label,
    /// An id in a scheme that has no kind of its own.
    Other,
}

impl Kind {
    /// Every kind, in the order of its code. A code is never used again.
    pub const ALL: &[Self] = &[
        Self::Domain,
        Self::Iban,
        Self::Lei,
        Self::CardAcceptor,
        Self::SubMerchant,
        Self::Wallet,
        Self::Handle,
        Self::PrepaidProgram,
        Self::Phone,
        Self::ShortCode,
        Self::Registration,
        Self::Label,
        Self::Other,
    ];

    const fn row(self) -> Row {
        match self {
            Self::Domain => Row::of::<Host>(),
            Self::Iban => Row::of::<iban::Iban>(),
            Self::Lei => Row::of::<lei::Lei>(),
            Self::CardAcceptor => Row::of::<CardAcceptor>(),
            Self::SubMerchant => Row::of::<SubMerchant>(),
            Self::Wallet => Row::of::<Wallet>(),
            Self::Handle => Row::of::<Handle>(),
            Self::PrepaidProgram => Row::of::<prepaid_program::IssuerRange>(),
            Self::Phone => Row::of::<Phone>(),
            Self::ShortCode => Row::of::<short_code::ShortCode>(),
            Self::Registration => Row::of::<Registration>(),
            Self::Label => Row::of::<label::Label>(),
            Self::Other => Row::of::<other::Other<Self>>(),
        }
    }

    /// The kind's number in tokens and list files; never changed.
    #[must_use]
    pub const fn code(self) -> u8 {
        self.row().code
    }

    /// The kind's name in CSV, JSON and fixtures; never changed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// The kind with this exact name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// The kind with this code.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    pub(super) const fn rules(self) -> &'static [Rule] {
        self.row().rules
    }

    pub(super) fn read(self, value: &str) -> Result<Forms, Rule> {
        (self.row().read)(value)
    }

    pub(super) fn long_id(self, value: &str) -> Option<LongId<'_>> {
        (self.row().long_id)(value)
    }
}

impl other::KindNames for Kind {
    fn kind_names() -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().map(|kind| kind.name())
    }
}

impl Rule {
    /// Every rule, in the order of `docs/identifiers.md`.
    pub fn all() -> impl Iterator<Item = Self> {
        let own = Kind::ALL.iter().flat_map(|kind| kind.rules());
        let of_any = [
            Self::CARD_DATA,
            Self::NAMES_NOBODY,
            Self::EMPTY,
            Self::SIGNAL_VALUE,
            Self::TOO_MANY,
        ];
        of_any.into_iter().chain(own.copied())
    }
}

/// Lists and rules keep a bit for each kind, by its code.
const _: () = {
    let mut kinds = Kind::ALL;
    while let [kind, rest @ ..] = kinds {
        assert!(kind.code() < 32, "a kind's code is below 32");
        kinds = rest;
    }
};

/// A kind's [`Form`] as values, for the table.
struct Row {
    code: u8,
    name: &'static str,
    rules: &'static [Rule],
    read: fn(&str) -> Result<Forms, Rule>,
    long_id: for<'v> fn(&'v str) -> Option<LongId<'v>>,
}

impl Row {
    const fn of<F: Form>() -> Self {
        Self {
            code: F::CODE,
            name: F::NAME,
            rules: if IS_FULL { F::RULES } else { &[] },
            read: |value| match value.trim() {
                "" => Err(Rule::EMPTY),
                _ if !IS_FULL && F::CODE != Host::CODE => Err(Rule::NOT_IN_THIS_BUILD),
                _ => F::parse(value).map(Form::forms),
            },
            long_id: F::long_id,
        }
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
        let published = [
            (1, "domain"),
            (2, "iban"),
            (3, "lei"),
            (4, "card_acceptor"),
            (5, "sub_merchant"),
            (6, "wallet"),
            (7, "handle"),
            (8, "prepaid_program"),
            (9, "phone"),
            (10, "short_code"),
            (11, "registration"),
            (12, "label"),
            (13, "other"),
        ];
        assert_eq!(rows, published);
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
        for name in ["", "Domain", "domain ", "ibans", "card-acceptor"] {
            assert_eq!(Kind::from_name(name), None, "{name}");
        }
        for code in [0, 30, 255] {
            assert_eq!(Kind::from_code(code), None, "{code}");
        }
    }
}
