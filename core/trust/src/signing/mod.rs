//! Keys and signatures: when a file counts as signed.

mod key;
mod role;
mod signatures;
mod signers;
mod verified;

#[cfg(test)]
pub(crate) use key::Key;
#[cfg(test)]
pub(crate) use role::MAX_FILE_KEYS;
pub(crate) use role::{Keys, MAX_KEYS, Role};
pub(crate) use signatures::MAX_SIGNATURES;
pub use signers::Signers;
pub(crate) use verified::{Metadata, Pinned, Verified, version};
