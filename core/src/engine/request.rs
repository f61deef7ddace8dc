use crate::error::{EngineError, Error};
use crate::identifier::{Identifier, IdentifierError, Kind, holds_card_number};
use crate::json::Value;
use crate::message::{Fault, Field, Fields, Path};
use crate::policy::Flow;

/// Identifiers in one request. A merchant has a handful; the bound keeps a request's cost bounded.
pub const MAX_IDENTIFIERS: usize = 32;

/// A question about one merchant, everything in it understood.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) flow: Flow,
    pub(super) identifiers: Vec<Identifier>,
    pub(super) signals: Signals,
    pub(super) reference: Option<String>,
}

/// What the gateway knows of the merchant besides its names. Missing is unknown, never zero.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Signals {
    pub(super) merchant_age_days: Option<u32>,
}

impl Request {
    /// The identifiers with their positions, each only where it stands first.
    pub(super) fn distinct(&self) -> impl Iterator<Item = (usize, &Identifier)> {
        let before = |index: usize| self.identifiers.get(..index).unwrap_or_default();
        let all = self.identifiers.iter().enumerate();
        all.filter(move |(index, identifier)| !before(*index).contains(identifier))
    }

    /// For each identifier, whether it stands before already.
    pub(super) fn repeated(&self) -> Vec<bool> {
        let mut repeated = vec![true; self.identifiers.len()];
        for (index, _) in self.distinct() {
            if let Some(repeated) = repeated.get_mut(index) {
                *repeated = false;
            }
        }
        repeated
    }

    /// Reads a `screen` message. Identifiers come in the order of the `identifiers` member, then
    /// `url`, then the message blocks; reasons refer to them by that position.
    pub(super) fn read(message: &Value<'_>) -> Result<Self, Error> {
        let mut fields = Fields::of(message, Path::default())?;
        let flow = fields.required("flow")?.word(Flow::from_name)?;
        let mut identifiers = Vec::new();
        if let Some(field) = fields.optional("identifiers") {
            for item in field.items(MAX_IDENTIFIERS)? {
                identifiers.push(identifier(&item)?);
            }
        }
        if let Some(field) = fields.optional("url") {
            identifiers.push(url(&field)?);
        }
        if let Some(field) = fields.optional("iso8583") {
            identifiers.push(iso8583(&field)?);
        }
        let signals = fields
            .optional("signals")
            .map(|field| signals(&field))
            .transpose()?;
        let reference = fields
            .optional("reference")
            .map(|field| reference(&field))
            .transpose()?;
        fields.end()?;
        if identifiers.is_empty() {
            return Err(EngineError::NoIdentifier.into());
        }
        Ok(Self {
            flow,
            identifiers,
            signals: signals.unwrap_or_default(),
            reference,
        })
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

/// The named data elements of an ISO 8583 message. DE2 is the card number: its presence alone
/// refuses the request.
fn iso8583(field: &Field<'_, '_>) -> Result<Identifier, Error> {
    let mut fields = field.fields()?;
    if let Some(path) = fields.holds("de2") {
        return Err(path.error(Fault::CardNumber).into());
    }
    let acquirer = fields.required("de32")?;
    let acceptor = fields.required("de42")?;
    fields.end()?;
    Identifier::card_acceptor(acquirer.text()?, acceptor.text()?).map_err(at(field.path))
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
