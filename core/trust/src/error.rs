//! The errors of this crate: why a file or an update was refused.

use core::fmt;

use interdict_common::json::JsonError;

use crate::limits::{MAX_KEYS, MAX_ROLES, MAX_SIGNATURES};
use crate::role_name::RoleName;

/// Why the client refused a file or an update. Every error ends the update and leaves the live set
/// unchanged. No error contains text of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrustError {
    /// The file is larger than [`RoleName::max_size`].
    TooLarge(RoleName),
    /// The file is not JSON, or is JSON outside the accepted subset and bounds.
    Json(RoleName, JsonError),
    /// A member is missing or malformed.
    Malformed(RoleName, Member),
    /// `_type` names another role: the file was put in the place of another.
    WrongType(RoleName),
    /// `spec_version` is not 1.x.
    SpecVersion(RoleName),
    /// Two signatures have the same key id (TUF 1.0.34 §4.2.1).
    DuplicateSignature(RoleName),
    /// One key id is listed twice for this role (TUF 1.0.34 §4.3).
    DuplicateKeyId(RoleName),
    /// The threshold of this role is zero.
    ZeroThreshold(RoleName),
    /// The role, or its file, lists too many [keys](crate::LIMITS).
    TooManyKeys(RoleName),
    /// Root has no entry for this role, or snapshot does not list it.
    MissingRole(RoleName),
    /// The file has too many [signatures](crate::LIMITS).
    TooManySignatures(RoleName),
    /// The name of a delegated role is empty, reserved for a top-level role, repeated or too long.
    DelegatedName,
    /// An update or search needs too many [delegated roles](crate::LIMITS), or their files are too
    /// large together.
    TooManyRoles,
    /// Comparing paths with the patterns of delegations takes too many [steps](crate::LIMITS).
    TooManyPatterns,
    /// Too few distinct keys of the role signed the file.
    TooFewSignatures {
        /// The role whose keys were counted.
        role: RoleName,
        /// Distinct keys with a valid signature.
        found: u32,
        /// Distinct keys needed.
        threshold: u32,
    },
    /// The version of the file is not the requested one.
    WrongVersion {
        /// The role of the file.
        role: RoleName,
        /// The requested version.
        expected: u32,
        /// The version in the file.
        found: u32,
    },
    /// The version of the file is lower than the version verified before.
    Rollback {
        /// The role of the file.
        role: RoleName,
        /// The version verified before.
        trusted: u32,
        /// The version in the file.
        found: u32,
    },
    /// The file lists a lower version of another file than its predecessor did.
    ListedRollback(RoleName),
    /// The file does not list a role that its predecessor listed.
    ListedRoleRemoved(RoleName),
    /// The file has expired.
    Expired(RoleName),
    /// The length of the file is not the listed one.
    WrongLength(RoleName),
    /// A hash of the file is not the listed one.
    WrongHash(RoleName),
    /// Hashes of the file are listed, but no supported one.
    NoKnownHash(RoleName),
    /// The repository has no such file.
    NotFound(RoleName),
    /// The host could not get the file.
    Unavailable(RoleName),
    /// A file was supplied that was not requested, or a search was started before the first
    /// completed update.
    NotRequested,
    /// The length of the target file is not the listed one.
    TargetLength,
    /// A hash of the target file is not the listed one.
    TargetHash,
    /// No supported hash of the target file is listed.
    TargetNoKnownHash,
    /// No authorised role lists the target file.
    NoTarget,
}

/// A member of a metadata file that can be missing or malformed (TUF 1.0.34 §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Member {
    /// `consistent_snapshot`
    ConsistentSnapshot,
    /// `delegations`
    Delegations,
    /// `expires`
    Expires,
    /// `keyids`
    KeyIds,
    /// `keys`
    Keys,
    /// `meta`
    Meta,
    /// `paths`, or `path_hash_prefixes`
    Paths,
    /// `roles`
    Roles,
    /// `signatures`
    Signatures,
    /// `signed`
    Signed,
    /// `targets`
    Targets,
    /// `terminating`
    Terminating,
    /// `threshold`
    Threshold,
    /// `version`
    Version,
}

impl Member {
    /// The name of the member in the file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ConsistentSnapshot => "consistent_snapshot",
            Self::Delegations => "delegations",
            Self::Expires => "expires",
            Self::KeyIds => "keyids",
            Self::Keys => "keys",
            Self::Meta => "meta",
            Self::Paths => "paths",
            Self::Roles => "roles",
            Self::Signatures => "signatures",
            Self::Signed => "signed",
            Self::Targets => "targets",
            Self::Terminating => "terminating",
            Self::Threshold => "threshold",
            Self::Version => "version",
        }
    }
}

impl core::error::Error for TrustError {}

