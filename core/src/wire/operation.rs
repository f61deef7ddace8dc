//! The operations as functions, for programs that have a message already read or want a typed answer.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use crate::common::json::{self, Object, Value};
use crate::common::schema::{Fields, Path};
use crate::common::time::Time;
use crate::engine::{Configured, Engine, EngineState, Verdict, WalkProgress};

use super::configure::configuration;
use super::error::{CallError, Error};
use super::request::request;
use super::walk_messages;

/// Sets coalitions, keys, policies, overrides and secrets.
///
/// # Errors
/// A message outside the schema, or a root that fails verification. The engine is then unchanged.
#[inline(never)]
pub fn configure(engine: &mut Engine, message: &Value<'_>, now: u32) -> Result<Configured, Error> {
    let now = clock(now)?;
    Ok(engine.configure(configuration(message)?, now)?)
}

/// Begins a walk, or repeats which file it needs.
///
/// # Errors
/// A message outside the schema, an unknown coalition, a clock out of range.
#[inline(never)]
pub fn poll(engine: &mut Engine, message: &Value<'_>, now: u32) -> Result<WalkProgress, Error> {
    let now = clock(now)?;
    let (coalition, walk) = walk_messages::poll(message)?;
    Ok(match walk {
        Some(walk) => engine.begin(coalition, &walk, now)?,
        None => engine.progress(coalition)?,
    })
}

/// Takes the file that the walk asked for, or the news that it could not be fetched.
///
/// # Errors
/// Why the file was refused. The walk ends, and the live lists are unchanged.
#[inline(never)]
pub fn supply(
    engine: &mut Engine,
    message: &Value<'_>,
    file: Option<Vec<u8>>,
    now: u32,
) -> Result<WalkProgress, Error> {
    clock(now)?;
    let supplied = walk_messages::supply(message, file)?;
    Ok(engine.supply(supplied.coalition, supplied.name, supplied.delivery)?)
}

/// Screens one merchant.
///
/// # Errors
/// A message outside the schema, or one that names nobody.
#[inline(never)]
pub fn screen<'e>(engine: &'e Engine, message: &Value<'_>, now: u32) -> Result<Verdict<'e>, Error> {
    let now = clock(now)?;
    let (request, policy) = request(message, engine)?;
    Ok(engine.screen_under(policy, &request, now))
}

/// Reports what is live.
///
/// # Errors
/// A message outside the schema, a clock out of range.
#[inline(never)]
pub fn state(engine: &Engine, message: &Value<'_>, now: u32) -> Result<EngineState, Error> {
    let now = clock(now)?;
    Fields::of(message, Path::default())?.end()?;
    Ok(engine.state(now))
}

/// The message `{}`, as `state` and `describe` take it.
#[must_use]
pub fn empty() -> Value<'static> {
    Value::Object(Object::default())
}

pub(super) fn clock(now: u32) -> Result<Time, Error> {
    Time::from_clock(now).ok_or(Error::Call(CallError::TimeOutOfRange))
}

/// What follows the receipt in a verdict.
#[derive(Serialize)]
struct AfterReceipt {
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    reference_dropped: bool,
}

/// Writes a verdict as [`write`] does, but its receipt from the text that its `mac` was made of.
#[inline(never)]
pub(super) fn write_verdict(mut verdict: Verdict<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
    let Some(receipt) = verdict.receipt.take() else {
        return write(&verdict, out);
    };
    let after = AfterReceipt {
        reference: verdict.reference.take(),
        reference_dropped: core::mem::take(&mut verdict.reference_dropped),
    };
    write(&verdict, out)?;
    out.pop();
    out.extend_from_slice(br#","receipt":"#);
    out.extend_from_slice(receipt.text());
    let end = out.len();
    write(&after, out)?;
    // The members go on, if any do.
    match out.get_mut(end..) {
        Some([open, _, _, ..]) => *open = b',',
        _ => {
            out.truncate(end);
            out.push(b'}');
        }
    }
    Ok(())
}

/// Writing the engine's types to memory fails only if memory runs out.
pub(super) fn write(answer: &impl Serialize, out: &mut Vec<u8>) -> Result<(), Error> {
    json::write(answer, out).map_err(|_| CallError::OutOfMemory.into())
}
