//! From a row to an entry: the rules of one imported line.

use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind, NumericIds, holds_card_number};
use interdict_core::list::{
    Action, Category, Flags, Handling, ListError, ListId, Reserved, Scope, is_source_name,
};

use super::public_suffix;
use super::read::{Field, Fields};
use super::rule::Rule;
use crate::error::PublisherError;
use crate::register::{Change, Entry, NO_END};

/// What a line that says nothing else asks for: a person decides. Blocking is for whoever asks.
const ACTION: Action = Action::Review;

/// "Unspecified" is for readers of newer lists; a publisher knows what it lists.
const CATEGORY: Category = Category::Other;

/// 0.9: even a careful source is wrong once in ten, if it does not say how sure it is.
const CONFIDENCE: u16 = 900;

/// Longest name of a group.
const MAX_GROUP: usize = 64;

impl Fields {
    /// The kind a row names, if it is one.
    pub(crate) fn kind(&self) -> Option<Kind> {
        self.get(Field::Kind).and_then(Kind::from_name)
    }

    /// The value as it is written.
    pub(crate) fn value(&self) -> Option<&str> {
        self.get(Field::Value)
    }

    /// The identifier a row names. The ids of `numeric` may be as long as a card number.
    pub(crate) fn identifier(&self, numeric: NumericIds<'_>) -> Result<Identifier, Rule> {
        let kind = self.kind();
        let value = self.get(Field::Value);
        // Only the kind's own parser may find that digits are no card number.
        let unread = Field::ALL
            .iter()
            .filter(|field| **field != Field::Value || kind.is_none());
        if unread
            .filter_map(|field| self.get(*field))
            .any(holds_card_number)
        {
            return Err(Rule::CardNumber);
        }
        let kind = kind.ok_or(match self.get(Field::Kind) {
            Some(_) => Rule::KindUnknown,
            None => Rule::KindMissing,
        })?;
        Identifier::parse_with(kind, value.ok_or(Rule::ValueMissing)?, numeric).map_err(|error| {
            if error.is_card_number() {
                Rule::CardNumber
            } else {
                Rule::Identifier(error)
            }
        })
    }

    /// The source a row names, or the default.
    pub(crate) fn source<'f>(&'f self, default: Option<&'f str>) -> Result<Option<&'f str>, Rule> {
        let source = self.get(Field::Source).or(default);
        if source.is_some_and(|source| !is_source_name(source)) {
            return Err(Rule::Source);
        }
        Ok(source)
    }

    /// The entry a row makes, and the name that it is written under if that is `www.` and the entry's.
    pub(crate) fn entry(
        &self,
        default_source: Option<&str>,
        numeric: NumericIds<'_>,
        www: WwwNames,
    ) -> Result<(Entry, Option<Identifier>), Rule> {
        let named = self.identifier(numeric)?;
        let bare = match www {
            WwwNames::AsBareNames => without_www(&named),
            WwwNames::AsWritten => None,
        };
        let (identifier, written) = match bare {
            Some(bare) => (bare, Some(named)),
            None => (named, None),
        };
        if identifier.kind() == Kind::Domain && public_suffix::is_public(identifier.text()) {
            return Err(Rule::PublicSuffix);
        }
        let asked = Identifier::asked(identifier.kind(), identifier.text(), numeric);
        if identifier.kind() == Kind::Domain && asked.as_ref() != Ok(&identifier) {
            return Err(Rule::PaymentHost);
        }
        let asked = self.get(Field::Action).map_or(Ok(ACTION), action)?;
        if identifier.kind() == Kind::Label {
            if public_suffix::is_public_label(identifier.text()) {
                return Err(Rule::PublicLabel);
            }
            // Others may bear the same brand.
            if asked > Action::Review {
                return Err(Rule::LabelAction);
            }
        }
        let source = self.source(default_source)?.ok_or(Rule::SourceMissing)?;
        if source == Reserved::SOURCE || Reserved::holds(&identifier) {
            return Err(Rule::Reserved);
        }
        let group = self.get(Field::Group);
        if group.is_some_and(|group| group.len() > MAX_GROUP || group.contains(char::is_control)) {
            return Err(Rule::Group);
        }
        let handling = self.get(Field::Handling).map(handling).transpose()?;
        let entry = Entry {
            source: source.to_owned(),
            action: asked,
            category: self
                .get(Field::Category)
                .map_or(Some(CATEGORY), Category::from_name)
                .ok_or(Rule::Category)?,
            confidence: self
                .get(Field::Confidence)
                .map_or(Ok(CONFIDENCE), confidence)?,
            valid_until: self
                .get(Field::ValidUntil)
                .map_or(Ok(NO_END), valid_until)?,
            group: group.map(str::to_owned),
            scope: scope(self.get(Field::Scope), identifier.kind())?,
            flags: self.get(Field::Flags).map_or(Ok(Flags::default()), flags)?,
            handling,
            identifier,
        };
        // The rules that gateways apply when they load a list.
        match entry.record().check() {
            Ok(()) => {}
            Err(ListError::RecordSilence) => return Err(Rule::SilentAction),
            Err(_) => return Err(Rule::ActionConfidence(asked)),
        }
        if entry.scope == Scope::Domain && is_too_deep(&entry.identifier) {
            return Err(Rule::TooDeep);
        }
        Ok((entry, written))
    }
}

/// What becomes of names that begin with `www.`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WwwNames {
    /// The name after `www.` is listed, for both lead to one shop; with scope `host`, both names are.
    AsBareNames,
    /// The name is listed as it is written.
    AsWritten,
}

/// Under which name a domain is listed: `import` leaves `www.` out.
///
/// # Errors
/// A register that cannot be read.
pub(crate) fn listed_name(
    change: &Change<'_>,
    list: &ListId,
    identifier: Identifier,
) -> Result<Identifier, PublisherError> {
    let is_listed = |name: &Identifier| {
        let statements = change.statements(list, name)?;
        Ok::<_, PublisherError>(!statements.is_empty())
    };
    match without_www(&identifier) {
        Some(bare) if !is_listed(&identifier)? && is_listed(&bare)? => Ok(bare),
        _ => Ok(identifier),
    }
}

/// The name without `www.`, if a name is left that is nobody else's.
fn without_www(name: &Identifier) -> Option<Identifier> {
    let bare = name.text().strip_prefix("www.")?;
    let bare = Identifier::parse(Kind::Domain, bare).ok()?;
    (name.kind() == Kind::Domain && !public_suffix::is_shared(bare.text())).then_some(bare)
}

/// Allowing is not listing: who asks for it meant another file.
fn action(text: &str) -> Result<Action, Rule> {
    Action::from_name(text)
        .filter(|action| *action != Action::Allow)
        .ok_or(Rule::Action)
}

fn handling(text: &str) -> Result<Handling, Rule> {
    Handling::from_name(text).ok_or(Rule::Handling)
}

/// Whether the look-up of a name right below a domain leaves the domain out. (What cannot have a
/// name below it, such as an address, is never too deep.)
fn is_too_deep(identifier: &Identifier) -> bool {
    let kind = identifier.kind();
    // Names of so few labels are always asked for.
    if identifier.text().matches('.').count() < 3 {
        return false;
    }
    let below = format!("x.{}", identifier.text());
    kind == Kind::Domain
        && Identifier::parse(kind, &below).is_ok_and(|below| {
            let mut look_ups = below.look_ups();
            look_ups.all(|look_up| look_up.canonical != identifier.canonical())
        })
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
