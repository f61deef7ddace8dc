//! From downloaded files to live releases.
//!
//! A coalition's walk asks the host for one file after the other ([`Fetch`]) and takes what became of
//! it ([`Delivery`]). The trust room verifies metadata; from the verified targets come the
//! descriptors of releases and the files still missing (`PendingUpdate`); each file must be the part its
//! descriptor names (`PendingRelease`); then all of a coalition's releases go live at once ([`LiveRelease`]).

mod choice;
mod coalition;
mod fetch;
mod live_release;
mod pack;
mod page_walk;
mod pending_release;
mod pending_update;
mod progress;

pub use choice::Choice;
pub use coalition::Coalition;
pub use fetch::{ByteRange, Fetch};
pub use progress::{Delivery, WalkProgress};

pub(crate) use live_release::LiveRelease;
