//! Why a value is no identifier: kind and rule, never the value.

use core::fmt;

use super::Kind;

/// A value was refused. Holds the kind asked for and the rule broken, never the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdentifierError {
    kind: Kind,
    rule: Rule,
}

/// The rule a refused value breaks; `docs/identifiers.md` lists them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The card-number guard: wins over every other rule.
    CardNumber,
    /// Nothing but white space.
    Empty,
    /// A `domain` value with a path, port, user or escape: it is a URL.
    UrlNotHost,
    /// A character that no host name holds.
    HostCharacter,
    /// Nothing is left of the host.
    HostMissing,
    /// A label that UTS #46 refuses.
    Idna,
    /// A label of more than 63 bytes (RFC 1035 section 2.3.4).
    LabelTooLong,
    /// A name of more than 253 bytes (RFC 1035 section 2.3.4).
    NameTooLong,
    /// A name without a dot.
    SingleLabel,
    /// A name that ends in a number without being an IPv4 address.
    Ipv4,
    /// Brackets or colons around something other than an IPv6 address.
    Ipv6,
    /// A URL of more than 8,192 bytes.
    UrlTooLong,
    /// A URL of another scheme than http and https.
    UrlScheme,
    /// A port that is no number.
    UrlPort,
    /// Not two letters, two digits and up to 30 letters or digits.
    IbanFormat,
    /// The check digits are wrong (ISO 7064 mod 97-10).
    IbanCheckDigits,
    /// The country is not in the IBAN registry.
    IbanCountry,
    /// Not the length or structure the registry gives for the country.
    IbanStructure,
    /// No `/` between acquirer and card acceptor id.
    SeparatorMissing,
    /// No acquirer, or zeros only.
    AcquirerMissing,
    /// An acquirer that is not all digits.
    AcquirerCharacter,
    /// An acquirer of more than 11 digits.
    AcquirerTooLong,
    /// No card acceptor id.
    AcceptorMissing,
    /// A card acceptor id with other than printable ASCII characters.
    AcceptorCharacter,
    /// A card acceptor id of more than 15 characters.
    AcceptorTooLong,
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

    /// The stable name of the rule, for JSON and logs.
    #[must_use]
    pub const fn rule_name(self) -> &'static str {
        self.rule.name()
    }

    /// Whether the value looks like a card number: the request is refused with `pan_refused`.
    #[must_use]
    pub const fn is_card_number(self) -> bool {
        matches!(self.rule, Rule::CardNumber)
    }

    /// Whether the value has the form of its kind but wrong check digits: most often a typing error.
    #[must_use]
    pub const fn is_check_digit_failure(self) -> bool {
        matches!(self.rule, Rule::IbanCheckDigits)
    }
}

impl fmt::Display for IdentifierError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.name(), self.rule.sentence())
    }
}

impl core::error::Error for IdentifierError {}

impl Rule {
    /// Every rule, in the order of `docs/identifiers.md`.
    pub const ALL: &[Self] = &[
        Self::CardNumber,
        Self::Empty,
        Self::UrlNotHost,
        Self::HostCharacter,
        Self::HostMissing,
        Self::Idna,
        Self::LabelTooLong,
        Self::NameTooLong,
        Self::SingleLabel,
        Self::Ipv4,
        Self::Ipv6,
        Self::UrlTooLong,
        Self::UrlScheme,
        Self::UrlPort,
        Self::IbanFormat,
        Self::IbanCheckDigits,
        Self::IbanCountry,
        Self::IbanStructure,
        Self::SeparatorMissing,
        Self::AcquirerMissing,
        Self::AcquirerCharacter,
        Self::AcquirerTooLong,
        Self::AcceptorMissing,
        Self::AcceptorCharacter,
        Self::AcceptorTooLong,
    ];

    /// The stable name; never changed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.words().0
    }

    const fn sentence(self) -> &'static str {
        self.words().1
    }

    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::CardNumber => (
                "card_number",
                "looks like a card number; never send one here",
            ),
            Self::Empty => ("empty", "the value is empty"),
            Self::UrlNotHost => (
                "url_not_host",
                "holds more than a host name; send a web address as url, not as domain",
            ),
            Self::HostCharacter => (
                "host_character",
                "holds a character that no host name has; letters, digits, hyphen, underscore and dot are allowed",
            ),
            Self::HostMissing => ("host_missing", "holds no host name"),
            Self::Idna => (
                "idna",
                "a label is not a valid internationalised name (UTS #46)",
            ),
            Self::LabelTooLong => ("label_too_long", "a label is longer than 63 bytes"),
            Self::NameTooLong => ("name_too_long", "the name is longer than 253 bytes"),
            Self::SingleLabel => ("single_label", "a name of one label belongs to no merchant"),
            Self::Ipv4 => ("ipv4", "ends in a number but is not an IPv4 address"),
            Self::Ipv6 => (
                "ipv6",
                "is not an IPv6 address; write it in brackets, without a zone",
            ),
            Self::UrlTooLong => ("url_too_long", "the web address is longer than 8192 bytes"),
            Self::UrlScheme => (
                "url_scheme",
                "the web address has another scheme than http or https",
            ),
            Self::UrlPort => ("url_port", "the port of the web address is not a number"),
            Self::IbanFormat => (
                "iban_format",
                "is not two letters, two digits and at most 30 letters or digits",
            ),
            Self::IbanCheckDigits => (
                "iban_check_digits",
                "the check digits are wrong; a character is mistyped, missing or out of place",
            ),
            Self::IbanCountry => ("iban_country", "the country is not in the IBAN registry"),
            Self::IbanStructure => (
                "iban_structure",
                "has not the length or structure that the IBAN registry gives for its country",
            ),
            Self::SeparatorMissing => (
                "separator_missing",
                "write acquirer, slash, card acceptor id; the id alone is not unique",
            ),
            Self::AcquirerMissing => (
                "acquirer_missing",
                "the acquirer is missing; the id alone is not unique",
            ),
            Self::AcquirerCharacter => (
                "acquirer_character",
                "the acquirer holds something other than digits",
            ),
            Self::AcquirerTooLong => ("acquirer_too_long", "the acquirer is longer than 11 digits"),
            Self::AcceptorMissing => ("acceptor_missing", "the card acceptor id is missing"),
            Self::AcceptorCharacter => (
                "acceptor_character",
                "the card acceptor id holds something other than printable ASCII",
            ),
            Self::AcceptorTooLong => (
                "acceptor_too_long",
                "the card acceptor id is longer than 15 characters",
            ),
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
        let names: Vec<_> = Rule::ALL.iter().map(|rule| rule.name()).collect();
        assert_eq!(documented, names);
    }

    #[test]
    fn every_rule_has_its_own_snake_case_name_and_a_lower_case_sentence() {
        let mut names: Vec<_> = Rule::ALL.iter().map(|rule| rule.name()).collect();
        assert!(names.iter().all(|name| {
            name.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        }));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Rule::ALL.len());
        for rule in Rule::ALL {
            let sentence = rule.sentence();
            assert!(
                sentence.starts_with(|c: char| c.is_lowercase()),
                "{sentence}"
            );
            assert!(!sentence.ends_with('.'), "{sentence}");
        }
    }
}
