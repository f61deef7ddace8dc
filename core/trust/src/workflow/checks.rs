//! Checks that every pinned file must pass.

use crate::error::TrustError;
use crate::hashes::Fingerprint;
use crate::metadata::Pin;
use crate::role_name::RoleName;
use crate::signing::Verified;

/// Checks the bytes against the length and the hashes that the pin lists, if any.
pub(crate) fn check_bytes(role: RoleName, pin: &Pin, bytes: &[u8]) -> Result<(), TrustError> {
    let fingerprint = Fingerprint::of(bytes).ok_or(TrustError::TooLarge(role))?;
    pin.check(role, &fingerprint)
}

pub(crate) fn check_version<T>(
    role: RoleName,
    pin: &Pin,
    file: &Verified<T>,
) -> Result<(), TrustError> {
    if file.version() == pin.version {
        return Ok(());
    }
    let (expected, found) = (pin.version, file.version());
    Err(TrustError::WrongVersion {
        role,
        expected,
        found,
    })
}
