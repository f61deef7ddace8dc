use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use interdict_core::common::time::Time;
use interdict_core::trust::RoleName;
use tempfile::NamedTempFile;

use super::archive::{Hashed, append, member};
use super::manifest::{
    HISTORY, KEYS, LARGEST_KEY, MANIFEST, Manifest, Member, PUBLISHED, REGISTER, is_key_file,
};
use super::secret::BackupRecipients;
use crate::directory::{
    Directory, Readers, create_directory, history_path, open_lock, sync_directory,
};
use crate::error::{BackupError, PublisherError, Result};
use crate::publisher::Publisher;
use crate::register::Register;

/// How often a register is copied again because a release came in between.
const COPY_TRIES: u32 = 3;

/// Whether a backup holds the files of `keys/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackupKeys {
    /// No: they are kept elsewhere. A restored coalition needs them before it signs.
    Without,
    /// Yes: whoever opens the backup can sign and read every list.
    With,
}

/// How a backup is made.
#[derive(Debug)]
pub struct BackupOptions<'a> {
    /// Who can open it.
    pub recipients: &'a BackupRecipients,
    /// Whether it holds the keys.
    pub keys: BackupKeys,
}

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupReport {
    /// Bytes of the file.
    pub bytes: u64,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// Bytes of the register in it.
    pub register: u64,
    /// Bytes of the history in it.
    pub history: u64,
    /// Its files of `keys/`.
    pub keys: usize,
}

/// The register's copy, which is there only while a backup is made.
struct Copy {
    path: PathBuf,
    /// Locked while the copy is needed, so that another backup does not take it for a leftover.
    file: File,
}

impl Publisher {
    /// Writes register, history, what the last release said and by choice keys to one encrypted file, which
    /// must not exist. The register is copied as it is at one moment; other commands go on meanwhile.
    ///
    /// # Errors
    /// [`BackupError::Exists`], [`PublisherError::RegisterDamaged`], [`PublisherError::HistoryDamaged`],
    /// [`PublisherError::Busy`] if releases come one after the other, or a file that cannot be written.
    /// Nothing is left behind then.
    pub fn backup(
        &self,
        file: &Path,
        options: &BackupOptions<'_>,
        now: Time,
    ) -> Result<BackupReport> {
        if file.symlink_metadata().is_ok() {
            return Err(BackupError::Exists(file.to_owned()).into());
        }
        let copy = Copy::begin(&self.directory().backup_copy()?)?;
        let (copied, mut files) = self.copied(&copy)?;
        copied.register().check_intact()?;
        // After the register: a key is made before the register names it.
        if options.keys == BackupKeys::With {
            files.extend(self.directory().key_files()?);
        }
        files.sort();
        let content = Content {
            register: &copy.path,
            history: history_path(&self.directory().register()),
            history_length: copied.register().history_length()?,
            files,
        };
        let manifest = content.manifest(&copied, now)?;
        write(file, options.recipients, &manifest, &content, now)
    }

    /// A copy of the register, and the files that it would compare its next release with, by member name.
    fn copied(&self, copy: &Copy) -> Result<(Self, Files)> {
        let own = self.directory();
        for _ in 0..COPY_TRIES {
            let before = self.register().newest(RoleName::Targets)?;
            let parts = self.last_parts()?;
            copy.empty()?;
            self.register().copy_to(&copy.path)?;
            let register = Register::of_copy(&copy.path, &own.register())?;
            let after = register.newest(RoleName::Targets)?;
            // A release in between may have deleted what the one before needs.
            if before.map(|file| file.version) == after.map(|file| file.version) {
                let parts = parts.into_iter();
                let parts = parts.map(|(name, bytes)| (format!("{PUBLISHED}{name}"), bytes));
                let copied = Self::new(own.clone(), register, self.settings().clone());
                return Ok((copied, parts.collect()));
            }
        }
        Err(PublisherError::Busy(own.path().to_owned()))
    }
}

/// Files by the names of their members.
type Files = Vec<(String, Vec<u8>)>;

/// What goes into a backup.
struct Content<'a> {
    register: &'a Path,
    history: PathBuf,
    /// How much of it belongs to the register's copy.
    history_length: u64,
    /// All others by member name, ascending.
    files: Files,
}

impl Content<'_> {
    /// What it says of versions is what the register's copy says.
    fn manifest(&self, copied: &Publisher, now: Time) -> Result<Manifest> {
        let open = |path: &Path, length: u64| {
            let file = File::open(path).map_err(PublisherError::at(path))?;
            Ok::<_, PublisherError>(file.take(length))
        };
        let at = |error| PublisherError::at(self.register)(error);
        let register = open(self.register, u64::MAX)?;
        let history = open(&self.history, self.history_length)?;
        let mut members = vec![
            member(REGISTER, register).map_err(at)?,
            member(HISTORY, history).map_err(PublisherError::at(&self.history))?,
        ];
        for (name, bytes) in &self.files {
            members.push(member(name, bytes.as_slice()).map_err(at)?);
        }
        Manifest::of(copied, members, now)
    }
}

impl Directory {
    /// Where the register is copied to: beside it, so that nothing of it comes to another disk in clear.
    fn backup_copy(&self) -> Result<PathBuf> {
        let staging = self.staging();
        create_directory(&staging, Readers::Owner)?;
        Ok(staging.join("backup.sqlite"))
    }

