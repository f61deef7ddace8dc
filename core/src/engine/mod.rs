//! The engine: what one instance of the module is. It joins the rooms and answers the operations of
//! `docs/abi.md`; it reads no clock, no file and no network.
//!
//! A host configures the coalitions it trusts, replays the files it saved, updates from the
//! repository, then gives keys and policy, and asks:
//!
//! ```
//! use interdict_core::engine::{Engine, Operation};
//!
//! let mut engine = Engine::default();
//! let now = 1_795_309_323; // 2026-11-22
//! let question = br#"{"flow":"payout","identifiers":[{"kind":"domain","value":"shop.example"}]}"#;
//! let mut answer = Vec::new();
//! engine.call(Operation::Screen, question, None, now, &mut answer).unwrap();
//! // Nothing is configured: nobody answered, and that is never reported as clean.
//! let answer = String::from_utf8(answer).unwrap();
//! assert!(answer.starts_with(r#"{"action":"review","score":0,"reasons":[{"code":"degraded""#));
//! ```
//!
//! An error in an update leaves the releases in place as they are. An error in a question is an
//! error, never an answer.

mod blocks;
mod describe;
mod overrides;
mod request;
mod score;
mod update;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Serialize;

pub use describe::{Description, State};
pub use overrides::{MAX_OVERRIDE_DAYS, OVERRIDE_SIGNATURES};
pub use request::MAX_IDENTIFIERS;
pub use score::{
    AskedSlot, CoalitionUsed, Language, ListUsed, ModuleUsed, Odds, PackUsed, PageNeeded, Reason,
    ReasonCode, Receipt, ReleaseUsed, RuleState, Shadow, UnusedField, Verdict,
};
pub use update::{Fetch, Progress, Range};

use crate::common::json::Value;
use crate::common::schema::{Fault, Field, Fields, Path, read};
use crate::common::time::Time;
use crate::error::{EngineError, Error};
use crate::list::{Edition, ListId, RecordsMode, is_name};
use crate::policy::Policy;
use crate::token::{KeyId, ListKey};
use crate::trust::{Source, is_plain_path};

use overrides::Override;
use request::{Request, View};
use score::{ReceiptKey, World, analyst, arrange, notice, receipt, screen};
use update::{Choice, Coalition, Delivery};

/// Reasons in an answer: more than four are unlikely to help (commentary to Regulation B).
const MAX_REASONS: usize = 4;
/// Coalitions in one engine; there are fewer national ones than this.
const MAX_COALITIONS: usize = 64;
/// Keys in one message: two epochs of every coalition, and room to spare.
const MAX_KEYS: usize = 256;
/// A `configure` message holds a root of at most 512,000 bytes for each coalition, in base64.
pub const MAX_CONFIGURE: usize = 4 << 20;
/// Any other message.
pub const MAX_MESSAGE: usize = 64 << 10;
/// All lines of a batch together.
pub const MAX_BATCH: usize = 16 << 20;

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

/// All state of one instance.
#[derive(Debug, Default)]
pub struct Engine {
    coalitions: Vec<Coalition>,
    policy: Policy,
    /// A policy that decides nothing and is watched.
    shadow: Option<Policy>,
    overrides: Vec<Override>,
    receipt_key: Option<ReceiptKey>,
    /// SHA-256 of the module's file, hexadecimal, if the host said.
    module: Option<String>,
}

/// The answer to `configure`: what is in force now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Configured {
    /// Names, in order.
    pub coalitions: Vec<String>,
    /// Keys in all.
    pub keys: usize,
    /// Digest of the policy with its defaults filled in, hexadecimal.
    pub policy: String,
    /// That of the shadow policy, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shadow: Option<String>,
    /// Overrides in force.
    pub overrides: usize,
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

impl Engine {
    /// Carries out one operation on JSON bytes and appends its answer to `out`, whose memory the
    /// caller keeps for the next one. `file` is what the host wrote to the open region, `now` its
    /// clock in seconds since 1970.
    ///
    /// # Errors
    /// Why it was refused. What the engine held before is as it was; a failed `poll` or `supply`
    /// ends the update under way. `out` may hold a part of an answer.
    pub fn call(
        &mut self,
        operation: Operation,
        input: &[u8],
        file: Option<Vec<u8>>,
        now: u32,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        if operation == Operation::ScreenBatch {
            return self.screen_batch(input, now, out);
        }
        let message = read(input, operation.max_size())?;
        match operation {
            Operation::Configure => write(&self.configure(&message, now)?, out),
            Operation::Poll => write(&self.poll(&message, now)?, out),
            Operation::Supply => write(&self.supply(&message, file, now)?, out),
            Operation::Screen | Operation::ScreenBatch => write(&self.screen(&message, now)?, out),
            Operation::State => write(&self.state(&message, now)?, out),
            Operation::Describe => write(&self.describe(&message)?, out),
        }
    }

