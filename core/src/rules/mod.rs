//! Published red flags: the signals they read, the language of their conditions, and the signed packs
//! they come in.

mod condition;
mod pack_target;
mod signals;
mod typology;

pub use condition::{Condition, ConditionError, ConditionFault, Facts};
pub use pack_target::PackTarget;
pub use signals::{Signal, SignalForm, Signals};
pub use typology::{Direction, Pack, Skipped, Typology, TypologyError};
