use std::path::Path;

use interdict_core::common::hex;
use interdict_core::wire::owned::{Receipt, RefusalReceipt};
use serde_json::value::RawValue;

use super::decision::ReadDecision;
use super::envelope::{Envelope, digest};
use super::files::FileName;
use super::find::FoundLine;
use super::forks::GoodLines;
use super::stamps;
use crate::error::Error;

/// How many lines behind a line its time stamp may be for its part of the chain to go on to it. An hour of a busy gateway
/// has more lines than anybody wants to hand over.
const FARTHEST: u64 = 10_000;

/// A line, and the part of the chain from the head before it to the head after it, or on to the first that has a time
/// stamp.
pub(super) struct Part {
    pub(super) line: FoundLine,
    pub(super) files: Vec<(FileName, Vec<u8>)>,
    pub(super) is_signed: bool,
    pub(super) key: String,
    /// Of the head that ends the part, if it has one: the head's number and the token.
    pub(super) stamp: Option<(u64, Vec<u8>)>,
}

/// The content of a line, as far as the page speaks of it.
pub(super) struct Written {
    pub(super) text: Option<String>,
    pub(super) receipt: Option<Receipt>,
    pub(super) refusal: Option<RefusalReceipt>,
}

impl Written {
    pub(super) fn read(line: &str) -> Self {
        let envelope = Envelope::read(line.as_bytes());
        let text = |json: Option<&RawValue>| json.map(|json| json.get().to_owned());
        let (receipt, refusal) = match &envelope {
            Some(envelope) => (text(envelope.receipt), text(envelope.refusal)),
            None => (None, None),
        };
        let read = |text: &Option<String>| serde_json::from_str(text.as_deref()?).ok();
        Self {
            receipt: read(&receipt),
            refusal: refusal
                .as_deref()
                .and_then(|text| serde_json::from_str(text).ok()),
            text: receipt.or(refusal),
        }
    }
}

/// The part of a directory's chain around a line; `None` if it has no such line.
pub(super) fn part_of(directory: &Path, id: &str) -> Result<Option<Part>, Error> {
    let mut lines = GoodLines::open(directory)?;
    let mut files: Vec<(FileName, Vec<u8>)> = Vec::new();
    let mut found: Option<FoundLine> = None;
    let (mut last, mut key) = (None, String::new());
    let stamped = stamps::list(directory)?;
    let mut is_signed = false;
    let mut stamp = None;
    while let Some((file, line)) = lines.next_raw()? {
        let envelope = Envelope::read(&line.bytes).filter(|_| line.is_ended);
        let head = envelope
            .as_ref()
            .and_then(|one| Some((one, one.head.as_ref()?)));
        if let Some((envelope, head)) = head {
            if found.is_none() {
                files.clear();
                head.key.clone_into(&mut key);
            }
            if files.is_empty() || last != Some(file) {
                let name = FileName {
                    number: envelope.number,
                    start: envelope.time,
                };
                files.push((name, Vec::new()));
            }
        }
        last = Some(file);
        if let Some((_, bytes)) = files.last_mut() {
            bytes.extend_from_slice(&line.bytes);
            bytes.extend_from_slice(if line.is_ended { b"\n" } else { b"" });
        }
        let after = head.filter(|_| found.is_some());
        if let Some(envelope) = envelope.as_ref().filter(|one| one.id == id) {
            found = Some(FoundLine::of(directory, file, envelope, &line.bytes));
        }
        if let (Some((head, _)), Some(found)) = (after, &found) {
            is_signed = true;
            let token = stamps::token(directory, head.number)?;
            stamp = token.map(|token| (head.number, token));
            let most = found.number.saturating_add(FARTHEST);
            let mut later = stamped.iter();
            if stamp.is_some() || !later.any(|one| head.number < *one && *one <= most) {
                break;
            }
        }
    }
    Ok(found.map(|line| Part {
        line,
        files,
        is_signed,
        key,
        stamp,
    }))
}

/// The decision in a line, if it is one.
pub(super) fn decision_of(line: &str) -> Option<ReadDecision> {
    ReadDecision::read(Envelope::read(line.as_bytes())?.decision?.get())
}

/// The SHA-256 of a line, as the line after it names it.
pub(super) fn line_digest(part: &Part) -> String {
    hex::text(&digest(part.line.text.as_bytes()))
}
