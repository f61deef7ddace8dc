//! Reads the message of `screen`.

use crate::common::json::Value;
use crate::common::schema::{Fault, Field, Fields, Path, SchemaError};
use crate::engine::{
    CallerText, Language, MAX_IDENTIFIERS, Reference, ReferenceError, Request, Slot, View,
};
use crate::identifier::{Identifier, IdentifierError, Kind, NumericIds};
use crate::policy::Flow;
use crate::rules::{Signal, Signals};

use super::blocks;
use super::error::Error;
use super::limits::MAX_DECLARED_URLS;

/// Reads a `screen` message. Reasons refer to its fields by position: first `identifiers`, then
/// `url`, then the message blocks, then those of `declared_urls` that cannot be used. The ids of `numeric`
/// may be as long as a card number.
///
/// # Errors
/// A message outside the schema, or one that names nobody. A value that is no identifier refuses nothing: a
/// merchant could otherwise keep itself from being screened.
pub fn request(message: &Value<'_>, numeric: NumericIds<'_>) -> Result<Request, Error> {
    let mut fields = Fields::of(message, Path::default())?;
    let flow = fields.required("flow")?.word(Flow::from_name)?;
    let mut slots = Vec::new();
    if let Some(field) = fields.optional("identifiers") {
        for item in field.items(MAX_IDENTIFIERS)? {
            let (kind, value) = named(&item)?;
            let read = Identifier::asked(kind, value.text()?, numeric);
            slots.push(blocks::slot(read, value.path));
        }
    }
    let page = slots.len();
    let blocks = blocks::read(&mut fields, &mut slots, numeric)?;
    let page = blocks.url.then_some(page);
    let before = slots.len();
    let signals = fields.optional("signals");
    let signals = signals.map(|field| signals_of(&field, page, &mut slots));
    let mut signals = signals.transpose()?.unwrap_or_default();
    let declared = before..slots.len();
    if let Some(named) = blocks.sub_merchant_named {
        signals.set(Signal::SubMerchantNamed, i64::from(named));
    }
    let view = fields.optional("view");
    let view = view.map_or(Ok(View::System), |field| field.word(View::from_name))?;
    let language = fields.optional("language");
    let language = language.map(|field| field.word(Language::from_name));
    let mark = fields.optional("reference");
    let mark = mark.map(|field| reference(&field)).transpose()?;
    fields.end()?;
    let language = language.transpose()?;
    let mut request = Request::new(flow, slots)?;
    request.supplementary = declared.chain(blocks.facilitator_url).collect();
    request.signals = signals;
    request.view = view;
    request.language = language;
    request.reference = mark.unwrap_or_default();
    Ok(request)
}

/// Reads an element of `identifiers`, whose value must be one of its kind.
pub(crate) fn identifier(
    item: &Field<'_, '_>,
    numeric: NumericIds<'_>,
) -> Result<Identifier, Error> {
    let (kind, value) = named(item)?;
    Identifier::asked(kind, value.text()?, numeric).map_err(at(value.path))
}

/// Reads the kind and the value of an element of `identifiers`.
fn named<'b, 'a>(item: &Field<'b, 'a>) -> Result<(Kind, Field<'b, 'a>), Error> {
    let mut fields = item.fields()?;
    let kind = fields.required("kind")?;
    let value = fields.required("value")?;
    fields.end()?;
    let name = kind.text()?;
    let kind = Kind::from_name(name).ok_or(kind.path.error(Fault::UnknownKind))?;
    Ok((kind, value))
}

/// Reads a web address as the identifier of its host.
pub(crate) fn url(field: &Field<'_, '_>) -> Result<Identifier, Error> {
    Identifier::from_url(field.text()?).map_err(at(field.path))
}

/// Reads the signals, and adds whether the page at this position is one that the merchant declared. The
/// declared addresses that cannot be used become slots.
fn signals_of(
    field: &Field<'_, '_>,
    page: Option<usize>,
    slots: &mut Vec<Slot>,
) -> Result<Signals, Error> {
    let mut fields = field.fields()?;
    let mut signals = Signals::read(&mut fields)?;
    let declared = fields.optional("declared_urls");
    fields.end()?;
    let Some(declared) = declared else {
        return Ok(signals);
    };
    let (mut hosts, mut unused) = (Vec::new(), Vec::new());
    for item in declared.items(MAX_DECLARED_URLS)? {
        match blocks::slot(Identifier::from_url(item.text()?), item.path) {
            Slot::Identifier(host) => hosts.push(host),
            slot @ Slot::Unused(_) => unused.push(slot),
        }
    }
    if let Some(Slot::Identifier(page)) = page.and_then(|page| slots.get(page)) {
        let declared = hosts.iter().any(|host| page.lies_in(host));
        // One that cannot be read may be that of the page.
        if declared || unused.is_empty() {
            signals.set(Signal::PaymentPageDeclared, i64::from(declared));
        }
    }
    slots.extend(unused);
    Ok(signals)
}

/// Reads the caller's own text. One that may hold a card number is dropped, and the screening goes on.
fn reference(field: &Field<'_, '_>) -> Result<CallerText, SchemaError> {
    match Reference::new(field.text()?) {
        Ok(reference) => Ok(CallerText::Kept(reference)),
        Err(ReferenceError::CardNumber) => Ok(CallerText::Dropped),
        Err(ReferenceError::TooLong) => Err(field.path.error(Fault::OutOfRange)),
    }
}

fn at(path: Path) -> impl FnOnce(IdentifierError) -> Error {
    move |error| Error::Identifier { error, path }
}
