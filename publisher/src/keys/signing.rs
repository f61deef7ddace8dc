//! Signatures that a publisher makes, with the keys that are in `keys/`.

use interdict_core::common::json::Value;
use interdict_core::common::time::Time;
use interdict_core::trust::RoleName;

use crate::directory::NewFile;
use crate::error::{PublisherError, Result};
use crate::publisher::Publisher;
use crate::register::MetadataFile;
use crate::tuf::{Pin, Root, Snapshot, Timestamp, metadata_path, sign_metadata};

const DAY: u32 = 86_400;

/// Signed unattended. A week, so that a broken publisher is noticed before gateways degrade.
const SNAPSHOT_LIFE: u32 = 7 * DAY;

/// How long a gateway can be kept from newer lists unnoticed. One failed night must not matter.
pub(crate) const TIMESTAMP_LIFE: u32 = 2 * DAY;

impl Publisher {
    /// A snapshot of these targets and a timestamp of that snapshot.
    pub(crate) fn sign_online(
        &self,
        root: &Root,
        targets: &MetadataFile,
        now: Time,
    ) -> Result<[MetadataFile; 2]> {
        let pin = |file: &MetadataFile| {
            Pin::of(file.version, &file.bytes).ok_or(PublisherError::Exhausted)
        };
        let version = self.next_version(RoleName::Snapshot)?;
        let expires = now.plus(SNAPSHOT_LIFE);
        let snapshot = Snapshot {
            version,
            expires,
            targets: pin(targets)?,
        };
        let bytes = self.sign(root, RoleName::Snapshot, &snapshot.signed())?;
        let snapshot = MetadataFile { version, bytes };
        let version = self.next_version(RoleName::Timestamp)?;
        let expires = now.plus(TIMESTAMP_LIFE);
        let timestamp = Timestamp {
            version,
            expires,
            snapshot: pin(&snapshot)?,
        };
        let bytes = self.sign(root, RoleName::Timestamp, &timestamp.signed())?;
        Ok([snapshot, MetadataFile { version, bytes }])
    }

    pub(crate) fn sign(&self, root: &Root, role: RoleName, signed: &Value<'_>) -> Result<Vec<u8>> {
        let role = root.role(role).ok_or(PublisherError::RegisterContent)?;
        let signers = self.keys().signers(role)?;
        Ok(sign_metadata(signed, &signers.iter().collect::<Vec<_>>()))
    }

    pub(crate) fn next_version(&self, role: RoleName) -> Result<u32> {
        let newest = self.register().newest(role)?.map_or(0, |file| file.version);
        let newest = newest.max(self.register().version_floor(role)?);
        newest.checked_add(1).ok_or(PublisherError::Exhausted)
    }
}

pub(crate) fn metadata_file(role: RoleName, file: &MetadataFile) -> NewFile {
    NewFile {
        path: metadata_path(role, file.version),
        bytes: file.bytes.clone(),
    }
}
