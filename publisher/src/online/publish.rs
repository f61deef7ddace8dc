use std::fmt;
use std::path::Path;

use interdict_core::common::time::Time;
use interdict_core::trust::RoleName;

use super::clock::newest_issue;
use super::machine::{NewFiles, Online, follow_roots};
use crate::directory::NewFile;
use crate::error::{PublisherError, Result};
use crate::keys::{TIMESTAMP_LIFE, check_not_behind};
use crate::published::Published;
use crate::register::MetadataFile;
use crate::release::with_copies;
use crate::tree::Tree;
use crate::tuf::{TargetFile, metadata_path};

/// What [`Online::publish`] wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublishReport {
    /// Version of targets, and of the new snapshot and timestamp.
    pub versions: [u32; 3],
    /// Target files that were new.
    pub files: usize,
    /// Roots that were new.
    pub roots: usize,
    /// When timestamp expires.
    pub renew_before: Time,
}

impl Online {
    /// Publishes the folder that [`Publisher::stage`](crate::Publisher::stage) wrote on another machine:
    /// checks its targets as gateways do and every file against them, signs snapshot and timestamp, and
    /// writes all of it, timestamp last. To publish the same folder twice only renews.
    ///
    /// # Errors
    /// [`PublisherError::NothingStaged`], [`PublisherError::StagedOld`], [`PublisherError::Damaged`],
    /// [`PublisherError::ClockBehind`], also for lists that are later than the clock, or what a gateway would
    /// refuse. Nothing is written then.
    pub fn publish(&self, folder: &Path, now: Time) -> Result<PublishReport> {
        let _lock = self.directory.lock()?;
        let staged = Tree::new(folder);
        let targets = self.staged_targets(&staged)?;
        if let Some(published) = Published::read(&self.directory.tree())? {
            self.check_clock(&published, now)?;
        }
        check_not_behind(now, newest_issue(&targets_files(&targets)?))?;
        let files = self.staged_files(&staged, &targets)?;
        let roots = self.staged_roots(&staged)?;
        let (new_files, new_roots) = (files.len(), roots.len());
        let new = NewFiles {
            targets: with_copies(files, |path| self.directory.read(path))?,
            roots,
            signed: Some(targets.clone()),
        };
        let [snapshot, timestamp] = self.sign_and_write(new, &targets, now)?;
        Ok(PublishReport {
            versions: [targets.version, snapshot.version, timestamp.version],
            files: new_files,
            roots: new_roots,
            renew_before: now.plus(TIMESTAMP_LIFE),
        })
    }

    /// The newest targets of a folder, which must not be older than any here.
    fn staged_targets(&self, staged: &Tree) -> Result<MetadataFile> {
        let nothing = || PublisherError::NothingStaged(staged.path().to_owned());
        let versions = staged.versions(RoleName::Targets);
        let version = versions.last().copied().ok_or_else(nothing)?;
        let path = metadata_path(RoleName::Targets, version);
        let bytes = staged.read(&path)?.ok_or_else(nothing)?;
        let here = self.directory.tree();
        let newest = here.versions(RoleName::Targets).pop().unwrap_or_default();
        let same = version == newest && here.read(&path)?.as_ref() == Some(&bytes);
        if version <= newest && !same {
            return Err(PublisherError::StagedOld {
                staged: version,
                published: newest,
            });
        }
        Ok(MetadataFile { version, bytes })
    }

    /// The files that the targets name and the repository lacks.
    fn staged_files(&self, staged: &Tree, targets: &MetadataFile) -> Result<Vec<NewFile>> {
        let here = self.directory.tree();
        let mut files = Vec::new();
        for (path, file) in Published::named(targets)? {
            if here.read(&path)?.is_some_and(|bytes| file.is_of(&bytes)) {
                continue;
            }
            let bytes = staged.read(&path)?.filter(|bytes| file.is_of(bytes));
            let bytes = bytes.ok_or_else(|| PublisherError::Damaged(path.clone()))?;
            files.push(NewFile { path, bytes });
        }
        Ok(files)
    }

    /// The roots that follow from those here.
    fn staged_roots(&self, staged: &Tree) -> Result<Vec<MetadataFile>> {
        let here = self.directory.tree();
        let all = follow_roots(|path| match here.read(path)? {
            Some(bytes) => Ok(Some(bytes)),
            None => staged.read(path),
        })?;
        Ok(all.into_iter().skip(self.roots.len()).collect())
    }
}

fn targets_files(targets: &MetadataFile) -> Result<Vec<(String, TargetFile)>> {
    let damaged = || PublisherError::Damaged(metadata_path(RoleName::Targets, targets.version));
    TargetFile::read_all(&targets.bytes).ok_or_else(damaged)
}

impl fmt::Display for PublishReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [targets, snapshot, timestamp] = self.versions;
        writeln!(
            f,
            "targets {targets}, snapshot {snapshot}, timestamp {timestamp}; {} new files, {} new roots",
            self.files, self.roots
        )?;
        writeln!(f, "renew or publish before {}", self.renew_before)
    }
}
