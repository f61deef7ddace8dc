use serde::Serialize;

use crate::common::json::Value;
use crate::common::schema::{Fields, Path};
use crate::engine::{DescribedIdentifier, DescribedPack, Engine, MAX_IDENTIFIERS};
use crate::identifier::Kind;
use crate::list::{Action, FORMAT_MAJOR};
use crate::policy::Flow;
use crate::token::TOKEN_SCHEME;

use super::error::Error;
use super::limits::{MAX_BATCH, MAX_MESSAGE};
use super::request::{identifier, url};

/// The answer to `describe`: what this module is and can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Description {
    /// Version of the module.
    pub module: &'static str,
    /// The list format it reads.
    pub format_major: u16,
    /// The token scheme it computes.
    pub token_scheme: u16,
    /// The kinds of identifier it knows.
    pub kinds: Vec<&'static str>,
    /// The flows it knows.
    pub flows: Vec<&'static str>,
    /// The actions it can answer, weakest first.
    pub actions: Vec<&'static str>,
    /// Most identifiers in one request.
    pub max_identifiers: usize,
    /// Most bytes in one request.
    pub max_message: usize,
    /// Most bytes in one batch.
    pub max_batch: usize,
    /// The identifiers asked about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<DescribedIdentifier>,
    /// The typologies in place, if they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub typologies: Option<Vec<DescribedPack>>,
}

/// Answers `describe`: what this module is, and how it understands the identifiers given.
///
/// # Errors
/// A message outside the schema, or an identifier that is none of its kind.
pub fn describe(engine: &Engine, message: &Value<'_>) -> Result<Description, Error> {
    let mut fields = Fields::of(message, Path::default())?;
    let mut identifiers = Vec::new();
    if let Some(field) = fields.optional("identifiers") {
        for item in field.items(MAX_IDENTIFIERS)? {
            identifiers.push(engine.explain(&identifier(&item)?));
        }
    }
    if let Some(field) = fields.optional("url") {
        identifiers.push(engine.explain(&url(&field)?));
    }
    let typologies = fields.optional("typologies");
    let typologies = typologies.map_or(Ok(false), |field| field.truth())?;
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
        typologies: typologies.then(|| engine.typologies()),
    })
}
