//! The language of red flags. A condition always yields one of three values: true, false, or unknown if it
//! depends on something unknown. Only a true condition counts. `docs/scoring.md` defines the language.
//!
//! ```
//! use interdict_core::rules::{Condition, Facts, Signal};
//!
//! struct Young;
//! impl Facts for Young {
//!     fn signal(&self, signal: Signal) -> Option<i64> {
//!         (signal == Signal::MerchantAgeDays).then_some(12)
//!     }
//!     fn listed(&self, _: interdict_core::identifier::Kind) -> Option<bool> {
//!         None
//!     }
//! }
//!
//! let condition = Condition::parse("merchant_age_days < 90 and prepaid_only").unwrap();
//! assert_eq!(condition.holds(&Young), None, "whether it takes other money is unknown");
//! ```

mod checked;
mod facts;
mod fault;
mod node;
mod order;
mod parser;
mod symbol;
#[cfg(test)]
mod tests;

pub use checked::Condition;
pub use facts::Facts;
pub use fault::{ConditionError, ConditionFault};
