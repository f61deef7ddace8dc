use alloc::boxed::Box;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

use serde::Serialize;

use crate::IS_FULL;
use crate::common::json::{self, Value};
use crate::common::schema::{Path, SchemaError};
use crate::engine::{self, Engine, EngineError, HistoryDamaged, RefusalReceipt};
use crate::identifier::IdentifierError;
use crate::policy::Flow;

/// Why a call was refused. It holds nothing from the input but positions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The message does not fit its schema.
    Message(SchemaError),
    /// A value in the message is not an identifier of its kind.
    Identifier {
        /// The kind and the rule that the value breaks.
        error: IdentifierError,
        /// Where the value is in the message.
        path: Box<Path>,
    },
    /// The call breaks the contract of the ABI.
    Call(CallError),
    /// A coalition's history is not one that was saved for it.
    History(Box<Path>),
    /// The engine refuses what the message asks for.
    Engine(engine::Error),
}

/// How a call breaks the contract of `docs/abi.md`, whatever its message says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallError {
    /// The host's clock is outside 2024 to 2100.
    TimeOutOfRange,
    /// `supply` says `bytes`, but the open region holds no file.
    NoFile,
    /// A pointer or length outside the buffers that the module allocated.
    BadPointer,
    /// The call needs more memory than the module may have.
    OutOfMemory,
    /// The instance trapped in an earlier call, or another call is still running.
    Poisoned,
    /// A question that `interdict_walk` does not have.
    UnknownQuestion,
    /// The answer to a line of a batch does not fit beside the other answers.
    AnswerTooLarge,
}

/// An error as the member `error` of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal<'e> {
    /// The stable number of the code, always negative.
    pub code: i32,
    /// The stable name of the code.
    pub name: &'static str,
    /// Where the cause is in the message; empty if it is not in the message.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// A sentence for a person; it starts with the path.
    pub message: String,
    /// The proof that a `screen` was refused; absent without a ReceiptKey.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "crate::in_full"
    )]
    pub receipt: Option<Box<RefusalReceipt<'e>>>,
}

/// The answer to a refused operation, or to a refused line of a batch.
#[derive(Debug, Serialize)]
struct Refused<'r, 'e> {
    error: &'r Refusal<'e>,
}

/// Appends `{"error":…}`, the answer to a refused operation and to a refused line of a batch.
///
/// # Errors
/// [`CallError::OutOfMemory`].
pub fn write_refusal(refusal: &Refusal<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
    let refused = Refused { error: refusal };
    json::write(&refused, out).map_err(|_| CallError::OutOfMemory.into())
}

impl Error {
    /// Where the cause is in the message; empty if it is not in the message.
    #[must_use]
    pub fn path(&self) -> Path {
        let top = Path::default();
        match self {
            Self::Message(error) => *error.path,
            Self::Identifier { path, .. } | Self::History(path) => **path,
            Self::Engine(engine::Error::Override { index, .. }) => {
                top.member("overrides").index(*index)
            }
            Self::Engine(engine::Error::Clearance { index, .. }) => {
                top.member("clearances").index(*index)
            }
            Self::Engine(engine::Error::TooManyClearances) => top.member("clearances"),
            Self::Engine(engine::Error::TooManyRequired(role)) => {
                let required = role.path().member("required_coalitions");
                required.member("block")
            }
            Self::Engine(engine::Error::Engine(EngineError::NoReceiptKey)) => {
                top.member("receipt_key")
            }
            Self::Engine(engine::Error::RequiredLists(role)) => role.path().member("required"),
            Self::Engine(_) | Self::Call(_) => top,
        }
    }
}

impl fmt::Display for Error {
    /// The path of the cause, if any, and a sentence that a person can act on. The build for pages has no
    /// sentences, and says the code's name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path();
        if path != Path::default() {
            write!(f, "{path}: ")?;
        }
        if !IS_FULL {
            return f.write_str(self.code().name());
        }
        match self {
            Self::Message(error) => error.fault.fmt(f),
            Self::Identifier { error, .. } => error.fmt(f),
            Self::Call(error) => error.fmt(f),
            Self::History(_) => HistoryDamaged.fmt(f),
            Self::Engine(error) => error.fmt(f),
        }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TimeOutOfRange => "the clock is outside 2024 to 2100; set the host's clock",
            Self::NoFile => "the open region holds no file",
            Self::BadPointer => "the module did not allocate this buffer",
            Self::OutOfMemory => "the call needs more memory than the module may use",
            Self::Poisoned => "the instance trapped or is in use; discard it",
            Self::UnknownQuestion => "interdict_walk has no such question",
            Self::AnswerTooLarge => "the answer does not fit; send the line again",
        })
    }
}

impl core::error::Error for Error {}

impl From<SchemaError> for Error {
    fn from(error: SchemaError) -> Self {
        Self::Message(error)
    }
}

impl From<CallError> for Error {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl From<engine::Error> for Error {
    fn from(error: engine::Error) -> Self {
        Self::Engine(error)
    }
}

impl From<EngineError> for Error {
    fn from(error: EngineError) -> Self {
        Self::Engine(error.into())
    }
}

/// The refusal of a `screen`, with its receipt if the gateway has a ReceiptKey. `message` is the
/// request, if it could be read as JSON.
#[must_use]
pub fn screen_refusal<'e>(
    engine: &'e Engine,
    message: Option<&Value<'_>>,
    error: &Error,
    now: u32,
) -> Refusal<'e> {
    let flow = message.and_then(Value::as_object);
    let flow = flow.and_then(|members| members.get("flow")?.as_str());
    let flow = flow.and_then(Flow::from_name);
    let mut refusal = Refusal::from(error);
    let receipt = engine.refusal_receipt(now, flow, refusal.code, refusal.path.clone());
    refusal.receipt = receipt.map(Box::new);
    refusal
}

impl From<&Error> for Refusal<'_> {
    fn from(error: &Error) -> Self {
        Self {
            code: error.code().number(),
            name: error.code().name(),
            path: error.path().to_string(),
            message: error.to_string(),
            receipt: None,
        }
    }
}
