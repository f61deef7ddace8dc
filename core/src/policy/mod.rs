//! The gateway's policy. Every choice has a default; `docs/scoring.md` explains each one and gives
//! its unit.

mod checked_policy;
mod choices;
mod decision;
mod digest;
mod flow;
mod hotlines;
pub mod limits;
mod scale;
#[cfg(test)]
mod tests;

pub use checked_policy::Policy;
pub use choices::{Choices, RequiredCoalitions, RequiredLists, TypologyWeight};
pub use decision::Decision;
pub use flow::{Flow, FlowPolicy};
pub use hotlines::hotline;

pub(crate) use checked_policy::check_key_name;
pub(crate) use scale::{logit_per_mille, score, score_without_record};
