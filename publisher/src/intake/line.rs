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
use crate::register::{Change, Entry, NO_END, RegisteredSource};

/// What a line that says nothing else asks for: a person decides. Blocking is for whoever asks.
const ACTION: Action = Action::Review;

/// "Unspecified" is for readers of newer lists; a publisher knows what it lists.
const CATEGORY: Category = Category::Other;

/// Longest name of a group.
const MAX_GROUP: usize = 64;

const FLAGS: [(&str, Flags); 3] = [
    ("mandatory", Flags::MANDATORY),
    ("silent", Flags::SILENT),
    (
        "possibly_victim_controlled",
        Flags::POSSIBLY_VICTIM_CONTROLLED,
    ),
];

/// Under which source, and when, a row is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms<'a> {
    pub(crate) source: &'a RegisteredSource,
    pub(crate) now: Time,
}

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

    /// What a row names, whether or not the rest of it can be read: the identifier as it is written and as
    /// it is listed.
    pub(crate) fn named(&self, numeric: NumericIds<'_>) -> impl Iterator<Item = Identifier> {
        let written = self.identifier(numeric).ok();
        let bare = written.as_ref().and_then(without_www);
        written.into_iter().chain(bare)
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
        terms: &Terms<'_>,
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
        // As `Identifier::asked` reads it, of a text that is canonical.
        if identifier.kind() == Kind::Domain
            && Identifier::from_url_with(identifier.text(), numeric).as_ref() != Ok(&identifier)
        {
            return Err(Rule::PaymentHost);
        }
        let Terms { source, now } = *terms;
        let highest = source.highest_action;
        let careful = ACTION.min(highest);
        let asked = self.get(Field::Action).map_or(Ok(careful), action)?;
        if identifier.kind() == Kind::Label {
            if public_suffix::is_public_label(identifier.text()) {
                return Err(Rule::PublicLabel);
            }
            // Others may bear the same brand.
            if asked > Action::Review {
                return Err(Rule::LabelAction);
            }
        }
        // A file speaks for the source that the person named, and for nobody else.
        if self
            .get(Field::Source)
            .is_some_and(|named| named != source.id)
        {
            return Err(Rule::SourceOther);
        }
        if Reserved::holds(&identifier) {
            return Err(Rule::Reserved);
        }
        if asked > highest {
            return Err(Rule::SourceAction(highest));
        }
        let group = self.get(Field::Group);
        if group.is_some_and(|group| group.len() > MAX_GROUP || group.contains(char::is_control)) {
            return Err(Rule::Group);
        }
        let handling = self.get(Field::Handling).map(handling).transpose()?;
        let handling = handling.or(source.handling);
        let entry = Entry {
            source: source.id.clone(),
            action: asked,
            category: self
                .get(Field::Category)
                .map_or(Some(CATEGORY), Category::from_name)
                .ok_or(Rule::Category)?,
            confidence: self
                .get(Field::Confidence)
                .map_or(Ok(source.confidence), confidence)
                .and_then(|stated| within(stated, source.highest_confidence))?,
            valid_until: self
                .get(Field::ValidUntil)
                .map_or(Ok(end(source, now)), valid_until)?,
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
    let is_listed = |name: &Identifier| change.is_known(list, name);
    match without_www(&identifier) {
        Some(bare) if !is_listed(&identifier)? && is_listed(&bare)? => Ok(bare),
        _ => Ok(identifier),
    }
}

/// The name without `www.`, if a name is left that is nobody else's.
pub(crate) fn without_www(name: &Identifier) -> Option<Identifier> {
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

fn within(stated: u16, highest: u16) -> Result<u16, Rule> {
    if stated > highest {
        return Err(Rule::SourceConfidence(highest));
    }
    Ok(stated)
}

/// When an entry ends whose row does not say so.
fn end(source: &RegisteredSource, now: Time) -> Time {
    source.life.map_or(NO_END, |days| now.plus(days_of(days)))
}

/// A life in seconds.
pub(super) fn days_of(days: u16) -> u32 {
    u32::from(days).saturating_mul(86_400)
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

/// The words for flags, as a file has them.
pub(crate) fn flag_names(flags: Flags) -> impl Iterator<Item = &'static str> {
    let set = FLAGS.iter().filter(move |(_, flag)| flags.has(*flag));
    set.map(|(name, _)| *name)
}

fn flags(text: &str) -> Result<Flags, Rule> {
    text.split_ascii_whitespace()
        .try_fold(Flags::default(), |flags, name| {
            let mut known = FLAGS.iter();
            let (_, flag) = known.find(|(known, _)| *known == name).ok_or(Rule::Flags)?;
            Ok(flags.with(*flag))
        })
}
