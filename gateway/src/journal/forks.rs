use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use interdict_host::StoreError;

use super::envelope::{Envelope, digest};
use super::files::{self as journal_files, FileName};
use super::lines::{Lines, RawLine};
use crate::error::Error;

/// Two directories of one chain that hold different lines of one number: a cloned machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fork {
    /// The chain.
    pub chain: String,
    /// The first number at which they differ.
    pub number: u64,
    /// Both directories.
    pub directories: [PathBuf; 2],
}

/// Compares all directories of each chain.
pub(super) fn find(chains: &[(&str, &Path)]) -> Result<Vec<Fork>, Error> {
    let mut forks = Vec::new();
    for (index, (chain, one)) in chains.iter().enumerate() {
        for (other_chain, other) in chains.iter().skip(index.saturating_add(1)) {
            if chain.is_empty() || chain != other_chain {
                continue;
            }
            let number = first_difference(one, other)?;
            forks.extend(number.map(|number| Fork {
                chain: (*chain).to_owned(),
                number,
                directories: [one.to_path_buf(), other.to_path_buf()],
            }));
        }
    }
    Ok(forks)
}

fn first_difference(one: &Path, other: &Path) -> Result<Option<u64>, Error> {
    let (mut one, mut other) = (GoodLines::open(one)?, GoodLines::open(other)?);
    let mut pair = (one.next()?, other.next()?);
    while let (Some((a, a_digest)), Some((b, b_digest))) = pair {
        match a.cmp(&b) {
            Ordering::Less => pair.0 = one.next()?,
            Ordering::Greater => pair.1 = other.next()?,
            Ordering::Equal if a_digest != b_digest => return Ok(Some(a)),
            Ordering::Equal => pair = (one.next()?, other.next()?),
        }
    }
    Ok(None)
}

/// The good lines of a directory, whatever lies between them.
pub(super) struct GoodLines {
    directory: PathBuf,
    files: std::vec::IntoIter<FileName>,
    open: Option<(FileName, Lines)>,
}

impl GoodLines {
    pub(super) fn open(directory: &Path) -> Result<Self, Error> {
        let (files, _) = journal_files::list(directory)?;
        Ok(Self {
            directory: directory.to_owned(),
            files: files.into_iter(),
            open: None,
        })
    }

    /// The number and the SHA-256 of the next good line.
    fn next(&mut self) -> Result<Option<(u64, [u8; 32])>, Error> {
        while let Some((_, line)) = self.next_raw()? {
            if let Some(envelope) = Envelope::read(&line.bytes) {
                return Ok(Some((envelope.number, digest(&line.bytes))));
            }
        }
        Ok(None)
    }

    /// The next line, good or not, and its file.
    pub(super) fn next_raw(&mut self) -> Result<Option<(FileName, RawLine)>, Error> {
        loop {
            if self.open.is_none() {
                let Some(name) = self.files.next() else {
                    return Ok(None);
                };
                let path = name.path(&self.directory);
                let lines = Lines::open(&path).map_err(StoreError::at(&path))?;
                self.open = Some((name, lines));
            }
            if let Some((name, lines)) = &mut self.open {
                let path = name.path(&self.directory);
                if let Some(line) = lines.next().map_err(StoreError::at(&path))? {
                    return Ok(Some((*name, line)));
                }
            }
            self.open = None;
        }
    }
}
