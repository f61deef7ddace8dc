//! The JSON messages of `docs/abi.md`: reads requests into the engine's types and writes its
//! answers.
//!
//! ```
//! use interdict_core::engine::Engine;
//! use interdict_core::wire::{Operation, call};
//!
//! let mut engine = Engine::default();
//! let now = 1_795_309_323; // 2026-11-22
//! let request = br#"{"flow":"payout","identifiers":[{"kind":"domain","value":"shop.example"}]}"#;
//! let mut answer = Vec::new();
//! call(&mut engine, Operation::Screen, request, None, now, &mut answer)?;
//! // No coalition is configured, so no list answered. That is never reported as clean.
//! assert!(answer.starts_with(br#"{"action":"review","because":"unavailable","score":201,"#));
//! # Ok::<(), interdict_core::wire::Error>(())
//! ```

mod batch;
mod blocks;
mod call;
mod code;
mod configure;
mod describe;
mod enrolment;
mod error;
mod facts;
mod full;
mod limits;
mod numbered;
mod operation;
#[cfg(feature = "owned")]
pub mod owned;
mod policy;
mod request;
#[cfg(test)]
mod tests;
#[cfg(feature = "owned")]
mod versions;
mod walk_messages;

pub use call::{ABI_MAJOR, ABI_MINOR, Operation, call};
pub use code::{Code, HOST_CODES};
pub use describe::{Description, describe};
pub use enrolment::{
    Enrolment, EnrolmentError, EnrolmentKey, EnrolmentParts, FreshMiss, MAX_ENROLMENT, OnNoGateway,
    PageChoices, PublicEnrolment, SealedKey,
};
pub use error::{CallError, Error, Refusal, screen_refusal, write_refusal};
pub use facts::{Fact, Facts, NO_VERDICT, Question, WalkFacts, action_number, verdict_number};
pub use limits::{
    BATCH_LINE_RESERVE, MAX_BATCH, MAX_BATCH_ANSWERS, MAX_BATCH_LINES, MAX_CONFIGURE, MAX_MESSAGE,
};
pub use operation::{configure, empty, poll, screen, state, supply};
pub use request::request;
#[cfg(feature = "owned")]
pub use versions::Versions;
