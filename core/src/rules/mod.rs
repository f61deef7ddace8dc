//! Red flags: the signals that they read, the language of their conditions, and the signed packs in which
//! coalitions publish them.

mod condition;
mod limits;
mod signal_form;
mod signals;
mod typology;

pub use condition::{Condition, ConditionError, ConditionFault, Facts};
pub use signal_form::SignalForm;
pub use signals::{Signal, Signals};
pub use typology::{Direction, Pack, PackTarget, Skipped, Typology, TypologyError, is_rule_id};
