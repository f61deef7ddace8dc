use crate::common::schema::Path;
use crate::identifier::{Identifier, IdentifierError, Kind, holds_card_number};
use crate::policy::Flow;
use crate::rules::Signals;

use super::error::EngineError;
use super::language::Language;

/// Identifiers in the `identifiers` member of one request. A merchant has a handful; the bound keeps
/// the cost of a request bounded.
pub const MAX_IDENTIFIERS: usize = 32;

/// Bytes of a caller's own mark.
const MAX_REFERENCE: usize = 128;

/// A question about one merchant: what names it, in which flow, and what is known of it.
///
/// ```
/// use interdict_core::engine::{Language, Request};
/// use interdict_core::identifier::{Identifier, Kind};
/// use interdict_core::policy::Flow;
///
/// let shop = Identifier::parse(Kind::Domain, "shop.example")?;
/// let account = Identifier::parse(Kind::Iban, "SE45 5000 0000 0583 9825 7466")?;
/// let request = Request::new(Flow::Payout, [shop, account])?.with_language(Language::Sv);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Request {
    pub(crate) flow: Flow,
    /// What the request names, in the order in which reasons count them.
    pub(crate) slots: Vec<Slot>,
    pub(crate) signals: Signals,
    pub(crate) view: View,
    pub(crate) language: Option<Language>,
    pub(crate) reference: Option<Reference>,
}

/// One thing that a request names.
#[derive(Debug)]
pub enum Slot {
    /// A merchant's identifier.
    Identifier(Identifier),
    /// A field of which no identifier came: the verdict reports it.
    Unused(Unused),
}

/// A field that yields no identifier.
#[derive(Debug, Clone, Copy)]
pub struct Unused {
    /// Where the field stands in the request.
    pub path: Path,
    /// What is wrong with it.
    pub error: IdentifierError,
}

/// How much of a verdict to return.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum View {
    /// Four reasons, and nothing of silent records.
    #[default]
    System,
    /// Everything, for the person who must decide.
    Analyst,
}

/// A caller's own mark, handed back with the verdict and kept out of the receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference(String);

/// Why a text is no [`Reference`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferenceError {
    /// Longer than 128 bytes.
    TooLong,
    /// It looks like a card number.
    CardNumber,
}

impl From<Identifier> for Slot {
    fn from(identifier: Identifier) -> Self {
        Self::Identifier(identifier)
    }
}

impl View {
    /// Reads the word used in messages.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "system" => Some(Self::System),
            "analyst" => Some(Self::Analyst),
            _ => None,
        }
    }
}

impl Reference {
    /// Takes a text of at most 128 bytes in which nothing looks like a card number.
    ///
    /// # Errors
    /// A [`ReferenceError`].
    pub fn new(text: &str) -> Result<Self, ReferenceError> {
        if text.len() > MAX_REFERENCE {
            return Err(ReferenceError::TooLong);
        }
        if holds_card_number(text) {
            return Err(ReferenceError::CardNumber);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Request {
    /// A request about the merchant that these identifiers name. Reasons refer to them by position.
    ///
    /// # Errors
    /// [`EngineError::NoIdentifier`] if none of the slots holds an identifier.
    pub fn new<S: Into<Slot>>(
        flow: Flow,
        slots: impl IntoIterator<Item = S>,
    ) -> Result<Self, EngineError> {
        Self::of_slots(flow, slots.into_iter().map(Into::into).collect())
    }

    pub(crate) fn of_slots(flow: Flow, slots: Vec<Slot>) -> Result<Self, EngineError> {
        let mut identifiers = slots.iter();
        if !identifiers.any(|slot| matches!(slot, Slot::Identifier(_))) {
            return Err(EngineError::NoIdentifier);
        }
        Ok(Self {
            flow,
            slots,
            signals: Signals::default(),
            view: View::default(),
            language: None,
            reference: None,
        })
    }

    /// Adds what is known of the merchant besides its names, for typologies.
    #[must_use]
    pub fn with_signals(mut self, signals: Signals) -> Self {
        self.signals = signals;
        self
    }

    /// Chooses how much of the verdict to return.
    #[must_use]
    pub fn with_view(mut self, view: View) -> Self {
        self.view = view;
        self
    }

    /// Asks for sentences in a language.
    #[must_use]
    pub fn with_language(mut self, language: Language) -> Self {
        self.language = Some(language);
        self
    }

    /// Adds the caller's own mark.
    #[must_use]
    pub fn with_reference(mut self, reference: Reference) -> Self {
        self.reference = Some(reference);
        self
    }

    /// The identifiers with their positions.
    pub(crate) fn identifiers(&self) -> impl Iterator<Item = (usize, &Identifier)> + Clone {
        let slots = self.slots.iter().enumerate();
        slots.filter_map(|(index, slot)| match slot {
            Slot::Identifier(identifier) => Some((index, identifier)),
            Slot::Unused(_) => None,
        })
    }

    /// The same, each identifier only where it occurs first.
    pub(crate) fn distinct(&self) -> impl Iterator<Item = (usize, &Identifier)> + Clone {
        self.identifiers().filter(|(index, identifier)| {
            let mut before = self.identifiers().take_while(|(other, _)| other < index);
            before.all(|(_, other)| other != *identifier)
        })
    }

    /// The kinds that lists are asked about, once for each look-up.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = Kind> + Clone {
        let identifiers = self.distinct();
        identifiers.flat_map(|(_, identifier)| identifier.look_ups().map(|look_up| look_up.kind))
    }

    /// What could not be used, with its position.
    pub(crate) fn unused(&self) -> impl Iterator<Item = (usize, Unused)> {
        let slots = self.slots.iter().enumerate();
        slots.filter_map(|(index, slot)| match slot {
            Slot::Identifier(_) => None,
            Slot::Unused(unused) => Some((index, *unused)),
        })
    }

    pub(crate) fn has_unused(&self) -> bool {
        self.unused().next().is_some()
    }

    /// For each position, whether nothing is asked there: the identifier occurs before, or there is
    /// none.
    pub(crate) fn idle(&self) -> Vec<bool> {
        let mut idle = vec![true; self.slots.len()];
        for (index, _) in self.distinct() {
            if let Some(idle) = idle.get_mut(index) {
                *idle = false;
            }
        }
        idle
    }
}
