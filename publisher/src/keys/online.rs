//! Signing: what people sign and, unattended, snapshot and timestamp.

use interdict_core::common::json::Value;
use interdict_core::common::time::Time;
use interdict_core::trust::RoleName;

use crate::directory::NewFile;
use crate::error::{PublisherError, Result};
use crate::publisher::Publisher;
use crate::register::database::Published;
use crate::release::check::clients::Lists;
use crate::release::repository::View;
use crate::tuf::{Pin, Root, Snapshot, Timestamp, sign_metadata};

const DAY: u32 = 86_400;

/// Signed unattended. A week, so that a broken publisher is noticed before gateways degrade.
const SNAPSHOT_LIFE: u32 = 7 * DAY;

/// How long a gateway can be kept from newer lists unnoticed. One failed night must not matter.
pub(crate) const TIMESTAMP_LIFE: u32 = 2 * DAY;

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
        change.commit()?;
        self.directory().publish(&files)?;
        Ok(RenewReport {
            versions,
            renew_before: now.plus(TIMESTAMP_LIFE),
        })
    }

    /// A snapshot of these targets and a timestamp of that snapshot.
    pub(crate) fn sign_online(
        &self,
        root: &Root,
        targets: &Published,
        now: Time,
    ) -> Result<[Published; 2]> {
        let pin =
            |file: &Published| Pin::of(file.version, &file.bytes).ok_or(PublisherError::Exhausted);
        let version = self.next_version(RoleName::Snapshot)?;
        let expires = now.plus(SNAPSHOT_LIFE);
        let snapshot = Snapshot {
            version,
            expires,
            targets: pin(targets)?,
        };
        let bytes = self.sign(root, RoleName::Snapshot, &snapshot.signed())?;
        let snapshot = Published { version, bytes };
        let version = self.next_version(RoleName::Timestamp)?;
        let expires = now.plus(TIMESTAMP_LIFE);
        let timestamp = Timestamp {
            version,
            expires,
            snapshot: pin(&snapshot)?,
        };
        let bytes = self.sign(root, RoleName::Timestamp, &timestamp.signed())?;
        Ok([snapshot, Published { version, bytes }])
    }

    pub(crate) fn sign(&self, root: &Root, role: RoleName, signed: &Value<'_>) -> Result<Vec<u8>> {
        let role = root.role(role).ok_or(PublisherError::RegisterContent)?;
        let signers = self.keys().signers(role)?;
        Ok(sign_metadata(signed, &signers.iter().collect::<Vec<_>>()))
    }

    pub(crate) fn next_version(&self, role: RoleName) -> Result<u32> {
        let newest = self.register().newest(role)?.map_or(0, |file| file.version);
        newest.checked_add(1).ok_or(PublisherError::Exhausted)
    }

    /// A clock that runs behind would publish a list older than the last one.
    pub(crate) fn check_clock(&self, now: Time) -> Result<()> {
        let newest = self.register().newest_issue()?;
        let behind = newest.is_some_and(|newest| now < newest);
        if behind || Time::from_clock(now.seconds()).is_none() {
            return Err(PublisherError::ClockBehind);
        }
        Ok(())
    }

    /// Both a gateway enrolled on the first day and one enrolled today must be able to follow.
    pub(crate) fn check(
        &self,
        new: &[NewFile],
        now: Time,
        answers: impl Fn(&Lists<'_>) -> Result<()>,
    ) -> Result<()> {
        let view = View {
            directory: self.directory(),
            new,
        };
        let roots = self.register().roots()?;
        if let (Some(first), Some(newest)) = (roots.first(), roots.last()) {
            answers(&view.follow(&first.bytes, now)?)?;
            answers(&view.enrol(&newest.bytes, now)?)?;
        }
        Ok(())
    }

    /// The digest of what is published; see [`View::state_digest`].
    pub(crate) fn published_digest(&self, now: Time) -> Result<Option<[u8; 32]>> {
        let view = View::published(self.directory());
        match self.register().roots()?.first() {
            Some(root) => view.state_digest(&root.bytes, now),
            None => Ok(None),
        }
    }

    /// Roots the register has and the repository has not, after a rotation that was cut off.
    pub(crate) fn missing_roots(&self) -> Result<Vec<NewFile>> {
        let mut files = Vec::new();
        for root in self.register().roots()? {
            let file = metadata_file(RoleName::Root, &root);
            if self.directory().read(&file.path)?.as_ref() != Some(&file.bytes) {
                files.push(file);
            }
        }
        Ok(files)
    }
}

pub(crate) fn metadata_file(role: RoleName, file: &Published) -> NewFile {
    NewFile {
        path: metadata_path(role, file.version),
        bytes: file.bytes.clone(),
    }
}

/// Where a metadata file lies with consistent snapshots (TUF 1.0.34 §6.2).
pub(crate) fn metadata_path(role: RoleName, version: u32) -> String {
    let name = role.as_str();
    match role {
        RoleName::Timestamp => format!("metadata/{name}.json"),
        _ => format!("metadata/{version}.{name}.json"),
    }
}
