use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use crate::common::schema::Path;
use crate::identifier::{Identifier, Kind, Rule, holds_card_number};
use crate::policy::Flow;
use crate::rules::Signals;

use super::error::EngineError;
use super::language::Language;

/// The most identifiers in the `identifiers` member of one request. A merchant has a handful; the
/// limit bounds the cost of a request.
pub const MAX_IDENTIFIERS: usize = 32;

/// The most bytes of a reference.
const MAX_REFERENCE: usize = 128;

/// A request to screen one merchant: its identifiers, the flow, and what else is known of it.
///
/// ```
/// use interdict_core::engine::{Language, Reference, Request, View};
/// use interdict_core::identifier::{Identifier, Kind};
/// use interdict_core::policy::Flow;
///
/// let shop = Identifier::parse(Kind::Domain, "shop.example")?;
/// let account = Identifier::parse(Kind::Iban, "SE45 5000 0000 0583 9825 7466")?;
/// // For the person who must decide: all reasons, in their language, under the number of the case.
/// let case = Reference::new("case-17").map_err(|error| format!("{error:?}"))?;
/// let request = Request::new(Flow::Payout, [shop, account])?
///     .with_view(View::Analyst)
///     .with_language(Language::Sv)
///     .with_reference(case);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Request {
    pub(crate) flow: Flow,
    /// The identifiers and unused fields. Reasons refer to them by position.
    pub(crate) slots: Vec<Slot>,
    /// Positions of fields that do not say who is paid, though their kind does.
    pub(crate) supplementary: Vec<usize>,
    pub(crate) signals: Signals,
    pub(crate) view: View,
    pub(crate) language: Option<Language>,
    pub(crate) reference: CallerText,
}

/// One field of a request that should name the merchant, or a signal that cannot be used.
#[derive(Debug)]
pub enum Slot {
    /// The identifier read from the field.
    Identifier(Identifier),
    /// A field that yields no identifier. The verdict reports it.
    Unused(Unused),
}

/// A field that cannot be used, and why.
#[derive(Debug, Clone, Copy)]
pub struct Unused {
    /// Where the field is in the request, such as `iso8583.de42`.
    pub path: Path,
    /// The kind it was read as. A signal has none, and does not say who is paid.
    pub kind: Option<Kind>,
    /// The rule that the value breaks.
    pub rule: Rule,
}

/// How much of a verdict to return.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum View {
    /// At most four reasons.
    #[default]
    System,
    /// All reasons and the state of every rule, for the person who must decide.
    Analyst,
}

/// A caller's own text, returned with the verdict and kept out of the receipt. It holds no card-shaped
/// run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference(String);

/// What becomes of the caller's own text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum CallerText {
    /// There is none.
    #[default]
    None,
    /// The verdict returns it.
    Kept(Reference),
    /// It may have held a card number, or was too long. The verdict says so.
    Dropped,
}

/// Why a text cannot be a [`Reference`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferenceError {
    /// Longer than 128 bytes.
    TooLong,
    /// It holds a card-shaped run.
    CardNumber,
}

impl From<Identifier> for Slot {
    fn from(identifier: Identifier) -> Self {
        Self::Identifier(identifier)
    }
}

impl View {
    /// Reads the word used in messages, `system` or `analyst`.
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
    /// Takes a text of at most 128 bytes without a card-shaped run.
    ///
    /// # Errors
    /// A [`ReferenceError`] that says which of the two rules the text breaks.
    pub fn new(text: &str) -> Result<Self, ReferenceError> {
        if text.len() > MAX_REFERENCE {
            return Err(ReferenceError::TooLong);
        }
        if holds_card_number(text) {
            return Err(ReferenceError::CardNumber);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text as the caller gave it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Request {
    /// Makes a request about the merchant that these identifiers name. Reasons refer to them by
    /// position.
    ///
    /// # Errors
    /// [`EngineError::NoIdentifier`] if there is no slot.
    pub fn new<S: Into<Slot>>(
        flow: Flow,
        slots: impl IntoIterator<Item = S>,
    ) -> Result<Self, EngineError> {
        let slots: Vec<Slot> = slots.into_iter().map(Into::into).collect();
        if slots.is_empty() {
            return Err(EngineError::NoIdentifier);
        }
        Ok(Self {
            flow,
            slots,
            supplementary: Vec::new(),
            signals: Signals::default(),
            view: View::default(),
            language: None,
            reference: CallerText::default(),
        })
    }

    /// Adds what the gateway knows about the merchant besides its names, for typologies.
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

    /// Adds sentences for people to the verdict, in this language.
    #[must_use]
    pub fn with_language(mut self, language: Language) -> Self {
        self.language = Some(language);
        self
    }

    /// Adds the caller's own text, which the verdict returns.
    #[must_use]
    pub fn with_reference(mut self, reference: Reference) -> Self {
        self.reference = CallerText::Kept(reference);
        self
    }

    /// Every identifier with its position in the request.
    pub(crate) fn identifiers(&self) -> impl Iterator<Item = (usize, &Identifier)> + Clone {
        let slots = self.slots.iter().enumerate();
        slots.filter_map(|(index, slot)| match slot {
            Slot::Identifier(identifier) => Some((index, identifier)),
            Slot::Unused(_) => None,
        })
    }

    /// Every distinct identifier with the position where it occurs first.
    pub(crate) fn distinct(&self) -> impl Iterator<Item = (usize, &Identifier)> + Clone {
        self.identifiers().filter(|(index, identifier)| {
            let mut before = self.identifiers().take_while(|(other, _)| other < index);
            before.all(|(_, other)| other != *identifier)
        })
    }

    /// The kind of each distinct identifier.
    pub(crate) fn own_kinds(&self) -> impl Iterator<Item = Kind> + Clone {
        self.distinct().map(|(_, identifier)| identifier.kind())
    }

    /// The kinds that lists are asked about, one for each look-up.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = Kind> + Clone {
        let identifiers = self.distinct();
        identifiers.flat_map(|(_, identifier)| identifier.look_ups().map(|look_up| look_up.kind))
    }

    /// Every unused field with its position in the request.
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

    /// Whether the field at this position says who is paid, if it is of this kind. Every other field is
    /// supplementary.
    pub(crate) fn is_naming(&self, index: usize, kind: Kind) -> bool {
        names_payee(kind) && !self.supplementary.contains(&index)
    }
}

/// Whether an identifier of this kind says who is paid. A company has several shops, a telephone and a label
/// may be shared.
const fn names_payee(kind: Kind) -> bool {
    match kind {
        Kind::Domain
        | Kind::Iban
        | Kind::CardAcceptor
        | Kind::SubMerchant
        | Kind::Wallet
        | Kind::Handle
        | Kind::PrepaidProgram
        | Kind::ShortCode
        | Kind::Other => true,
        Kind::Lei | Kind::Phone | Kind::Registration | Kind::Label => false,
    }
}
