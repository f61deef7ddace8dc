use crate::error::{EngineError, Error};
use crate::identifier::{Identifier, IdentifierError, Kind, holds_card_number};
use crate::json::Value;
use crate::message::{Fault, Field, Fields, Path};
use crate::policy::Flow;

use super::blocks;

/// Identifiers in one request. A merchant has a handful; the bound keeps a request's cost bounded.
pub const MAX_IDENTIFIERS: usize = 32;

/// A question about one merchant, everything in it understood.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) flow: Flow,
    /// What it names, in the order in which reasons count them.
    pub(super) slots: Vec<Slot>,
    pub(super) signals: Signals,
    pub(super) reference: Option<String>,
}

/// One thing that a request names.
#[derive(Debug)]
pub(super) enum Slot {
    Identifier(Identifier),
    /// A field of a block of which no identifier came.
    Unused(Unused),
}

/// Where it stands and what is wrong with it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unused {
    pub(super) path: Path,
    pub(super) error: IdentifierError,
}

/// What the gateway knows of the merchant besides its names. Missing is unknown, never zero.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Signals {
    pub(super) merchant_age_days: Option<u32>,
}

impl Request {
    /// The identifiers with their positions.
    pub(super) fn identifiers(&self) -> impl Iterator<Item = (usize, &Identifier)> {
        let slots = self.slots.iter().enumerate();
        slots.filter_map(|(index, slot)| match slot {
            Slot::Identifier(identifier) => Some((index, identifier)),
            Slot::Unused(_) => None,
        })
    }

    /// The same, each only where it stands first.
    pub(super) fn distinct(&self) -> impl Iterator<Item = (usize, &Identifier)> {
        self.identifiers().filter(|(index, identifier)| {
            let mut before = self.identifiers().take_while(|(other, _)| other < index);
            before.all(|(_, other)| other != *identifier)
        })
    }

    /// What could not be used, with its position.
    pub(super) fn unused(&self) -> impl Iterator<Item = (usize, Unused)> {
        let slots = self.slots.iter().enumerate();
        slots.filter_map(|(index, slot)| match slot {
            Slot::Identifier(_) => None,
            Slot::Unused(unused) => Some((index, *unused)),
        })
    }

    /// For each position, whether nothing is asked there: it stands before already, or is unused.
    pub(super) fn idle(&self) -> Vec<bool> {
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
    pub(super) fn read(message: &Value<'_>) -> Result<Self, Error> {
        let mut fields = Fields::of(message, Path::default())?;
        let flow = fields.required("flow")?.word(Flow::from_name)?;
        let mut slots = Vec::new();
        if let Some(field) = fields.optional("identifiers") {
            for item in field.items(MAX_IDENTIFIERS)? {
                slots.push(Slot::Identifier(identifier(&item)?));
            }
        }
        blocks::read(&mut fields, &mut slots)?;
        let signals = fields
            .optional("signals")
            .map(|field| signals(&field))
            .transpose()?;
        let reference = fields
            .optional("reference")
            .map(|field| reference(&field))
            .transpose()?;
        fields.end()?;
        let request = Self {
            flow,
            slots,
            signals: signals.unwrap_or_default(),
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
pub(super) fn identifier(item: &Field<'_, '_>) -> Result<Identifier, Error> {
    let mut fields = item.fields()?;
    let kind = fields.required("kind")?;
    let value = fields.required("value")?;
    fields.end()?;
    let name = kind.text()?;
    let kind = Kind::from_name(name).ok_or(kind.path.error(Fault::UnknownKind))?;
    Identifier::parse(kind, value.text()?).map_err(at(value.path))
}

/// The host of a web address.
pub(super) fn url(field: &Field<'_, '_>) -> Result<Identifier, Error> {
    Identifier::from_url(field.text()?).map_err(at(field.path))
}

fn signals(field: &Field<'_, '_>) -> Result<Signals, Error> {
    let mut fields = field.fields()?;
    let merchant_age_days = fields
        .optional("merchant_age_days")
        // A hundred years.
        .map(|field| field.number(0, 36_525))
        .transpose()?;
    fields.end()?;
    Ok(Signals { merchant_age_days })
}

/// The caller's own mark, handed back with the verdict.
fn reference(field: &Field<'_, '_>) -> Result<String, Error> {
    let text = field.text()?;
    if text.len() > 128 {
        return Err(field.path.error(Fault::OutOfRange).into());
    }
    if holds_card_number(text) {
        return Err(field.path.error(Fault::CardNumber).into());
    }
    Ok(text.to_owned())
}

fn at(path: Path) -> impl FnOnce(IdentifierError) -> Error {
    move |error| Error::Identifier { error, path }
}
