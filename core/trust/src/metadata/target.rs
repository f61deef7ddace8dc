//! Target files: what signed metadata lists for each.

use alloc::format;
use alloc::string::String;

use interdict_common::hex;
use interdict_common::json::Value;

use crate::error::TrustError;
use crate::hashes::Hashes;
use crate::name::{is_unreserved_or_slash, percent_encode};

/// The signed entry of one target file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Length of the file in bytes.
    pub length: u64,
    /// SHA-256, if listed.
    pub sha256: Option<[u8; 32]>,
    /// SHA-512, if listed.
    pub sha512: Option<[u8; 64]>,
    /// Data of the publisher; TUF gives it no meaning.
    pub custom: Option<Value<'static>>,
}

impl Target {
    pub(crate) fn parse(value: &Value<'_>) -> Option<Self> {
        let target = value.as_object()?;
        let length = u64::try_from(target.get("length")?.as_integer()?).ok()?;
        let Hashes { sha256, sha512 } = Hashes::parse(target.get("hashes")?.as_object()?)?;
        let custom = target.get("custom").cloned().map(Value::into_owned);
        Some(Self {
            length,
            sha256,
            sha512,
            custom,
        })
    }

    /// Checks that these bytes are the signed file, by length and by every listed hash (TUF 1.0.34
    /// §5.7.3).
    ///
    /// # Errors
    /// [`TrustError::TargetLength`], [`TrustError::TargetHash`], or
    /// [`TrustError::TargetNoKnownHash`] if no supported hash is listed.
    pub fn verify(&self, bytes: &[u8]) -> Result<(), TrustError> {
        if u64::try_from(bytes.len()) != Ok(self.length) {
            return Err(TrustError::TargetLength);
        }
        let hashes = self.hashes();
        if !hashes.any() {
            return Err(TrustError::TargetNoKnownHash);
        }
        if hashes.match_file(bytes) {
            Ok(())
        } else {
            Err(TrustError::TargetHash)
        }
    }

    /// The path of the file below the base of the repository. With consistent snapshots, the file
    /// name contains a hash (TUF 1.0.34 §6.2): `se/cards.filter` is
    /// `targets/se/<hash>.cards.filter`.
    ///
    /// The path is percent-encoded except for `/`. [`is_plain_path`](crate::is_plain_path) tells
    /// whether it stays below the base.
    #[must_use]
    pub fn path(&self, target_path: &str, consistent: bool) -> String {
        let target_path = percent_encode(target_path.as_bytes(), is_unreserved_or_slash);
        let hash = match (consistent, self.sha256, self.sha512) {
            (false, ..) => None,
            (true, Some(sha256), _) => Some(hex::text(&sha256)),
            (true, None, sha512) => sha512.map(|sha512| hex::text(&sha512)),
        };
        match (hash, target_path.rsplit_once('/')) {
            (None, _) => format!("targets/{target_path}"),
            (Some(hash), None) => format!("targets/{hash}.{target_path}"),
            (Some(hash), Some((folder, file))) => format!("targets/{folder}/{hash}.{file}"),
        }
    }

    /// Whether a supported hash is listed.
    pub(crate) const fn has_known_hash(&self) -> bool {
        self.hashes().any()
    }

    const fn hashes(&self) -> Hashes {
        Hashes {
            sha256: self.sha256,
            sha512: self.sha512,
        }
    }
}
