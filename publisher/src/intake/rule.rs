use interdict_core::identifier::IdentifierError;

/// The rule a refused line breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// A field looks like a card number; wins over every other rule.
    CardNumber,
    /// The value breaks a rule of its kind.
    Identifier(IdentifierError),
    /// The domain is a public suffix or shared host.
    PublicSuffix,
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
    /// No source, and no default was given.
    SourceMissing,
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
    /// Not 1 to 32 lower-case letters, digits and hyphens.
    Handling,
    /// It was taken off the list, and a feed must not bring it back.
    Delisted,
    /// Not on the list.
    NotListed,
    /// Of a kind that is never public.
    KindNotPublic,
    /// An action that is never public: `monitor` or `hold_payout`.
    ActionNotPublic,
    /// A flag that is never public: `silent` or `possibly_victim_controlled`.
    FlagsNotPublic,
    /// Passed on under terms that forbid it.
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
}

impl Rule {
    /// The stable word used in reports and the register.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CardNumber => "pan_refused",
            Self::Identifier(error) => error.rule().name(),
            Self::PublicSuffix => "public_suffix",
            Self::PublicLabel => "public_label",
            Self::LabelAction => "label_action",
            Self::KindMissing => "kind_missing",
            Self::KindUnknown => "kind_unknown",
            Self::ValueMissing => "value_missing",
            Self::SourceMissing => "source_missing",
            Self::Source => "source",
            Self::Action => "action",
            Self::Category => "category",
            Self::Confidence => "confidence",
            Self::ValidUntil => "valid_until",
            Self::Group => "group",
            Self::Scope => "scope",
            Self::Flags => "flags",
            Self::Handling => "handling",
            Self::Delisted => "delisted",
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
        }
    }
}
