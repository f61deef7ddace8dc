//! The content of the metadata files, read from verified JSON.

mod delegation;
mod members;
mod pattern;
mod pin;
mod root;
mod snapshot;
mod target;
mod targets;
mod timestamp;

pub(crate) use delegation::Delegation;
pub(crate) use pattern::{Budget, PathQuery, path_hash};
pub(crate) use pin::Pin;
pub(crate) use root::Root;
pub(crate) use snapshot::Snapshot;
pub use target::Target;
pub(crate) use targets::Targets;
pub(crate) use timestamp::Timestamp;
