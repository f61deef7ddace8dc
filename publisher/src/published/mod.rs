//! What a repository publishes, read from its files alone: the timestamp is written last, so what it names
//! is complete, whatever a later release left half done.

mod bundle;

use interdict_core::common::time::Time;
use interdict_core::trust::RoleName;

use crate::error::{PublisherError, Result};
use crate::register::MetadataFile;
use crate::tree::Tree;
use crate::tuf::{Head, Snapshot, TargetFile, Timestamp, metadata_path, stored_path};

pub(crate) use bundle::Bundle;

/// Targets are signed by two people: long enough for holidays, short enough that a list nobody
/// looks after ends.
pub(crate) const TARGETS_LIFE: u32 = 90 * 86_400;

/// The metadata that gateways are shown.
#[derive(Debug, Clone)]
pub(crate) struct Published {
    /// `None` if it is missing or unreadable: the newest targets stand for what it named.
    pub(crate) online: Option<OnlineFiles>,
    pub(crate) targets: MetadataFile,
    pub(crate) targets_expire: Time,
    pub(crate) files: Vec<(String, TargetFile)>,
}

/// Snapshot and timestamp.
#[derive(Debug, Clone)]
pub(crate) struct OnlineFiles {
    pub(crate) snapshot: MetadataFile,
    pub(crate) snapshot_expires: Time,
    pub(crate) timestamp: MetadataFile,
    pub(crate) timestamp_expires: Time,
}

impl Published {
    /// Reads what is published, unverified but for the digests; `None` if nothing is.
    ///
    /// Without a usable timestamp or snapshot, the newest targets are taken: what was published is not newer,
    /// so no gateway is taken back.
    ///
    /// # Errors
    /// [`PublisherError::Damaged`] if targets are missing or not the file that was signed.
    pub(crate) fn read(tree: &Tree) -> Result<Option<Self>> {
        let online = online_files(tree)?;
        let targets = match &online {
            Some((_, snapshot)) => {
                let path = metadata_path(RoleName::Targets, snapshot.targets.version);
                let bytes = tree
                    .read(&path)?
                    .filter(|file| snapshot.targets.is_of(file));
                let bytes = bytes.ok_or(PublisherError::Damaged(path))?;
                let version = snapshot.targets.version;
                Some(MetadataFile { version, bytes })
            }
            None => newest_targets(tree)?,
        };
        let Some(targets) = targets else {
            return Ok(None);
        };
        let path = || metadata_path(RoleName::Targets, targets.version);
        let head = Head::read(&targets.bytes, RoleName::Targets);
        let head = head.filter(|head| head.version == targets.version);
        let head = head.ok_or_else(|| PublisherError::Damaged(path()))?;
        let files = TargetFile::read_all(&targets.bytes);
        let files = files.ok_or_else(|| PublisherError::Damaged(path()))?;
        Ok(Some(Self {
            online: online.map(|(files, _)| files),
            targets_expire: head.expires,
            targets,
            files,
        }))
    }

    /// Where the files lie that targets metadata names.
    ///
    /// # Errors
    /// [`PublisherError::Damaged`] for metadata that cannot be read.
    pub(crate) fn named(targets: &MetadataFile) -> Result<Vec<(String, TargetFile)>> {
        let files = TargetFile::read_all(&targets.bytes);
        let files = files.ok_or_else(|| {
            PublisherError::Damaged(metadata_path(RoleName::Targets, targets.version))
        })?;
        let stored = |(path, file): (String, TargetFile)| (stored_path(&path, &file.sha256), file);
        Ok(files.into_iter().map(stored).collect())
    }
}

fn newest_targets(tree: &Tree) -> Result<Option<MetadataFile>> {
    let Some(version) = tree.versions(RoleName::Targets).pop() else {
        return Ok(None);
    };
    let bytes = tree.read(&metadata_path(RoleName::Targets, version))?;
    Ok(bytes.map(|bytes| MetadataFile { version, bytes }))
}

fn online_files(tree: &Tree) -> Result<Option<(OnlineFiles, Snapshot)>> {
    let Some(bytes) = tree.read(&metadata_path(RoleName::Timestamp, 0))? else {
        return Ok(None);
    };
    let Some(timestamp) = Timestamp::read(&bytes) else {
        return Ok(None);
    };
    let pin = timestamp.snapshot;
    let timestamp_file = MetadataFile {
        version: timestamp.version,
        bytes,
    };
    let bytes = tree.read(&metadata_path(RoleName::Snapshot, pin.version))?;
    let Some(bytes) = bytes.filter(|file| pin.is_of(file)) else {
        return Ok(None);
    };
    let Some(snapshot) = Snapshot::read(&bytes) else {
        return Ok(None);
    };
    let files = OnlineFiles {
        snapshot: MetadataFile {
            version: pin.version,
            bytes,
        },
        snapshot_expires: snapshot.expires,
        timestamp: timestamp_file,
        timestamp_expires: timestamp.expires,
    };
    Ok(Some((files, snapshot)))
}