impl fmt::Display for TrustError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut file = |role, fault| write!(f, "the {role} file {fault}");
        match *self {
            Self::TooLarge(role) => file(role, "is too large"),
            Self::Json(role, error) => file(role, json_fault(error)),
            Self::Malformed(role, member) => {
                write!(
                    f,
                    "the {role} file has no usable \"{}\" member",
                    member.as_str()
                )
            }
            Self::WrongType(role) => {
                write!(f, "the file served as {role} has the _type of another role")
            }
            Self::SpecVersion(role) => file(role, "does not follow TUF specification version 1.x"),
            Self::DuplicateSignature(role) => file(role, "has two signatures with the same key id"),
            Self::DuplicateKeyId(role) => write!(f, "a key id is listed twice for {role}"),
            Self::ZeroThreshold(role) => write!(f, "the threshold of {role} is zero"),
            Self::TooManyKeys(role) => {
                write!(f, "more than {MAX_KEYS} keys are listed for {role}")
            }
            Self::MissingRole(role) => missing(f, role),
            Self::TooManySignatures(role) => {
                write!(
                    f,
                    "the {role} file has more than {MAX_SIGNATURES} signatures"
                )
            }
            Self::DelegatedName => {
                f.write_str("a delegated role has an empty, reserved, repeated or too long name")
            }
            Self::TooManyRoles => {
                write!(
                    f,
                    "more than {MAX_ROLES} delegated roles, or their files are too large"
                )
            }
            Self::TooManyPatterns => f.write_str("too many delegation patterns"),
            Self::TooFewSignatures { .. } | Self::WrongVersion { .. } | Self::Rollback { .. } => {
                self.fmt_numbers(f)
            }
            Self::ListedRollback(role) => file(role, "lists an older version than before"),
            Self::ListedRoleRemoved(role) => file(role, "no longer lists a known role"),
            Self::Expired(role) => file(role, "has expired"),
            Self::WrongLength(role) => file(role, "does not have the listed length"),
            Self::WrongHash(role) => file(role, "does not have the listed hash"),
            Self::NoKnownHash(role) => file(role, NO_KNOWN_HASH),
            Self::NotFound(role) => write!(f, "the repository has no {role} file"),
            Self::Unavailable(role) => file(role, "could not be fetched"),
            Self::NotRequested => f.write_str("no metadata file was requested"),
            Self::TargetLength => f.write_str("the target file does not have the listed length"),
            Self::TargetHash => f.write_str("the target file does not have the listed hash"),
            Self::TargetNoKnownHash => write!(f, "the target file {NO_KNOWN_HASH}"),
            Self::NoTarget => f.write_str("no authorised role lists the target"),
        }
    }
}

impl TrustError {
    /// Writes the three errors that hold numbers.
    fn fmt_numbers(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::TooFewSignatures {
                role,
                found,
                threshold,
            } => write!(
                f,
                "{found} of the {threshold} required distinct {role} keys signed the file"
            ),
            Self::WrongVersion {
                role,
                expected,
                found,
            } => write!(
                f,
                "the {role} file has version {found}, expected version {expected}"
            ),
            Self::Rollback {
                role,
                trusted,
                found,
            } => write!(
                f,
                "the {role} file has version {found}, older than the known version {trusted}"
            ),
            _ => Ok(()),
        }
    }
}

fn missing(f: &mut fmt::Formatter<'_>, role: RoleName) -> fmt::Result {
    match role {
        RoleName::Targets | RoleName::Delegated => write!(f, "{role} is not listed"),
        _ => write!(f, "root has no entry for {role}"),
    }
}

/// What follows "the ... file" if no supported hash of it is listed.
const NO_KNOWN_HASH: &str = "is listed with neither SHA-256 nor SHA-512";

/// What follows "the ... file" for a fault in its JSON.
const fn json_fault(error: JsonError) -> &'static str {
    match error {
        JsonError::DuplicateMember => "is not acceptable JSON: an object names a member twice",
        JsonError::NonInteger => "is not acceptable JSON: a number is not a 64-bit integer",
        JsonError::Syntax => "is not acceptable JSON: invalid syntax",
        JsonError::TooDeep => "is not acceptable JSON: it is nested too deeply",
        JsonError::TooManyValues => "is not acceptable JSON: it has too many values",
        JsonError::Utf8 => "is not acceptable JSON: it is not UTF-8",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_role_and_numbers() {
        let role = RoleName::Targets;
        for (error, message) in [
            (
                TrustError::TooFewSignatures {
                    role,
                    found: 1,
                    threshold: 2,
                },
                "1 of the 2 required distinct targets keys signed the file",
            ),
            (
                TrustError::Rollback {
                    role,
                    trusted: 5,
                    found: 4,
                },
                "the targets file has version 4, older than the known version 5",
            ),
            (
                TrustError::Malformed(role, Member::Expires),
                "the targets file has no usable \"expires\" member",
            ),
            (
                TrustError::Json(role, JsonError::DuplicateMember),
                "the targets file is not acceptable JSON: an object names a member twice",
            ),
        ] {
            assert_eq!(error.to_string(), message);
        }
    }
}
