//! Audit files: what may leave the gateway about them, counts and never a merchant; and what only the holder of
//! the SilentKey reads in them.

mod progress;
mod receipt;
mod report;
pub(crate) mod silent;
mod suppress;

pub use progress::Progress;
pub use receipt::is_decision;
pub use report::{Breakdown, ProgressReport, Span};
pub use silent::{SilentHit, SilentHits, SilentLine, SilentReader, create_silent_key};
pub use suppress::{SMALLEST_SHOWN, Shown, suppressed};
