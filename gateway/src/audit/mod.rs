//! Audit files, and what may leave the gateway about them: counts, never a merchant.

mod progress;
mod receipt;
mod report;
mod suppress;

pub use progress::Progress;
pub use report::{Breakdown, ProgressReport, Span};
pub use suppress::{SMALLEST_SHOWN, Shown, suppressed};
