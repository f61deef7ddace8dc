//! Keys, and the signatures that make a file count as signed.

mod key;
mod role;
mod signatures;
mod signers;
mod verified;

#[cfg(test)]
pub(crate) use key::Key;
pub(crate) use role::{Keys, Role};
pub use signers::Signers;
pub(crate) use verified::{Metadata, Pinned, Verified, version};
