use interdict_core::wire::{Code, MAX_BATCH, MAX_BATCH_LINES};

use crate::instance::{CallError, Instance};

/// Answers newline-delimited requests, however many there are: each line until it has its answer,
/// in order. The module's limits are `screen_batch`'s in `docs/abi.md`.
///
/// # Errors
/// Why there are no answers at all.
pub(crate) fn screen_lines(
    instance: &mut Instance,
    lines: &[u8],
    now: u32,
) -> Result<Vec<Vec<u8>>, CallError> {
    let abi_minor = instance.abi_minor();
    let too_large = format!("{{\"error\":{{\"code\":{},", Code::AnswerTooLarge.number());
    let lines: Vec<&[u8]> = split(lines).collect();
    let mut answers: Vec<Option<Vec<u8>>> = vec![None; lines.len()];
    let mut open: Vec<usize> = (0..lines.len()).collect();
    while !open.is_empty() {
        let batch = one_batch(&lines, &open);
        let answered = instance.call("screen_batch", &batch, now)?;
        let sent = split(&batch).count();
        // An answer short would shift every later verdict to another merchant.
        if split(answered).count() != sent {
            return Err(CallError::Answer);
        }
        let mut left = Vec::new();
        for (number, (place, answer)) in open.iter().zip(split(answered)).enumerate() {
            let answer = unnumbered(answer, number, abi_minor)?;
            match answers.get_mut(*place) {
                Some(slot) if !answer.starts_with(too_large.as_bytes()) => *slot = Some(answer),
                // The answers of others took its room.
                _ => left.push(*place),
            }
        }
        // The first line of a batch has room for itself, so one that is refused never gets an answer.
        if left.first() == open.first() {
            return Err(CallError::TooLarge);
        }
        left.extend_from_slice(open.get(sent..).unwrap_or_default());
        open = left;
    }
    answers
        .into_iter()
        .map(|answer| answer.ok_or(CallError::Answer))
        .collect()
}

/// The first of the lines without an answer, as many as one batch takes.
fn one_batch(lines: &[&[u8]], open: &[usize]) -> Vec<u8> {
    let mut batch = Vec::new();
    for place in open.iter().take(MAX_BATCH_LINES) {
        let line = lines.get(*place).copied().unwrap_or_default();
        let size = batch.len().saturating_add(line.len()).saturating_add(1);
        // A first line that is too large on its own is the module's to refuse.
        if !batch.is_empty() && size > MAX_BATCH {
            break;
        }
        batch.extend_from_slice(line);
        batch.push(b'\n');
    }
    batch
}

/// The answer without its line's number, which must be the right one. Modules of ABI 1.0 give none.
fn unnumbered(answer: &[u8], number: usize, abi_minor: u16) -> Result<Vec<u8>, CallError> {
    if abi_minor == 0 {
        return Ok(answer.to_vec());
    }
    let member = format!(",\"line\":{number}}}");
    let answer = answer.strip_suffix(member.as_bytes());
    Ok([answer.ok_or(CallError::Answer)?, b"}"].concat())
}

/// Lines without their ends; the last need not have one.
pub(crate) fn split(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    text.split(|byte| *byte == b'\n')
}
