//! The one copy of a file that is read: hashed and looked over as it comes in.

use std::io::{BufReader, Read, Seek as _, Write as _};
use std::path::Path;

use interdict_core::common::hex;
use sha2::{Digest as _, Sha256};
use tempfile::SpooledTempFile;

use super::encoding::Survey;
use super::limits::{IN_MEMORY, MAX_FILE};
use super::lines::unreadable;
use crate::error::{FileError, PublisherError, Result};

const BLOCK: usize = 64 << 10;

/// A file that can be read several times. Beyond 8 MiB it lies in a temporary file without a name, in a
/// folder that only the register's owner reads.
#[derive(Debug)]
pub(super) struct Spool {
    file: SpooledTempFile,
    pub(super) length: u64,
    /// SHA-256, in hexadecimal.
    pub(super) digest: String,
    pub(super) survey: Survey,
}

impl Spool {
    /// Takes a file of at most 4 GiB.
    pub(super) fn take(file: &mut dyn Read, folder: &Path) -> Result<Self> {
        let mut spool = tempfile::spooled_tempfile_in(IN_MEMORY, folder);
        let mut block = vec![0; BLOCK];
        let (mut hash, mut survey) = (Sha256::new(), Survey::default());
        let mut length = 0_u64;
        loop {
            let count = match file.read(&mut block) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(unreadable(error)),
            };
            let bytes = block.get(..count).unwrap_or_default();
            length = length.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
            if length > MAX_FILE {
                return Err(FileError::TooLarge.into());
            }
            hash.update(bytes);
            survey.see(bytes);
            spool.write_all(bytes).map_err(PublisherError::at(folder))?;
        }
        survey.end();
        Ok(Self {
            file: spool,
            length,
            digest: hex::text(&<[u8; 32]>::from(hash.finalize())),
            survey,
        })
    }

    /// The file from its beginning.
    pub(super) fn reader(&mut self) -> Result<BufReader<&mut SpooledTempFile>> {
        self.file.rewind().map_err(unreadable)?;
        Ok(BufReader::with_capacity(BLOCK, &mut self.file))
    }
}