    /// Sets coalitions, keys, policies, overrides and receipt key; each member given replaces what
    /// was there.
    ///
    /// # Errors
    /// A message that is not in the schema, or a root that cannot be trusted; nothing has changed.
    pub fn configure(&mut self, message: &Value<'_>, now: u32) -> Result<Configured, Error> {
        let now = clock(now)?;
        let mut fields = Fields::of(message, Path::default())?;
        let coalitions = fields
            .optional("coalitions")
            .map(|field| coalitions(&field))
            .transpose()?;
        let keys = fields
            .optional("keys")
            .map(|field| keys(&field))
            .transpose()?;
        let policy = fields
            .optional("policy")
            .map(|field| Policy::from_field(&field))
            .transpose()?;
        let shadow = fields.given("shadow").map(|field| {
            let policy = field.map(|field| Policy::from_field(&field));
            policy.transpose()
        });
        let overrides = fields.optional("overrides");
        let overrides = overrides
            .map(|field| {
                let signers = &policy.as_ref().unwrap_or(&self.policy).override_keys;
                overrides::read(&field, signers, now)
            })
            .transpose()?;
        let module = fields
            .optional("module")
            .map(|field| field.form(crate::common::hex::array::<32>))
            .transpose()?;
        let receipt_key = fields
            .optional("receipt_key")
            .map(|field| field.form(crate::common::hex::array).map(ReceiptKey))
            .transpose()?;
        let reset_clock = fields
            .optional("reset_clock")
            .map(|field| field.truth())
            .transpose()?;
        fields.end()?;
        let known = coalitions.as_ref().unwrap_or(&self.coalitions);
        let unknown = |name: &String| !known.iter().any(|coalition| coalition.name == *name);
        if keys.iter().flatten().any(|(name, _)| unknown(name)) {
            return Err(EngineError::UnknownCoalition.into());
        }
        let shadow = shadow.transpose()?;
        let first = policy.as_ref().unwrap_or(&self.policy);
        let second = shadow.as_ref().map_or(self.shadow.as_ref(), Option::as_ref);
        for (name, policy) in [("policy", Some(first)), ("shadow", second)] {
            // More than there are would mean that nothing is ever blocked.
            let required = policy.map_or(1, |policy| policy.required_coalitions.block);
            if !known.is_empty() && usize::from(required) > known.len() {
                let path = Path::default().member(name);
                let path = path.member("required_coalitions").member("block");
                return Err(path.error(Fault::OutOfRange).into());
            }
        }
        self.coalitions = coalitions.unwrap_or_else(|| core::mem::take(&mut self.coalitions));
        // Overrides hold under the keys of the policy they were given with.
        match overrides {
            Some(overrides) => self.overrides = overrides,
            None if policy.is_some() => self.overrides.clear(),
            None => {}
        }
        self.policy = policy.unwrap_or_else(|| core::mem::take(&mut self.policy));
        self.shadow = shadow.unwrap_or_else(|| self.shadow.take());
        self.module = module
            .map(|sha256| crate::common::hex::text(&sha256))
            .or(self.module.take());
        self.receipt_key = receipt_key.or(self.receipt_key.take());
        for coalition in &mut self.coalitions {
            if let Some(keys) = &keys {
                coalition.keys = keys
                    .iter()
                    .filter(|(name, _)| *name == coalition.name)
                    .map(|(_, key)| key.clone())
                    .collect();
            }
            if reset_clock == Some(true) {
                coalition.client.set_newest_time(None);
            }
        }
        Ok(Configured {
            coalitions: self
                .coalitions
                .iter()
                .map(|coalition| coalition.name.clone())
                .collect(),
            keys: self
                .coalitions
                .iter()
                .map(|coalition| coalition.keys.len())
                .sum(),
            policy: self.policy.digest().to_owned(),
            shadow: self
                .shadow
                .as_ref()
                .map(|policy| policy.digest().to_owned()),
            overrides: self.overrides.len(),
        })
    }

