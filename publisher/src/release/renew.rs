use std::fmt;

use interdict_core::common::time::Time;
use interdict_core::trust::RoleName;

use crate::error::{PublisherError, Result};
use crate::keys::{TIMESTAMP_LIFE, metadata_file};
use crate::publisher::Publisher;
use crate::register::Deed;

/// What [`Publisher::renew`] wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenewReport {
    /// Version of the new snapshot and timestamp.
    pub versions: [u32; 2],
    /// When timestamp expires.
    pub renew_before: Time,
}

impl Publisher {
    /// Signs snapshot and timestamp again with a new expiry; the lists stay as they are. Needs the
    /// unattended keys only.
    ///
    /// # Errors
    /// [`PublisherError::NothingReleased`], or what a gateway would refuse.
    pub fn renew(&mut self, now: Time) -> Result<RenewReport> {
        let _lock = self.directory().lock()?;
        self.check_newest()?;
        self.check_clock(now)?;
        let targets = self
            .register()
            .newest(RoleName::Targets)?
            .ok_or(PublisherError::NothingReleased)?;
        let root = self.current_root()?;
        let [snapshot, timestamp] = self.sign_online(&root, &targets, now)?;
        let versions = [snapshot.version, timestamp.version];
        let mut files = self.missing_roots()?;
        let metadata = [
            (RoleName::Snapshot, snapshot),
            (RoleName::Timestamp, timestamp),
        ];
        files.extend(
            metadata
                .iter()
                .map(|(role, file)| metadata_file(*role, file)),
        );
        self.check(&files, now, |_| Ok(()))?;
        let change = self.register_mut().change()?;
        for (role, file) in &metadata {
            change.put_metadata(*role, file.version, &file.bytes)?;
        }
        change.commit(&Deed::new("renew", now))?;
        self.directory().publish(&files)?;
        Ok(RenewReport {
            versions,
            renew_before: now.plus(TIMESTAMP_LIFE),
        })
    }
}

impl fmt::Display for RenewReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [snapshot, timestamp] = self.versions;
        writeln!(f, "snapshot {snapshot}, timestamp {timestamp}")?;
        writeln!(f, "renew or release before {}", self.renew_before)
    }
}
