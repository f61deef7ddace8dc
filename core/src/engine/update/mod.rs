//! From downloaded files to live releases.
//!
//! A coalition's walk asks the host for one file after the other ([`Fetch`]) and takes each file or
//! the news that it could not be fetched ([`Delivery`]). `trust` verifies the metadata. The
//! verified targets name the releases and the files that are still missing (`PendingUpdate`). Each
//! file must be the part that its descriptor names (`PendingRelease`). When no file is missing, all
//! releases of the coalition become live at once (`LiveRelease`).

mod choice;
mod coalition;
mod fetch;
mod grade;
mod live_release;
mod pack;
mod pending_release;
mod pending_update;
mod progress;
mod sealed_key;
#[cfg(test)]
mod tests;

pub use choice::{Choice, Epochs};
pub use coalition::Coalition;
pub use fetch::Fetch;
pub use progress::{Delivery, WalkProgress};

pub(crate) use grade::{Grade, Standing};
pub(crate) use live_release::LiveRelease;
