//! SHA-256: what TUF names files by, and what the register keeps of an imported file.

use sha2::{Digest as _, Sha256};

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
