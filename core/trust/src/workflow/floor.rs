//! Floors: the versions that a host has seen before, below which its files were rolled back.

use crate::metadata::Root;
use crate::role_name::RoleName;
use crate::signing::Verified;

/// The highest versions of the top-level roles that were seen; 0 for a role that was not. A snapshot
/// names the version of every delegated role, so these have none of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Floor {
    /// Version of root.
    pub root: u32,
    /// Version of timestamp.
    pub timestamp: u32,
    /// Version of snapshot.
    pub snapshot: u32,
    /// Version of targets.
    pub targets: u32,
}

impl Floor {
    /// The higher of both versions of each role.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self {
            root: self.root.max(other.root),
            timestamp: self.timestamp.max(other.timestamp),
            snapshot: self.snapshot.max(other.snapshot),
            targets: self.targets.max(other.targets),
        }
    }

    /// Whether files of these versions are below the floor.
    #[must_use]
    pub const fn is_above(&self, versions: &Self) -> bool {
        self.root > versions.root
            || self.timestamp > versions.timestamp
            || self.snapshot > versions.snapshot
            || self.targets > versions.targets
    }

    /// 5.3.11: a newer root with other keys for a role clears the versions of that role. A thief of the
    /// old keys may have raised them far ahead.
    pub(crate) fn follow(&mut self, before: &Root, root: &Verified<Root>) {
        if root.version() <= self.root {
            return;
        }
        self.root = root.version();
        let other_keys = |role| !root.role(role).has_keys_of(before.role(role));
        if other_keys(RoleName::Timestamp) || other_keys(RoleName::Snapshot) {
            self.timestamp = 0;
            self.snapshot = 0;
        }
        if other_keys(RoleName::Targets) {
            self.targets = 0;
        }
    }
}
