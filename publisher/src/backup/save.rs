use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use interdict_core::common::time::Time;
use tempfile::NamedTempFile;

use super::archive::{Hashed, append, member};
use super::error::BackupError;
use super::manifest::{
    HISTORY, KEYS, LARGEST_KEY, MANIFEST, Manifest, Member, REGISTER, is_key_file,
};
use super::secret::BackupRecipients;
use crate::directory::{Readers, write_new};
use crate::error::{PublisherError, Result};
use crate::publisher::Publisher;
use crate::register::Register;

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
    /// Bytes of the history in it; `None` if there is none.
    pub history: Option<u64>,
    /// Its files of `keys/`.
    pub keys: usize,
}

/// The register's copy, which is there only while a backup is made.
struct Copy {
    path: PathBuf,
    /// Held while the copy is needed, so that another backup does not take it for a leftover.
    _lock: File,
}

impl Publisher {
    /// Writes register, history and by choice keys to one encrypted file, which must not exist. The register
    /// is copied as it is at one moment; other commands wait for the copy and not for the file.
    ///
    /// # Errors
    /// [`BackupError::Exists`], [`PublisherError::RegisterDamaged`], or a file that cannot be written.
    /// Nothing is left behind then.
    pub fn backup(
        &mut self,
        file: &Path,
        options: &BackupOptions<'_>,
        now: Time,
    ) -> Result<BackupReport> {
        if file.symlink_metadata().is_ok() {
            return Err(BackupError::Exists(file.to_owned()).into());
        }
        self.register().check_intact()?;
        let copy = Copy::begin(&self.directory().backup_copy()?)?;
        let history = self.directory().history();
        // Nobody writes meanwhile, so that the history's length is that of this register.
        let history = self
            .register_mut()
            .copy_to(&copy.path, || prefix(&history))?;
        let register = Register::of_copy(&copy.path)?;
        register.check_intact()?;
        drop(register);
        // After the register: a key is made before the register names it.
        let keys = match options.keys {
            BackupKeys::With => self.directory().key_files()?,
            BackupKeys::Without => Vec::new(),
        };
        let content = Content {
            register: &copy.path,
            history,
            keys,
        };
        let manifest = self.manifest(&copy, &content, now)?;
        write(file, options.recipients, &manifest, &content, now)
    }

    /// The manifest of a copy: what it says of versions is what the copy says.
    fn manifest(&self, copy: &Copy, content: &Content<'_>, now: Time) -> Result<Manifest> {
        let register = File::open(&copy.path).map_err(PublisherError::at(&copy.path))?;
        let mut members = vec![member(REGISTER, register).map_err(PublisherError::at(&copy.path))?];
        if let Some((path, length)) = &content.history {
            let history = File::open(path)
                .map_err(PublisherError::at(path))?
                .take(*length);
            members.push(member(HISTORY, history).map_err(PublisherError::at(path))?);
        }
        for (name, bytes) in &content.keys {
            members.push(member(name, bytes.as_slice()).map_err(PublisherError::at(&copy.path))?);
        }
        let copied = Self::new(
            self.directory().clone(),
            Register::of_copy(&copy.path)?,
            self.settings().clone(),
        );
        Manifest::of(&copied, members, now)
    }
}

/// What goes into a backup.
struct Content<'a> {
    register: &'a Path,
    /// The file, and how much of it belongs to the register's copy.
    history: Option<(PathBuf, u64)>,
    /// By member name, ascending.
    keys: Vec<(String, Vec<u8>)>,
}

impl crate::directory::Directory {
    fn history(&self) -> PathBuf {
        self.path().join(HISTORY)
    }

    /// Where the register is copied to: beside it, so that nothing of it comes to another disk in clear.
    fn backup_copy(&self) -> Result<PathBuf> {
        let staging = self.staging();
        crate::directory::create_directory(&staging, Readers::Owner)?;
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

/// The history, if there is one, and its length now.
fn prefix(history: &Path) -> Result<Option<(PathBuf, u64)>> {
    match fs::metadata(history) {
        Ok(metadata) => Ok(Some((history.to_owned(), metadata.len()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(PublisherError::at(history)(error)),
    }
}

impl Copy {
    /// An empty file of ours alone, in the place of one that a killed backup left.
    fn begin(path: &Path) -> Result<Self> {
        let at = |error| PublisherError::at(path)(error);
        match write_new(path, &[], Readers::Owner) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(at(error)),
            _ => {}
        }
        let file = File::options().write(true).open(path).map_err(at)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                return Err(PublisherError::Busy(path.to_owned()));
            }
            Err(fs::TryLockError::Error(error)) => return Err(at(error)),
        }
        file.set_len(0).map_err(at)?;
        Ok(Self {
            path: path.to_owned(),
            _lock: file,
        })
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // Whatever went wrong was reported; the next backup empties what is left.
        let _ = fs::remove_file(&self.path);
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
    let mut keys = content.keys.iter();
    for member in &manifest.members {
        match (member.name.as_str(), &content.history) {
            (REGISTER, _) => append_file(&mut tar, member, content.register, now)?,
            (HISTORY, Some((path, _))) => append_file(&mut tar, member, path, now)?,
            _ => {
                let key = keys.next().map_or(&[][..], |(_, bytes)| bytes);
                append(&mut tar, member, key, now).map_err(at)?;
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
    crate::directory::sync_directory(parent).map_err(PublisherError::at(parent))?;
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
            .map(|member| member.length)
    };
    let members = manifest.members.iter();
    BackupReport {
        bytes,
        sha256,
        register: length(REGISTER).unwrap_or_default(),
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
            "{} bytes: register of {} bytes",
            self.bytes, self.register
        )?;
        if let Some(history) = self.history {
            write!(f, ", history of {history} bytes")?;
        }
        match self.keys {
            0 => writeln!(f, "; no keys, keep those elsewhere")?,
            count => writeln!(f, ", {count} key files")?,
        }
        writeln!(f, "sha256 {}", self.sha256)
    }
}
