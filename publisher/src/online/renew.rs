use std::fmt;

use interdict_core::common::time::Time;

use super::machine::{NewFiles, Online};
use crate::error::Result;
use crate::keys::TIMESTAMP_LIFE;
use crate::publisher::Publisher;
use crate::used::UsedVersions;

/// What [`Online::renew`] wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenewReport {
    /// Version of the new snapshot and timestamp.
    pub versions: [u32; 2],
    /// When timestamp expires.
    pub renew_before: Time,
}

impl Online {
    /// Signs snapshot and timestamp again with a new expiry; the published lists stay as they are, whatever a
    /// later release left half done.
    ///
    /// # Errors
    /// [`PublisherError::NothingReleased`](crate::PublisherError::NothingReleased),
    /// [`PublisherError::ClockBehind`](crate::PublisherError::ClockBehind),
    /// [`PublisherError::Unpublished`](crate::PublisherError::Unpublished), or what a gateway would refuse.
    pub fn renew(&self, now: Time) -> Result<RenewReport> {
        let _lock = self.directory.lock()?;
        let published = self.published()?;
        self.check_clock(&published, now)?;
        let [snapshot, timestamp] =
            self.sign_and_write(NewFiles::default(), &published.targets, now)?;
        Ok(RenewReport {
            versions: [snapshot.version, timestamp.version],
            renew_before: now.plus(TIMESTAMP_LIFE),
        })
    }
}

impl Publisher {
    /// [`Online::renew`], after roots that a rotation could not write any more.
    ///
    /// # Errors
    /// As [`Online::renew`].
    pub fn renew(&mut self, now: Time) -> Result<RenewReport> {
        {
            let _lock = self.directory().lock()?;
            UsedVersions::check_shown(self.directory())?;
            self.directory().publish(&self.missing_roots()?)?;
        }
        Online::open(self.directory().path())?.renew(now)
    }
}

impl fmt::Display for RenewReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [snapshot, timestamp] = self.versions;
        writeln!(f, "snapshot {snapshot}, timestamp {timestamp}")?;
        writeln!(f, "renew or release before {}", self.renew_before)
    }
}
