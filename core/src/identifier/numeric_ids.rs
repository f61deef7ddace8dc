//! Where ids as long as a card number are lawful.

use alloc::string::String;

/// Whose ids may be as long as a card number. Elsewhere such an id is refused
/// ([`Rule::CARD_DATA`](super::Rule::CARD_DATA)), because it may be the number of somebody's card.
#[derive(Debug, Clone, Copy, Default)]
pub enum NumericIds<'p> {
    /// Nobody's.
    #[default]
    Nowhere,
    /// Those that a policy names.
    Named {
        /// Schemes of `other` and `handle`.
        schemes: &'p [String],
        /// Facilitators of `sub_merchant`; `any` stands for all of them.
        facilitators: &'p [String],
    },
    /// Everybody's: for text that was accepted before, such as a register's.
    Everywhere,
}

/// An id that may be a card number, by who gave it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LongId<'v> {
    /// As written.
    Scheme(&'v str),
    /// As written.
    Facilitator(&'v str),
}

/// Names on UPI are often telephone numbers, and those of shops the numbers of their terminals.
const ALWAYS_NUMERIC: &str = "upi";

/// Stands for every facilitator.
const ANY: &str = "any";

impl NumericIds<'_> {
    pub(super) fn allow(self, id: LongId<'_>) -> bool {
        let (schemes, facilitators) = match self {
            Self::Nowhere => (&[][..], &[][..]),
            Self::Named {
                schemes,
                facilitators,
            } => (schemes, facilitators),
            Self::Everywhere => return true,
        };
        match id {
            LongId::Scheme(written) => {
                let written = written.trim();
                let is = |scheme: &str| scheme.eq_ignore_ascii_case(written);
                is(ALWAYS_NUMERIC) || schemes.iter().any(|scheme| is(scheme))
            }
            LongId::Facilitator(written) => {
                let number = written.trim().trim_start_matches('0');
                let is = |facilitator: &String| facilitator == ANY || facilitator == number;
                facilitators.iter().any(is)
            }
        }
    }
}
