//! Why a value is no identifier: kind and rule, never the value.

use core::fmt;

use super::Kind;

/// A value was refused. Holds the kind asked for and the rule broken, never the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdentifierError {
    kind: Kind,
    rule: Rule,
}

/// The rule a refused value breaks. Each kind states its own beside its parser; `docs/identifiers.md`
/// lists them all. Only this room makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule(pub(super) &'static Words);

/// What a rule says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Words {
    /// Stable, for JSON and logs.
    name: &'static str,
    /// For a log.
    sentence: &'static str,
    sort: Sort,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    CardNumber,
    CheckDigits,
    Other,
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

    /// Whether the value looks like a card number: the request is refused with `pan_refused`.
    #[must_use]
    pub const fn is_card_number(self) -> bool {
        matches!(self.rule.0.sort, Sort::CardNumber)
    }

    /// Whether the value has the form of its kind but wrong check digits: most often a typing error.
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

impl Rule {
    /// The card-number guard: wins over every other rule.
    pub const CARD_NUMBER: Self = Self(&Words {
        name: "card_number",
        sentence: "looks like a card number; never send one here",
        sort: Sort::CardNumber,
    });
    /// Nothing but white space.
    pub const EMPTY: Self = Self(&Words::new("empty", "the value is empty"));

    /// Every rule, in the order of `docs/identifiers.md`.
    pub fn all() -> impl Iterator<Item = Self> {
        let own = Kind::ALL.iter().flat_map(|kind| kind.rules());
        [Self::CARD_NUMBER, Self::EMPTY]
            .into_iter()
            .chain(own.copied())
    }

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

    /// Of a rule about check digits or a checksum.
    pub(super) const fn check_digits(name: &'static str, sentence: &'static str) -> Self {
        Self {
            name,
            sentence,
            sort: Sort::CheckDigits,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = include_str!("../../../docs/identifiers.md");

    #[test]
    fn the_document_lists_exactly_these_rules_in_this_order() {
        let table = DOCUMENT
            .split("## Rules")
            .nth(1)
            .expect("the document has a table of rules");
        let documented: Vec<_> = table
            .lines()
            .filter_map(|line| line.strip_prefix("| `"))
            .filter_map(|line| line.split('`').next())
            .collect();
        let names: Vec<_> = Rule::all().map(Rule::name).collect();
        assert_eq!(documented, names);
    }

    #[test]
    fn every_rule_has_its_own_snake_case_name_and_a_lower_case_sentence() {
        let mut names: Vec<_> = Rule::all().map(Rule::name).collect();
        assert!(names.iter().all(|name| {
            name.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        }));
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        for rule in Rule::all() {
            let sentence = rule.0.sentence;
            assert!(
                sentence.starts_with(|c: char| c.is_lowercase() || c.is_ascii_digit()),
                "{sentence}"
            );
            assert!(!sentence.ends_with('.'), "{sentence}");
        }
    }
}
