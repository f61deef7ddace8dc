//! From a request to its verdict.
//!
//! 1. `ask` asks every list for every identifier and keeps what was found: what the records ask for
//!    (`tally`), who says so (`statements`), which kinds were answered for (`coverage`, `heard`), and
//!    the reasons.
//! 2. `typologies` weighs the red flags.
//! 3. `odds` sums up the evidence, whose weights `evidence` computes.
//! 4. `conclude` takes the action and arranges the reasons.
//! 5. `prove` writes down how the verdict came about, as a [`Receipt`]; `texts` says it to people.
//!
//! `docs/scoring.md` has the rules, in the same order.

mod coverage;
mod full_verdict;
mod kind_answers;
mod list_findings;
mod odds;
mod reason;
mod receipt;
mod receipt_writer;
mod screening_context;
mod sentences;
mod serialized_names;
mod statements;
mod tally;
mod typologies;
mod verdict;
mod weights;

pub use odds::Odds;
pub use reason::{Reason, ReasonCode};
pub use receipt::{
    AskedSlot, CoalitionUsed, ModuleUsed, PackUsed, Receipt, ReceiptKey, ReleaseUsed,
};
pub use sentences::{ReasonParts, sentence};
pub use verdict::{ListUsed, PageNeeded, RuleState, Shadow, UnusedField, Verdict};

pub(crate) use full_verdict::screen;
pub(crate) use receipt_writer::receipt;
pub(crate) use screening_context::ScreeningContext;
pub(crate) use serialized_names::freshness_name;
pub(crate) use typologies::in_force;