    /// Says which file an update needs; with `begin` it starts one first, with `begin` and `target`
    /// it asks for that signed file instead, with `page` for that page of a list's records.
    ///
    /// # Errors
    /// A message that is not in the schema, an unknown coalition, a clock that is off.
    pub fn poll(&mut self, message: &Value<'_>, now: u32) -> Result<Progress, Error> {
        let now = clock(now)?;
        let mut fields = Fields::of(message, Path::default())?;
        let name = fields.required("coalition")?.text()?;
        let source = fields
            .optional("begin")
            .map(|field| field.word(source))
            .transpose()?;
        let target = match fields.optional("target") {
            Some(field) if source.is_none() => {
                return Err(field.path.error(Fault::OutOfRange).into());
            }
            field => field.map(|field| field.form(plain_path)).transpose()?,
        };
        // Either starts a walk; of both, one would be silently forgotten.
        let page = match fields.optional("page") {
            Some(field) if source.is_some() => {
                return Err(field.path.error(Fault::OutOfRange).into());
            }
            field => field.map(|field| page(&field)).transpose()?,
        };
        fields.end()?;
        let coalition = self.coalition(name)?;
        if let (Some(source), Some(path)) = (source, &target) {
            coalition.begin_target(source, now, path)?;
        } else if let Some(source) = source {
            coalition.begin(source, now);
        } else if let Some((list, epoch, page)) = page {
            coalition.begin_page(&list, epoch, page)?;
        }
        Ok(coalition.progress(None))
    }

    /// Takes the file that was asked for, or that it was not to be had.
    ///
    /// # Errors
    /// Why the file was refused. The update has ended; the releases in place are as they were.
    pub fn supply(
        &mut self,
        message: &Value<'_>,
        file: Option<Vec<u8>>,
        now: u32,
    ) -> Result<Progress, Error> {
        clock(now)?;
        let mut fields = Fields::of(message, Path::default())?;
        let coalition = fields.required("coalition")?.text()?;
        let name = fields.required("name")?.text()?;
        let outcome = fields.required("outcome")?;
        fields.end()?;
        let delivery = match outcome.text()? {
            "bytes" => Delivery::Bytes(file.ok_or(EngineError::NoFile)?),
            "not_found" => Delivery::NotFound,
            "failed" => Delivery::Failed,
            _ => return Err(outcome.path.error(Fault::UnknownValue).into()),
        };
        self.coalition(coalition)?.supply(name, delivery)
    }

    /// Answers one question.
    ///
    /// # Errors
    /// A message that is not in the schema, an identifier that is none of its kind, anything that
    /// looks like a card number.
    pub fn screen(&self, message: &Value<'_>, now: u32) -> Result<Verdict<'_>, Error> {
        let world = World {
            coalitions: &self.coalitions,
            overrides: &self.overrides,
            now: clock(now)?,
        };
        let request = Request::read(message)?;
        let mut finding = screen(&request, world, &self.policy);
        let proof = self.receipt_key.as_ref().map(|key| {
            let module = self.module.as_deref();
            receipt(key, module, &request, &finding, world, &self.policy)
        });
        finding.verdict.shadow = self.shadow.as_ref().and_then(|policy| {
            // Overrides hold under the keys of the policy they were given with.
            let same_keys = policy
                .override_keys
                .texts()
                .eq(self.policy.override_keys.texts());
            let overrides = if same_keys { world.overrides } else { &[] };
            let second = screen(&request, World { overrides, ..world }, policy).verdict;
            let first = &finding.verdict;
            let differs = (first.action, first.score) != (second.action, second.score);
            differs.then_some(Shadow {
                policy: policy.digest(),
                action: second.action,
                score: second.score,
            })
        });
        let mut verdict = finding.verdict;
        verdict.receipt = proof.map(Box::new);
        match request.view {
            View::System => verdict.reasons.truncate(MAX_REASONS),
            View::Analyst => {
                if !finding.silent.is_empty() {
                    let reasons = &mut verdict.reasons;
                    reasons.retain(|reason| reason.code != ReasonCode::NoFinding);
                    reasons.extend(finding.silent);
                    arrange(reasons);
                }
                verdict.rules = Some(finding.rules);
            }
        }
        if let Some(language) = request.language {
            for reason in &mut verdict.reasons {
                reason.text = Some(analyst(language, reason));
            }
            verdict.notice = Some(notice(language, verdict.action, &self.policy));
        }
        Ok(verdict)
    }

    /// Answers newline-delimited questions, a line for each: a verdict, or an `error` object for a
    /// line that was refused.
    fn screen_batch(&self, input: &[u8], now: u32, out: &mut Vec<u8>) -> Result<(), Error> {
        clock(now)?;
        if input.len() > MAX_BATCH {
            return Err(Path::default().error(Fault::TooLarge).into());
        }
        let lines = input.strip_suffix(b"\n").unwrap_or(input);
        for line in lines.split(|byte| *byte == b'\n') {
            let verdict = read(line, MAX_MESSAGE)
                .map_err(Error::from)
                .and_then(|message| self.screen(&message, now));
            match verdict {
                Ok(verdict) => write(&verdict, out)?,
                Err(error) => write(
                    &Refused {
                        error: Refusal::from(error),
                    },
                    out,
                )?,
            }
            out.push(b'\n');
        }
        Ok(())
    }

    fn coalition(&mut self, name: &str) -> Result<&mut Coalition, Error> {
        if self.coalitions.is_empty() {
            return Err(EngineError::NotConfigured.into());
        }
        let found = self
            .coalitions
            .iter_mut()
            .find(|coalition| coalition.name == name);
        Ok(found.ok_or(EngineError::UnknownCoalition)?)
    }
}

/// The one line that stands for a refused line of a batch.
#[derive(Debug, Serialize)]
struct Refused {
    error: Refusal,
}

/// An error as a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The stable number.
    pub code: i32,
    /// The stable word.
    pub name: &'static str,
    /// Where in the message, if it is in the message.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// A sentence for a person; it starts with the path.
    pub message: String,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self {
            code: error.code().number(),
            name: error.code().name(),
            path: error.path().to_string(),
            message: error.to_string(),
        }
    }
}

