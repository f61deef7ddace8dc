//! Reads the messages of `poll` and `supply`.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use crate::common::json::Value;
use crate::common::schema::{Fault, Fields, Path};
use crate::engine::{Delivery, WalkRequest};
use crate::trust::{Source, is_plain_path};

use super::error::{CallError, Error};
use super::full::full;

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
    let target = full(&mut fields, "target", |field| match source {
        None => Err(field.path.error(Fault::OutOfRange)),
        Some(_) => field.form(plain_path),
    })?;
    fields.end()?;
    let walk = source.map(|source| match target {
        Some(path) => WalkRequest::Target { source, path },
        None => WalkRequest::Update(source),
    });
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
        "saved" => Delivery::Saved,
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
