//! The roles of a repository.

use std::fmt;

use interdict_common::json::Limits;

use crate::limits::{
    BYTES_PER_JSON_VALUE, MAX_JSON_DEPTH, MAX_ROOT_BYTES, MAX_SNAPSHOT_BYTES, MAX_TARGETS_BYTES,
    MAX_TIMESTAMP_BYTES,
};

/// A role (TUF 1.0.34 §2.1). Delegated ones have names of their own, which nothing here repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoleName {
    /// Says which keys speak for every role, itself included.
    Root,
    /// Says which snapshot is current.
    Timestamp,
    /// Says which version of every targets role belongs together.
    Snapshot,
    /// Says which files there are, with length and hashes.
    Targets,
    /// Says the same for the paths that targets, or another such role, delegates to it.
    Delegated,
}

impl RoleName {
    /// What `_type` says in its files; a top-level role's name too.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Timestamp => "timestamp",
            Self::Snapshot => "snapshot",
            Self::Targets | Self::Delegated => "targets",
        }
    }

    /// The largest file of this role that is read, in bytes: what python-tuf's `UpdaterConfig`
    /// allows (TUF 1.0.34 §5.3.3, §5.4.1, §5.5.1, §5.6.1 leave the numbers to the client).
    #[must_use]
    pub const fn max_size(self) -> u32 {
        match self {
            Self::Root => MAX_ROOT_BYTES,
            Self::Timestamp => MAX_TIMESTAMP_BYTES,
            Self::Snapshot => MAX_SNAPSHOT_BYTES,
            Self::Targets | Self::Delegated => MAX_TARGETS_BYTES,
        }
    }

    /// One value for every ten bytes of the largest file: the densest metadata there is,
    /// `"a.json":{"version":1},`, takes 23 bytes for two.
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
