use std::collections::BTreeMap;
use std::fmt;

use ed25519_dalek::{Signature, VerifyingKey};
use interdict_core::common::hex;
use interdict_core::common::json::{Limits, parse};
use interdict_core::common::time::Time;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::draft;
use super::entry::Content;
use super::word::Word;
use crate::error::Error;
use crate::journal_error::JournalError;
use crate::signed::PersonKey;

/// Separates decisions from overrides and clearances, which the same keys sign.
const TYPE: &str = "interdict-decision";

const LIMITS: Limits = Limits {
    depth: 4,
    nodes: 128,
};

/// What a person decided, as the journal keeps it: words alone, without a merchant's name or a note.
///
/// ```json
/// {"signatures":[{"keyid":"analyst","public":"<64 digits>","sig":"<128 digits>"}],
///  "signed":{"_type":"interdict-decision","about":{"by":"ada","case":"case_17"},"id":"<UUIDv7>","time":1795309323,
///  "what":"case_closed"}}
/// ```
///
/// `id` is that of its line, so that a signature is good for one line alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedDecision {
    id: Uuid,
    json: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<'a> {
    signatures: Vec<PersonSignature>,
    #[serde(borrow)]
    signed: &'a RawValue,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonSignature {
    keyid: String,
    public: String,
    sig: String,
}

/// In the order of canonical JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signed {
    #[serde(rename = "_type")]
    document_type: String,
    about: BTreeMap<String, String>,
    id: String,
    time: u32,
    what: String,
}

/// A decision that was read from a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadDecision {
    /// The id of its line.
    pub id: String,
    /// What was decided, such as `case_closed`.
    pub what: String,
    /// When, in seconds since 1970.
    pub time: u32,
    /// What it is about, such as `case` and its id.
    pub about: BTreeMap<String, String>,
    /// Who signed it, each with the public key under which the signature is good.
    pub people: Vec<(String, String)>,
}

impl SignedDecision {
    /// A decision without a signature yet.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn new(what: &Word, about: &[(Word, Word)], now: u32) -> Result<Self, Error> {
        let id = draft::new_id(now)?;
        let about = about.iter();
        let signed = Signed {
            document_type: TYPE.to_owned(),
            about: about
                .map(|(name, value)| (name.to_string(), value.to_string()))
                .collect(),
            id: id.to_string(),
            time: now,
            what: what.to_string(),
        };
        let signed = serde_json::to_string(&signed).map_err(|_| Error::ANSWER)?;
        Ok(Self {
            id,
            json: format!("{{\"signatures\":[],\"signed\":{signed}}}"),
        })
    }

    /// Adds a person's signature.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn sign(&self, key: &PersonKey) -> Result<Self, Error> {
        let mut document: Document<'_> =
            serde_json::from_str(&self.json).map_err(|_| Error::ANSWER)?;
        let signature = key.signature(document.signed.get().as_bytes());
        document.signatures.push(PersonSignature {
            keyid: key.name.clone(),
            public: key.public(),
            sig: hex::text(&signature),
        });
        let json = serde_json::to_string(&document).map_err(|_| Error::ANSWER)?;
        Ok(Self { id: self.id, json })
    }

    /// The id that its line will have.
    #[must_use]
    pub const fn id(&self) -> Uuid {
        self.id
    }

    /// Its text, one line.
    pub(super) fn json(&self) -> &str {
        &self.json
    }

    /// For an entry of the journal.
    #[must_use]
    pub fn content(&self) -> Content<'_> {
        Content::Decision(&self.json)
    }
}

impl ReadDecision {
    /// Reads a decision and checks every signature. `None` if one is wrong, or if it is no decision.
    pub(super) fn read(json: &str) -> Option<Self> {
        let document: Document<'_> = serde_json::from_str(json).ok()?;
        let signed: Signed = serde_json::from_str(document.signed.get()).ok()?;
        if signed.document_type != TYPE {
            return None;
        }
        let message = parse(document.signed.get().as_bytes(), LIMITS)
            .ok()?
            .canonical();
        let mut people = Vec::new();
        for one in document.signatures {
            let key = VerifyingKey::from_bytes(&hex::array(&one.public)?).ok()?;
            let signature = Signature::from_bytes(&hex::array(&one.sig)?);
            key.verify_strict(&message, &signature).ok()?;
            people.push((one.keyid, one.public));
        }
        Some(Self {
            id: signed.id,
            what: signed.what,
            time: signed.time,
            about: signed.about,
            people,
        })
    }
}

impl fmt::Display for ReadDecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = Time::from_seconds(self.time);
        write!(f, "{time}: {}", self.what)?;
        for (name, value) in &self.about {
            write!(f, ", {name} {value}")?;
        }
        let people: Vec<&str> = self.people.iter().map(|(name, _)| name.as_str()).collect();
        match people.as_slice() {
            [] => f.write_str("; nobody signed it"),
            people => write!(f, "; signed by {}", people.join(", ")),
        }
    }
}

/// Refuses a decision that is not made of words, whoever wrote it. Returns its id.
pub(super) fn check(json: &str) -> Result<Uuid, JournalError> {
    let decision = ReadDecision::read(json).ok_or(JournalError::Content)?;
    Word::new(&decision.what)?;
    for (name, value) in &decision.about {
        Word::new(name)?;
        Word::new(value)?;
    }
    let id = Uuid::try_parse(&decision.id).ok();
    id.filter(|id| id.to_string() == decision.id)
        .ok_or(JournalError::Content)
}
