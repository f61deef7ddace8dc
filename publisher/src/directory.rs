use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::error::{PublisherError, Result};

/// How often a lock is tried before its directory counts as busy. A child process that another thread is
/// starting holds every open lock until its own program runs, so a lock may outlive its owner for a moment.
const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// Where everything of a publisher lies.
///
/// ```text
/// DIR/
///   register.sqlite      what is known, identifiers in clear; owner only
///   keys/                every secret, owner only; move what needs no network elsewhere
///   repository/          the only part to serve
///     metadata/          1.root.json, 4.targets.json, 4.snapshot.json, timestamp.json
///     targets/se/        <sha256>.merchants.member-1.filter, .records, .stash,
///                        <sha256>.merchants.typologies.json, and of each a copy NAME.gz
///   staging/             half-written files, owner only; empty between commands
///   lock
/// ```
#[derive(Debug, Clone)]
pub struct Directory(PathBuf);

/// A file to publish, by its path below `repository/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewFile {
    pub(crate) path: String,
    pub(crate) bytes: Vec<u8>,
}

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    Owner,
    Everyone,
}

/// While it lives, no other command changes the directory.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "closing the file releases the lock")] File);

impl Directory {
    /// Names a directory; it need not exist.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// `DIR/register.sqlite`
    #[must_use]
    pub fn register(&self) -> PathBuf {
        self.0.join("register.sqlite")
    }

    /// `DIR/keys`
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.0.join("keys")
    }

    /// `DIR/repository`
    #[must_use]
    pub fn repository(&self) -> PathBuf {
        self.0.join("repository")
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Makes the directories.
    pub(crate) fn create(&self) -> Result<()> {
        let mut entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(&self.0).map_err(PublisherError::at(&self.0))?;
                fs::read_dir(&self.0).map_err(PublisherError::at(&self.0))?
            }
            Err(error) => return Err(PublisherError::at(&self.0)(error)),
        };
        if entries.next().is_some() {
            return Err(PublisherError::NotEmpty(self.0.clone()));
        }
        for secret in [self.keys(), self.staging()] {
            create_directory(&secret, Readers::Owner)?;
        }
        create_directory(&self.repository(), Readers::Everyone)
    }

    pub(crate) fn lock(&self) -> Result<Lock> {
        let path = self.0.join("lock");
        let file = File::create(&path).map_err(PublisherError::at(&path))?;
        for _ in 0..LOCK_TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(Lock(file)),
                Err(fs::TryLockError::WouldBlock) => thread::sleep(LOCK_PAUSE),
                Err(fs::TryLockError::Error(error)) => {
                    return Err(PublisherError::at(&path)(error));
                }
            }
        }
        Err(PublisherError::Busy(self.0.clone()))
    }

    /// A published file, `None` if there is none.
    pub(crate) fn read(&self, path: &str) -> Result<Option<Vec<u8>>> {
        let path = self.repository().join(path);
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

    /// The paths of the target files that are there.
    pub(crate) fn targets(&self) -> Vec<String> {
        let read = |path: &str| fs::read_dir(self.repository().join(path));
        let names = |path: &str| -> Vec<String> {
            let entries = read(path).into_iter().flatten().flatten();
            entries
                .filter_map(|entry| Some(format!("{path}/{}", entry.file_name().to_str()?)))
                .collect()
        };
        let folders = names("targets");
        folders.iter().flat_map(|folder| names(folder)).collect()
    }

    /// Publishes files one after the other, each whole or not at all. What a file names must stand
    /// before it: a reader who comes between two of them then still finds a complete release.
    pub(crate) fn publish(&self, files: &[NewFile]) -> Result<()> {
        for file in files {
            self.write(
                &self.repository().join(&file.path),
                &file.bytes,
                Readers::Everyone,
            )?;
        }
        Ok(())
    }

    /// Writes beside, then renames: nobody ever reads half a file.
    pub(crate) fn write(&self, path: &Path, bytes: &[u8], readers: Readers) -> Result<()> {
        let parent = path.parent().unwrap_or(&self.0);
        fs::create_dir_all(parent).map_err(PublisherError::at(parent))?;
        create_directory(&self.staging(), Readers::Owner)?;
        // One name is enough: whoever writes holds the lock or owns a directory still empty.
        let staged = self.staging().join("file");
        match fs::remove_file(&staged) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(PublisherError::at(&staged)(error));
            }
            _ => {}
        }
        write_new(&staged, bytes, readers).map_err(PublisherError::at(&staged))?;
        fs::rename(&staged, path).map_err(PublisherError::at(path))?;
        sync_directory(parent).map_err(PublisherError::at(parent))
    }

    pub(crate) fn staging(&self) -> PathBuf {
        self.0.join("staging")
    }
}

/// Creates a file that only its owner can read, for what is handed over: an enrolment holds a ListKey.
///
/// # Errors
/// The file exists, or the system refuses.
pub fn write_secret(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_new(path, bytes, Readers::Owner)
}

/// Creates a file that must not exist, and waits until it is on the disk.
pub(crate) fn write_new(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(match readers {
            Readers::Owner => 0o600,
            Readers::Everyone => 0o644,
        });
    }
    #[cfg(not(unix))]
    let _ = readers;
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Whether others than the owner may read or change a file.
pub(crate) fn is_open_to_others(path: &Path) -> io::Result<bool> {
    let metadata = fs::metadata(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        Ok(metadata.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        Ok(false)
    }
}

pub(crate) fn create_directory(path: &Path, readers: Readers) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(match readers {
            Readers::Owner => 0o700,
            Readers::Everyone => 0o755,
        });
    }
    #[cfg(not(unix))]
    let _ = readers;
    builder.create(path).map_err(PublisherError::at(path))
}

/// A rename is on the disk only when its directory is.
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(path)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
