//! The text encodings that several chains share, and their checksums.

pub(super) mod base58;
pub(super) mod bech32;
pub(super) mod cashaddr;
pub(super) mod five_bits;
pub(super) mod keccak;