    /// The files of `keys/` that this program wrote, by member name, ascending.
    fn key_files(&self) -> Result<Vec<(String, Vec<u8>)>> {
        let directory = self.keys();
        let entries = fs::read_dir(&directory).map_err(PublisherError::at(&directory))?;
        let mut files = Vec::new();
        for entry in entries {
            let path = entry.map_err(PublisherError::at(&directory))?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            let Some(name) = name.filter(|name| is_key_file(name) && path.is_file()) else {
                continue;
            };
            let mut bytes = Vec::new();
            let file = File::open(&path).map_err(PublisherError::at(&path))?;
            let read = file
                .take(LARGEST_KEY.saturating_add(1))
                .read_to_end(&mut bytes);
            read.map_err(PublisherError::at(&path))?;
            if u64::try_from(bytes.len()).is_ok_and(|length| length <= LARGEST_KEY) {
                files.push((format!("{KEYS}{name}"), bytes));
            }
        }
        files.sort();
        Ok(files)
    }
}

impl Copy {
    /// A file of ours alone, in the place of one that a killed backup left.
    fn begin(path: &Path) -> Result<Self> {
        let at = |error| PublisherError::at(path)(error);
        let file = open_lock(path).map_err(at)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                return Err(PublisherError::Busy(path.to_owned()));
            }
            Err(fs::TryLockError::Error(error)) => return Err(at(error)),
        }
        Ok(Self {
            path: path.to_owned(),
            file,
        })
    }

    fn empty(&self) -> Result<()> {
        let emptied = self.file.set_len(0);
        emptied.map_err(PublisherError::at(&self.path))
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // Whatever went wrong was reported; the next backup empties what is left.
        let _ = fs::remove_file(&self.path);
        let _ = fs::remove_file(self.path.with_extension("sqlite-journal"));
    }
}

/// Writes a backup beside its place and puts it there once it is whole and on the disk.
fn write(
    file: &Path,
    recipients: &BackupRecipients,
    manifest: &Manifest,
    content: &Content<'_>,
    now: Time,
) -> Result<BackupReport> {
    let at = |error| PublisherError::at(file)(error);
    let parent = file
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    let mut partial = partial(file, parent).map_err(at)?;
    let mut out = Hashed::new(io::BufWriter::new(partial.as_file_mut()));
    let sealed = recipients.seal(&mut out).map_err(at)?;
    let mut tar = tar::Builder::new(sealed.ok_or(BackupError::Recipient)?);
    let bytes = manifest.to_bytes()?;
    let first = member(MANIFEST, bytes.as_slice()).map_err(at)?;
    append(&mut tar, &first, bytes.as_slice(), now).map_err(at)?;
    let mut files = content.files.iter();
    for member in &manifest.members {
        match member.name.as_str() {
            REGISTER => append_file(&mut tar, member, content.register, now)?,
            HISTORY => append_file(&mut tar, member, &content.history, now)?,
            _ => {
                let file = files.next().map_or(&[][..], |(_, bytes)| bytes);
                append(&mut tar, member, file, now).map_err(at)?;
            }
        }
    }
    let sealed = tar.into_inner().map_err(at)?;
    sealed.finish().and_then(io::Write::flush).map_err(at)?;
    let (sha256, bytes) = out.digest();
    drop(out);
    partial.as_file().sync_all().map_err(at)?;
    match partial.persist_noclobber(file) {
        Ok(_) => {}
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(BackupError::Exists(file.to_owned()).into());
        }
        Err(error) => return Err(at(error.error)),
    }
    if let Err(error) = sync_directory(parent) {
        // It might be gone after the next loss of power.
        let _ = fs::remove_file(file);
        return Err(PublisherError::at(parent)(error));
    }
    Ok(report(manifest, sha256, bytes))
}

/// A file beside another, readable by its owner alone, which goes away unless it is put in the other's place.
fn partial(file: &Path, parent: &Path) -> io::Result<NamedTempFile> {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    match fs::remove_file(parent.join(&name)) {
        // Of a backup that was killed.
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(&name).rand_bytes(0).tempfile_in(parent)
}

fn append_file<W: io::Write>(
    tar: &mut tar::Builder<W>,
    member: &Member,
    path: &Path,
    now: Time,
) -> Result<()> {
    let content = File::open(path).map_err(PublisherError::at(path))?;
    append(tar, member, content, now).map_err(PublisherError::at(path))
}

fn report(manifest: &Manifest, sha256: String, bytes: u64) -> BackupReport {
    let length = |name: &str| {
        let mut members = manifest.members.iter();
        members
            .find(|member| member.name == name)
            .map_or(0, |member| member.length)
    };
    let members = manifest.members.iter();
    BackupReport {
        bytes,
        sha256,
        register: length(REGISTER),
        history: length(HISTORY),
        keys: members
            .filter(|member| member.name.starts_with(KEYS))
            .count(),
    }
}

impl fmt::Display for BackupReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} bytes: register of {} bytes, history of {} bytes",
            self.bytes, self.register, self.history
        )?;
        match self.keys {
            0 => writeln!(f, "; no keys, keep those elsewhere")?,
            count => writeln!(f, ", {count} key files")?,
        }
        writeln!(f, "sha256 {}", self.sha256)
    }
}
