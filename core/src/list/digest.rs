use sha2::{Digest, Sha256};

use super::error::ListError;

/// Length and SHA-256 of one file, as the signed descriptor states them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartDigest {
    /// Bytes.
    pub length: u32,
    /// SHA-256 of all of them.
    pub sha256: [u8; 32],
}

impl PartDigest {
    /// Length and SHA-256 of these bytes.
    ///
    /// # Errors
    /// [`ListError::EntryCount`] for 4 GiB and more.
    pub fn of(bytes: &[u8]) -> Result<Self, ListError> {
        Ok(Self {
            length: u32::try_from(bytes.len()).map_err(|_| ListError::EntryCount)?,
            sha256: Sha256::digest(bytes).into(),
        })
    }

    /// Whether these bytes are the file.
    #[must_use]
    pub fn is_of(&self, bytes: &[u8]) -> bool {
        u32::try_from(bytes.len()) == Ok(self.length)
            && <[u8; 32]>::from(Sha256::digest(bytes)) == self.sha256
    }

    /// Whether targets metadata states the same length and SHA-256.
    pub(super) fn is_of_target(&self, length: u64, sha256: Option<[u8; 32]>) -> bool {
        (length, sha256) == (u64::from(self.length), Some(self.sha256))
    }
}
