//! The gateway's policy. Every choice has a default; `docs/scoring.md` explains each one and gives
//! its unit.

mod checked_policy;
mod choices;
mod decision;
mod digest;
mod flow;
pub mod limits;
#[cfg(test)]
mod tests;

pub use checked_policy::Policy;
pub use choices::{Choices, RequiredCoalitions, RequiredLists, TypologyWeight};
pub use decision::Decision;
pub use flow::{Flow, FlowPolicy};

pub(crate) use checked_policy::check_key_name;
