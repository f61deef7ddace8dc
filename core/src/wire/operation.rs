use serde::Serialize;

use crate::common::json::{self, Object, Value};
use crate::common::schema::{Fault, Fields, Path, read};
use crate::common::time::Time;
use crate::engine::{Configured, Engine, EngineState, Verdict, WalkProgress};

use super::configure::configuration;
use super::describe::describe;
use super::error::{CallError, Error, Refusal};
use super::limits::{MAX_BATCH, MAX_CONFIGURE, MAX_MESSAGE};
use super::request::request;
use super::walk_messages;

/// What an engine can be asked to do; the module exports one function for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Coalitions, keys, policy.
    Configure,
    /// Which file an update needs.
    Poll,
    /// The file.
    Supply,
    /// One question.
    Screen,
    /// Many questions, a line each.
    ScreenBatch,
    /// What is in place.
    State,
    /// What this module is.
    Describe,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 7] = [
        Self::Configure,
        Self::Poll,
        Self::Supply,
        Self::Screen,
        Self::ScreenBatch,
        Self::State,
        Self::Describe,
    ];

    /// The end of the export's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Configure => "configure",
            Self::Poll => "poll",
            Self::Supply => "supply",
            Self::Screen => "screen",
            Self::ScreenBatch => "screen_batch",
            Self::State => "state",
            Self::Describe => "describe",
        }
    }

    const fn max_size(self) -> usize {
        match self {
            Self::Configure => MAX_CONFIGURE,
            Self::ScreenBatch => MAX_BATCH,
            Self::Poll | Self::Supply | Self::Screen | Self::State | Self::Describe => MAX_MESSAGE,
        }
    }
}

/// Carries out one operation on a JSON message and appends its answer to `out`, whose memory the
/// caller keeps for the next one. `file` is what the host wrote to the open region, `now` its clock
/// in seconds since 1970.
///
/// # Errors
/// Why it was refused. What the engine held before is as it was; a failed `poll` or `supply` ends
/// the walk under way. `out` may hold a part of an answer.
pub fn call(
    engine: &mut Engine,
    operation: Operation,
    input: &[u8],
    file: Option<Vec<u8>>,
    now: u32,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    if operation == Operation::ScreenBatch {
        return screen_batch(engine, input, now, out);
    }
    let message = read(input, operation.max_size())?;
    match operation {
        Operation::Configure => write(&configure(engine, &message, now)?, out),
        Operation::Poll => write(&poll(engine, &message, now)?, out),
        Operation::Supply => write(&supply(engine, &message, file, now)?, out),
        Operation::Screen | Operation::ScreenBatch => write(&screen(engine, &message, now)?, out),
        Operation::State => write(&state(engine, &message, now)?, out),
        Operation::Describe => write(&describe(engine, &message)?, out),
    }
}

/// Sets coalitions, keys, policies, overrides and secrets.
///
/// # Errors
/// A message outside the schema, or a root that cannot be trusted; nothing has changed.
pub fn configure(engine: &mut Engine, message: &Value<'_>, now: u32) -> Result<Configured, Error> {
    let now = clock(now)?;
    Ok(engine.configure(configuration(message)?, now)?)
}

/// Begins a walk, or repeats which file it needs.
///
/// # Errors
/// A message outside the schema, an unknown coalition, a clock out of range.
pub fn poll(engine: &mut Engine, message: &Value<'_>, now: u32) -> Result<WalkProgress, Error> {
    let now = clock(now)?;
    let (coalition, walk) = walk_messages::poll(message)?;
    Ok(match walk {
        Some(walk) => engine.begin(coalition, &walk, now)?,
        None => engine.progress(coalition)?,
    })
}

/// Takes the file that was asked for, or that it could not be had.
///
/// # Errors
/// Why the file was refused. The walk has ended; the live lists are as they were.
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

/// Answers one request.
///
/// # Errors
/// A message outside the schema, an identifier that is none of its kind, anything that looks like a
/// card number.
pub fn screen<'e>(engine: &'e Engine, message: &Value<'_>, now: u32) -> Result<Verdict<'e>, Error> {
    let now = clock(now)?;
    Ok(engine.screen(&request(message)?, now))
}

/// Says what is live.
///
/// # Errors
/// A message outside the schema, a clock out of range.
pub fn state(engine: &Engine, message: &Value<'_>, now: u32) -> Result<EngineState, Error> {
    let now = clock(now)?;
    Fields::of(message, Path::default())?.end()?;
    Ok(engine.state(now))
}

/// Answers newline-delimited requests, a line for each: a verdict, or an `error` object for a line
/// that was refused.
fn screen_batch(engine: &Engine, input: &[u8], now: u32, out: &mut Vec<u8>) -> Result<(), Error> {
    clock(now)?;
    if input.len() > MAX_BATCH {
        return Err(Path::default().error(Fault::TooLarge).into());
    }
    let lines = input.strip_suffix(b"\n").unwrap_or(input);
    for line in lines.split(|byte| *byte == b'\n') {
        let message = read(line, MAX_MESSAGE).map_err(Error::from);
        match message.and_then(|message| screen(engine, &message, now)) {
            Ok(verdict) => write(&verdict, out)?,
            Err(error) => write(&RefusedLine::from(error), out)?,
        }
        out.push(b'\n');
    }
    Ok(())
}

/// What a refused line of a batch answers.
#[derive(Debug, Serialize)]
struct RefusedLine {
    error: Refusal,
}

impl From<Error> for RefusedLine {
    fn from(error: Error) -> Self {
        Self {
            error: error.into(),
        }
    }
}

/// The message without members.
#[must_use]
pub fn empty() -> Value<'static> {
    Value::Object(Object::default())
}

fn clock(now: u32) -> Result<Time, Error> {
    Time::from_clock(now).ok_or(Error::Call(CallError::TimeOutOfRange))
}

/// Writing our own types into memory fails only when there is no more of it.
fn write(answer: &impl Serialize, out: &mut Vec<u8>) -> Result<(), Error> {
    json::write(answer, out).map_err(|_| CallError::OutOfMemory.into())
}
