//! A coalition's repository for tests, with its keys, and a host that fetches from it.

mod host;
mod repository;
mod role;
mod signer;

use interdict_common::time::Time;

pub(crate) use host::drive;
pub(crate) use repository::Repository;
pub(crate) use role::{Delegated, Delegation};
pub(crate) use signer::{Scheme, Signer, sign};

/// 2026-06-01T00:00:00Z
pub(crate) const NOW: Time = Time::from_seconds(1_780_272_000);
pub(crate) const DAY: u32 = 86_400;
/// The path of the list in the repository.
pub(crate) const LIST: &str = "se/cards.filter";
