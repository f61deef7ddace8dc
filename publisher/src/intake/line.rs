//! From a row to an entry: the rules of one imported line.

use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, IdentifierError, Kind, holds_card_number};
use interdict_core::list::{Action, Category, Flags, Scope, is_source_id};

use crate::intake::public_suffix;
use crate::intake::rows::{Field, Fields};
use crate::register::entry::{Entry, NO_END};

/// What a line that says nothing else asks for: a person decides. Blocking is for whoever asks.
const ACTION: Action = Action::Review;

/// "Unspecified" is for readers of newer lists; a publisher knows what it lists.
const CATEGORY: Category = Category::Other;

/// 0.9: even a careful source is wrong once in ten, if it does not say how sure it is.
const CONFIDENCE: u16 = 900;

/// Longest name of a group.
const MAX_GROUP: usize = 64;

/// Longest handling code.
const MAX_HANDLING: usize = 32;

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
    /// A CSV row has not as many fields as the header.
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

/// The kind a row names, if it is one.
pub(crate) fn kind(fields: &Fields) -> Option<Kind> {
    fields.get(Field::Kind).and_then(Kind::from_name)
}

/// The identifier a row names.
pub(crate) fn identifier(fields: &Fields) -> Result<Identifier, Rule> {
    let kind = kind(fields);
    let value = fields.get(Field::Value);
    // Only the kind's own parser may find that digits are no card number.
    let unread = Field::ALL
        .iter()
        .filter(|field| **field != Field::Value || kind.is_none());
    if unread
        .filter_map(|field| fields.get(*field))
        .any(holds_card_number)
    {
        return Err(Rule::CardNumber);
    }
    let kind = kind.ok_or(match fields.get(Field::Kind) {
        Some(_) => Rule::KindUnknown,
        None => Rule::KindMissing,
    })?;
    Identifier::parse(kind, value.ok_or(Rule::ValueMissing)?).map_err(|error| {
        if error.is_card_number() {
            Rule::CardNumber
        } else {
            Rule::Identifier(error)
        }
    })
}

/// The source a row names, or the default.
pub(crate) fn source<'f>(
    fields: &'f Fields,
    default: Option<&'f str>,
) -> Result<Option<&'f str>, Rule> {
    let source = fields.get(Field::Source).or(default);
    if source.is_some_and(|source| !is_source_id(source)) {
        return Err(Rule::Source);
    }
    Ok(source)
}

/// The entry a row makes.
pub(crate) fn entry(fields: &Fields, default_source: Option<&str>) -> Result<Entry, Rule> {
    let identifier = identifier(fields)?;
    if identifier.kind() == Kind::Domain && public_suffix::is_public(identifier.text()) {
        return Err(Rule::PublicSuffix);
    }
    let asked = fields.get(Field::Action).map_or(Ok(ACTION), action)?;
    if identifier.kind() == Kind::Label {
        if public_suffix::is_public_label(identifier.text()) {
            return Err(Rule::PublicLabel);
        }
        // Others may bear the same brand.
        if asked > Action::Review {
            return Err(Rule::LabelAction);
        }
    }
    let source = source(fields, default_source)?.ok_or(Rule::SourceMissing)?;
    let group = fields.get(Field::Group);
    if group.is_some_and(|group| group.len() > MAX_GROUP || group.contains(char::is_control)) {
        return Err(Rule::Group);
    }
    let handling = fields.get(Field::Handling);
    if handling.is_some_and(|handling| !is_handling(handling)) {
        return Err(Rule::Handling);
    }
    Ok(Entry {
        source: source.to_owned(),
        action: asked,
        category: fields
            .get(Field::Category)
            .map_or(Some(CATEGORY), Category::from_name)
            .ok_or(Rule::Category)?,
        confidence: fields
            .get(Field::Confidence)
            .map_or(Ok(CONFIDENCE), confidence)?,
        valid_until: fields
            .get(Field::ValidUntil)
            .map_or(Ok(NO_END), valid_until)?,
        group: group.map(str::to_owned),
        scope: scope(fields.get(Field::Scope), identifier.kind())?,
        flags: fields
            .get(Field::Flags)
            .map_or(Ok(Flags::default()), flags)?,
        handling: handling.map(str::to_owned),
        identifier,
    })
}

/// Allowing is not listing: who asks for it meant another file.
fn action(text: &str) -> Result<Action, Rule> {
    Action::from_name(text)
        .filter(|action| *action != Action::Allow)
        .ok_or(Rule::Action)
}

fn is_handling(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text.len() <= MAX_HANDLING && text.bytes().all(allowed)
}

fn confidence(text: &str) -> Result<u16, Rule> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text
        .parse()
        .ok()
        .filter(|number| digits && (1..=999).contains(number));
    number.ok_or(Rule::Confidence)
}

/// A date alone is its first second: the listing no longer counts on that day.
fn valid_until(text: &str) -> Result<Time, Rule> {
    let time = Time::parse(text).or_else(|| Time::parse(&format!("{text}T00:00:00Z")));
    time.and_then(|time| Time::from_clock(time.seconds()))
        .ok_or(Rule::ValidUntil)
}

fn scope(text: Option<&str>, kind: Kind) -> Result<Scope, Rule> {
    match (text.map(Scope::from_name), kind) {
        // Most kinds have nothing below them; records of such a kind all say the same.
        (None, _) => Ok(Scope::Domain),
        (Some(Some(scope)), Kind::Domain | Kind::PrepaidProgram | Kind::Wallet) => Ok(scope),
        (Some(Some(Scope::Domain)), _) => Ok(Scope::Domain),
        _ => Err(Rule::Scope),
    }
}

fn flags(text: &str) -> Result<Flags, Rule> {
    text.split_ascii_whitespace()
        .try_fold(Flags::default(), |flags, name| {
            let flag = match name {
                "mandatory" => Flags::MANDATORY,
                "silent" => Flags::SILENT,
                "possibly_victim_controlled" => Flags::POSSIBLY_VICTIM_CONTROLLED,
                _ => return Err(Rule::Flags),
            };
            Ok(flags.with(flag))
        })
}
