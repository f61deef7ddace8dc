//! Hashes of files: as listed in metadata, and as computed.

use sha2::{Digest as _, Sha256, Sha512};

use interdict_common::hex;
use interdict_common::json::Object;

/// The supported hashes of a file (TUF 1.0.34 §4.1). A file matches if every listed one is equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hashes {
    pub(crate) sha256: Option<[u8; 32]>,
    pub(crate) sha512: Option<[u8; 64]>,
}

impl Hashes {
    /// Reads a `hashes` object. Unknown algorithms are skipped. `None` if a supported hash has the
    /// wrong length or is not hexadecimal.
    pub(crate) fn parse(hashes: &Object<'_>) -> Option<Self> {
        let read = |name| hashes.get(name).map(|value| value.as_str());
        let sha256 = match read("sha256") {
            Some(text) => Some(hex::array(text?)?),
            None => None,
        };
        let sha512 = match read("sha512") {
            Some(text) => Some(hex::array(text?)?),
            None => None,
        };
        Some(Self { sha256, sha512 })
    }

    /// Computes both hashes of a file.
    fn of(bytes: &[u8]) -> Self {
        Self {
            sha256: Some(sha256(bytes)),
            sha512: Some(sha512(bytes)),
        }
    }

    /// Whether a supported hash is listed.
    pub(crate) const fn any(&self) -> bool {
        self.sha256.is_some() || self.sha512.is_some()
    }

    /// Whether every hash listed here is equal in `found`.
    pub(crate) fn agree(&self, found: &Self) -> bool {
        (self.sha256.is_none() || self.sha256 == found.sha256)
            && (self.sha512.is_none() || self.sha512 == found.sha512)
    }

    /// Whether the file has every listed hash. Only those are computed.
    pub(crate) fn match_file(&self, bytes: &[u8]) -> bool {
        let found = Self {
            sha256: self.sha256.is_some().then(|| sha256(bytes)),
            sha512: self.sha512.is_some().then(|| sha512(bytes)),
        };
        self.agree(&found)
    }
}

/// Length and hashes of a metadata file, kept to compare the file with later pins.
#[derive(Debug, Clone)]
pub(crate) struct Fingerprint {
    length: u64,
    hashes: Hashes,
}

impl Fingerprint {
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        Some(Self {
            length: u64::try_from(bytes.len()).ok()?,
            hashes: Hashes::of(bytes),
        })
    }

    /// Length of the file in bytes.
    pub(crate) const fn length(&self) -> u64 {
        self.length
    }

    /// Both hashes of the file.
    pub(crate) const fn hashes(&self) -> &Hashes {
        &self.hashes
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn sha512(bytes: &[u8]) -> [u8; 64] {
    Sha512::digest(bytes).into()
}
