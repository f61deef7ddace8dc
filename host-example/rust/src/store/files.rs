//! Files that are whole or absent: each is written under another name, synced and renamed, and its
//! directory is synced.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::thread;
use std::time::Duration;

use interdict_core::common::hex;
use sha2::{Digest as _, Sha256};

use super::error::StoreError;

/// The beginning of an incomplete file's name. No name from a module starts with a dot.
const STAGED: &str = ".staged";

/// Between two attempts to take a lock.
const PAUSE: Duration = Duration::from_millis(10);

/// Checks that a file name from the module stays in its directory.
///
/// # Errors
/// [`StoreError::Name`].
pub fn checked_name(name: &str) -> Result<&str, StoreError> {
    let allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_%".contains(&byte);
    let fine = (1..=200).contains(&name.len())
        && !name.starts_with('.')
        && !name.contains("..")
        && name.bytes().all(allowed);
    if fine {
        Ok(name)
    } else {
        Err(StoreError::Name)
    }
}

/// Creates a directory that only its owner can read, unless it exists.
///
/// # Errors
/// The system refuses.
pub fn create_directory(path: &Path) -> Result<(), StoreError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(StoreError::at(path))
}

/// Makes a directory as [`create_directory`] does, in place of anything else that has its name.
///
/// # Errors
/// The system refuses.
pub fn make_directory(path: &Path) -> Result<(), StoreError> {
    if !path.is_dir() {
        clear(path)?;
    }
    create_directory(path)
}

/// Opens a file. A named pipe, device or directory in its place is an error at once: opening waits for nobody.
fn open(path: &Path, options: &mut OpenOptions) -> Result<File, StoreError> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, libc::O_NONBLOCK | libc::O_NOCTTY);
    let file = options.open(path).map_err(StoreError::at(path))?;
    match file.metadata().map_err(StoreError::at(path))?.is_file() {
        true => Ok(file),
        false => Err(StoreError::NotAFile(path.to_owned())),
    }
}

/// Takes the lock that a file stands for, and asks for it again until `patience` is over. A child process
/// that another thread is starting holds every open lock until its own program runs, so even a lock that was
/// given back may look taken for a moment. Closing the file gives it back; `None` if another process has it.
///
/// # Errors
/// The system refuses.
pub fn lock(path: &Path, patience: Duration) -> Result<Option<File>, StoreError> {
    take_lock(path, patience, File::try_lock)
}

/// [`lock`], which others may hold too that take it in this way.
///
/// # Errors
/// The system refuses.
pub fn lock_shared(path: &Path, patience: Duration) -> Result<Option<File>, StoreError> {
    take_lock(path, patience, File::try_lock_shared)
}

fn take_lock(
    path: &Path,
    patience: Duration,
    take: impl Fn(&File) -> Result<(), fs::TryLockError>,
) -> Result<Option<File>, StoreError> {
    let mut options = File::options();
    let options = options.create(true).truncate(false).write(true);
    let file = open(path, options)?;
    for _ in 0..=patience.as_millis() / PAUSE.as_millis() {
        match take(&file) {
            Ok(()) => return Ok(Some(file)),
            Err(fs::TryLockError::WouldBlock) => thread::sleep(PAUSE),
            Err(fs::TryLockError::Error(error)) => return Err(StoreError::at(path)(error)),
        }
    }
    Ok(None)
}

/// Writes `directory/name`, replacing an earlier file in one step. A directory of that name is removed.
///
/// # Errors
/// The system refuses.
pub fn write(directory: &Path, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
    write_staged(directory, name, name, bytes)
}

/// Like [`write()`], with the caller's name for the file until it is complete.
///
/// # Errors
/// The system refuses.
pub fn write_staged(
    directory: &Path,
    staged: &str,
    name: &str,
    bytes: &[u8],
) -> Result<(), StoreError> {
    let staged = directory.join(format!("{STAGED}-{staged}"));
    clear(&staged)?;
    create_new(&staged, bytes).map_err(StoreError::at(&staged))?;
    let path = directory.join(name);
    if fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir()) {
        clear(&path)?;
    }
    fs::rename(&staged, &path).map_err(StoreError::at(&path))?;
    sync_directory(directory)
}

/// Puts a file that never changes into another directory too: as a second name where the file system can,
/// otherwise as a copy.
///
/// # Errors
/// The system refuses.
pub fn link_or_copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    if fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    let mut bytes = Vec::new();
    let mut file = open(from, File::options().read(true))?;
    file.read_to_end(&mut bytes).map_err(StoreError::at(from))?;
    create_new(to, &bytes).map_err(StoreError::at(to))
}

/// A file of at most `most` bytes; `None` if it does not exist.
///
/// # Errors
/// The system refuses, [`StoreError::NotAFile`], or [`StoreError::Damaged`] for a larger file.
pub fn read(path: &Path, most: u64) -> Result<Option<Vec<u8>>, StoreError> {
    let file = match open(path, File::options().read(true)) {
        Err(error) if error.is_missing() => return Ok(None),
        opened => opened?,
    };
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(StoreError::at(path))?;
    let fits = u64::try_from(bytes.len()).is_ok_and(|length| length <= most);
    if fits {
        Ok(Some(bytes))
    } else {
        Err(StoreError::Damaged(path.to_owned()))
    }
}

