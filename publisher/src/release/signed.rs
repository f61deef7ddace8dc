//! How far a release is signed, and how one that is not signed whole is checked all the same.

use interdict_core::common::time::Time;
use interdict_core::trust::RoleName;

use crate::directory::NewFile;
use crate::error::{PublisherError, Result};
use crate::keys::metadata_file;
use crate::publisher::Publisher;
use crate::register::MetadataFile;
use crate::tuf::{
    Pin, RoleKeys, Root, Signer, Snapshot, Targets, Timestamp, metadata_path, sign_metadata,
};

/// The secret of a root that is made in memory for a check, and for which nothing is ever published.
const REHEARSAL: [u8; 32] = [1; 32];

/// Which signatures a release gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signing {
    /// All: targets, snapshot and timestamp.
    Whole,
    /// Targets alone: the keys of the others lie on another machine.
    Targets,
    /// All if their keys are there, or none: it does not go out.
    IfPossible,
}

/// The metadata of one release.
pub(super) struct SignedRelease {
    /// What goes out, in the order in which it is written.
    pub(super) metadata: Vec<(RoleName, MetadataFile)>,
    /// Of targets, snapshot and timestamp.
    pub(super) versions: [u32; 3],
    /// What gateways begin with in the check: the first root and the newest, or one for the rehearsal.
    pub(super) pins: Vec<Vec<u8>>,
    /// The metadata that the check shows to gateways.
    pub(super) rehearsed: Vec<NewFile>,
}

impl Publisher {
    pub(super) fn sign_release(
        &self,
        root: &Root,
        targets: &Targets,
        signing: Signing,
        now: Time,
    ) -> Result<SignedRelease> {
        match signing {
            Signing::Whole => self.sign_whole(root, targets, now),
            Signing::Targets => {
                let bytes = self.sign(root, RoleName::Targets, &targets.signed())?;
                let version = targets.version;
                let file = MetadataFile { version, bytes };
                let mut signed = self.rehearse(root, targets, Some(&file))?;
                signed.metadata = vec![(RoleName::Targets, file)];
                Ok(signed)
            }
            Signing::IfPossible => match self.sign_whole(root, targets, now) {
                Err(PublisherError::TooFewKeys { .. }) => self.rehearse(root, targets, None),
                signed => signed,
            },
        }
    }

    fn sign_whole(&self, root: &Root, targets: &Targets, now: Time) -> Result<SignedRelease> {
        let targets = MetadataFile {
            version: targets.version,
            bytes: self.sign(root, RoleName::Targets, &targets.signed())?,
        };
        let [snapshot, timestamp] = self.sign_online(root, &targets, now)?;
        let versions = [targets.version, snapshot.version, timestamp.version];
        let metadata = vec![
            (RoleName::Targets, targets),
            (RoleName::Snapshot, snapshot),
            (RoleName::Timestamp, timestamp),
        ];
        let roots = self.register().roots()?.into_iter();
        let files = metadata.iter();
        Ok(SignedRelease {
            versions,
            pins: roots.map(|root| root.bytes).collect(),
            rehearsed: files
                .map(|(role, file)| metadata_file(*role, file))
                .collect(),
            metadata,
        })
    }

    /// A root of the same life that names a key which everybody has for whatever is not signed, so that
    /// gateways in memory can check the rest. Nothing that is made here is written.
    fn rehearse(
        &self,
        root: &Root,
        targets: &Targets,
        signed: Option<&MetadataFile>,
    ) -> Result<SignedRelease> {
        let signer = Signer::ed25519(&REHEARSAL);
        let roles = root.roles.iter().map(|role| match (role.name, signed) {
            (RoleName::Targets, Some(_)) => role.clone(),
            (name, _) => RoleKeys {
                name,
                threshold: 1,
                keys: vec![signer.public().clone()],
            },
        });
        let pinned = Root {
            roles: roles.collect(),
            ..root.clone()
        };
        let sign = |signed| sign_metadata(&signed, &[&signer]);
        let file = |role, version, bytes| NewFile {
            path: metadata_path(role, version),
            bytes,
        };
        let pin = |version, bytes: &[u8]| Pin::of(version, bytes).ok_or(PublisherError::Exhausted);
        let [snapshot_version, timestamp_version] = self.online_versions()?;
        let targets_file = match signed {
            Some(signed) => signed.bytes.clone(),
            None => sign(targets.signed()),
        };
        let snapshot = Snapshot {
            version: snapshot_version,
            expires: root.expires,
            targets: pin(targets.version, &targets_file)?,
        };
        let snapshot_file = sign(snapshot.signed());
        let timestamp = Timestamp {
            version: timestamp_version,
            expires: root.expires,
            snapshot: pin(snapshot_version, &snapshot_file)?,
        };
        Ok(SignedRelease {
            metadata: Vec::new(),
            versions: [targets.version, snapshot_version, timestamp_version],
            pins: vec![sign(pinned.signed())],
            rehearsed: vec![
                file(RoleName::Targets, targets.version, targets_file),
                file(RoleName::Snapshot, snapshot_version, snapshot_file),
                file(
                    RoleName::Timestamp,
                    timestamp_version,
                    sign(timestamp.signed()),
                ),
            ],
        })
    }

    fn online_versions(&self) -> Result<[u32; 2]> {
        Ok([
            self.next_version(RoleName::Snapshot)?,
            self.next_version(RoleName::Timestamp)?,
        ])
    }
}
