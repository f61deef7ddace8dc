//! What a release holds back until a person confirms it.
//!
//! Whatever a file, a damaged register or one person does, gateways must not notice much of it before somebody
//! has agreed. So a release compares every entry as it was published with what it would be now. Changes within
//! the limits go out. What exceeds them **stays as published**, and the rest of the release goes out.
//!
//! - **Less**: at the release, or at some time in the two weeks after it, a gateway would do less than the last
//!   release would have made it do at that time: the entry is absent, asks for a lower action, is silent, is
//!   marked as run by a victim, covers no sub-domains any more or may be overridden. An end that was published
//!   already is no change.
//! - **More**: a gateway would do more, with `review` at least.
//!
//! Limits hold for 30 days, for each list, source and kind, and begin anew when a person confirms. Entries with
//! the flag `mandatory` never answer with less unconfirmed. Beside the limits, up to 20 identifiers in 30 days
//! go that a command delisted alone: a wrong listing must not wait for anybody.
//!
//! What is held back is a **proposal**. Its digest is over each entry as published and as it would be, so that a
//! confirmation covers what a person has seen and nothing else, whatever goes out meanwhile. Those who sign the
//! release see it, and the threshold of signatures is the second pair of eyes.

mod budget;
mod effect;
mod hold;
mod proposal;

pub use hold::HeldCell;
pub use proposal::Proposal;

pub(crate) use effect::{Effect, EffectName};
pub(crate) use hold::{Decision, Guarded, Published};
pub(crate) use proposal::{entry_digest, proposals_end, proposed};
