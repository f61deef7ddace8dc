use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use interdict_core::common::time::Time;

use super::archive::unpack;
use super::manifest::{HISTORY, KEYS, Manifest, PUBLISHED, REGISTER};
use super::missing_keys::MissingKeys;
use super::secret::BackupIdentity;
use crate::directory::{Directory, Lock, Readers, create_directory, sync_directory};
use crate::error::{BackupError, PublisherError, Result};
use crate::publisher::Publisher;
use crate::register::Deed;

/// What came out of a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreReport {
    /// Whose register it is.
    pub coalition: String,
    /// When the backup was made.
    pub created: String,
    /// The version of targets that the register knows, 0 for none: recover from anything newer.
    pub targets: u32,
    /// What has to be put back before the next release.
    pub missing_keys: MissingKeys,
}

/// A directory beside the one to restore to, which goes away unless it takes its place.
struct Room {
    path: PathBuf,
    /// Held until then, so that another restore does not take it for a leftover.
    _lock: Lock,
    kept: bool,
}

impl Publisher {
    /// Brings a backup back to a directory that is empty or not there. Everything is checked before anything
    /// is put in place: the directory then holds all of it or stays as it was.
    ///
    /// What is restored signs nothing until [`Publisher::recover`] has run: it does not know what was
    /// published since the backup.
    ///
    /// # Errors
    /// [`PublisherError::NotEmpty`], [`BackupError::OtherIdentity`], [`BackupError::Damaged`],
    /// [`BackupError::Form`], [`PublisherError::RegisterDamaged`], [`PublisherError::HistoryDamaged`],
    /// [`PublisherError::RegisterVersion`].
    pub fn restore(
        file: &Path,
        directory: &Path,
        identity: &BackupIdentity,
        now: Time,
    ) -> Result<RestoreReport> {
        let target = empty(directory)?;
        let backup = File::open(file).map_err(PublisherError::at(file))?;
        let backup = identity.open(BufReader::new(backup))?;
        let parent = target
            .parent()
            .ok_or_else(|| PublisherError::NotEmpty(target.clone()))?;
        let mut room = Room::beside(&target)?;
        let inside = Directory::new(&room.path);
        create_directory(&inside.keys(), Readers::Owner)?;
        create_directory(&inside.kept(), Readers::Owner)?;
        create_directory(&inside.staging(), Readers::Owner)?;
        let manifest = unpack(backup, &room.path)?;
        create_directory(&inside.repository(), Readers::Everyone)?;
        let report = check(&room.path, &manifest, now)?;
        for path in [inside.keys(), inside.kept(), room.path.clone()] {
            sync_directory(&path).map_err(PublisherError::at(&path))?;
        }
        room.take_place_of(&target, parent)?;
        Ok(report)
    }
}

/// Opens what was unpacked as every command will, and has it say that it is a copy.
fn check(path: &Path, manifest: &Manifest, now: Time) -> Result<RestoreReport> {
    let mut restored = Publisher::open(path)?;
    restored.register().check_intact()?;
    if !manifest.is_of(&restored)? {
        return Err(BackupError::Damaged.into());
    }
    let change = restored.register_mut().change()?;
    change.put_restored(now)?;
    change.commit(&Deed::new("restore", now))?;
    Ok(RestoreReport {
        coalition: manifest.coalition.clone(),
        created: manifest.created.clone(),
        targets: manifest
            .versions
            .get("targets")
            .copied()
            .unwrap_or_default(),
        missing_keys: restored.missing_keys()?,
    })
}

/// Where a directory is, if it is empty or could be made.
fn empty(directory: &Path) -> Result<PathBuf> {
    match fs::read_dir(directory) {
        Ok(mut entries) => match entries.next() {
            None => fs::canonicalize(directory).map_err(PublisherError::at(directory)),
            Some(_) => Err(PublisherError::NotEmpty(directory.to_owned())),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            std::path::absolute(directory).map_err(PublisherError::at(directory))
        }
        Err(error) => Err(PublisherError::at(directory)(error)),
    }
}

impl Room {
    /// Makes it, empty, in the place of one that a killed restore left.
    fn beside(target: &Path) -> Result<Self> {
        let mut name = target.file_name().unwrap_or_default().to_owned();
        name.push(".restoring");
        let path = target.with_file_name(name);
        create_directory(&path, Readers::Owner)?;
        let left = names(&path)?;
        let known = |name: &String| {
            let journal = name.strip_prefix(REGISTER);
            let journals = ["-journal", "-wal", "-shm", ".new", ".new-journal"];
            let journal = journal.is_some_and(|end| journals.contains(&end));
            let [keys, published] = [KEYS, PUBLISHED].map(|folder| folder.trim_end_matches('/'));
            let ours = [
                REGISTER,
                HISTORY,
                keys,
                published,
                "staging",
                "repository",
                "lock",
                "register.lock",
                "waiting.lock",
            ];
            journal || ours.contains(&name.as_str())
        };
        if !left.iter().all(known) {
            return Err(BackupError::Leftover(path).into());
        }
        let lock = Directory::new(&path).lock().inspect_err(|_| {
            // Unless another restore is working in it, it is empty.
            let _ = fs::remove_dir(&path);
        })?;
        for name in left.iter().filter(|name| *name != "lock") {
            let path = path.join(name);
            let removed = if path.is_dir() {
                fs::remove_dir_all(&path)
            } else {
                fs::remove_file(&path)
            };
            removed.map_err(PublisherError::at(&path))?;
        }
        Ok(Self {
            path,
            _lock: lock,
            kept: false,
        })
    }

    /// Puts it where it was asked for, on the disk.
    fn take_place_of(&mut self, target: &Path, parent: &Path) -> Result<()> {
        match fs::rename(&self.path, target) {
            // Another restore was there first.
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {
                return Err(PublisherError::NotEmpty(target.to_owned()));
            }
            done => done.map_err(PublisherError::at(target))?,
        }
        if let Err(error) = sync_directory(parent) {
            // It might be gone after the next loss of power. If it stays there, it is whole.
            self.kept = fs::rename(target, &self.path).is_err();
            return Err(PublisherError::at(parent)(error));
        }
        self.kept = true;
        Ok(())
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if !self.kept {
            // What went wrong was reported; the next restore empties what is left.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

fn names(directory: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(directory).map_err(PublisherError::at(directory))?;
    let names = entries.map(|entry| {
        let name = entry.map_err(PublisherError::at(directory))?.file_name();
        Ok(name.to_string_lossy().into_owned())
    });
    names.collect()
}

impl fmt::Display for RestoreReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "the register of {} as of {}, with targets {}",
            self.coalition, self.created, self.targets
        )?;
        write!(f, "{}", self.missing_keys)?;
        writeln!(
            f,
            "next: `interdict-publish recover DIR --from REPOSITORY`, with a copy of what is served now"
        )
    }
}
