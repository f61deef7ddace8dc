//! One line of the journal, in both directions.
//!
//! ```text
//! {"format":1,"id":"<UUIDv7>","time":<seconds>,"chain":"<32 digits>","number":<n>,"previous":"<64 digits>"
//!  [,"client":"<word>"][,"door":"<word>"][,"reference":"<64 digits>"][,"trace":"<32 digits>"]
//!  ,"receipt":{…} | "refusal":{…} | "decision":{…} | "head":{…}
//!  ,"digest":"<64 digits>"}
//! ```
//!
//! `previous` is the SHA-256 of the line before without its line feed. `digest` is the SHA-256 of this line up to
//! its own comma, so that a changed last line is noticed too. There are no spaces outside of the content.

use std::fmt::Write as _;

use interdict_core::common::hex;
use interdict_host::StoreError;
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use uuid::{Builder, Uuid};

use super::decision;
use super::error::JournalError;
use super::head::Head;
use super::word::{TraceId, Word};
use crate::error::Error;

/// No line is longer. A receipt that names as many documents as a gateway may have takes a tenth of it.
pub(super) const MAX_LINE: usize = 1 << 20;

/// What the first line of a chain has as the digest of the line before.
pub(super) const NOTHING_BEFORE: [u8; 32] = [0; 32];

const DIGEST: &str = ",\"digest\":\"";

/// What a caller adds to the journal.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Who asked, by the name of its credential.
    pub client: Option<&'a Word>,
    /// The door by which the question came.
    pub door: Option<&'a Word>,
    /// The caller's own reference. Only its keyed digest is written.
    pub reference: Option<&'a str>,
    /// The caller's trace.
    pub trace: Option<TraceId>,
    /// What happened.
    pub content: Content<'a>,
}

/// What a line says.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    /// The receipt of a verdict, as the module printed it.
    Receipt(&'a str),
    /// The receipt of a refusal, as the module printed it.
    Refusal(&'a str),
    /// What a person decided, from [`SignedDecision`](super::SignedDecision).
    Decision(&'a str),
}

impl<'a> Entry<'a> {
    /// An entry with nothing but its content.
    #[must_use]
    pub const fn of(content: Content<'a>) -> Self {
        Self {
            client: None,
            door: None,
            reference: None,
            trace: None,
            content,
        }
    }
}

/// Where in the chain the next line goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Its number; the first is 1.
    pub(super) number: u64,
    /// The SHA-256 of the line before.
    pub(super) previous: [u8; 32],
}

impl Place {
    pub(super) const FIRST: Self = Self {
        number: 1,
        previous: NOTHING_BEFORE,
    };

    /// The place after a line here with this SHA-256.
    pub(super) const fn after(self, line: [u8; 32]) -> Self {
        Self {
            number: self.number.saturating_add(1),
            previous: line,
        }
    }
}

/// A line that is being written.
pub(super) struct Draft {
    text: String,
    pub(super) id: Uuid,
}

impl Draft {
    pub(super) fn begin(chain: &str, place: Place, now: u32) -> Result<Self, Error> {
        let mut random = [0; 10];
        getrandom::fill(&mut random).map_err(|_| StoreError::Randomness)?;
        let millis = u64::from(now).saturating_mul(1_000);
        let id = Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
        let (number, previous) = (place.number, hex::text(&place.previous));
        Ok(Self {
            text: format!(
                "{{\"format\":1,\"id\":\"{id}\",\"time\":{now},\"chain\":\"{chain}\",\"number\":{number},\
                 \"previous\":\"{previous}\""
            ),
            id,
        })
    }

    /// Adds a member whose text needs no escapes.
    pub(super) fn word(&mut self, name: &str, value: &str) {
        let _ = write!(self.text, ",\"{name}\":\"{value}\"");
    }

    /// Adds a member as it is.
    pub(super) fn object(&mut self, name: &str, json: &str) {
        let _ = write!(self.text, ",\"{name}\":{json}");
    }

    /// Ends an object that was added unfinished.
    pub(super) fn close(&mut self) {
        self.text.push('}');
    }

    /// What is written so far.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The line with its line feed, and its SHA-256.
    pub(super) fn end(mut self) -> Result<(Vec<u8>, [u8; 32]), JournalError> {
        let mut whole = Sha256::new_with_prefix(&self.text);
        let digest = hex::text(&whole.clone().finalize());
        let start = self.text.len();
        let _ = write!(self.text, "{DIGEST}{digest}\"}}");
        whole.update(self.text.as_bytes().get(start..).unwrap_or_default());
        self.text.push('\n');
        if self.text.len() > MAX_LINE {
            return Err(JournalError::Content);
        }
        Ok((self.text.into_bytes(), whole.finalize().into()))
    }
}

/// The member and the text of a content, which must be one JSON object on one line.
pub(super) fn content<'a>(content: &Content<'a>) -> Result<(&'static str, &'a str), JournalError> {
    let (name, text) = match content {
        Content::Receipt(text) => ("receipt", *text),
        Content::Refusal(text) => ("refusal", *text),
        Content::Decision(text) => ("decision", *text),
    };
    if let Content::Decision(json) = content {
        decision::check(json)?;
    }
    let is_object = text.starts_with('{') && serde_json::from_str::<&RawValue>(text).is_ok();
    if is_object && text.len() < MAX_LINE && !text.bytes().any(|byte| byte < b' ') {
        Ok((name, text))
    } else {
        Err(JournalError::Content)
    }
}

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
    #[serde(borrow)]
    pub(super) decision: Option<&'a RawValue>,
    pub(super) head: Option<Head>,
    digest: &'a str,
}

impl<'a> Envelope<'a> {
    /// Reads a line without its line feed. `None` for anything that this journal would not have written, and for
    /// a line that has changed since.
    pub(super) fn read(line: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(line).ok()?;
        let envelope: Self = serde_json::from_str(text).ok()?;
        let contents = [envelope.receipt, envelope.refusal, envelope.decision];
        let contents = contents.iter().flatten().count();
        let is_one = contents.saturating_add(usize::from(envelope.head.is_some())) == 1;
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
/// a head, or a person's decision.
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
