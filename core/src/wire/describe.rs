use alloc::vec::Vec;

use serde::Serialize;

use crate::common::json::Value;
use crate::common::schema::{Fields, Path};
use crate::engine::{DescribedIdentifier, DescribedPack, Engine, MAX_IDENTIFIERS};
use crate::identifier::Kind;
use crate::list::{Action, FORMAT_MAJOR};
use crate::policy::Flow;
use crate::token::TOKEN_SCHEME;

use super::error::Error;
use super::full::full;
use super::limits::{MAX_BATCH, MAX_MESSAGE};
use super::request::{identifier, url};

/// The answer to `describe`: versions, words and limits of this module, and what was asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Description {
    /// The module's version.
    pub module: &'static str,
    /// The major version of the list format that the module reads.
    pub format_major: u16,
    /// The token scheme that the module computes.
    pub token_scheme: u16,
    /// Every kind of identifier, as the word in messages.
    pub kinds: Vec<&'static str>,
    /// Every flow, as the word in messages.
    pub flows: Vec<&'static str>,
    /// Every action, weakest first.
    pub actions: Vec<&'static str>,
    /// The most elements in `identifiers` of one request.
    pub max_identifiers: usize,
    /// The most bytes in one request.
    pub max_message: usize,
    /// The most bytes in one batch.
    pub max_batch: usize,
    /// How the identifiers in the message are looked up.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        serialize_with = "crate::in_full"
    )]
    pub identifiers: Vec<DescribedIdentifier>,
    /// The live typologies, if the message asks for them.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::in_full"
    )]
    pub typologies: Option<Vec<DescribedPack>>,
}

/// Describes this module, and how it looks up the identifiers in the message.
///
/// # Errors
/// A message outside the schema, or a value that is not an identifier of its kind.
#[inline(never)]
pub fn describe(engine: &Engine, message: &Value<'_>) -> Result<Description, Error> {
    let mut fields = Fields::of(message, Path::default())?;
    let identifiers = full(&mut fields, "identifiers", |field| {
        let items = field.items(MAX_IDENTIFIERS)?;
        let explain = |item| Ok(engine.explain(&identifier(&item, engine.policy().numeric_ids())?));
        items.map(explain).collect::<Result<Vec<_>, Error>>()
    });
    let mut identifiers = identifiers?.unwrap_or_default();
    identifiers.extend(full(&mut fields, "url", |field| {
        Ok::<_, Error>(engine.explain(&url(field)?))
    })?);
    let typologies = full(&mut fields, "typologies", |field| {
        Ok::<_, Error>(field.truth()?.then(|| engine.typologies()))
    });
    let typologies = typologies?.flatten();
    fields.end()?;
    Ok(Description {
        module: env!("CARGO_PKG_VERSION"),
        format_major: FORMAT_MAJOR,
        token_scheme: TOKEN_SCHEME,
        kinds: Kind::ALL.iter().map(|kind| kind.name()).collect(),
        flows: Flow::ALL.iter().map(|flow| flow.name()).collect(),
        actions: Action::ALL.iter().map(|action| action.name()).collect(),
        max_identifiers: MAX_IDENTIFIERS,
        max_message: MAX_MESSAGE,
        max_batch: MAX_BATCH,
        identifiers,
        typologies,
    })
}