/// The SHA-256 of a file of at most this many bytes, in hexadecimal, without holding it in memory; `None` if
/// it does not exist.
///
/// # Errors
/// As [`read`].
pub(crate) fn sha256(path: &Path, most: u64) -> Result<Option<String>, StoreError> {
    let file = match open(path, File::options().read(true)) {
        Err(error) if error.is_missing() => return Ok(None),
        opened => opened?,
    };
    let mut file = file.take(most.saturating_add(1));
    let mut digest = Sha256::new();
    let mut length = 0_u64;
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = file.read(&mut buffer).map_err(StoreError::at(path))?;
        let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        digest.update(bytes);
        length = length.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
    }
    match length <= most {
        true => Ok(Some(hex::text(&digest.finalize()))),
        false => Err(StoreError::Damaged(path.to_owned())),
    }
}

/// Whether anybody but its owner may read or change a file. Always `false` on systems other than Unix.
#[must_use]
pub fn is_open_to_others(path: &Path) -> bool {
    #[cfg(unix)]
    return fs::metadata(path).is_ok_and(|metadata| {
        std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0
    });
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

/// Removes whatever has this name, if anything: a file, a link, or a directory with everything in it.
///
/// # Errors
/// The system refuses.
pub fn clear(path: &Path) -> Result<(), StoreError> {
    let is_directory = fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
    let removed = match is_directory {
        true => fs::remove_dir_all(path),
        false => fs::remove_file(path),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::at(path)(error)),
        _ => Ok(()),
    }
}

/// Syncs a directory: a rename or a new file is on the disk only when its directory is.
///
/// # Errors
/// The system refuses.
pub fn sync_directory(path: &Path) -> Result<(), StoreError> {
    #[cfg(unix)]
    File::open(path)
        .and_then(|directory| directory.sync_all())
        .map_err(StoreError::at(path))?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Creates a file that only its owner can read: it may contain a key, and lists are confidential too.
///
/// # Errors
/// The file exists, or the system refuses.
pub fn create_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_leave_the_directory_are_refused() {
        for name in [
            "timestamp.json",
            "12.root.json",
            "se%2fmerchants.member-1.filter",
        ] {
            assert!(checked_name(name).is_ok(), "{name}");
        }
        let long = "a".repeat(201);
        for name in [
            "",
            ".",
            "..",
            ".staged",
            "a/b",
            "/etc",
            "a\\b",
            "a..b",
            "a\0",
            "C:a",
            "A",
            "ä",
            long.as_str(),
        ] {
            assert!(
                matches!(checked_name(name), Err(StoreError::Name)),
                "{name}"
            );
        }
    }

    #[test]
    fn a_file_is_replaced_whole_and_readable_by_its_owner_only() {
        let room = tempfile::tempdir().unwrap();
        write(room.path(), "a", b"one").unwrap();
        // A file left by a run that was killed during a write.
        fs::write(room.path().join(".staged-a"), b"tw").unwrap();
        assert_eq!(read(&room.path().join("a"), 3).unwrap().unwrap(), b"one");
        write(room.path(), "a", b"two").unwrap();
        assert_eq!(read(&room.path().join("a"), 3).unwrap().unwrap(), b"two");
        assert!(matches!(
            read(&room.path().join("a"), 2),
            Err(StoreError::Damaged(_))
        ));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(room.path().join("a"))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_named_pipe_a_device_and_a_directory_are_named_at_once_and_never_waited_for() {
        let room = tempfile::tempdir().unwrap();
        let pipe = room.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        for path in [&pipe, Path::new("/dev/zero"), room.path()] {
            let refused = read(path, 9).unwrap_err();
            assert!(matches!(&refused, StoreError::NotAFile(named) if named == path));
            assert!(link_or_copy(Path::new("/dev/zero"), &room.path().join("x")).is_err());
            assert!(lock(path, Duration::ZERO).is_err(), "{}", path.display());
        }
    }

    #[test]
    fn a_lock_is_shared_only_with_those_that_share_it() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("lock");
        let shared = lock_shared(&path, Duration::ZERO).unwrap();
        assert!(shared.is_some() && lock_shared(&path, Duration::ZERO).unwrap().is_some());
        assert!(lock(&path, Duration::ZERO).unwrap().is_none());
        drop(shared);
        let alone = lock(&path, Duration::ZERO).unwrap();
        assert!(alone.is_some() && lock_shared(&path, Duration::ZERO).unwrap().is_none());
    }

    #[test]
    fn a_lock_given_back_a_moment_later_is_taken_and_one_that_is_kept_is_not() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("lock");
        let first = lock(&path, Duration::ZERO).unwrap();
        assert!(first.is_some());
        assert!(lock(&path, Duration::from_millis(30)).unwrap().is_none());
        let (waiting, waits) = std::sync::mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(move || {
                waits.recv().unwrap();
                drop(first);
            });
            waiting.send(()).unwrap();
            assert!(lock(&path, Duration::from_secs(60)).unwrap().is_some());
        });
    }
}
