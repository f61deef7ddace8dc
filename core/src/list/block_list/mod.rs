//! A loaded release, and its answers.

mod answer;
mod membership;
mod release;

pub use answer::{Coverage, Listing, Match};
pub use membership::Membership;
pub use release::{BlockList, Page};
