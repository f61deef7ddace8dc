//! Reads the messages of `poll` and `supply`.

use crate::common::json::Value;
use crate::common::schema::{Fault, Field, Fields, Path};
use crate::engine::{Delivery, WalkRequest};
use crate::list::ListId;
use crate::trust::{Source, is_plain_path};

use super::error::{CallError, Error};

/// A `supply` message, with its file.
#[derive(Debug)]
pub(super) struct Supplied<'v> {
    pub(super) coalition: &'v str,
    pub(super) name: &'v str,
    pub(super) delivery: Delivery,
}

/// Reads a `poll` message: the coalition, and the walk to begin, if any.
pub(super) fn poll<'v>(message: &'v Value<'_>) -> Result<(&'v str, Option<WalkRequest>), Error> {
    let mut fields = Fields::of(message, Path::default())?;
    let coalition = fields.required("coalition")?.text()?;
    let source = fields.optional("begin");
    let source = source.map(|field| field.word(source_of)).transpose()?;
    let target = match fields.optional("target") {
        Some(field) if source.is_none() => {
            return Err(field.path.error(Fault::OutOfRange).into());
        }
        field => field.map(|field| field.form(plain_path)).transpose()?,
    };
    // `begin` and `page` each begin a walk. If both were taken, one would be lost without a word.
    let page = match fields.optional("page") {
        Some(field) if source.is_some() => {
            return Err(field.path.error(Fault::OutOfRange).into());
        }
        field => field.map(|field| page(&field)).transpose()?,
    };
    fields.end()?;
    let walk = match (source, target) {
        (Some(source), Some(path)) => Some(WalkRequest::Target { source, path }),
        (Some(source), None) => Some(WalkRequest::Update(source)),
        (None, _) => page,
    };
    Ok((coalition, walk))
}

/// Reads a `supply` message. `file` is what the host wrote to the open region, if anything.
pub(super) fn supply<'v>(
    message: &'v Value<'_>,
    file: Option<Vec<u8>>,
) -> Result<Supplied<'v>, Error> {
    let mut fields = Fields::of(message, Path::default())?;
    let coalition = fields.required("coalition")?.text()?;
    let name = fields.required("name")?.text()?;
    let outcome = fields.required("outcome")?;
    fields.end()?;
    let delivery = match outcome.text()? {
        "bytes" => Delivery::Bytes(file.ok_or(CallError::NoFile)?),
        "not_found" => Delivery::NotFound,
        "failed" => Delivery::Failed,
        _ => return Err(outcome.path.error(Fault::UnknownValue).into()),
    };
    Ok(Supplied {
        coalition,
        name,
        delivery,
    })
}

fn page(field: &Field<'_, '_>) -> Result<WalkRequest, Error> {
    let mut fields = field.fields()?;
    let list = fields.required("list")?;
    let list = list.form(|text| ListId::parse(text).ok())?;
    let epoch = fields.required("epoch")?.number(0, u32::MAX)?;
    let page = fields.required("page")?.number(0, u32::MAX)?;
    fields.end()?;
    Ok(WalkRequest::Page { list, epoch, page })
}

fn source_of(name: &str) -> Option<Source> {
    match name {
        "store" => Some(Source::Store),
        "repository" => Some(Source::Repository),
        _ => None,
    }
}

fn plain_path(path: &str) -> Option<String> {
    is_plain_path(path).then(|| path.to_owned())
}