fn clock(now: u32) -> Result<Time, Error> {
    Time::from_clock(now).ok_or(Error::Engine(EngineError::TimeOutOfRange))
}

fn plain_path(path: &str) -> Option<String> {
    is_plain_path(path).then(|| path.to_owned())
}

fn source(name: &str) -> Option<Source> {
    match name {
        "store" => Some(Source::Store),
        "repository" => Some(Source::Repository),
        _ => None,
    }
}

fn coalitions(field: &Field<'_, '_>) -> Result<Vec<Coalition>, Error> {
    let mut coalitions: Vec<Coalition> = Vec::new();
    for item in field.items(MAX_COALITIONS)? {
        let mut fields = item.fields()?;
        let name = fields.required("name")?;
        let root = fields
            .required("root")?
            .form(|text| BASE64.decode(text).ok())?;
        let choice = choice(&mut fields)?;
        let newest_time = fields
            .optional("newest_time")
            .map(|field| {
                let seconds = field.number(0, u32::MAX)?;
                Time::from_clock(seconds).ok_or(field.path.error(Fault::OutOfRange))
            })
            .transpose()?;
        fields.end()?;
        let text = name.form(|text| is_name(text).then(|| text.to_owned()))?;
        if coalitions.iter().any(|coalition| coalition.name == text) {
            return Err(name.path.error(Fault::OutOfRange).into());
        }
        coalitions.push(Coalition::new(text, &root, choice, newest_time)?);
    }
    Ok(coalitions)
}

fn choice(fields: &mut Fields<'_, '_>) -> Result<Choice, Error> {
    let lists = fields.optional("lists").map(|field| {
        let lists = field.items(MAX_KEYS)?;
        lists
            .map(|item| item.form(|text| ListId::parse(text).ok()))
            .collect()
    });
    let key_ids = fields.optional("key_ids").map(|field| {
        let key_ids = field.items(MAX_KEYS)?;
        key_ids
            .map(|item| item.form(|text| crate::common::hex::array(text).map(KeyId)))
            .collect()
    });
    let edition = fields.optional("edition");
    let records = fields.optional("records");
    Ok(Choice {
        lists: lists.transpose()?,
        key_ids: key_ids.transpose()?,
        edition: edition.map_or(Ok(Edition::Member), |field| field.word(Edition::from_name))?,
        records: records.map_or(Ok(RecordsMode::Whole), |field| field.word(records_mode))?,
    })
}

fn records_mode(name: &str) -> Option<RecordsMode> {
    match name {
        "whole" => Some(RecordsMode::Whole),
        "paged" => Some(RecordsMode::Paged),
        _ => None,
    }
}

fn page(field: &Field<'_, '_>) -> Result<(ListId, u32, u32), Error> {
    let mut fields = field.fields()?;
    let list = fields
        .required("list")?
        .form(|text| ListId::parse(text).ok())?;
    let epoch = fields.required("epoch")?.number(0, u32::MAX)?;
    let page = fields.required("page")?.number(0, u32::MAX)?;
    fields.end()?;
    Ok((list, epoch, page))
}

fn keys(field: &Field<'_, '_>) -> Result<Vec<(String, ListKey)>, Error> {
    field
        .items(MAX_KEYS)?
        .map(|item| {
            let mut fields = item.fields()?;
            let coalition = fields.required("coalition")?.text()?.to_owned();
            let key = fields.required("key")?.form(ListKey::from_hex)?;
            fields.end()?;
            Ok((coalition, key))
        })
        .collect()
}

fn write(answer: &impl Serialize, out: &mut Vec<u8>) -> Result<(), Error> {
    // Writing our own types into memory fails only when there is no more of it.
    let mut serializer = serde_json::Serializer::new(out);
    answer
        .serialize(&mut serializer)
        .map_err(|_| EngineError::OutOfMemory.into())
}
