//! A folder of published files: `metadata/` and `targets/`, wherever it lies.
//!
//! It may be another file system than the coalition's directory, or a mounted object store. So a file is
//! staged, synced and renamed within the folder that it goes to, and nothing is renamed from outside.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use interdict_core::trust::RoleName;

use crate::directory::{
    Directory, NewFile, Readers, create_directory, remove, sync_directory, write_at,
};
use crate::error::{PublisherError, Result};

/// What the name of a half-written file begins with. Web servers do not serve hidden files.
const STAGED: &str = ".staged-";

/// A folder with the layout of TUF's consistent snapshots.
#[derive(Debug, Clone)]
pub(crate) struct Tree(PathBuf);

impl Directory {
    /// The published files.
    pub(crate) fn tree(&self) -> Tree {
        Tree::new(&self.repository())
    }

    /// A published file, `None` if there is none.
    pub(crate) fn read(&self, path: &str) -> Result<Option<Vec<u8>>> {
        self.tree().read(path)
    }

    /// Publishes files one after the other, each whole or not at all.
    pub(crate) fn publish(&self, files: &[NewFile]) -> Result<()> {
        self.tree().write(files)
    }
}

impl Tree {
    pub(crate) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// A file, `None` if there is none.
    pub(crate) fn read(&self, path: &str) -> Result<Option<Vec<u8>>> {
        let path = self.0.join(path);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(PublisherError::at(&path)(error)),
        }
    }

    /// Writes files one after the other, each whole or not at all. What a file names must stand before
    /// it: a reader who comes between two of them then still finds a complete release.
    pub(crate) fn write(&self, files: &[NewFile]) -> Result<()> {
        files
            .iter()
            .try_for_each(|file| write_shared(&self.0.join(&file.path), &file.bytes))
    }

    /// The same, but leaves files alone that are there already with the same bytes. Says whether it wrote.
    pub(crate) fn write_changed(&self, file: &NewFile) -> Result<bool> {
        let changed = self.read(&file.path)?.as_ref() != Some(&file.bytes);
        if changed {
            self.write(std::slice::from_ref(file))?;
        }
        Ok(changed)
    }

    /// The paths of the target files that are there.
    pub(crate) fn targets(&self) -> Vec<String> {
        let folders = self.names("targets").into_iter();
        folders
            .flat_map(|folder| {
                let folder = format!("targets/{folder}");
                let names = self.names(&folder).into_iter();
                names.map(move |name| format!("{folder}/{name}"))
            })
            .filter(|path| !is_staged(path))
            .collect()
    }

    /// The versions of a role's numbered files that are there, ascending.
    pub(crate) fn versions(&self, role: RoleName) -> Vec<u32> {
        let suffix = format!(".{}.json", role.as_str());
        let names = self.names("metadata").into_iter();
        let mut versions: Vec<u32> = names
            .filter(|name| self.0.join("metadata").join(name).is_file())
            .filter_map(|name| name.strip_suffix(&suffix)?.parse().ok())
            .collect();
        versions.sort_unstable();
        versions
    }

    /// Takes a file away. What cannot be deleted waits for the next time.
    pub(crate) fn remove(&self, path: &str) -> bool {
        fs::remove_file(self.0.join(path)).is_ok()
    }

    /// Takes away what writes that were cut off left behind.
    pub(crate) fn remove_staged(&self) {
        let folders = self.names("targets").into_iter();
        let folders = folders.map(|folder| format!("targets/{folder}"));
        for folder in folders.chain(["metadata".to_owned()]) {
            for name in self.names(&folder) {
                if is_staged(&name) {
                    self.remove(&format!("{folder}/{name}"));
                }
            }
        }
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.0.join(folder));
        let names = entries.into_iter().flatten().flatten();
        let mut names: Vec<String> = names
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        names.sort();
        names
    }
}

/// Writes a file that everybody may read: beside it first, then by rename, so that nobody ever reads half
/// of it. Makes the folders above it.
///
/// # Errors
/// [`PublisherError::Io`].
pub fn write_shared(path: &Path, bytes: &[u8]) -> Result<()> {
    let parent = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    make_folder(parent)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // One name is enough: whoever writes to a folder holds the lock.
    let staged = parent.join(format!("{STAGED}{name}"));
    remove(&staged)?;
    let written = write_at(&staged, bytes, Readers::Everyone)
        .map_err(PublisherError::at(&staged))
        .and_then(|()| fs::rename(&staged, path).map_err(PublisherError::at(path)));
    if written.is_err() {
        // A full disk must not keep what could not be used.
        let _ = fs::remove_file(&staged);
    }
    written?;
    sync_directory(parent).map_err(PublisherError::at(parent))
}

/// Makes a folder and those above it, each of them on the disk before what it holds.
fn make_folder(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent().filter(|parent| *parent != Path::new("")) {
        make_folder(parent)?;
        create_directory(path, Readers::Everyone)?;
        return sync_directory(parent).map_err(PublisherError::at(parent));
    }
    create_directory(path, Readers::Everyone)
}

fn is_staged(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.starts_with(STAGED)
}
