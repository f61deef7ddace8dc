//! Verified metadata: a file becomes a value only after enough keys signed it.

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Deref;

use interdict_common::json::{Object, Value, parse};
use interdict_common::time::Time;

use super::role::Role;
use super::signatures::{count_signers, read_signatures};
use crate::error::{Member, TrustError};
use crate::hashes::{Fingerprint, sha256};
use crate::role_name::RoleName;

/// The content of the files of one role.
pub(crate) trait Metadata: Sized {
    /// Reads the members that only this role has. The common members are already read.
    fn parse(role: RoleName, signed: &Object<'_>) -> Result<Self, TrustError>;

    /// The keys that the file names for its own role. They must have signed it too.
    fn own_role(&self) -> Option<&Role> {
        None
    }
}

/// Metadata that a threshold of the right keys signed. [`Verified::open`] is its only constructor.
#[derive(Debug)]
pub(crate) struct Verified<T> {
    metadata: T,
    version: u32,
    expires: Time,
    fingerprint: Fingerprint,
    proof: Proof,
}

/// The signed bytes and the signatures, kept because a later root may assign other keys.
#[derive(Debug)]
struct Proof {
    /// Canonical JSON of `signed`, with unknown members (TUF 1.0.34 §4.2.1).
    message: Vec<u8>,
    /// Pairs of key id and signature.
    signatures: Vec<(String, String)>,
}

/// Metadata that a host can pin. It names the keys that must have signed it, so no other keys are
/// needed.
pub(crate) trait Pinned: Metadata {}

impl<T: Pinned> Verified<T> {
    /// Verifies a pinned root. A threshold of its own keys must have signed it (TUF 1.0.34 §5.2).
    pub(crate) fn pinned(bytes: &[u8]) -> Result<Self, TrustError> {
        Self::open(RoleName::Root, bytes, None)
    }
}

impl<T: Metadata> Verified<T> {
    /// Verifies a file that a threshold of `signers` must have signed, and also the keys that it
    /// names for its own role, if any.
    pub(crate) fn signed_by(signers: &Role, bytes: &[u8]) -> Result<Self, TrustError> {
        Self::open(signers.name(), bytes, Some(signers))
    }

    /// Verifies the signatures over the canonical form of the parsed value, and reads the content
    /// from that same value.
    fn open(role: RoleName, bytes: &[u8], signers: Option<&Role>) -> Result<Self, TrustError> {
        let malformed = |member| TrustError::Malformed(role, member);
        let max_size = usize::try_from(role.max_size()).ok();
        if max_size.is_none_or(|max_size| bytes.len() > max_size) {
            return Err(TrustError::TooLarge(role));
        }
        let value = parse(bytes, role.limits()).map_err(|error| TrustError::Json(role, error))?;
        let file = value.as_object().ok_or_else(|| malformed(Member::Signed))?;
        let signed = file
            .get("signed")
            .ok_or_else(|| malformed(Member::Signed))?;
        let proof = Proof {
            message: signed.canonical(),
            signatures: read_signatures(role, file)?,
        };
        if let Some(signers) = signers {
            proof.meets(signers)?;
        }
        let signed = signed
            .as_object()
            .ok_or_else(|| malformed(Member::Signed))?;
        let (version, expires) = header(role, signed)?;
        let metadata = T::parse(role, signed)?;
        if let Some(own_role) = metadata.own_role() {
            proof.meets(own_role)?;
        }
        let fingerprint = Fingerprint::of(bytes).ok_or(TrustError::TooLarge(role))?;
        Ok(Self {
            metadata,
            version,
            expires,
            fingerprint,
            proof,
        })
    }

    /// Whether a threshold of these keys signed this file.
    pub(crate) fn is_signed_by(&self, signers: &Role) -> bool {
        self.proof.meets(signers).is_ok()
    }
}

impl<T> Verified<T> {
    pub(crate) const fn version(&self) -> u32 {
        self.version
    }

    pub(crate) const fn expires(&self) -> Time {
        self.expires
    }

    pub(crate) const fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    /// Length of the file in bytes.
    pub(crate) const fn length(&self) -> u64 {
        self.fingerprint.length()
    }

    /// SHA-256 of what was signed. It does not depend on the signatures, which anyone can rewrite,
    /// or on the layout of the JSON.
    pub(crate) fn digest(&self) -> [u8; 32] {
        sha256(&self.proof.message)
    }
}

impl<T> Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.metadata
    }
}

impl Proof {
    /// Checks that a threshold of the role's keys signed (TUF 1.0.34 §5.3.4, §5.4.2, §5.5.3,
    /// §5.6.3).
    fn meets(&self, role: &Role) -> Result<(), TrustError> {
        let threshold = role.threshold();
        let found = count_signers(role.keys(), &self.message, &self.signatures, threshold);
        if found >= threshold {
            Ok(())
        } else {
            Err(TrustError::TooFewSignatures {
                role: role.name(),
                found,
                threshold,
            })
        }
    }
}

/// Reads the members that `signed` has in every role (TUF 1.0.34 §4.3 to §4.6): version and expiry.
fn header(role: RoleName, signed: &Object<'_>) -> Result<(u32, Time), TrustError> {
    let text = |name| signed.get(name).and_then(Value::as_str);
    // One key may sign for several roles, so a signature alone does not tell which file this is.
    if text("_type") != Some(role.as_str()) {
        return Err(TrustError::WrongType(role));
    }
    // 4.3: a client refuses metadata of another major version of the specification.
    if !text("spec_version").is_some_and(is_version_one) {
        return Err(TrustError::SpecVersion(role));
    }
    let version = version(signed).ok_or(TrustError::Malformed(role, Member::Version))?;
    let expires = text("expires")
        .and_then(Time::parse)
        .ok_or(TrustError::Malformed(role, Member::Expires))?;
    Ok((version, expires))
}

/// Whether the text is `1.MINOR` or `1.MINOR.PATCH`.
fn is_version_one(text: &str) -> bool {
    let mut parts = text.split('.');
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.next() == Some("1")
        && parts.next().is_some_and(number)
        && parts.next().is_none_or(number)
        && parts.next().is_none()
}

/// Reads the `version` member, an integer greater than zero (TUF 1.0.34 §4.3). Here it has at most
/// 32 bits, which last for one release a second over 136 years.
pub(crate) fn version(object: &Object<'_>) -> Option<u32> {
    let version = u32::try_from(object.get("version")?.as_integer()?).ok()?;
    (version > 0).then_some(version)
}
