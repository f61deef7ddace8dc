use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use interdict_core::common::time::Time;
use interdict_core::trust::RoleName;
use serde::{Deserialize, Serialize};

use super::machine::Online;
use crate::directory::{Directory, NewFile, Readers, remove, write_at};
use crate::error::{PublisherError, Result};
use crate::keys::metadata_file;
use crate::published::{Bundle, Published};
use crate::release::{prune, with_copies};
use crate::tree::Tree;
use crate::tuf::{Timestamp, metadata_path};

/// What [`Online::upload`] copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadReport {
    /// Version of the timestamp that the folder shows now.
    pub timestamp: u32,
    /// Files that were written.
    pub written: usize,
    /// Files that were there already.
    pub unchanged: usize,
    /// Files that no release of the last 14 days named and that were taken away.
    pub removed: usize,
}

impl Online {
    /// Copies what is published to another folder, such as a mounted object store: files, roots, targets,
    /// snapshot, and last the timestamp, so that whoever reads the folder meanwhile finds a complete release,
    /// then the bundle for pages.
    /// Skips what is there already with the same bytes. Takes files away by age alone, and never one that a
    /// gateway may still ask for.
    ///
    /// What to copy is decided once, at the beginning: a release or renewal may go on meanwhile.
    ///
    /// # Errors
    /// [`PublisherError::NothingReleased`], [`PublisherError::Damaged`] if a published file is not the one
    /// that was signed, [`PublisherError::UploadBehind`] if the folder shows a newer timestamp,
    /// [`PublisherError::UploadGone`] if it is empty and was not.
    pub fn upload(&self, folder: &Path, now: Time) -> Result<UploadReport> {
        let _lock = self.directory.lock_upload()?;
        let published = self.published()?;
        let online = published.online.as_ref();
        let online =
            online.ok_or_else(|| PublisherError::Damaged(metadata_path(RoleName::Timestamp, 0)))?;
        let copies = Copies::read(&self.directory);
        let folder = Tree::new(folder);
        let shown = folder.read(&metadata_path(RoleName::Timestamp, 0))?;
        if shown.is_none() {
            copies.check_mounted(folder.path())?;
        }
        let shown = shown.and_then(|file| Timestamp::read(&file));
        let shown = shown.map_or(0, |timestamp| timestamp.version);
        if shown > online.timestamp.version {
            return Err(PublisherError::UploadBehind {
                folder: shown,
                repository: online.timestamp.version,
            });
        }
        let mut report = UploadReport {
            timestamp: online.timestamp.version,
            written: 0,
            unchanged: 0,
            removed: 0,
        };
        let here = self.directory.tree();
        for (path, file) in Published::named(&published.targets)? {
            let bytes = here.read(&path)?.filter(|bytes| file.is_of(bytes));
            let bytes = bytes.ok_or_else(|| PublisherError::Damaged(path.clone()))?;
            // Each is compared, so that what is damaged there is mended.
            for file in with_copies(vec![NewFile { path, bytes }], |_| Ok(None))? {
                report.count(folder.write_changed(&file)?);
            }
        }
        let roots = self.roots.iter().map(|root| (RoleName::Root, root));
        let metadata = roots.chain([
            (RoleName::Targets, &published.targets),
            (RoleName::Snapshot, &online.snapshot),
            (RoleName::Timestamp, &online.timestamp),
        ]);
        for (role, file) in metadata {
            report.count(folder.write_changed(&metadata_file(role, file))?);
        }
        let bundle = Bundle {
            roots: &self.roots,
            targets: &published.targets,
            snapshot: &online.snapshot,
            timestamp: &online.timestamp,
        };
        if let Some(written) = bundle.write(&folder)? {
            report.count(written);
        }
        report.removed = prune(&folder, now);
        copies.write(&self.directory, folder.path(), report.timestamp)?;
        Ok(report)
    }
}

/// The folders that were copied to, and the timestamp that each then showed, in `DIR/uploads.json`.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Copies(BTreeMap<PathBuf, u32>);

impl Copies {
    fn read(directory: &Directory) -> Self {
        Directory::record(&directory.uploads())
    }

    /// Refuses a folder that is empty and was not: what is written to a mount point is served to nobody.
    fn check_mounted(&self, folder: &Path) -> Result<()> {
        let timestamp = self.0.get(&named(folder)?);
        match (timestamp, fs::symlink_metadata(folder)) {
            (Some(timestamp), Ok(_)) => Err(PublisherError::UploadGone {
                folder: folder.to_owned(),
                timestamp: *timestamp,
            }),
            _ => Ok(()),
        }
    }

    /// Under the lock of uploads alone: a release may be writing records of its own.
    fn write(mut self, directory: &Directory, folder: &Path, timestamp: u32) -> Result<()> {
        let path = directory.uploads();
        if self.0.insert(named(folder)?, timestamp) == Some(timestamp) {
            return Ok(());
        }
        let bytes = serde_json::to_vec(&self).map_err(|_| PublisherError::Exhausted)?;
        let staged = path.with_extension("part");
        remove(&staged)?;
        write_at(&staged, &bytes, Readers::Owner)
            .and_then(|()| fs::rename(&staged, &path))
            .map_err(PublisherError::at(&path))
    }
}

fn named(folder: &Path) -> Result<PathBuf> {
    std::path::absolute(folder).map_err(PublisherError::at(folder))
}

impl UploadReport {
    const fn count(&mut self, written: bool) {
        let count = match written {
            true => &mut self.written,
            false => &mut self.unchanged,
        };
        *count = count.saturating_add(1);
    }
}

impl fmt::Display for UploadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "timestamp {}: {} files written, {} there already, {} old ones removed",
            self.timestamp, self.written, self.unchanged, self.removed
        )
    }
}
