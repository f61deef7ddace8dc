//! Why a value was refused: the kind and the rule, never the value.

use core::fmt;

use super::kind::Kind;
use super::rule::{Rule, Sort};

/// A value was refused. Holds the kind it was read as and the rule it breaks, never the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdentifierError {
    kind: Kind,
    rule: Rule,
}

impl IdentifierError {
    pub(super) const fn new(kind: Kind, rule: Rule) -> Self {
        Self { kind, rule }
    }

    /// The kind the value was read as.
    #[must_use]
    pub const fn kind(self) -> Kind {
        self.kind
    }

    /// The rule it breaks.
    #[must_use]
    pub const fn rule(self) -> Rule {
        self.rule
    }

    /// Whether the value may be a card number. A verdict without it is never clean.
    #[must_use]
    pub const fn is_card_number(self) -> bool {
        self.rule.is_card_number()
    }

    /// Whether only the full build reads such a value.
    pub(crate) const fn is_of_full_build(self) -> bool {
        matches!(self.rule.0.sort, Sort::OtherBuild)
    }

    /// Whether only the check digits are wrong: most often a typing error.
    #[must_use]
    pub const fn is_check_digit_failure(self) -> bool {
        matches!(self.rule.0.sort, Sort::CheckDigits)
    }
}

impl fmt::Display for IdentifierError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.name(), self.rule.0.sentence)
    }
}

impl core::error::Error for IdentifierError {}
