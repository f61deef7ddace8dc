//! Length and hashes: what one file of metadata says about another file.

use sha2::{Digest as _, Sha256, Sha512};

use interdict_common::hex;
use interdict_common::json::{Object, Value};

use super::error::{Member, TrustError};
use super::role::RoleName;

/// The hashes we know (TUF 1.0.34 §4.1). A file matches when every one that is listed does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hashes {
    pub(super) sha256: Option<[u8; 32]>,
    pub(super) sha512: Option<[u8; 64]>,
}

impl Hashes {
    /// Reads a `hashes` object; unknown algorithms are skipped. `None` if a known one has another
    /// length or is not hex.
    pub(super) fn parse(hashes: &Object<'_>) -> Option<Self> {
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

    /// Both hashes of a file.
    fn of(bytes: &[u8]) -> Self {
        Self {
            sha256: Some(sha256(bytes)),
            sha512: Some(sha512(bytes)),
        }
    }

    /// Is at least one hash listed that we can compute?
    pub(super) const fn any(&self) -> bool {
        self.sha256.is_some() || self.sha512.is_some()
    }

    /// Does every hash listed here have the same value there?
    fn agree(&self, found: &Self) -> bool {
        (self.sha256.is_none() || self.sha256 == found.sha256)
            && (self.sha512.is_none() || self.sha512 == found.sha512)
    }

    /// Does the file have every hash listed here? Computes those only.
    pub(super) fn match_file(&self, bytes: &[u8]) -> bool {
        let found = Self {
            sha256: self.sha256.is_some().then(|| sha256(bytes)),
            sha512: self.sha512.is_some().then(|| sha512(bytes)),
        };
        self.agree(&found)
    }
}

/// What is kept of a metadata file to compare it with later pins.
#[derive(Debug, Clone)]
pub(super) struct Fingerprint {
    length: u64,
    hashes: Hashes,
}

impl Fingerprint {
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        Some(Self {
            length: u64::try_from(bytes.len()).ok()?,
            hashes: Hashes::of(bytes),
        })
    }

    /// Bytes of the file.
    pub(super) const fn length(&self) -> u64 {
        self.length
    }
}

/// What timestamp says about the snapshot, and snapshot about targets (TUF 1.0.34 §4.4, §4.6:
/// `METAFILES`).
#[derive(Debug, Clone)]
pub(super) struct Pin {
    pub(super) version: u32,
    length: Option<u64>,
    hashes: Option<Hashes>,
}

impl Pin {
    /// Reads `{"version": n, "length": n, "hashes": {..}}`, the last two optional. `role` is the
    /// role whose file holds it.
    pub(super) fn parse(role: RoleName, value: &Value<'_>) -> Result<Self, TrustError> {
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

    /// The most bytes the pinned file can have.
    pub(super) fn max_size(&self, role: RoleName) -> u32 {
        let listed = self.length.and_then(|length| u32::try_from(length).ok());
        listed.map_or(role.max_size(), |length| length.min(role.max_size()))
    }

    /// Checks length and hashes where they are listed (TUF 1.0.34 §5.5.2, §5.6.2).
    pub(super) fn check(&self, role: RoleName, file: &Fingerprint) -> Result<(), TrustError> {
        if self.length.is_some_and(|length| length != file.length) {
            return Err(TrustError::WrongLength(role));
        }
        match &self.hashes {
            // Hashes we cannot compute protect nothing, and the publisher meant them to.
            Some(hashes) if !hashes.any() => Err(TrustError::NoKnownHash(role)),
            Some(hashes) if !hashes.agree(&file.hashes) => Err(TrustError::WrongHash(role)),
            _ => Ok(()),
        }
    }
}

/// The `version` member: an integer greater than zero (TUF 1.0.34 §4.3), here up to 32 bits, which
/// is one release a second for 136 years.
pub(super) fn version(object: &Object<'_>) -> Option<u32> {
    let version = u32::try_from(object.get("version")?.as_integer()?).ok()?;
    (version > 0).then_some(version)
}

pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn sha512(bytes: &[u8]) -> [u8; 64] {
    Sha512::digest(bytes).into()
}
