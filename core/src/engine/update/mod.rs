//! From downloaded files to live releases.
//!
//! A coalition's walk asks the host for one file after the other ([`Fetch`]) and takes what became of
//! it ([`Delivery`]). The trust room verifies metadata; from the verified targets come the
//! descriptors of releases and the files still missing (`Coming`); each file must be the part its
//! descriptor names (`Incoming`); then all of a coalition's releases go live at once ([`Live`]).

mod choice;
mod coalition;
mod coming;
mod fetch;
mod live;
mod pack;
mod page;
mod progress;
mod release;

pub use choice::Choice;
pub use coalition::Coalition;
pub use fetch::{Fetch, Range};
pub use progress::{Delivery, Progress};

pub(crate) use live::Live;
