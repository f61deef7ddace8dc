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

/// An operation of the engine. The module exports one function for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// Sets coalitions, keys, policies, overrides and secrets.
    Configure,
    /// Begins a walk, or repeats which file it needs.
    Poll,
    /// Hands over the file that the walk asked for.
    Supply,
    /// Screens one merchant.
    Screen,
    /// Screens many merchants, one request a line.
    ScreenBatch,
    /// Reports what is live.
    State,
    /// Describes the module, and how it reads identifiers.
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

    /// The export's name without `interdict_`.
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

/// Carries out one operation on a JSON message and appends the JSON answer to `out`. The caller can
/// reuse `out`, so that screening allocates little. `file` is the file for `supply`, if any. `now`
/// is the host's clock in seconds since 1970.
///
/// # Errors
/// Why the operation was refused. What is configured and live is unchanged; a failed `poll` or
/// `supply` may end the walk under way. `out` may hold a part of an answer.
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
/// A message outside the schema, or a root that fails verification. The engine is then unchanged.
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

/// Takes the file that the walk asked for, or the news that it could not be fetched.
///
/// # Errors
/// Why the file was refused. The walk ends, and the live lists are unchanged.
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
/// A message outside the schema, a value that is not an identifier of its kind, anything that looks
/// like a card number.
pub fn screen<'e>(engine: &'e Engine, message: &Value<'_>, now: u32) -> Result<Verdict<'e>, Error> {
    let now = clock(now)?;
    Ok(engine.screen(&request(message)?, now))
}

/// Reports what is live.
///
/// # Errors
/// A message outside the schema, a clock out of range.
pub fn state(engine: &Engine, message: &Value<'_>, now: u32) -> Result<EngineState, Error> {
    let now = clock(now)?;
    Fields::of(message, Path::default())?.end()?;
    Ok(engine.state(now))
}

/// Answers each line of newline-delimited requests with a line: a verdict, or an `error` object if
/// the request was refused.
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

/// The answer to a refused line of a batch.
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

/// The message `{}`, as `state` and `describe` take it.
#[must_use]
pub fn empty() -> Value<'static> {
    Value::Object(Object::default())
}

fn clock(now: u32) -> Result<Time, Error> {
    Time::from_clock(now).ok_or(Error::Call(CallError::TimeOutOfRange))
}

/// Writing the engine's types to memory fails only if memory runs out.
fn write(answer: &impl Serialize, out: &mut Vec<u8>) -> Result<(), Error> {
    json::write(answer, out).map_err(|_| CallError::OutOfMemory.into())
}
