use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use interdict_core::common::hex;
use interdict_host::StoreError;
use sha2::{Digest as _, Sha256};

use super::draft::Place;
use super::envelope::{Envelope, digest};
use super::files::FileName;
use super::head::Cut;
use super::lines::Lines;
use crate::error::Error;
use crate::journal_error::JournalError;

/// What the last file of a journal holds.
pub(super) struct End {
    /// Where the next line goes.
    pub(super) place: Place,
    /// The length of the file up to its last good line.
    pub(super) length: u64,
    /// What comes after that line.
    pub(super) cut: Option<Cut>,
    /// The lines since the last head.
    pub(super) unsigned: u64,
    /// The time of the last head.
    pub(super) signed: u32,
    /// Its number and its SHA-256.
    pub(super) head: (u64, [u8; 32]),
}

/// Reads a file up to the first line that does not continue the chain.
pub(super) fn end_of(directory: &Path, name: FileName, chain: &str) -> Result<End, Error> {
    let path = name.path(directory);
    let at = || StoreError::at(&path);
    let mut lines = Lines::open(&path).map_err(at())?;
    let mut end: Option<End> = None;
    while let Some(line) = lines.next().map_err(at())? {
        let envelope = Envelope::read(&line.bytes).filter(|one| {
            let follows = match &end {
                Some(end) => one.place() == end.place,
                None => one.number == name.number && one.head.is_some(),
            };
            follows && one.chain == chain
        });
        let Some(envelope) = envelope.filter(|_| line.is_ended) else {
            break;
        };
        let length = u64::try_from(line.bytes.len()).unwrap_or(u64::MAX);
        let is_head = envelope.head.is_some();
        let sha256 = digest(&line.bytes);
        let before = end.as_ref();
        end = Some(End {
            place: envelope.place().after(sha256),
            length: line.start.saturating_add(length).saturating_add(1),
            cut: None,
            unsigned: match before {
                Some(end) if !is_head => end.unsigned.saturating_add(1),
                _ => 0,
            },
            signed: match before {
                Some(end) if !is_head => end.signed,
                _ => envelope.time,
            },
            head: match before {
                Some(end) if !is_head => end.head,
                _ => (envelope.number, sha256),
            },
        });
    }
    let mut end = end.ok_or_else(|| JournalError::Damaged(path.clone()))?;
    end.cut = rest(&path, end.length)?;
    Ok(end)
}

/// What a file holds from a place on, if anything.
pub(super) fn rest(path: &Path, from: u64) -> Result<Option<Cut>, Error> {
    let at = || StoreError::at(path);
    let mut file = File::open(path).map_err(at())?;
    file.seek(SeekFrom::Start(from)).map_err(at())?;
    let mut sha256 = Sha256::new();
    let (mut bytes, mut buffer) = (0_u64, vec![0; 1 << 16]);
    loop {
        let count = file.read(&mut buffer).map_err(at())?;
        let Some(read) = buffer.get(..count).filter(|read| !read.is_empty()) else {
            break;
        };
        sha256.update(read);
        bytes = bytes.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
    }
    let sha256 = hex::text(&sha256.finalize());
    Ok((bytes > 0).then_some(Cut { bytes, sha256 }))
}
