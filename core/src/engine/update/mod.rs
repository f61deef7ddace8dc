//! From downloaded files to the releases in place.

mod coalition;
mod release;

pub use release::{Fetch, Progress, Range};

pub(crate) use coalition::{Choice, Coalition, Live};
pub(crate) use release::Delivery;
