//! The roles of a repository.

use core::fmt;

use interdict_common::json::Limits;

use crate::limits::{
    BYTES_PER_JSON_VALUE, MAX_JSON_DEPTH, MAX_ROOT_BYTES, MAX_SNAPSHOT_BYTES, MAX_TARGETS_BYTES,
    MAX_TIMESTAMP_BYTES,
};

/// A kind of role (TUF 1.0.34 §2.1). Delegated roles also have names of their own. Errors do not
/// repeat them, because they are foreign text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoleName {
    /// Says which keys sign for every top-level role, including root itself.
    Root,
    /// Says which snapshot is the newest.
    Timestamp,
    /// Says which versions of targets and of the delegated roles belong together.
    Snapshot,
    /// Lists the target files, with length and hashes.
    Targets,
    /// Lists target files whose paths were delegated to it by targets or by another delegated role.
    Delegated,
}

impl RoleName {
    /// The value of `_type` in a file of this role. For a top-level role, this is also its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Timestamp => "timestamp",
            Self::Snapshot => "snapshot",
            Self::Targets | Self::Delegated => "targets",
        }
    }

    /// The largest size of a file of this role, in bytes. TUF 1.0.34 §5.3.3, §5.4.1, §5.5.1 and
    /// §5.6.1 leave the sizes to the client.
    #[must_use]
    pub const fn max_size(self) -> u32 {
        match self {
            Self::Root => MAX_ROOT_BYTES,
            Self::Timestamp => MAX_TIMESTAMP_BYTES,
            Self::Snapshot => MAX_SNAPSHOT_BYTES,
            Self::Targets | Self::Delegated => MAX_TARGETS_BYTES,
        }
    }

    /// The bounds on the JSON of a file of this role.
    pub(crate) const fn limits(self) -> Limits {
        Limits {
            depth: MAX_JSON_DEPTH,
            nodes: self.max_size().div_euclid(BYTES_PER_JSON_VALUE),
        }
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delegated => f.write_str("delegated targets"),
            _ => f.write_str(self.as_str()),
        }
    }
}
