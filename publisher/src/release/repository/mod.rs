//! The repository as releases before left it, and as the next one will: what it names, how long its files
//! stay, and whether the history behind it is still ours.

mod copies;
mod files;
mod heads;
mod last_release;
mod prune;
mod said;
mod state_digest;

pub(crate) use copies::with_copies;
pub(crate) use files::Repository;
pub(crate) use heads::{check_heads, is_lost};
pub(crate) use last_release::LastRelease;
pub(super) use last_release::{Base, CompactBase};
pub(crate) use prune::prune;
pub(super) use said::Said;
