//! Files in `keys/` that no command made or needs. They stop nothing, but one of them may be a key that
//! somebody damaged or put there in error, so a person hears of them.

use std::fmt;
use std::path::{Path, PathBuf};

use super::files::{DECOY_FILE, Keys, is_unfinished, list_key_file, private_key, public_key_file};
use crate::error::{PublisherError, Result};
use crate::publisher::Publisher;
use crate::register::MetadataFile;
use crate::tuf::{PublicKey, Root};

/// A file in `keys/` that signing leaves alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyWarning {
    /// The file.
    pub path: PathBuf,
    /// Why it is left alone.
    pub cause: UnusedFile,
}

/// Why a file in `keys/` is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnusedFile {
    /// It is called a private key and is none, or is damaged.
    NoKey,
    /// It is a private key that no root of the coalition ever named.
    NotNamed,
    /// It is no file of this program.
    Foreign,
    /// A command was cut off while it wrote it. The next one that makes a key deletes it.
    Unfinished,
}

impl Publisher {
    /// The files in `keys/` that are none of the coalition's, sorted by name.
    ///
    /// # Errors
    /// A register or directory that cannot be read.
    pub fn key_warnings(&self) -> Result<Vec<KeyWarning>> {
        key_warnings(&self.keys(), &self.register().roots()?)
    }
}

/// The same, of the keys and every root of a coalition.
pub(crate) fn key_warnings(keys: &Keys, roots: &[MetadataFile]) -> Result<Vec<KeyWarning>> {
    let roots = roots.iter().map(|root| Root::read(&root.bytes));
    let roots: Option<Vec<Root>> = roots.collect();
    let roots = roots.ok_or(PublisherError::RegisterContent)?;
    let roles = roots.into_iter().flat_map(|root| root.roles);
    let named: Vec<PublicKey> = roles.flat_map(|role| role.keys).collect();
    let paths = keys.listed()?.into_iter();
    let warnings = paths.filter_map(|path| {
        let cause = unused(keys, &path, &named)?;
        Some(KeyWarning { path, cause })
    });
    Ok(warnings.collect())
}

fn unused(keys: &Keys, path: &Path, named: &[PublicKey]) -> Option<UnusedFile> {
    if is_unfinished(path) {
        return Some(UnusedFile::Unfinished);
    }
    if path.extension().is_some_and(|extension| extension == "pem") {
        return match private_key(path) {
            None => Some(UnusedFile::NoKey),
            Some(signer) => (!named.contains(signer.public())).then_some(UnusedFile::NotNamed),
        };
    }
    let epoch = number(path);
    let ours = [
        Some(DECOY_FILE.to_owned()),
        epoch.map(list_key_file),
        epoch.map(public_key_file),
    ];
    let is_ours = ours
        .into_iter()
        .flatten()
        .any(|file| keys.path(&file) == path);
    (!is_ours).then_some(UnusedFile::Foreign)
}

/// The epoch in a file's name.
fn number(path: &Path) -> Option<u32> {
    let (_, number) = path.file_stem()?.to_str()?.rsplit_once('-')?;
    number.parse().ok()
}

impl fmt::Display for KeyWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match self.cause {
            UnusedFile::NoKey => write!(
                f,
                "{path} is not a private key, or is damaged; signing goes on without it"
            ),
            UnusedFile::NotNamed => {
                write!(
                    f,
                    "{path} is a private key that no root names; it signs nothing"
                )
            }
            UnusedFile::Foreign => write!(
                f,
                "{path} is no file of this program; keep only keys there, or move it away"
            ),
            UnusedFile::Unfinished => write!(
                f,
                "{path} was left by a command that was cut off; delete it"
            ),
        }
    }
}
