use interdict_core::identifier::{IdentifierError, Kind};
use interdict_core::list::Action;

/// The rule a refused line breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// A field looks like a card number; wins over every other rule.
    CardNumber,
    /// The value breaks a rule of its kind.
    Identifier(IdentifierError),
    /// The domain is a public suffix or shared host.
    PublicSuffix,
    /// The domain is a payment or profile host, or a name below one: requests are read as the handle there.
    PaymentHost,
    /// The label is a suffix or stands right before one.
    PublicLabel,
    /// A label asks for more than review.
    LabelAction,
    /// No kind.
    KindMissing,
    /// A kind this version does not know.
    KindUnknown,
    /// No value.
    ValueMissing,
    /// It names another source than the one the file is imported under.
    SourceOther,
    /// It asks for more than the highest action of its source.
    SourceAction(Action),
    /// It states more than the highest confidence of its source.
    SourceConfidence(u16),
    /// Not 1 to 40 lower-case letters, digits, dots and hyphens.
    Source,
    /// Not monitor, review, hold_payout or block.
    Action,
    /// Not csae, trafficking or other.
    Category,
    /// Not a whole number from 1 to 999.
    Confidence,
    /// Neither `YYYY-MM-DD` nor `YYYY-MM-DDTHH:MM:SSZ`, from 2024 to 2099.
    ValidUntil,
    /// Longer than 64 bytes, or with control characters.
    Group,
    /// Not domain or host, or given for a kind that has nothing below it.
    Scope,
    /// Not mandatory, silent, possibly_victim_controlled, separated by spaces.
    Flags,
    /// Not clear, green, amber, amber+strict or red.
    Handling,
    /// Less confidence than the action needs.
    ActionConfidence(Action),
    /// A flag `silent` with an action other than `monitor`.
    SilentAction,
    /// Scope `domain` for a name so deep that no name below it is looked up under it.
    TooDeep,
    /// A reserved identifier: one of the test entries.
    Reserved,
    /// A kind that the list does not declare.
    KindUndeclared,
    /// It was taken off the list, and a feed must not bring it back.
    Delisted,
    /// What waits is no longer what the row says.
    StatementChanged,
    /// Not on the list.
    NotListed,
    /// Of a kind that is never public.
    KindNotPublic,
    /// An action that is never public: `monitor` or `hold_payout`.
    ActionNotPublic,
    /// A flag that is never public: `silent` or `possibly_victim_controlled`.
    FlagsNotPublic,
    /// Passed on under a label other than `clear`.
    HandlingNotPublic,
    /// A CSV row has more or fewer fields than the header.
    FieldCount,
    /// Not one JSON object.
    Syntax,
    /// A JSON member that is not a field.
    UnknownField,
    /// A JSON member named twice.
    DuplicateField,
    /// A JSON member of a wrong type.
    FieldType,
    /// Not UTF-8.
    Encoding,
    /// A hosts file gives a name to an address that leads somewhere.
    HostsAddress,
    /// A STIX object that is no indicator.
    ObjectType,
    /// A STIX indicator whose pattern is in another language.
    PatternType,
    /// A STIX pattern that is none.
    PatternSyntax,
    /// A STIX pattern with an operator other than `=` and OR.
    PatternOperator,
    /// A STIX pattern about something that is no kind of identifier.
    PatternPath,
    /// Its source took it back.
    Revoked,
    /// `valid_from` is no time.
    ValidFrom,
    /// It is valid from a later time on.
    NotYetValid,
    /// A marking or a TLP tag of which nobody says what it allows.
    MarkingUnknown,
    /// A MISP attribute that is no kind of identifier.
    AttributeType,
    /// A MISP attribute that its author does not mean for detection.
    ToIds,
}

