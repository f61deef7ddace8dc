//! Audit files, and what may leave the gateway about them: counts, never a merchant.

mod progress;
mod receipt;
mod suppress;

pub use progress::{Breakdown, Progress, ProgressReport, Span};
pub use suppress::{SMALLEST_SHOWN, Shown, suppressed};
