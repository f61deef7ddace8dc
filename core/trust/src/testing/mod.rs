//! A coalition's repository for tests, which the forge writes, and a host that fetches from it.

mod host;
mod repository;
mod role;

use interdict_common::time::Time;

pub(crate) use host::drive;
pub(crate) use interdict_forge::{Scheme, Signer};
pub(crate) use repository::Repository;
pub(crate) use role::{Delegated, Delegation};

/// 2026-06-01T00:00:00Z
pub(crate) const NOW: Time = Time::from_seconds(1_780_272_000);
pub(crate) const DAY: u32 = 86_400;
/// The path of the list in the repository.
pub(crate) const LIST: &str = "se/cards.filter";

/// Signs the text of a `signed` member.
pub(crate) fn sign(signed: &str, signers: &[Signer]) -> Vec<u8> {
    interdict_forge::sign_text(signed.as_bytes(), signers).unwrap()
}
