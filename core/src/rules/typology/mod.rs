//! Published red flags as signed data: a coalition's file of rules, each with its source, its weight and
//! whether the weight was measured. `docs/scoring.md` has the format.
//!
//! ```
//! use interdict_core::rules::{Direction, Pack};
//!
//! let pack = Pack::parse(br#"{"format": 1, "version": 3, "name": "standard", "rules": [
//!     {"id": "T04", "title": "Paid on a page the merchant did not declare",
//!      "direction": "riskier", "weight": 1000, "otherwise": 0, "calibrated": false,
//!      "when": "payment_page_declared = false", "source": "A public guide to transaction laundering"}
//! ]}"#).unwrap();
//! assert_eq!((pack.version, pack.rules.len()), (3, 1));
//! assert_eq!(pack.rules[0].direction, Direction::Riskier);
//! ```

mod error;
mod pack;
mod requires;
mod rule;
mod target;
#[cfg(test)]
mod tests;

pub use error::TypologyError;
pub use pack::{Pack, Skipped, is_rule_id};
pub use rule::{Direction, Typology};
pub use target::PackTarget;
