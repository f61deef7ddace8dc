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

mod ask;
mod conclude;
mod coverage;
mod evidence;
mod heard;
mod odds;
mod prove;
mod reason;
mod receipt;
mod statements;
mod tally;
mod texts;
mod typologies;
mod verdict;
mod words;
mod world;

pub use odds::Odds;
pub use reason::{Reason, ReasonCode};
pub use receipt::{
    AskedSlot, CoalitionUsed, ModuleUsed, PackUsed, Receipt, ReceiptKey, ReleaseUsed,
};
pub use texts::{ReasonParts, sentence};
pub use verdict::{ListUsed, PageNeeded, RuleState, Shadow, UnusedField, Verdict};

pub(crate) use conclude::screen;
pub(crate) use prove::receipt;
pub(crate) use typologies::in_force;
pub(crate) use words::freshness_name;
pub(crate) use world::World;
