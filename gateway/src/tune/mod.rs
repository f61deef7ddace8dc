//! Compares rules and scores with labelled cases. Nothing here changes a gateway: a person reads the result
//! and decides.

mod calibration;
mod labelled;
mod rules;
#[cfg(test)]
mod tests;

pub use calibration::{Bin, Confusion, calibration, prior_shift, probability};
pub use labelled::{Case, Label, Labelled};
pub use rules::{ENOUGH_LABELS, Fitted, RuleTally, Split, fit, tally_rules};
