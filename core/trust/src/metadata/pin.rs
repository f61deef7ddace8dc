//! Pins: the version, length and hashes that one metadata file lists for another.

use interdict_common::json::Value;

use crate::error::{Member, TrustError};
use crate::hashes::{Fingerprint, Hashes};
use crate::role_name::RoleName;
use crate::signing::version;

/// What timestamp lists for snapshot, and snapshot for targets and the delegated roles (TUF 1.0.34
/// §4.4, §4.6: `METAFILES`).
#[derive(Debug, Clone)]
pub(crate) struct Pin {
    pub(crate) version: u32,
    length: Option<u64>,
    hashes: Option<Hashes>,
}

impl Pin {
    /// Reads `{"version": n, "length": n, "hashes": {..}}`, where the last two are optional. `role`
    /// is the role of the file that lists the pin.
    pub(crate) fn parse(role: RoleName, value: &Value<'_>) -> Result<Self, TrustError> {
        let read = || {
            let pin = value.as_object()?;
            let version = version(pin)?;
            let length = match pin.get("length") {
                Some(length) => Some(u64::try_from(length.as_integer()?).ok()?),
                None => None,
            };
            let hashes = match pin.get("hashes") {
                Some(hashes) => Some(Hashes::parse(hashes.as_object()?)?),
                None => None,
            };
            Some(Self {
                version,
                length,
                hashes,
            })
        };
        read().ok_or(TrustError::Malformed(role, Member::Meta))
    }

    /// The largest size that the pinned file can have, in bytes.
    pub(crate) fn max_size(&self, role: RoleName) -> u32 {
        let listed = self.length.and_then(|length| u32::try_from(length).ok());
        listed.map_or(role.max_size(), |length| length.min(role.max_size()))
    }

    /// Checks length and hashes, if they are listed (TUF 1.0.34 §5.5.2, §5.6.2).
    pub(crate) fn check(&self, role: RoleName, file: &Fingerprint) -> Result<(), TrustError> {
        if self.length.is_some_and(|length| length != file.length()) {
            return Err(TrustError::WrongLength(role));
        }
        match &self.hashes {
            // The publisher meant the hashes to protect the file, and unsupported ones cannot.
            Some(hashes) if !hashes.any() => Err(TrustError::NoKnownHash(role)),
            Some(hashes) if !hashes.agree(file.hashes()) => Err(TrustError::WrongHash(role)),
            _ => Ok(()),
        }
    }
}
