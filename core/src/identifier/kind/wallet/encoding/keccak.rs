//! Keccak-256 with its original padding, before NIST changed it for SHA-3: the hash of Ethereum and Monero.

use sha3::{Digest as _, Keccak256};

pub(in crate::identifier::kind::wallet) fn keccak_256(bytes: &[u8]) -> [u8; 32] {
    Keccak256::digest(bytes).into()
}
