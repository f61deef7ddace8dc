use interdict_core::identifier::IdentifierError;
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

    /// What is wrong and what to do, where the rule's name does not say it.
    #[must_use]
    pub fn advice(self) -> Option<String> {
        let text = match self {
            Self::ActionConfidence(action) => {
                let least = action.least_confidence();
                let action = action.name();
                return Some(format!(
                    "{action} needs a confidence of {least} or more; state it if the source is that \
                     sure, or ask for a weaker action"
                ));
            }
            Self::SourceAction(highest) => {
                return Some(format!(
                    "the source may ask for {} at most; ask for that, or see `interdict-publish \
                     source change --highest-action`",
                    highest.name()
                ));
            }
            Self::SourceConfidence(highest) => {
                return Some(format!(
                    "the source may state a confidence of {highest} at most; state that, or see \
                     `interdict-publish source change --highest-confidence`"
                ));
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
            _ => return None,
        };
        Some(text.to_owned())
    }
}
