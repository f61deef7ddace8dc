//! Signed metadata: how a file becomes a value that says who vouched for it.

use std::ops::Deref;

use interdict_common::json::{Object, Value, parse};
use interdict_common::time::Time;

use super::role::Role;
use super::signatures::{count_signers, read_signatures};
use crate::error::{Member, TrustError};
use crate::hashes::{Fingerprint, sha256};
use crate::role_name::RoleName;

/// What one role's files say.
pub(crate) trait Metadata: Sized {
    /// Reads the role's own members of `signed`; the common ones are read already.
    fn parse(role: RoleName, signed: &Object<'_>) -> Result<Self, TrustError>;

    /// The keys the file names for itself. They must have signed it too.
    fn own_role(&self) -> Option<&Role> {
        None
    }
}

/// Metadata that a threshold of the right keys signed. [`Verified::open`] is the only way to one.
#[derive(Debug)]
pub(crate) struct Verified<T> {
    metadata: T,
    version: u32,
    expires: Time,
    fingerprint: Fingerprint,
    proof: Proof,
}

/// The signed bytes and who claims to have signed them, kept because a later root may ask again.
#[derive(Debug)]
struct Proof {
    /// Canonical JSON of `signed`, unknown members included (TUF 1.0.34 §4.2.1).
    message: Vec<u8>,
    /// Key ids and signatures.
    signatures: Vec<(String, String)>,
}

/// Metadata that a host can pin, because it names the keys that must have signed it.
pub(crate) trait Pinned: Metadata {}

impl<T: Pinned> Verified<T> {
    /// A root that is trusted because the host pins it; it must still be signed by a threshold of
    /// its own keys (TUF 1.0.34 §5.2).
    pub(crate) fn pinned(bytes: &[u8]) -> Result<Self, TrustError> {
        Self::open(RoleName::Root, bytes, None)
    }
}

impl<T: Metadata> Verified<T> {
    /// A file signed by a threshold of `signers`, and of the keys it names for itself, if any.
    pub(crate) fn signed_by(signers: &Role, bytes: &[u8]) -> Result<Self, TrustError> {
        Self::open(signers.name(), bytes, Some(signers))
    }

    /// Reads the content from the very value whose canonical form was verified.
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

    /// Would these keys still vouch for it?
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

    /// Bytes of the file.
    pub(crate) const fn length(&self) -> u64 {
        self.fingerprint.length()
    }

    /// SHA-256 of what was signed: neither the signatures, which anyone can rewrite, nor the form
    /// of the JSON around it count.
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
    /// Whether enough of the role's keys signed it (TUF 1.0.34 §5.3.4, §5.4.2, §5.5.3, §5.6.3).
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

/// The members every role's `signed` has (TUF 1.0.34 §4.3 to §4.6).
fn header(role: RoleName, signed: &Object<'_>) -> Result<(u32, Time), TrustError> {
    let text = |name| signed.get(name).and_then(Value::as_str);
    // One key may sign several roles, so the signature alone does not say which file this is.
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

/// `1.MINOR` or `1.MINOR.PATCH`.
fn is_version_one(text: &str) -> bool {
    let mut parts = text.split('.');
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.next() == Some("1")
        && parts.next().is_some_and(number)
        && parts.next().is_none_or(number)
        && parts.next().is_none()
}

/// The `version` member: an integer greater than zero (TUF 1.0.34 §4.3), here up to 32 bits, which
/// is one release a second for 136 years.
pub(crate) fn version(object: &Object<'_>) -> Option<u32> {
    let version = u32::try_from(object.get("version")?.as_integer()?).ok()?;
    (version > 0).then_some(version)
}
