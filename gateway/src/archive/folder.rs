//! The archive's directory: files that are whole or absent, and never overwritten.

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::Duration;

use interdict_core::common::hex;
use interdict_host::{StoreError, files};
use sha2::{Digest as _, Sha256};

/// No file of an archive is larger: the module takes none of more than 1 GiB.
pub(super) const MAX_FILE: u64 = 1 << 30;

/// How long to wait for the lock. Another process that adds files is soon done.
const PATIENCE: Duration = Duration::from_secs(2);

/// The beginning of an incomplete file's name.
const STAGED: &str = ".staged-";

/// Parts of an archive that hold files.
pub(super) const PARTS: [&str; 6] = [FILES, STATES, POLICIES, OVERRIDES, CLEARANCES, MODULES];
pub(super) const FILES: &str = "files";
pub(super) const STATES: &str = "states";
pub(super) const POLICIES: &str = "policies";
pub(super) const OVERRIDES: &str = "overrides";
pub(super) const CLEARANCES: &str = "clearances";
pub(super) const MODULES: &str = "modules";

/// An archive's directory.
#[derive(Debug, Clone)]
pub(super) struct Folder(PathBuf);

/// While it exists, no other process adds files.
pub(super) struct Turn<'f> {
    folder: &'f Folder,
    _lock: File,
}

impl Folder {
    pub(super) const fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Waits for its turn, and deletes what an interrupted process left half written.
    pub(super) fn turn(&self) -> Result<Turn<'_>, StoreError> {
        for part in PARTS {
            files::create_directory(&self.0.join(part))?;
        }
        let path = self.0.join("lock");
        let lock = files::lock(&path, PATIENCE)?;
        let turn = Turn {
            folder: self,
            _lock: lock.ok_or_else(|| StoreError::Busy(self.0.clone()))?,
        };
        turn.sweep()?;
        Ok(turn)
    }

    /// The file that says what was live when.
    pub(super) fn timeline(&self) -> PathBuf {
        self.0.join("timeline.ndjson")
    }

    pub(super) fn holds(&self, part: &str, name: &str) -> bool {
        files::checked_name(name).is_ok_and(|name| self.0.join(part).join(name).is_file())
    }

    /// A file, unchecked; `None` if it does not exist.
    pub(super) fn read(&self, part: &str, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        files::read(
            &self.0.join(part).join(files::checked_name(name)?),
            MAX_FILE,
        )
    }

    /// A file by the SHA-256 in its name, checked; `None` if it does not exist.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if its content has changed.
    pub(super) fn by_digest(
        &self,
        part: &str,
        sha256: &str,
        suffix: &str,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let name = format!("{sha256}{suffix}");
        let Some(bytes) = self.read(part, &name)? else {
            return Ok(None);
        };
        if hex::text(&Sha256::digest(&bytes)) == sha256 {
            Ok(Some(bytes))
        } else {
            Err(StoreError::Damaged(self.0.join(part).join(name)))
        }
    }
}

impl Turn<'_> {
    /// Adds a file under its SHA-256, which is returned.
    pub(super) fn put_by_digest(
        &self,
        part: &str,
        bytes: &[u8],
        suffix: &str,
    ) -> Result<String, StoreError> {
        let sha256 = hex::text(&Sha256::digest(bytes));
        self.put(part, &format!("{sha256}{suffix}"), bytes)?;
        Ok(sha256)
    }

    /// Adds a file, unless one of that name exists.
    pub(super) fn put(&self, part: &str, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        if self.folder.holds(part, name) {
            return Ok(());
        }
        let directory = self.folder.0.join(part);
        files::write(&directory, files::checked_name(name)?, bytes)
    }

    fn sweep(&self) -> Result<(), StoreError> {
        for part in PARTS {
            let directory = self.folder.0.join(part);
            for entry in fs::read_dir(&directory).map_err(StoreError::at(&directory))? {
                let path = entry.map_err(StoreError::at(&directory))?.path();
                let name = path.file_name().and_then(|name| name.to_str());
                if name.is_some_and(|name| name.starts_with(STAGED)) {
                    files::clear(&path)?;
                }
            }
        }
        Ok(())
    }
}
