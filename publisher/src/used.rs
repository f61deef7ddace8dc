//! The versions of snapshot and timestamp that a machine has signed, in `DIR/versions.json`. The
//! repository shows them too; this is for the day on which its folder is lost or taken back.

use interdict_core::trust::RoleName;
use serde::{Deserialize, Serialize};

use crate::directory::Directory;
use crate::error::Result;

/// The newest versions that were used up, 0 for none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UsedVersions {
    pub(crate) snapshot: u32,
    pub(crate) timestamp: u32,
}

impl UsedVersions {
    /// What is on record. A record that is gone or unreadable says nothing, as the repository is there.
    pub(crate) fn read(directory: &Directory) -> Self {
        Directory::record(&directory.versions())
    }

    /// Records versions before anything is signed with them.
    pub(crate) fn write(self, directory: &Directory) -> Result<()> {
        directory.write_record(&directory.versions(), &self)
    }

    pub(crate) const fn of(self, role: RoleName) -> u32 {
        match role {
            RoleName::Snapshot => self.snapshot,
            RoleName::Timestamp => self.timestamp,
            _ => 0,
        }
    }
}