impl Rule {
    /// The stable word used in reports and the register.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CardNumber => "pan_refused",
            Self::Identifier(error) => error.rule().name(),
            Self::PublicSuffix => "public_suffix",
            Self::PaymentHost => "payment_host",
            Self::PublicLabel => "public_label",
            Self::LabelAction => "label_action",
            Self::KindMissing => "kind_missing",
            Self::KindUnknown => "kind_unknown",
            Self::ValueMissing => "value_missing",
            Self::SourceOther => "source_other",
            Self::SourceAction(_) => "source_action",
            Self::SourceConfidence(_) => "source_confidence",
            Self::Source => "source",
            Self::Action => "action",
            Self::Category => "category",
            Self::Confidence => "confidence",
            Self::ValidUntil => "valid_until",
            Self::Group => "group",
            Self::Scope => "scope",
            Self::Flags => "flags",
            Self::Handling => "handling",
            Self::ActionConfidence(_) => "action_confidence",
            Self::SilentAction => "silent_action",
            Self::TooDeep => "too_deep",
            Self::Reserved => "reserved",
            Self::KindUndeclared => "kind_undeclared",
            Self::Delisted => "delisted",
            Self::StatementChanged => "statement_changed",
            Self::NotListed => "not_listed",
            Self::KindNotPublic => "kind_not_public",
            Self::ActionNotPublic => "action_not_public",
            Self::FlagsNotPublic => "flags_not_public",
            Self::HandlingNotPublic => "handling_not_public",
            Self::FieldCount => "field_count",
            Self::Syntax => "syntax",
            Self::UnknownField => "unknown_field",
            Self::DuplicateField => "duplicate_field",
            Self::FieldType => "field_type",
            Self::Encoding => "encoding",
            Self::HostsAddress => "hosts_address",
            Self::ObjectType => "object_type",
            Self::PatternType => "pattern_type",
            Self::PatternSyntax => "pattern_syntax",
            Self::PatternOperator => "pattern_operator",
            Self::PatternPath => "pattern_path",
            Self::Revoked => "revoked",
            Self::ValidFrom => "valid_from",
            Self::NotYetValid => "not_yet_valid",
            Self::MarkingUnknown => "marking_unknown",
            Self::AttributeType => "attribute_type",
            Self::ToIds => "to_ids",
        }
    }

    /// What is wrong and what to do.
    #[must_use]
    pub fn advice(self) -> String {
        let text = match self {
            Self::ActionConfidence(action) => {
                let least = action.least_confidence();
                let action = action.name();
                return format!(
                    "{action} needs a confidence of {least} or more; state it if the source is that \
                     sure, or ask for a weaker action"
                );
            }
            Self::SourceAction(highest) => {
                return format!(
                    "the source may ask for {} at most; ask for that, or see `interdict-publish \
                     source change --highest-action`",
                    highest.name()
                );
            }
            Self::SourceConfidence(highest) => {
                return format!(
                    "the source may state a confidence of {highest} at most; state that, or see \
                     `interdict-publish source change --highest-confidence`"
                );
            }
            Self::SourceOther => {
                "the file is imported under another source, and speaks for that one alone; import \
                 each source's lines with its own --source"
            }
            Self::SilentAction => {
                "a silent listing is only watched; ask for monitor, or leave silent out"
            }
            Self::PaymentHost => {
                "nobody is found under this name, because gateways read it as the handle that it \
                 leads to; list the handle, such as telegram:NAME"
            }
            Self::TooDeep => {
                "no name below one of more than six labels is found under it; list it with scope \
                 host, or list a name above it"
            }
            Self::Reserved => {
                "the identifier is reserved for the test entries that every release has by itself; \
                 leave the line out"
            }
            Self::StatementChanged => {
                "the source has changed the statement since it was printed; look at it again with \
                 `interdict-publish quarantine`"
            }
            Self::KindUndeclared => {
                "the list does not declare this kind; declare it with `interdict-publish kinds`, \
                 and the next release is a new base"
            }
            Self::HostsAddress => {
                "the line gives a name to a machine; only addresses that lead nowhere, such as \
                 0.0.0.0, list a name"
            }
            Self::PatternOperator => {
                "a list knows names and not how they are seen together; only = and OR are read"
            }
            Self::NotYetValid => "import the file again when it is valid",
            Self::MarkingUnknown => {
                "the file does not say what its marking allows; ask its source for the marking \
                 definition or a TLP label"
            }
            Self::ToIds => "its author set to_ids to false: it is context and no finding",
            Self::Identifier(error) => return sentence(error),
            Self::KindUnknown => return words("a kind", Kind::ALL.iter().map(|kind| kind.name())),
            _ => self.plain_advice(),
        };
        text.to_owned()
    }

    /// The advice of rules that carry nothing and ask for one thing.
    const fn plain_advice(self) -> &'static str {
        match self {
            Self::CardNumber => {
                "it may be a card number, and nothing of it was kept; if the ids of this scheme are as long, \
                 name the scheme with --numeric"
            }
            Self::PublicSuffix => {
                "strangers have names below this one, and all of them would be listed; list the one name, \
                 or this one with scope host"
            }
            Self::PublicLabel => "the label is a public suffix or stands before one; list the name",
            Self::LabelAction => {
                "a label asks for review at most; ask for review, or list the name"
            }
            Self::KindMissing => "the row has no kind, such as domain or iban",
            Self::ValueMissing => "the row has no value",
            Self::Source => "a source is 1 to 40 lower-case letters, digits, dots and hyphens",
            Self::Action => "an action is monitor, review, hold_payout or block",
            Self::Category => "a category is csae, trafficking or other",
            Self::Confidence => "a confidence is a whole number from 1 to 999, per mille",
            Self::ValidUntil => "a date is written as 2027-01-31, from 2024 to 2099",
            Self::Group => "a group is at most 64 bytes without control characters",
            Self::Scope => {
                "a scope is domain or host, and host is for domains, wallets and prepaid programs"
            }
            Self::Flags => {
                "flags are mandatory, silent and possibly_victim_controlled, separated by spaces"
            }
            Self::Handling => "a handling is clear, green, amber, amber+strict or red",
            Self::Delisted => {
                "`delist` took it off, and no feed brings it back; `interdict-publish show` says why, and \
                 `import --relist` lists it again"
            }
            Self::NotListed => "nothing is listed under this name",
            Self::KindNotPublic => "only domains can be public",
            Self::ActionNotPublic => "an entry to monitor or to hold a payout is never public",
            Self::FlagsNotPublic => {
                "an entry with the flag silent or possibly_victim_controlled is never public"
            }
            Self::HandlingNotPublic => "only an entry with the handling clear can be public",
            Self::FieldCount => "the row has more or fewer values than the header has columns",
            Self::Syntax => "the line does not have the form of its format",
            Self::UnknownField => "a member is not a field; --help names the fields",
            Self::DuplicateField => "a member is named twice",
            Self::FieldType => {
                "a value has a wrong type: confidence is a whole number, flags an array, all else a text"
            }
            Self::Encoding => "the line is not UTF-8; name its encoding with --encoding",
            Self::ObjectType => "only indicators are read",
            Self::PatternType => "the pattern is in another language than STIX",
            Self::PatternSyntax => "the pattern does not have the form of STIX 2.1",
            Self::PatternPath => {
                "the pattern is about something that no merchant is found by, such as a file; domains, \
                 web addresses, IBANs, phones and wallets are read"
            }
            Self::Revoked => "its source took it back",
            Self::ValidFrom => "its valid_from is no time",
            Self::AttributeType => {
                "no merchant is found by an attribute of this type; domains, web addresses, IBANs, phones \
                 and wallets are read"
            }
            _ => "",
        }
    }
}

/// What the core says of a value, without its kind.
fn sentence(error: IdentifierError) -> String {
    let text = error.to_string();
    let kind = format!("{}: ", error.kind().name());
    text.strip_prefix(&kind).unwrap_or(&text).to_owned()
}

fn words<'a>(what: &str, words: impl Iterator<Item = &'a str>) -> String {
    format!("{what} is one of {}", words.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use interdict_core::list::{Category, Handling};

    use super::*;

    #[test]
    fn a_rule_that_names_words_names_those_that_are_read() {
        for action in ["monitor", "review", "hold_payout", "block"] {
            assert!(Action::from_name(action).is_some());
            assert!(Rule::Action.advice().contains(action));
        }
        for category in ["csae", "trafficking", "other"] {
            assert!(Category::from_name(category).is_some());
            assert!(Rule::Category.advice().contains(category));
        }
        for handling in Handling::ALL {
            assert!(Rule::Handling.advice().contains(handling.name()));
        }
        assert!(Rule::KindUnknown.advice().contains("iban"));
    }
}
