//! A batch: newline-delimited requests, an answer line for each.

use alloc::format;
use alloc::vec::Vec;

use crate::common::json::Value;
use crate::common::schema::{Fault, Path, read};
use crate::engine::Engine;

use super::error::{CallError, Error, Refusal, screen_refusal, write_refusal};
use super::limits::{
    BATCH_LINE_RESERVE, MAX_BATCH, MAX_BATCH_ANSWERS, MAX_BATCH_LINES, MAX_MESSAGE,
};
use super::operation::{clock, screen, write_verdict};

/// Answers each line of newline-delimited requests with a line: a verdict, or an `error` object if
/// the request was refused, each with the number of its line. No answer is lost: one that does not
/// fit beside the others, and beside the reserve of the lines still to come, is `answer_too_large`.
#[inline(never)]
pub(super) fn screen_batch(
    engine: &Engine,
    input: &[u8],
    now: u32,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    clock(now)?;
    if input.len() > MAX_BATCH {
        return Err(Path::default().error(Fault::TooLarge).into());
    }
    let lines = input.strip_suffix(b"\n").unwrap_or(input);
    let lines = || lines.split(|byte| *byte == b'\n');
    let count = lines().count();
    if count > MAX_BATCH_LINES {
        return Err(Path::default().error(Fault::TooMany).into());
    }
    let mut answers = Answers::of(count, out)?;
    let mut answer = Vec::new();
    for (number, line) in lines().enumerate() {
        answer.clear();
        if let Err(refusal) = answered(engine, line, now, &mut answer) {
            refused(&refusal, &mut answer)?;
        }
        numbered(&mut answer, number);
        if !answers.take(&answer) {
            // Without a receipt, because the host sends the line again.
            refused(
                &Refusal::from(&CallError::AnswerTooLarge.into()),
                &mut answer,
            )?;
            numbered(&mut answer, number);
            answers.put(&answer);
        }
    }
    Ok(())
}

#[inline(never)]
fn answered<'e>(
    engine: &'e Engine,
    line: &[u8],
    now: u32,
    answer: &mut Vec<u8>,
) -> Result<(), Refusal<'e>> {
    let refusal =
        |message: Option<&Value<'_>>, error: Error| screen_refusal(engine, message, &error, now);
    let message = read(line, MAX_MESSAGE).map_err(|error| refusal(None, error.into()))?;
    let answered = screen(engine, &message, now).and_then(|verdict| write_verdict(verdict, answer));
    answered.map_err(|error| refusal(Some(&message), error))
}

fn refused(refusal: &Refusal<'_>, answer: &mut Vec<u8>) -> Result<(), Error> {
    answer.clear();
    write_refusal(refusal, answer)
}

/// Adds the line's number, from 0, as the last member of an answer.
fn numbered(answer: &mut Vec<u8>, number: usize) {
    answer.pop();
    let line = format!(",\"line\":{number}}}\n");
    answer.extend_from_slice(line.as_bytes());
}

/// The answers so far. Room for one `answer_too_large` line is kept for each line still to come.
struct Answers<'o> {
    out: &'o mut Vec<u8>,
    /// How long `out` may become.
    most: usize,
    /// Bytes kept for the lines still to come.
    reserve: usize,
}

impl<'o> Answers<'o> {
    fn of(lines: usize, out: &'o mut Vec<u8>) -> Result<Self, Error> {
        let reserve = lines.saturating_mul(BATCH_LINE_RESERVE);
        out.try_reserve_exact(reserve)
            .map_err(|_| CallError::OutOfMemory)?;
        Ok(Self {
            most: out.len().saturating_add(MAX_BATCH_ANSWERS),
            out,
            reserve,
        })
    }

    /// Adds the answer to the next line, if it fits.
    fn take(&mut self, answer: &[u8]) -> bool {
        self.reserve = self.reserve.saturating_sub(BATCH_LINE_RESERVE);
        let length = self.out.len().saturating_add(answer.len());
        let needed = length.saturating_add(self.reserve);
        let fits = needed <= self.most && self.make_room(needed);
        if fits {
            self.put(answer);
        }
        fits
    }

    fn put(&mut self, answer: &[u8]) {
        self.out.extend_from_slice(answer);
    }

    /// Grows to twice the size as a rule, but never beyond the most.
    fn make_room(&mut self, needed: usize) -> bool {
        let capacity = self.out.capacity();
        if needed <= capacity {
            return true;
        }
        let generous = capacity.saturating_mul(2).min(self.most).max(needed);
        let mut grow = |size: usize| {
            let further = size.saturating_sub(self.out.len());
            self.out.try_reserve_exact(further).is_ok()
        };
        grow(generous) || grow(needed)
    }
}
