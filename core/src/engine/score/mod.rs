//! From a request to its verdict.
//!
//! 1. `list_findings` asks every list about every identifier. It collects the actions that records
//!    ask for (`tally`), the sources that list the merchant (`statements`), the identifiers and kinds
//!    that lists answered for (`coverage`, `kind_answers`), and the reasons.
//! 2. `typologies` weighs the red flags.
//! 3. `odds` sums up the evidence and computes the score, on the scale of the policy's thresholds.
//! 4. `full_verdict` chooses the action and orders the reasons; `clearing` says whether clearances lower it.
//! 5. `receipt_writer` writes the [`Receipt`], with what silent records say in `sealed`; `sentences` explains the verdict to people.
//!
//! `docs/scoring.md` states the rules, in the same order.

mod asks;
mod because;
mod clearing;
mod coverage;
mod full_verdict;
mod gaps;
mod keyed_hash;
mod kind_answers;
mod list_findings;
mod odds;
mod reason;
mod receipt;
mod receipt_writer;
mod screening_context;
mod sealed;
mod sentences;
mod serialized_names;
mod statements;
mod tally;
mod typologies;
mod verdict;

pub use because::Because;
pub use odds::Odds;
pub use reason::{Reason, ReasonCode};
pub use receipt::{
    AskedSlot, CoalitionUsed, ModuleUsed, PackUsed, Receipt, ReceiptKey, Receipts, RefusalReceipt,
    ReleaseUsed,
};
pub use sealed::{SilentFinding, SilentFindings, SilentKey};
pub use sentences::{ReasonParts, plain_notice, sentence};
pub use verdict::{ListUsed, RuleState, Shadow, UnusedField, Verdict};

pub(crate) use full_verdict::screen;
pub(crate) use receipt_writer::ReceiptWriter;
pub(crate) use screening_context::{AskedCoalitions, ScreeningContext};
pub(crate) use typologies::in_force;
