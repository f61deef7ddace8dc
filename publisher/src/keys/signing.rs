//! Signatures that a publisher makes, with the keys that are in `keys/`.

use interdict_core::common::json::Value;
use interdict_core::common::time::Time;
use interdict_core::trust::RoleName;

use super::files::Keys;
use crate::directory::{Directory, NewFile};
use crate::error::{PublisherError, Result};
use crate::publisher::Publisher;
use crate::register::MetadataFile;
use crate::tuf::{Pin, Root, Snapshot, Timestamp, metadata_path, sign_metadata};
use crate::used::UsedVersions;

const DAY: u32 = 86_400;

/// Signed unattended. A week, so that a broken publisher is noticed before gateways degrade.
pub(crate) const SNAPSHOT_LIFE: u32 = 7 * DAY;

/// How long a gateway can be kept from newer lists unnoticed. It is renewed every 6 hours, so a machine can
/// be down over a weekend.
pub(crate) const TIMESTAMP_LIFE: u32 = 3 * DAY;

/// A snapshot of these targets and a timestamp of that snapshot, of these versions.
pub(crate) fn sign_online(
    keys: &Keys,
    root: &Root,
    targets: &MetadataFile,
    versions: [u32; 2],
    now: Time,
) -> Result<[MetadataFile; 2]> {
    let pin =
        |file: &MetadataFile| Pin::of(file.version, &file.bytes).ok_or(PublisherError::Exhausted);
    let [version, timestamp_version] = versions;
    let snapshot = Snapshot {
        version,
        expires: now.plus(SNAPSHOT_LIFE),
        targets: pin(targets)?,
    };
    let bytes = sign(keys, root, RoleName::Snapshot, &snapshot.signed())?;
    let snapshot = MetadataFile { version, bytes };
    let version = timestamp_version;
    let timestamp = Timestamp {
        version,
        expires: now.plus(TIMESTAMP_LIFE),
        snapshot: pin(&snapshot)?,
    };
    let bytes = sign(keys, root, RoleName::Timestamp, &timestamp.signed())?;
    Ok([snapshot, MetadataFile { version, bytes }])
}

/// Signs for a role with as many keys as it needs.
pub(crate) fn sign(
    keys: &Keys,
    root: &Root,
    role: RoleName,
    signed: &Value<'_>,
) -> Result<Vec<u8>> {
    let role = root.role(role).ok_or(PublisherError::RegisterContent)?;
    let signers = keys.signers(role)?;
    Ok(sign_metadata(signed, &signers.iter().collect::<Vec<_>>()))
}

/// The version that comes after all that were used for a role: those that the repository shows, and those
/// that a machine has on record, so that one of a failed try is not lost.
pub(crate) fn version_after(directory: &Directory, role: RoleName, record: u32) -> Result<u32> {
    let tree = directory.tree();
    let shown = match role {
        RoleName::Timestamp => tree
            .read(&metadata_path(role, 0))?
            .and_then(|file| Some(Timestamp::read(&file)?.version)),
        _ => tree.versions(role).pop(),
    };
    let used = UsedVersions::read(directory).of(role);
    let newest = shown.unwrap_or_default().max(used).max(record);
    newest.checked_add(1).ok_or(PublisherError::Exhausted)
}

impl Publisher {
    /// [`sign_online`] with the next versions.
    pub(crate) fn sign_online(
        &self,
        root: &Root,
        targets: &MetadataFile,
        now: Time,
    ) -> Result<[MetadataFile; 2]> {
        let versions = [
            self.next_version(RoleName::Snapshot)?,
            self.next_version(RoleName::Timestamp)?,
        ];
        sign_online(&self.keys(), root, targets, versions, now)
    }

    pub(crate) fn sign(&self, root: &Root, role: RoleName, signed: &Value<'_>) -> Result<Vec<u8>> {
        sign(&self.keys(), root, role, signed)
    }

    pub(crate) fn next_version(&self, role: RoleName) -> Result<u32> {
        let record = self.register().newest(role)?.map_or(0, |file| file.version);
        let record = record.max(self.register().version_floor(role)?);
        version_after(self.directory(), role, record)
    }
}

pub(crate) fn metadata_file(role: RoleName, file: &MetadataFile) -> NewFile {
    NewFile {
        path: metadata_path(role, file.version),
        bytes: file.bytes.clone(),
    }
}
