//! Reads the message of `screen`.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::IS_FULL;
use crate::common::json::Value;
use crate::common::schema::{Fault, Field, Fields, Path, SchemaError};
use crate::engine::{
    CallerText, Engine, Language, MAX_IDENTIFIERS, Reference, Request, Slot, View,
};
use crate::identifier::{Identifier, IdentifierError, Kind, NumericIds, Rule};
use crate::policy::{Flow, Policy};
use crate::rules::{Signal, Signals};

use super::blocks;
use super::error::Error;
use super::full::full;
use super::limits::MAX_DECLARED_URLS;

/// Reads a `screen` message. Reasons refer to its fields by position: first `identifiers`, then
/// `url`, then the message blocks, then those of `declared_urls` that cannot be used, then the others of
/// these, then the signals that cannot be used. Also returns the policy to screen it under: the engine's own, or the
/// one that the message names.
///
/// # Errors
/// A message outside the schema, a policy that there is not, or a message that names nobody. A value that is no identifier refuses nothing: a
/// merchant could otherwise keep itself from being screened.
#[inline(never)]
pub fn request<'e>(
    message: &Value<'_>,
    engine: &'e Engine,
) -> Result<(Request, &'e Policy), Error> {
    let mut fields = Fields::of(message, Path::default())?;
    let flow = fields.required("flow")?.word(Flow::from_name)?;
    let policy = policy(&mut fields, engine)?;
    let numeric = policy.numeric_ids();
    let mut slots = identifiers(&mut fields, numeric)?;
    let page = slots.len();
    let blocks = blocks::read(&mut fields, &mut slots, numeric)?;
    let page = blocks.url.then_some(page);
    let before = slots.len();
    let signals = full(&mut fields, "signals", |field| {
        signals_of(field, page, &mut slots, numeric)
    });
    let (mut signals, unusable) = signals?.unwrap_or_default();
    let declared = before..slots.len();
    if let Some(named) = blocks.sub_merchant_named {
        signals.set(Signal::SubMerchantNamed, i64::from(named));
    }
    let view = full(&mut fields, "view", |field| field.word(View::from_name))?;
    let language = full(&mut fields, "language", |field| {
        Ok::<_, SchemaError>(field.word(Language::from_name))
    })?;
    let mark = full(&mut fields, "reference", reference)?;
    fields.end()?;
    let language = language.transpose()?;
    let mut request = Request::new(flow, slots)?;
    request.slots.extend(unusable);
    request.supplementary = declared.chain(blocks.facilitator_url).collect();
    request.signals = signals;
    request.view = view.unwrap_or_default();
    request.language = language;
    request.reference = mark.unwrap_or_default();
    Ok((request, policy))
}

/// The policy that the message names, or the engine's own.
#[inline(never)]
fn policy<'e>(fields: &mut Fields<'_, '_>, engine: &'e Engine) -> Result<&'e Policy, SchemaError> {
    let named = full(fields, "policy", |field| {
        field.word(|name| engine.named_policy(name))
    })?;
    Ok(named.unwrap_or_else(|| engine.policy()))
}

/// Reads `identifiers`: each is a slot, whether it can be used or not.
#[inline(never)]
fn identifiers(fields: &mut Fields<'_, '_>, numeric: NumericIds<'_>) -> Result<Vec<Slot>, Error> {
    let mut slots = Vec::new();
    if let Some(field) = fields.optional("identifiers") {
        for item in field.items(MAX_IDENTIFIERS)? {
            let (kind, value) = named(&item)?;
            let read = Identifier::asked(kind, value.text()?, numeric);
            slots.push(blocks::slot(read, value.path)?);
        }
    }
    Ok(slots)
}

/// Reads an element of `identifiers`, whose value must be one of its kind.
#[inline(never)]
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
    let place = kind.path;
    let kind = Kind::from_name(name).ok_or(place.error(Fault::UnknownKind))?;
    if !IS_FULL && kind != Kind::Domain {
        return Err(place.error(Fault::NotInThisBuild).into());
    }
    Ok((kind, value))
}

/// Reads a web address as the identifier of its host.
pub(crate) fn url(field: &Field<'_, '_>) -> Result<Identifier, Error> {
    Identifier::from_url(field.text()?).map_err(at(field.path))
}

/// Reads the signals, and adds whether the page at this position is one that the merchant declared. The
/// declared addresses become slots, first those that cannot be used; so do, in a vector of their own because
/// they name nobody, the signals that cannot be used.
#[inline(never)]
fn signals_of(
    field: &Field<'_, '_>,
    page: Option<usize>,
    slots: &mut Vec<Slot>,
    numeric: NumericIds<'_>,
) -> Result<(Signals, Vec<Slot>), Error> {
    let mut fields = field.fields()?;
    let (mut signals, unusable) = Signals::read(&mut fields)?;
    let unusable = unusable.into_iter();
    let unusable = unusable.map(|path| blocks::unused(path, None, Rule::SIGNAL_VALUE));
    let unusable = unusable.collect();
    let declared = fields.optional("declared_urls");
    fields.end()?;
    let Some(declared) = declared else {
        return Ok((signals, unusable));
    };
    let (mut hosts, mut unused) = (Vec::new(), Vec::new());
    for (index, item) in declared.items(usize::MAX)?.enumerate() {
        let text = item.text()?;
        let slot = match index.cmp(&MAX_DECLARED_URLS) {
            Ordering::Less => blocks::slot(Identifier::from_url_with(text, numeric), item.path)?,
            Ordering::Equal => blocks::unused(item.path, Some(Kind::Domain), Rule::TOO_MANY),
            Ordering::Greater => continue,
        };
        match slot {
            Slot::Identifier(host) => hosts.push(host),
            Slot::Unused(_) => unused.push(slot),
        }
    }
    if let Some(Slot::Identifier(page)) = page.and_then(|page| slots.get(page)) {
        let declared = hosts.iter().any(|host| page.lies_in(host));
        // One that cannot be read, or is beyond the last that is, may be that of the page.
        if declared || unused.is_empty() {
            signals.set(Signal::PaymentPageDeclared, i64::from(declared));
        }
    }
    slots.extend(unused);
    slots.extend(hosts.into_iter().map(Slot::from));
    Ok((signals, unusable))
}

/// Reads the caller's own text. One that is too long or may hold a card number is dropped, and the screening
/// goes on.
fn reference(field: &Field<'_, '_>) -> Result<CallerText, SchemaError> {
    let reference = Reference::new(field.text()?);
    Ok(reference.map_or(CallerText::Dropped, CallerText::Kept))
}

fn at(path: Path) -> impl FnOnce(IdentifierError) -> Error {
    move |error| Error::Identifier {
        error,
        path: Box::new(path),
    }
}
