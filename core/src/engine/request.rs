use crate::common::json::Value;
use crate::common::schema::{Fault, Field, Fields, Path};
use crate::error::{EngineError, Error};
use crate::identifier::{Identifier, IdentifierError, Kind, holds_card_number};
use crate::policy::Flow;
use crate::rules::{Signal, Signals};

use super::blocks;
use super::score::Language;

/// Identifiers in one request. A merchant has a handful; the bound keeps a request's cost bounded.
pub const MAX_IDENTIFIERS: usize = 32;

/// Bytes of a caller's own mark.
const MAX_REFERENCE: usize = 128;
/// Addresses a merchant declared.
const MAX_DECLARED_URLS: usize = 16;

/// A question about one merchant, everything in it understood.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) flow: Flow,
    /// What it names, in the order in which reasons count them.
    pub(crate) slots: Vec<Slot>,
    pub(crate) signals: Signals,
    pub(crate) view: View,
    pub(crate) language: Option<Language>,
    pub(crate) reference: Option<String>,
}

/// One thing that a request names.
#[derive(Debug)]
pub(crate) enum Slot {
    Identifier(Identifier),
    /// A field of a block of which no identifier came.
    Unused(Unused),
}

/// Where it stands and what is wrong with it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unused {
    pub(crate) path: Path,
    pub(crate) error: IdentifierError,
}

/// What of a verdict is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    /// Four reasons, and nothing of silent records.
    System,
    /// All there is, for the person who must decide.
    Analyst,
}

impl Request {
    /// The identifiers with their positions.
    pub(crate) fn identifiers(&self) -> impl Iterator<Item = (usize, &Identifier)> + Clone {
        let slots = self.slots.iter().enumerate();
        slots.filter_map(|(index, slot)| match slot {
            Slot::Identifier(identifier) => Some((index, identifier)),
            Slot::Unused(_) => None,
        })
    }

    /// The same, each only where it stands first.
    pub(crate) fn distinct(&self) -> impl Iterator<Item = (usize, &Identifier)> + Clone {
        self.identifiers().filter(|(index, identifier)| {
            let mut before = self.identifiers().take_while(|(other, _)| other < index);
            before.all(|(_, other)| other != *identifier)
        })
    }

    /// The kinds that lists are asked about, as often as they are.
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

    /// For each position, whether nothing is asked there: it stands before already, or is unused.
    pub(crate) fn idle(&self) -> Vec<bool> {
        let mut idle = vec![true; self.slots.len()];
        for (index, _) in self.distinct() {
            if let Some(idle) = idle.get_mut(index) {
                *idle = false;
            }
        }
        idle
    }

    /// Reads a `screen` message. What it names comes in the order of the `identifiers` member, then
    /// `url`, then the message blocks; reasons refer to it by that position.
    pub(crate) fn read(message: &Value<'_>) -> Result<Self, Error> {
        let mut fields = Fields::of(message, Path::default())?;
        let flow = fields.required("flow")?.word(Flow::from_name)?;
        let mut slots = Vec::new();
        if let Some(field) = fields.optional("identifiers") {
            for item in field.items(MAX_IDENTIFIERS)? {
                slots.push(Slot::Identifier(identifier(&item)?));
            }
        }
        let page = slots.len();
        let blocks = blocks::read(&mut fields, &mut slots)?;
        let page = slots.get(page).filter(|_| blocks.url);
        let signals = fields.optional("signals");
        let mut signals =
            signals.map_or(Ok(Signals::default()), |field| signals_of(&field, page))?;
        if let Some(named) = blocks.sub_merchant_named {
            signals.set(Signal::SubMerchantNamed, i64::from(named));
        }
        let view = fields.optional("view");
        let view = view.map_or(Ok(View::System), |field| field.word(view_of))?;
        let language = fields.optional("language");
        let language = language.map(|field| field.word(Language::from_name));
        let reference = fields
            .optional("reference")
            .map(|field| reference(&field))
            .transpose()?;
        fields.end()?;
        let request = Self {
            flow,
            slots,
            signals,
            view,
            language: language.transpose()?,
            reference,
        };
        if request.identifiers().next().is_none() {
            // Nothing to answer about: then what was wrong is the answer.
            return Err(match request.unused().next() {
                Some((_, Unused { path, error })) => Error::Identifier { error, path },
                None => EngineError::NoIdentifier.into(),
            });
        }
        Ok(request)
    }
}

/// An element of `identifiers`.
pub(crate) fn identifier(item: &Field<'_, '_>) -> Result<Identifier, Error> {
    let mut fields = item.fields()?;
    let kind = fields.required("kind")?;
    let value = fields.required("value")?;
    fields.end()?;
    let name = kind.text()?;
    let kind = Kind::from_name(name).ok_or(kind.path.error(Fault::UnknownKind))?;
    Identifier::parse(kind, value.text()?).map_err(at(value.path))
}

/// The host of a web address.
pub(crate) fn url(field: &Field<'_, '_>) -> Result<Identifier, Error> {
    Identifier::from_url(field.text()?).map_err(at(field.path))
}

/// The signals given, and whether the page asked about is one of the declared ones.
fn signals_of(field: &Field<'_, '_>, page: Option<&Slot>) -> Result<Signals, Error> {
    let mut fields = field.fields()?;
    let mut signals = Signals::read(&mut fields)?;
    let declared = fields.optional("declared_urls");
    fields.end()?;
    let Some(declared) = declared else {
        return Ok(signals);
    };
    let hosts = declared.items(MAX_DECLARED_URLS)?.map(|item| url(&item));
    let hosts = hosts.collect::<Result<Vec<_>, _>>()?;
    if let Some(Slot::Identifier(page)) = page {
        let declared = hosts.iter().any(|host| page.lies_in(host));
        signals.set(Signal::PaymentPageDeclared, i64::from(declared));
    }
    Ok(signals)
}

fn view_of(name: &str) -> Option<View> {
    match name {
        "system" => Some(View::System),
        "analyst" => Some(View::Analyst),
        _ => None,
    }
}

/// The caller's own mark, handed back with the verdict.
fn reference(field: &Field<'_, '_>) -> Result<String, Error> {
    let text = field.text()?;
    if text.len() > MAX_REFERENCE {
        return Err(field.path.error(Fault::OutOfRange).into());
    }
    if holds_card_number(text) {
        return Err(field.path.error(Fault::CardNumber).into());
    }
    Ok(text.to_owned())
}

/// Whether a text may be a mark of an override: the same bounds.
pub(crate) fn is_reference(text: &str) -> bool {
    text.len() <= MAX_REFERENCE && !holds_card_number(text)
}

fn at(path: Path) -> impl FnOnce(IdentifierError) -> Error {
    move |error| Error::Identifier { error, path }
}
