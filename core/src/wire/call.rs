//! An operation by its name: bytes in, bytes out, as the module's exports have it.

use alloc::vec::Vec;

use crate::IS_FULL;
use crate::common::json::Value;
use crate::common::schema::{Fault, Path, read};
use crate::engine::Engine;

use super::batch::screen_batch;
use super::describe::describe;
use super::error::{Error, Refusal, screen_refusal, write_refusal};
use super::facts::{Facts, WalkFacts, verdict_number};
use super::limits::{MAX_BATCH, MAX_CONFIGURE, MAX_MESSAGE};
use super::operation::{configure, poll, screen, state, supply, write, write_verdict};

/// The major version of `docs/abi.md`. Hosts refuse a module of another one.
pub const ABI_MAJOR: i32 = 1;
/// The minor version, raised when the module answers something more.
pub const ABI_MINOR: i32 = 1;

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
/// is the host's clock in seconds since 1970. Returns what a host that reads no JSON may ask about
/// the answer.
///
/// # Errors
/// Why the operation was refused; `{"error":…}` is appended to `out`. What is configured and live is
/// unchanged; a failed `poll` or `supply` may end the walk under way.
pub fn call(
    engine: &mut Engine,
    operation: Operation,
    input: &[u8],
    file: Option<Vec<u8>>,
    now: u32,
    out: &mut Vec<u8>,
) -> Result<Facts, Error> {
    let start = out.len();
    // The lines of a batch are read one by one.
    let message = match operation {
        Operation::ScreenBatch => None,
        _ => Some(read(input, operation.max_size())),
    };
    let outcome = match &message {
        None if !IS_FULL => Err(Path::default().error(Fault::NotInThisBuild).into()),
        None => screen_batch(engine, input, now, out).map(|()| Facts::None),
        Some(Ok(message)) => answered(engine, operation, message, file, now, out),
        Some(Err(error)) => Err(error.clone().into()),
    };
    outcome.inspect_err(|error| {
        let message = message.as_ref().and_then(|read| read.as_ref().ok());
        let refusal = match operation {
            Operation::Screen => screen_refusal(engine, message, error, now),
            _ => error.into(),
        };
        replace(start, &refusal, out);
    })
}

/// Carries out an operation whose message is read.
fn answered(
    engine: &mut Engine,
    operation: Operation,
    message: &Value<'_>,
    file: Option<Vec<u8>>,
    now: u32,
    out: &mut Vec<u8>,
) -> Result<Facts, Error> {
    match operation {
        Operation::Screen | Operation::ScreenBatch => screened(engine, message, now, out),
        _ => other(engine, operation, message, file, now, out),
    }
}

#[inline(never)]
fn screened(
    engine: &Engine,
    message: &Value<'_>,
    now: u32,
    out: &mut Vec<u8>,
) -> Result<Facts, Error> {
    let verdict = screen(engine, message, now)?;
    let number = verdict_number(&verdict);
    write_verdict(verdict, out)?;
    Ok(Facts::Verdict(number))
}

/// Carries out an operation that screens nothing. A function of its own, so that a compiler which leaves large
/// functions alone compiles what a screening runs through (`xtask/budget.toml`).
#[inline(never)]
fn other(
    engine: &mut Engine,
    operation: Operation,
    message: &Value<'_>,
    file: Option<Vec<u8>>,
    now: u32,
    out: &mut Vec<u8>,
) -> Result<Facts, Error> {
    match operation {
        Operation::Configure => write(&configure(engine, message, now)?, out)?,
        Operation::Poll => {
            let progress = poll(engine, message, now)?;
            write(&progress, out)?;
            return Ok(Facts::Walk(WalkFacts::of(engine, progress)));
        }
        Operation::Supply => {
            let progress = supply(engine, message, file, now)?;
            write(&progress, out)?;
            return Ok(Facts::Walk(WalkFacts::of(engine, progress)));
        }
        Operation::State => write(&state(engine, message, now)?, out)?,
        Operation::Describe => write(&describe(engine, message)?, out)?,
        Operation::Screen | Operation::ScreenBatch => {}
    }
    Ok(Facts::None)
}

/// Replaces whatever the refused operation wrote by its refusal.
fn replace(start: usize, refusal: &Refusal<'_>, out: &mut Vec<u8>) {
    if let Some(partial) = out.get_mut(start..) {
        partial.fill(0);
    }
    out.truncate(start);
    if write_refusal(refusal, out).is_err() {
        out.truncate(start);
    }
}
