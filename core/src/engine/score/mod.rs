//! From what lists and signals say to a verdict.

mod evidence;
mod heard;
mod receipt;
mod screen;
mod statements;
mod tally;
mod texts;
mod typologies;
mod verdict;

pub use receipt::{AskedSlot, CoalitionUsed, ModuleUsed, PackUsed, Receipt, ReleaseUsed};
pub use screen::Odds;
pub use texts::Language;
pub use verdict::{
    ListUsed, PageNeeded, Reason, ReasonCode, RuleState, Shadow, UnusedField, Verdict,
};

pub(crate) use receipt::{ReceiptKey, receipt};
pub(crate) use screen::{World, arrange, screen};
pub(crate) use texts::{analyst, notice};
pub(crate) use typologies::{IncomingPack, LivePack, in_force};
pub(crate) use verdict::freshness_name;
