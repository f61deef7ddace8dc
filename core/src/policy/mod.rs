//! The gateway's choices. Every choice has a default; `docs/scoring.md` gives the unit and the
//! reason of each.

mod checked_policy;
mod choices;
mod digest;
mod flow;
pub mod limits;

pub use checked_policy::Policy;
pub use choices::{Choices, Estimates, ListEstimates, RequiredCoalitions, TypologyWeight};
pub use flow::{Flow, FlowPolicy};
