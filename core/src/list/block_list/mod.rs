//! A loaded release, and its answers.

mod answer;
mod membership;
mod release;

pub use answer::{Listing, LookUpMatch, LookUpOutcome};
pub use membership::Membership;
pub use release::BlockList;
