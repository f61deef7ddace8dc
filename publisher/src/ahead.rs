//! What was signed with a clock that ran ahead and tells no time any more, in `DIR/clock.json`. `renew` does
//! not open the register, and an unattended machine has none.

use interdict_core::common::time::Time;
use serde::{Deserialize, Serialize};

use crate::directory::Directory;
use crate::error::Result;

/// A person's decision. Of each role, this version and those below it do not count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SignedAhead {
    /// The right time when it was decided, in seconds since 1970.
    confirmed: u32,
    pub(crate) root: u32,
    pub(crate) targets: u32,
    pub(crate) timestamp: u32,
}

impl SignedAhead {
    pub(crate) const fn new(confirmed: Time, [root, targets, timestamp]: [u32; 3]) -> Self {
        Self {
            confirmed: confirmed.seconds(),
            root,
            targets,
            timestamp,
        }
    }

    /// What is on record. Without one, everything counts.
    pub(crate) fn read(directory: &Directory) -> Self {
        Directory::record(&directory.clock())
    }

    pub(crate) fn write(self, directory: &Directory) -> Result<()> {
        directory.write_record(&directory.clock(), &self)
    }

    /// The right time when it was decided; `None` without a decision.
    pub(crate) fn confirmed(self) -> Option<Time> {
        (self.confirmed > 0).then(|| Time::from_seconds(self.confirmed))
    }
}
