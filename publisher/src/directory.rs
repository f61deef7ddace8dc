use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tempfile::NamedTempFile;

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
///     metadata/          1.root.json, 4.targets.json, 4.snapshot.json, timestamp.json, and with a
///                        public edition bundle.json
///     targets/se/        <sha256>.merchants.member-1.filter, .records, .stash,
///                        <sha256>.merchants.typologies.json, and of each a copy NAME.gz
///   published/           records and stashes of the last release, to compare the next one with; owner only
///   history.jsonl        everything that ever changed the register; owner only
///   staging/             half-written files, owner only; empty between commands
///   versions.json        the newest snapshot and timestamp that were signed
///   uploads.json         the folders that `upload` copied to
///   clock.json           what was signed with a clock that ran ahead, after `recover clock`
///   lock, upload.lock, register.lock, waiting.lock
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

    /// `DIR/history.jsonl`
    #[must_use]
    pub fn history(&self) -> PathBuf {
        history_path(&self.register())
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

    pub(crate) fn versions(&self) -> PathBuf {
        self.0.join("versions.json")
    }

    pub(crate) fn uploads(&self) -> PathBuf {
        self.0.join("uploads.json")
    }

    pub(crate) fn clock(&self) -> PathBuf {
        self.0.join("clock.json")
    }

    /// Makes the directories.
    pub(crate) fn create(&self) -> Result<()> {
        create_directory(&self.0, Readers::Everyone)?;
        let mut entries = fs::read_dir(&self.0).map_err(PublisherError::at(&self.0))?;
        if entries.next().is_some() {
            return Err(PublisherError::NotEmpty(self.0.clone()));
        }
        let made = [self.keys(), self.staging()]
            .iter()
            .try_for_each(|secret| create_directory(secret, Readers::Owner))
            .and_then(|()| create_directory(&self.repository(), Readers::Everyone));
        made.inspect_err(|_| self.discard())
    }

    /// Empties a directory that [`Directory::create`] found empty, after an `init` that failed: the next one
    /// can then use it. Best effort, for the failure itself is what the caller reports.
    pub(crate) fn discard(&self) {
        // The register, what it is made from and what it is made in: first, for with them a directory counts
        // as finished, and would lack its keys.
        let register = self.register();
        let made = [
            "",
            "-wal",
            "-shm",
            ".new",
            ".new-journal",
            ".new-wal",
            ".new-shm",
        ];
        for end in made {
            let mut path = register.clone().into_os_string();
            path.push(end);
            let _ = fs::remove_file(path);
        }
        let _ = fs::remove_file(self.history());
        for folder in [self.keys(), self.staging(), self.repository()] {
            let _ = fs::remove_dir_all(folder);
        }
    }

    pub(crate) fn lock(&self) -> Result<Lock> {
        self.lock_file("lock")
    }

    /// Keeps other uploads away, and nothing else: an upload only reads the directory.
    pub(crate) fn lock_upload(&self) -> Result<Lock> {
        self.lock_file("upload.lock")
    }

    fn lock_file(&self, name: &str) -> Result<Lock> {
        let path = self.0.join(name);
        let file = open_lock(&path).map_err(PublisherError::at(&path))?;
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

    /// Keeps copies of published files, by the digest that begins their names.
    pub(crate) fn keep(&self, files: &[(String, &[u8])]) -> Result<()> {
        create_directory(&self.kept(), Readers::Owner)?;
        for (name, bytes) in files {
            let path = self.kept().join(name);
            if !path.exists() {
                self.write(&path, bytes, Readers::Owner)?;
            }
        }
        Ok(())
    }

    /// A copy that was kept.
    pub(crate) fn read_kept(&self, name: &str) -> Option<Vec<u8>> {
        fs::read(self.kept().join(name)).ok()
    }

    /// Deletes all copies but these. What cannot be deleted waits for the next time.
    pub(crate) fn forget_kept(&self, but: &[String]) {
        for entry in fs::read_dir(self.kept()).into_iter().flatten().flatten() {
            let is_kept = but.iter().any(|name| entry.file_name() == name.as_str());
            if !is_kept {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    pub(crate) fn kept(&self) -> PathBuf {
        self.0.join("published")
    }

    /// Writes beside, then renames: nobody ever reads half a file.
    pub(crate) fn write(&self, path: &Path, bytes: &[u8], readers: Readers) -> Result<()> {
        let parent = path.parent().unwrap_or(&self.0);
        create_directory(parent, readers)?;
        // One name is enough: whoever writes holds the lock or owns a directory still empty.
        let staged = self.private()?.join("file");
        remove(&staged)?;
        write_at(&staged, bytes, readers).map_err(PublisherError::at(&staged))?;
        fs::rename(&staged, path).map_err(PublisherError::at(path))?;
        sync_directory(parent).map_err(PublisherError::at(parent))
    }

    /// A small record of the directory's own; the default if it is gone or unreadable.
    pub(crate) fn record<T: DeserializeOwned + Default>(path: &Path) -> T {
        let bytes = fs::read(path).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// Puts such a record in the place of the one before.
    pub(crate) fn write_record(&self, path: &Path, record: &impl Serialize) -> Result<()> {
        let bytes = serde_json::to_vec(record).map_err(|_| PublisherError::Exhausted)?;
        self.write(path, &bytes, Readers::Owner)
    }

    /// A folder that only the owner reads, for what is about to be published or read.
    pub(crate) fn private(&self) -> Result<PathBuf> {
        let folder = self.staging();
        create_directory(&folder, Readers::Owner)?;
        Ok(folder)
    }

    pub(crate) fn staging(&self) -> PathBuf {
        self.0.join("staging")
    }
}

/// Where a register is made before it is put in its place.
pub(crate) fn beside(register: &Path) -> PathBuf {
    register.with_extension("sqlite.new")
}

/// What keeps a register's file in its place.
pub(crate) fn register_lock(register: &Path) -> PathBuf {
    register.with_file_name("register.lock")
}

/// What shows that a command waits for its turn to change the register.
pub(crate) fn waiting_lock(register: &Path) -> PathBuf {
    register.with_file_name("waiting.lock")
}

/// Where the history of a register lies.
pub(crate) fn history_path(register: &Path) -> PathBuf {
    register.with_file_name("history.jsonl")
}

/// Creates a file that only its owner can read, for what is handed over: an enrolment holds a ListKey. The
/// file is there whole or not at all.
///
/// # Errors
/// [`PublisherError::FileExists`]: nothing is ever overwritten. Or the system refuses.
pub fn write_secret(path: &Path, bytes: &[u8]) -> Result<()> {
    write_new(path, bytes, Readers::Owner)
}

/// The same for a file that everybody may read, such as a browser's enrolment.
///
/// # Errors
/// As [`write_secret`].
pub fn write_public(path: &Path, bytes: &[u8]) -> Result<()> {
    write_new(path, bytes, Readers::Everyone)
}

/// Refuses a path at which something is, before any work is done for it.
///
/// # Errors
/// [`PublisherError::FileExists`].
pub fn check_unused(path: &Path) -> Result<()> {
    match fs::symlink_metadata(path) {
        Ok(_) => Err(PublisherError::FileExists(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(PublisherError::at(path)(error)),
    }
}

/// How the names of files end that a command was cut off in the middle of. Nobody reads them.
pub(crate) const UNFINISHED: &str = ".part";

/// Creates a file that must not exist, whole or not at all, and waits until it is on the disk.
pub(crate) fn write_new(path: &Path, bytes: &[u8], readers: Readers) -> Result<()> {
    check_unused(path)?;
    let here = Path::new(".");
    let folder = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let folder = folder.unwrap_or(here);
    // Beside it, for only within one file system does a rename put a whole file in its place.
    let beside = tempfile::Builder::new()
        .prefix(".")
        .suffix(UNFINISHED)
        .tempfile_in(folder);
    let mut beside = beside.map_err(PublisherError::at(path))?;
    fill(beside.as_file_mut(), bytes, readers).map_err(PublisherError::at(path))?;
    place(beside, path)?;
    sync_directory(folder).map_err(PublisherError::at(folder))
}

fn place(beside: NamedTempFile, path: &Path) -> Result<()> {
    match beside.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(refused) if refused.error.kind() == io::ErrorKind::AlreadyExists => {
            Err(PublisherError::FileExists(path.to_owned()))
        }
        Err(refused) => Err(PublisherError::at(path)(refused.error)),
    }
}

/// Writes a file that must not exist at the path itself, where nobody looks for it yet.
pub(crate) fn write_at(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(OWNER_FILE);
    }
    fill(&mut options.open(path)?, bytes, readers)
}

fn fill(file: &mut File, bytes: &[u8], readers: Readers) -> io::Result<()> {
    set_readers(file, readers)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Whatever the umask is: under 077 nobody could serve the repository.
fn set_readers(file: &File, readers: Readers) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        file.set_permissions(fs::Permissions::from_mode(match readers {
            Readers::Owner => OWNER_FILE,
            Readers::Everyone => 0o644,
        }))
    }
    #[cfg(not(unix))]
    {
        let _ = (file, readers);
        Ok(())
    }
}

#[cfg(unix)]
const OWNER_FILE: u32 = 0o600;

/// Opens a file of its owner alone, which need not be there.
pub(crate) fn open_lock(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(OWNER_FILE);
    }
    options.open(path)
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

/// Makes a directory and those above it. One that is there keeps its mode: somebody chose it.
pub(crate) fn create_directory(path: &Path, readers: Readers) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent {
        create_directory(parent, Readers::Everyone)?;
    }
    match fs::create_dir(path) {
        Ok(()) => set_directory_readers(path, readers).map_err(PublisherError::at(path)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(PublisherError::at(path)(error)),
    }
}

fn set_directory_readers(path: &Path, readers: Readers) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(
            path,
            fs::Permissions::from_mode(match readers {
                Readers::Owner => 0o700,
                Readers::Everyone => 0o755,
            }),
        )
    }
    #[cfg(not(unix))]
    {
        let _ = (path, readers);
        Ok(())
    }
}

/// Takes a file away that need not be there.
pub(crate) fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(PublisherError::at(path)(error))
        }
        _ => Ok(()),
    }
}

/// A rename is on the disk only when its directory is. Mounted object stores know no such step.
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    match File::open(path)?.sync_all() {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput
            ) => {}
        done => done?,
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
