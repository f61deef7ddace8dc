//! Reads the message of `screen`.

use crate::common::json::Value;
use crate::common::schema::{Fault, Field, Fields, Path, SchemaError};
use crate::engine::{
    CallerText, EngineError, Language, MAX_IDENTIFIERS, Reference, ReferenceError, Request, Slot,
    Unused, View,
};
use crate::identifier::{Identifier, IdentifierError, Kind, NumericIds};
use crate::policy::Flow;
use crate::rules::{Signal, Signals};

use super::blocks;
use super::error::Error;
use super::limits::MAX_DECLARED_URLS;

/// Reads a `screen` message. Reasons refer to its fields by position: first `identifiers`, then
/// `url`, then the message blocks. The ids of `numeric` may be as long as a card number.
///
/// # Errors
/// A message outside the schema, a value that is not an identifier of its kind, anything that looks
/// like a card number, or nothing to screen.
pub fn request(message: &Value<'_>, numeric: NumericIds<'_>) -> Result<Request, Error> {
    let mut fields = Fields::of(message, Path::default())?;
    let flow = fields.required("flow")?.word(Flow::from_name)?;
    let mut slots = Vec::new();
    if let Some(field) = fields.optional("identifiers") {
        for item in field.items(MAX_IDENTIFIERS)? {
            slots.push(Slot::Identifier(identifier(&item, numeric)?));
        }
    }
    let page = slots.len();
    let blocks = blocks::read(&mut fields, &mut slots, numeric)?;
    let page = slots.get(page).filter(|_| blocks.url);
    let signals = fields.optional("signals");
    let mut signals = signals.map_or(Ok(Signals::default()), |field| signals_of(&field, page))?;
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
    let mut request = Request::of_slots(flow, slots).map_err(|slots| nothing_left(&slots))?;
    request.signals = signals;
    request.view = view;
    request.language = language;
    request.reference = mark.unwrap_or_default();
    Ok(request)
}

/// The error for a request without any identifier: what is wrong with its first field.
fn nothing_left(slots: &[Slot]) -> Error {
    match slots.first() {
        Some(Slot::Unused(Unused { path, error })) => Error::Identifier {
            error: *error,
            path: *path,
        },
        Some(Slot::Identifier(_)) | None => EngineError::NoIdentifier.into(),
    }
}

/// Reads an element of `identifiers`.
pub(crate) fn identifier(
    item: &Field<'_, '_>,
    numeric: NumericIds<'_>,
) -> Result<Identifier, Error> {
    let mut fields = item.fields()?;
    let kind = fields.required("kind")?;
    let value = fields.required("value")?;
    fields.end()?;
    let name = kind.text()?;
    let kind = Kind::from_name(name).ok_or(kind.path.error(Fault::UnknownKind))?;
    Identifier::parse_with(kind, value.text()?, numeric).map_err(at(value.path))
}

/// Reads a web address as the identifier of its host.
pub(crate) fn url(field: &Field<'_, '_>) -> Result<Identifier, Error> {
    Identifier::from_url(field.text()?).map_err(at(field.path))
}

/// Reads the signals. The engine adds whether the payment page is one that the merchant declared.
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
