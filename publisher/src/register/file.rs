//! The register's file: how it is opened, made and put in its place.
//!
//! A register that is made again replaces the file. Whoever had the old one open would then write to a file
//! without a name. So every change holds `register.lock` together with other changes, of which SQLite lets
//! one at a time write, and whoever puts another file in place holds it alone, from before it reads the history
//! on. A change looks, once it holds the lock, whether its file is still the one in place. Who only reads does
//! without the lock, and looks after opening.
//!
//! An import changes much at once and takes seconds for it; every other change is short. So one that waits holds
//! `waiting.lock` together with others that wait, and an import that finds it held takes back what it has written,
//! lets them pass and begins again.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use super::schema::{APPLICATION_ID, SCHEMA_VERSION, SCHEMAS_7, SCHEMAS_TO_6};
use crate::directory::{
    Readers, beside, open_lock, register_lock, remove, sync_directory, waiting_lock, write_new,
};
use crate::error::{PublisherError, Result};

/// How long a command waits for another that is writing.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// How often a lock that another has is tried.
const PAUSE: Duration = Duration::from_millis(10);

/// How long an import leaves to those that wait: SQLite tries again within half of it.
const TURN: Duration = Duration::from_millis(200);

/// While it lives, the register's file stays in its place, or only its owner puts another there.
pub(super) struct FileLock(
    #[expect(dead_code, reason = "closing the file releases the lock")] File,
);

/// While it lives, an import that holds up its owner gives way.
pub(super) struct Waiting(#[expect(dead_code, reason = "closing the file releases the lock")] File);

/// Which file a connection has open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Opened {
    path: PathBuf,
    file: FileId,
}

/// The device and the number of a file, which no other has while it is open.
#[cfg(unix)]
type FileId = (u64, u64);

/// Such a system replaces no file that is open.
#[cfg(not(unix))]
type FileId = ();

impl FileLock {
    /// Keeps the file in its place.
    ///
    /// # Errors
    /// [`PublisherError::RegisterBusy`] if another command puts a file there for longer than this.
    pub(super) fn shared(register: &Path, patience: Duration) -> Result<Self> {
        Self::wait(register, patience, File::try_lock_shared)
    }

    /// Waits until nobody changes the register, and lets nobody begin.
    ///
    /// # Errors
    /// [`PublisherError::RegisterBusy`] if another command keeps writing.
    pub(super) fn alone(register: &Path) -> Result<Self> {
        Self::wait(register, PATIENCE, File::try_lock)
    }

    fn wait(
        register: &Path,
        patience: Duration,
        lock: impl Fn(&File) -> Result<(), TryLockError>,
    ) -> Result<Self> {
        let path = register_lock(register);
        let file = open_lock(&path).map_err(PublisherError::at(&path))?;
        let begun = Instant::now();
        loop {
            match lock(&file) {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) if begun.elapsed() < patience => thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => return Err(PublisherError::RegisterBusy),
                Err(TryLockError::Error(error)) => return Err(PublisherError::at(&path)(error)),
            }
        }
    }
}

impl Waiting {
    /// Shows that its owner waits.
    pub(super) fn show(register: &Path) -> Result<Self> {
        let path = waiting_lock(register);
        let shown = open_lock(&path).and_then(|file| file.lock_shared().map(|()| Self(file)));
        shown.map_err(PublisherError::at(&path))
    }

    /// Whether anybody waits.
    pub(super) fn is_shown(register: &Path) -> Result<bool> {
        let path = waiting_lock(register);
        let file = open_lock(&path).map_err(PublisherError::at(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(PublisherError::at(&path)(error)),
        }
    }

    /// Waits until all have had their turn, or time for it.
    pub(super) fn let_pass(register: &Path) -> Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < TURN && Self::is_shown(register)? {
            thread::sleep(PAUSE);
        }
        Ok(())
    }
}

impl Opened {
    fn at(path: &Path) -> Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            file: file_id(path).map_err(PublisherError::at(path))?,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the file is still the one in place.
    pub(super) fn is_in_place(&self) -> bool {
        file_id(&self.path).is_ok_and(|file| file == self.file)
    }
}

#[cfg(unix)]
fn file_id(path: &Path) -> io::Result<FileId> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = fs::metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn file_id(path: &Path) -> io::Result<FileId> {
    fs::metadata(path).map(|_| ())
}

/// Opens the file that is in place.
pub(super) fn connect(path: &Path) -> Result<(Connection, Opened)> {
    let before = Opened::at(path);
    let connected = connect_alone(path);
    if before.is_ok_and(|before| before.is_in_place()) {
        return connected;
    }
    // Another one was put in place at the same time, and the journals may have been those of the other.
    drop(connected);
    let _lock = FileLock::shared(path, PATIENCE)?;
    connect_alone(path)
}

/// Opens it where no other command puts another one in place.
pub(super) fn connect_alone(path: &Path) -> Result<(Connection, Opened)> {
    let opened = Opened::at(path)?;
    // One thread has a connection at a time: Rust sees to that.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    // Who only reads waits for nobody.
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // A row that REPLACE removes is a change too.
    connection.pragma_update(None, "recursive_triggers", true)?;
    if pragma(&connection, "application_id")? != APPLICATION_ID {
        return Err(PublisherError::RegisterContent);
    }
    Ok((connection, opened))
}

pub(super) fn pragma(connection: &Connection, name: &str) -> Result<i64> {
    Ok(connection.pragma_query_value(None, name, |row| row.get(0))?)
}

/// Makes an empty file beside a register's place, where nobody looks.
pub(super) fn create_beside(path: &Path) -> Result<Connection> {
    let beside = beside(path);
    remove(&beside)?;
    // Made first, so that SQLite and its journals take over the owner-only permission.
    write_new(&beside, &[], Readers::Owner)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    Ok(Connection::open_with_flags(&beside, flags)?)
}

/// Puts the file that was made beside it in the place of a register.
pub(super) fn put_in_place(path: &Path) -> Result<()> {
    // The file that is replaced goes first. Killed before the end, this leaves none, which is then made again;
    // one without its journal, or with that of another, would be damaged.
    let parent = path.parent().unwrap_or(path);
    remove(path)?;
    sync_directory(parent).map_err(PublisherError::at(parent))?;
    for journal in ["sqlite-wal", "sqlite-shm"] {
        remove(&path.with_extension(journal))?;
    }
    fs::rename(beside(path), path).map_err(PublisherError::at(path))?;
    sync_directory(parent).map_err(PublisherError::at(parent))
}

pub(super) fn make_tables(connection: &Connection) -> Result<()> {
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    connection.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    for schema in SCHEMAS_TO_6.iter().chain(SCHEMAS_7) {
        connection.execute_batch(schema)?;
    }
    Ok(())
}
