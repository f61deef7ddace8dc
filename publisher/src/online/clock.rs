//! Whether the clock of an unattended machine can be right, by what its repository shows. The rules are those
//! of a machine with a register.

use interdict_core::common::time::Time;
use interdict_core::trust::RoleName;

use super::machine::Online;
use crate::ahead::SignedAhead;
use crate::error::{PublisherError, Result};
use crate::keys::{
    Day, ROOT_LIFE, RecoveredClock, TIMESTAMP_LIFE, check_not_behind, is_signed, judge,
};
use crate::published::Published;
use crate::release::LastRelease;
use crate::tuf::{Head, TargetFile, metadata_path, signed_at};

impl Online {
    /// Checks the computer's clock before a command signs anything with it. `today` is what a person states,
    /// if anybody does.
    ///
    /// # Errors
    /// As [`Publisher::confirm_clock`](crate::Publisher::confirm_clock).
    pub fn confirm_clock(&self, now: Time, today: Option<Day>) -> Result<()> {
        let published = Published::read(&self.directory().tree())?;
        let newest = published.and_then(|published| self.newest_published(&published));
        judge(now, newest, today)
    }

    /// [`Publisher::recover_clock`](crate::Publisher::recover_clock) of a machine without a register: what is
    /// published tells no time any more. The lists stay as they are until `publish` brings new ones.
    ///
    /// # Errors
    /// As [`Publisher::recover_clock`](crate::Publisher::recover_clock), or
    /// [`PublisherError::NothingReleased`].
    pub fn recover_clock(&self, now: Time, today: Option<Day>) -> Result<RecoveredClock> {
        let _lock = self.directory().lock()?;
        let published = self.published()?;
        let newest = self.newest_published(&published);
        let today = today.ok_or(PublisherError::DayNeeded { clock: now, newest })?;
        judge(now, None, Some(today))?;
        let ahead = newest.filter(|newest| *newest > now);
        let online = published.online.as_ref();
        if ahead.is_some() {
            let root = self.roots.last().map_or(0, |root| root.version);
            let timestamp = online.map_or(0, |online| online.timestamp.version);
            let versions = [root, published.targets.version, timestamp];
            SignedAhead::new(now, versions).write(self.directory())?;
        }
        Ok(RecoveredClock {
            ahead,
            dates: 0,
            epochs: Vec::new(),
            went: Vec::new(),
            alone: Vec::new(),
            valid_until: ahead.and(online.map(|online| online.timestamp_expires)),
        })
    }

    /// A clock that runs behind would sign what gateways take for older than what they have.
    pub(super) fn check_clock(&self, published: &Published, now: Time) -> Result<()> {
        check_not_behind(now, self.newest_published(published))
    }

    /// The newest time at which a list, a timestamp or a root was signed, but for what was signed ahead.
    pub(super) fn newest_published(&self, published: &Published) -> Option<Time> {
        let ahead = SignedAhead::read(self.directory());
        let root = self.roots.last();
        // By itself: a copy of the folder that was cut off may lack the snapshot that it names.
        let path = metadata_path(RoleName::Timestamp, 0);
        let timestamp = self.directory().tree().read(&path).ok().flatten();
        let timestamp = timestamp
            .filter(|bytes| root.is_some_and(|root| is_signed(bytes, &root.bytes)))
            .and_then(|bytes| Head::read(&bytes, RoleName::Timestamp))
            .filter(|timestamp| timestamp.version > ahead.timestamp)
            .map(|timestamp| signed_at(timestamp.expires, TIMESTAMP_LIFE));
        let counts = published.targets.version > ahead.targets;
        let issued = counts.then(|| newest_issue(&published.files)).flatten();
        let rotated = root
            .and_then(|root| Head::read(&root.bytes, RoleName::Root))
            .filter(|root| root.version > ahead.root)
            .map(|root| signed_at(root.expires, ROOT_LIFE));
        issued.max(timestamp).max(rotated).max(ahead.confirmed())
    }
}

/// When the newest list was released.
pub(super) fn newest_issue(files: &[(String, TargetFile)]) -> Option<Time> {
    let last = LastRelease::of(files.to_vec());
    last.descriptors().map(|one| one.header.issued).max()
}
