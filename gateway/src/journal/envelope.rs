//! One line of the journal, in both directions.
//!
//! ```text
//! {"format":1,"id":"<UUIDv7>","time":<seconds>,"chain":"<32 digits>","number":<n>,"previous":"<64 digits>"
//!  [,"client":"<word>"][,"door":"<word>"][,"reference":"<64 digits>"][,"trace":"<32 digits>"]
//!  ,"receipt":{…} | "refusal":{…} | "problem":{"name":"<word>"} | "decision":{…} | "head":{…}
//!  ,"digest":"<64 digits>"}
//! ```
//!
//! `previous` is the SHA-256 of the line before without its line feed. `digest` is the SHA-256 of this line up to
//! its own comma, so that a changed last line is noticed too. There are no spaces outside of the content.

use interdict_core::common::hex;
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::draft::{DIGEST, NOTHING_BEFORE, Place};
use super::head::Head;

/// A line that was read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Envelope<'a> {
    format: u32,
    pub(super) id: &'a str,
    pub(super) time: u32,
    pub(super) chain: &'a str,
    pub(super) number: u64,
    previous: &'a str,
    pub(super) client: Option<&'a str>,
    pub(super) door: Option<&'a str>,
    pub(super) reference: Option<&'a str>,
    pub(super) trace: Option<&'a str>,
    #[serde(borrow)]
    pub(super) receipt: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) refusal: Option<&'a RawValue>,
    pub(super) problem: Option<ProblemName>,
    #[serde(borrow)]
    pub(super) decision: Option<&'a RawValue>,
    pub(super) head: Option<Head>,
    digest: &'a str,
}

/// Why there was no verdict although the module refused nothing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProblemName {
    pub(super) name: String,
}

impl<'a> Envelope<'a> {
    /// Reads a line without its line feed. `None` for anything that this journal would not have written, and for
    /// a line that has changed since.
    pub(super) fn read(line: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(line).ok()?;
        let envelope: Self = serde_json::from_str(text).ok()?;
        let contents = [envelope.receipt, envelope.refusal, envelope.decision];
        let contents = contents.iter().flatten().count();
        let others = [envelope.problem.is_some(), envelope.head.is_some()];
        let others = others.iter().filter(|is_there| **is_there).count();
        let is_one = contents.saturating_add(others) == 1;
        let before = text.strip_suffix("\"}")?.strip_suffix(envelope.digest)?;
        let before = before.strip_suffix(DIGEST)?;
        let is_unchanged = hex::text(&Sha256::digest(before)) == envelope.digest;
        let is_form = envelope.format == 1
            && envelope.number > 0
            && envelope.previous().is_some()
            && Uuid::try_parse(envelope.id).is_ok();
        (is_one && is_unchanged && is_form).then_some(envelope)
    }

    /// The SHA-256 of the line before.
    pub(super) fn previous(&self) -> Option<[u8; 32]> {
        hex::array(self.previous)
    }

    /// The name of its content.
    pub(super) const fn what(&self) -> &'static str {
        match (&self.receipt, &self.refusal, &self.decision) {
            (Some(_), ..) => "receipt",
            (_, Some(_), _) => "refusal",
            (.., Some(_)) => "decision",
            _ if self.problem.is_some() => "problem",
            _ => "head",
        }
    }

    /// Where in its chain it says it is.
    pub(super) fn place(&self) -> Place {
        Place {
            number: self.number,
            previous: self.previous().unwrap_or(NOTHING_BEFORE),
        }
    }
}

/// The receipt in a line of a journal, and any other line as it is. `None` for a line of a journal without a receipt:
/// a head, a problem, or a person's decision.
#[must_use]
pub fn receipt_in(line: &[u8]) -> Option<&[u8]> {
    match Envelope::read(line) {
        Some(envelope) => {
            let receipt = envelope.receipt.or(envelope.refusal);
            receipt.map(|json| json.get().as_bytes())
        }
        None => Some(line),
    }
}

/// The SHA-256 by which the next line names this one, which is given without its line feed.
pub(super) fn digest(line: &[u8]) -> [u8; 32] {
    Sha256::digest(line).into()
}
