//! Why a file, or a whole update, was refused.

use std::fmt;

use interdict_common::json::JsonError;

use crate::limits::{MAX_KEYS, MAX_ROLES, MAX_SIGNATURES};
use crate::role_name::RoleName;

/// Why the client refused something. Every variant ends the update and leaves the last completed
/// set in place; none holds any text of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrustError {
    /// The file is longer than it may be.
    TooLarge(RoleName),
    /// The file is not the JSON we read.
    Json(RoleName, JsonError),
    /// A member is missing or of the wrong form.
    Malformed(RoleName, Member),
    /// `_type` names another role: a file was put in another's place.
    WrongType(RoleName),
    /// `spec_version` is not 1.x.
    SpecVersion(RoleName),
    /// One key id appears twice among the signatures.
    DuplicateSignature(RoleName),
    /// One key id is listed twice for this role.
    DuplicateKeyId(RoleName),
    /// This role is given a threshold of zero.
    ZeroThreshold(RoleName),
    /// More keys are listed for this role, or in its file, than are read.
    TooManyKeys(RoleName),
    /// Root does not say who speaks for this role, or snapshot does not list it.
    MissingRole(RoleName),
    /// The file has more signatures than are read.
    TooManySignatures(RoleName),
    /// A delegated role has a name that is empty, a top-level role's, given twice or too long.
    DelegatedName,
    /// An update would follow more delegated roles, or read more of them, than it may.
    TooManyRoles,
    /// Comparing paths with the patterns of delegations takes more work than it may.
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
    /// The file has another version than the one asked for.
    WrongVersion {
        /// The role of the file.
        role: RoleName,
        /// The version asked for.
        expected: u32,
        /// The version in the file.
        found: u32,
    },
    /// The file is older than the one already verified.
    Rollback {
        /// The role of the file.
        role: RoleName,
        /// The version already verified.
        trusted: u32,
        /// The version in the file.
        found: u32,
    },
    /// The file lists an older version of another file than its predecessor did.
    ListedRollback(RoleName),
    /// The file no longer lists a role its predecessor did.
    ListedRoleRemoved(RoleName),
    /// The file expired.
    Expired(RoleName),
    /// The file has another length than its lister says.
    WrongLength(RoleName),
    /// The file has another hash than its lister says.
    WrongHash(RoleName),
    /// The lister gives hashes of this file, but none we can compute.
    NoKnownHash(RoleName),
    /// The repository has no such file.
    NotFound(RoleName),
    /// The host could not bring the file.
    Unavailable(RoleName),
    /// A file was supplied when none was asked for.
    NotRequested,
    /// A target file has another length than targets says.
    TargetLength,
    /// A target file has another hash than targets says.
    TargetHash,
    /// Targets gives no hash of this target file that we can compute.
    TargetNoKnownHash,
    /// No role that may list this target file does.
    NoTarget,
}

/// A part of a metadata file (TUF 1.0.34 §4).
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
    /// The member's name in the file.
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

impl std::error::Error for TrustError {}

impl fmt::Display for TrustError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::TooLarge(role) => write!(f, "the {role} file is larger than it may be"),
            Self::Json(role, error) => {
                write!(
                    f,
                    "the {role} file is not acceptable JSON: {}",
                    json_fault(error)
                )
            }
            Self::Malformed(role, member) => {
                write!(
                    f,
                    "the {role} file has no usable \"{}\" member",
                    member.as_str()
                )
            }
            Self::WrongType(role) => {
                write!(f, "the file served as {role} says it is something else")
            }
            Self::SpecVersion(role) => {
                write!(f, "the {role} file is not of TUF specification version 1.x")
            }
            Self::DuplicateSignature(role) => {
                write!(f, "the {role} file has two signatures with one key id")
            }
            Self::DuplicateKeyId(role) => write!(f, "one key id is listed twice for {role}"),
            Self::ZeroThreshold(role) => write!(f, "{role} may go unsigned (threshold 0)"),
            Self::TooManyKeys(role) => {
                write!(f, "more than {MAX_KEYS} keys are listed for {role}")
            }
            Self::MissingRole(role @ (RoleName::Targets | RoleName::Delegated)) => {
                write!(f, "{role} is not listed")
            }
            Self::MissingRole(role) => write!(f, "root does not say who signs {role}"),
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
                    "more than {MAX_ROLES} delegated roles, or too much in them"
                )
            }
            Self::TooManyPatterns => f.write_str("the patterns of delegations are too many"),
            Self::TooFewSignatures {
                role,
                found,
                threshold,
            } => write!(
                f,
                "{found} of the {threshold} distinct {role} keys needed signed the file"
            ),
            Self::WrongVersion {
                role,
                expected,
                found,
            } => {
                write!(
                    f,
                    "the {role} file has version {found} where {expected} was asked for"
                )
            }
            Self::Rollback {
                role,
                trusted,
                found,
            } => write!(
                f,
                "the {role} file has version {found}, older than {trusted} which is known"
            ),
            Self::ListedRollback(role) => {
                write!(f, "the {role} file lists an older version than is known")
            }
            Self::ListedRoleRemoved(role) => {
                write!(f, "the {role} file no longer lists a role that is known")
            }
            Self::Expired(role) => write!(f, "the {role} file has expired"),
            Self::WrongLength(role) => write!(f, "the {role} file has not the listed length"),
            Self::WrongHash(role) => write!(f, "the {role} file has not the listed hash"),
            Self::NoKnownHash(role) => {
                write!(
                    f,
                    "the {role} file is listed with neither SHA-256 nor SHA-512"
                )
            }
            Self::NotFound(role) => write!(f, "the repository has no {role} file"),
            Self::Unavailable(role) => write!(f, "the {role} file could not be fetched"),
            Self::NotRequested => f.write_str("no metadata file was asked for"),
            Self::TargetLength => f.write_str("the target file has not the listed length"),
            Self::TargetHash => f.write_str("the target file has not the listed hash"),
            Self::TargetNoKnownHash => {
                f.write_str("the target file is listed with neither SHA-256 nor SHA-512")
            }
            Self::NoTarget => f.write_str("no role that may list the target file does"),
        }
    }
}

const fn json_fault(error: JsonError) -> &'static str {
    match error {
        JsonError::DuplicateMember => "an object names a member twice",
        JsonError::NonInteger => "a number is not a 64-bit integer",
        JsonError::Syntax => "the syntax is wrong",
        JsonError::TooDeep => "it is nested too deep",
        JsonError::TooManyValues => "it holds too many values",
        JsonError::Utf8 => "it is not UTF-8",
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
                "1 of the 2 distinct targets keys needed signed the file",
            ),
            (
                TrustError::Rollback {
                    role,
                    trusted: 5,
                    found: 4,
                },
                "the targets file has version 4, older than 5 which is known",
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
