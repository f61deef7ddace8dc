//! Reads and writes the members of a backup one after the other, so that a large register takes no memory.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use interdict_core::common::hex;
use interdict_core::common::time::Time;
use sha2::{Digest as _, Sha256};
use tar::{EntryType, Header};

use super::manifest::{LARGEST_MANIFEST, MANIFEST, Manifest, Member};
use crate::error::{BackupError, PublisherError, Result};

const BUFFER: usize = 64 << 10;

/// Hashes what goes through it.
pub(super) struct Hashed<T> {
    pub(super) inner: T,
    hash: Sha256,
    length: u64,
}

impl<T> Hashed<T> {
    pub(super) fn new(inner: T) -> Self {
        Self {
            inner,
            hash: Sha256::new(),
            length: 0,
        }
    }

    /// The digest in hexadecimal, and the bytes.
    pub(super) fn digest(&self) -> (String, u64) {
        let digest: [u8; 32] = self.hash.clone().finalize().into();
        (hex::text(&digest), self.length)
    }

    fn add(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.length = self.length.saturating_add(length);
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.add(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.add(bytes.get(..count).unwrap_or_default());
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// The member that a file, or the first bytes of one, would be.
pub(super) fn member(name: &str, content: impl Read) -> io::Result<Member> {
    let mut content = Hashed::new(content);
    io::copy(&mut content, &mut io::sink())?;
    let (sha256, length) = content.digest();
    Ok(Member {
        name: name.to_owned(),
        length,
        sha256,
    })
}

/// Appends a member. What is read must be what its manifest says.
pub(super) fn append<W: Write>(
    tar: &mut tar::Builder<W>,
    member: &Member,
    content: impl Read,
    now: Time,
) -> io::Result<()> {
    let mut header = Header::new_ustar();
    header.set_path(&member.name)?;
    header.set_size(member.length);
    header.set_mode(0o600);
    header.set_mtime(u64::from(now.seconds()));
    header.set_entry_type(EntryType::Regular);
    header.set_cksum();
    let mut content = Hashed::new(content.take(member.length));
    tar.append(&header, &mut content)?;
    if content.digest() == (member.sha256.clone(), member.length) {
        Ok(())
    } else {
        Err(io::Error::other("it changed while it was read"))
    }
}

/// Reads a backup to its end and writes every member but the manifest below a directory.
pub(super) fn unpack(backup: impl Read, directory: &Path) -> Result<Manifest> {
    let mut backup = backup;
    let manifest = {
        let mut archive = tar::Archive::new(&mut backup);
        let mut entries = archive
            .entries()
            .map_err(|_| BackupError::Damaged)?
            .raw(true);
        let mut next = || {
            let entry = entries.next().transpose().ok().flatten();
            entry.ok_or(BackupError::Damaged)
        };
        let mut bytes = Vec::new();
        let mut first = next()?;
        if !is_member(&first, MANIFEST) || first.size() > LARGEST_MANIFEST {
            return Err(BackupError::Damaged.into());
        }
        let read = first.read_to_end(&mut bytes);
        read.map_err(|_| BackupError::Damaged)?;
        let manifest = Manifest::read(&bytes)?;
        for member in &manifest.members {
            let mut entry = next()?;
            if !is_member(&entry, &member.name) || entry.size() != member.length {
                return Err(BackupError::Damaged.into());
            }
            extract(&mut entry, member, &directory.join(&member.name))?;
        }
        if next().is_ok() {
            return Err(BackupError::Damaged.into());
        }
        manifest
    };
    // The last bytes prove that nothing was cut off behind the last member.
    let mut rest = Vec::new();
    let read = backup.take(LARGEST_MANIFEST).read_to_end(&mut rest);
    let is_end =
        read.is_ok_and(|count| u64::try_from(count).is_ok_and(|count| count < LARGEST_MANIFEST));
    if !is_end || rest.iter().any(|byte| *byte != 0) {
        return Err(BackupError::Damaged.into());
    }
    Ok(manifest)
}

fn is_member<R: Read>(entry: &tar::Entry<'_, R>, name: &str) -> bool {
    entry.header().entry_type() == EntryType::Regular && &*entry.path_bytes() == name.as_bytes()
}

fn extract(content: &mut impl Read, member: &Member, path: &Path) -> Result<()> {
    let mut file = Hashed::new(create_secret(path).map_err(PublisherError::at(path))?);
    let mut buffer = vec![0; BUFFER];
    loop {
        let count = content
            .read(&mut buffer)
            .map_err(|_| BackupError::Damaged)?;
        let Some(bytes @ [_, ..]) = buffer.get(..count) else {
            break;
        };
        file.write_all(bytes).map_err(PublisherError::at(path))?;
    }
    if file.digest() != (member.sha256.clone(), member.length) {
        return Err(BackupError::Damaged.into());
    }
    file.inner.sync_all().map_err(PublisherError::at(path))
}

fn create_secret(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}
