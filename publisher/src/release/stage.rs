//! A release on a machine that has no network: it signs the targets, and the folder is carried to the
//! machine that signs snapshot and timestamp.

use std::fmt;
use std::path::Path;

use interdict_core::common::time::Time;
use interdict_core::trust::RoleName;

use super::guard::Proposal;
use super::options::ReleaseOptions;
use super::report::{ListReport, write_put_off};
use super::signed::Signing;
use crate::directory::NewFile;
use crate::error::{PublisherError, Result};
use crate::keys::metadata_file;
use crate::published::Published;
use crate::publisher::Publisher;
use crate::register::MetadataFile;
use crate::tree::Tree;

/// What [`Publisher::stage`] signed and wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageReport {
    /// The lists built, sorted.
    pub lists: Vec<ListReport>,
    /// What was held back, for a person to confirm.
    pub proposal: Option<Proposal>,
    /// Epochs whose first lists would lack entries that have no name here: they wait.
    pub put_off: Vec<u32>,
    /// Version of the new targets.
    pub targets: u32,
    /// Files that were written to the folder; the others were there already.
    pub written: usize,
    /// All files in the folder that `publish` needs.
    pub files: usize,
}

impl Publisher {
    /// Does what [`Publisher::release`] does with the keys of targets alone, and writes all that the machine
    /// with the other keys needs to a folder: every root, the targets metadata and every file that it names,
    /// so that no folder before it need have arrived.
    ///
    /// # Errors
    /// As [`Publisher::release`].
    pub fn stage(
        &mut self,
        now: Time,
        options: &ReleaseOptions,
        folder: &Path,
    ) -> Result<StageReport> {
        let _lock = self.directory().lock()?;
        let prepared = self.prepare_signed(now, options, Signing::Targets)?;
        let targets = prepared.metadata.first().map(|(_, file)| file.clone());
        let targets = targets.ok_or(PublisherError::RegisterContent)?;
        let report = self.go_out(prepared, now)?;
        let files = self.staged_files(&targets)?;
        let folder = Tree::new(folder);
        let mut written = 0_usize;
        for file in &files {
            written = written.saturating_add(usize::from(folder.write_changed(file)?));
        }
        Ok(StageReport {
            lists: report.lists,
            proposal: report.proposal,
            put_off: report.put_off,
            targets: targets.version,
            written,
            files: files.len(),
        })
    }

    /// In the order in which they are written: what a file names before the file.
    fn staged_files(&self, targets: &MetadataFile) -> Result<Vec<NewFile>> {
        let tree = self.directory().tree();
        let mut files = Vec::new();
        for (path, file) in Published::named(targets)? {
            let bytes = tree.read(&path)?.filter(|bytes| file.is_of(bytes));
            let bytes = bytes.ok_or_else(|| PublisherError::Damaged(path.clone()))?;
            files.push(NewFile { path, bytes });
        }
        for root in self.register().roots()? {
            files.push(metadata_file(RoleName::Root, &root));
        }
        files.push(metadata_file(RoleName::Targets, targets));
        Ok(files)
    }
}

impl fmt::Display for StageReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lists.iter().try_for_each(|list| write!(f, "{list}"))?;
        write_put_off(f, &self.put_off)?;
        writeln!(
            f,
            "targets {} signed; {} of {} files written",
            self.targets, self.written, self.files
        )
    }
}
