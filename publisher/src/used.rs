//! The versions of snapshot and timestamp that a machine has signed, in `DIR/versions.json`. The
//! repository shows them too; this is for the day on which its folder is lost or taken back.

use std::fs;
use std::io;

use interdict_core::trust::RoleName;
use serde::{Deserialize, Serialize};

use crate::directory::Directory;
use crate::error::{PublisherError, Result};

/// The newest versions that were used up, 0 for none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UsedVersions {
    pub(crate) snapshot: u32,
    pub(crate) timestamp: u32,
    /// Whether the repository showed targets when this was written.
    #[serde(default)]
    published: bool,
}

impl UsedVersions {
    pub(crate) const fn new([snapshot, timestamp]: [u32; 2]) -> Self {
        Self {
            snapshot,
            timestamp,
            published: false,
        }
    }

    /// What is on record. A record that is gone or unreadable says nothing, as the repository is there.
    pub(crate) fn read(directory: &Directory) -> Self {
        Directory::record(&directory.versions())
    }

    /// Records versions before anything is signed with them.
    pub(crate) fn write(self, directory: &Directory) -> Result<()> {
        let record = Self {
            published: Self::read(directory).published || shows_targets(directory),
            ..self
        };
        directory.write_record(&directory.versions(), &record)
    }

    /// Notes once that something was published.
    pub(crate) fn note_published(directory: &Directory) -> Result<()> {
        let record = Self::read(directory);
        match record.published {
            true => Ok(()),
            false => record.write(directory),
        }
    }

    /// Refuses a repository that shows no targets any more. An empty folder is what is left of a file system
    /// that is not mounted: what is written there is served to nobody.
    pub(crate) fn check_shown(directory: &Directory) -> Result<()> {
        match Self::read(directory).published && !shows_targets(directory) {
            true => Err(PublisherError::RepositoryGone(directory.repository())),
            false => Ok(()),
        }
    }

    /// The same for a command that makes the folder again if somebody took it away.
    pub(crate) fn check_mounted(directory: &Directory) -> Result<()> {
        match fs::symlink_metadata(directory.repository()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            _ => Self::check_shown(directory),
        }
    }

    pub(crate) const fn of(self, role: RoleName) -> u32 {
        match role {
            RoleName::Snapshot => self.snapshot,
            RoleName::Timestamp => self.timestamp,
            _ => 0,
        }
    }
}

fn shows_targets(directory: &Directory) -> bool {
    !directory.tree().versions(RoleName::Targets).is_empty()
}
