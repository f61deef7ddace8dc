use std::path::{Path, PathBuf};

use super::envelope::Envelope;
use super::files::FileName;
use super::forks::GoodLines;
use super::identity::ReferenceKey;
use crate::error::Error;

/// A line of a journal, and what it says around its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundLine {
    /// The directory.
    pub directory: PathBuf,
    /// The file's name.
    pub file: String,
    /// Its number in the chain.
    pub number: u64,
    /// Its id.
    pub id: String,
    /// When, in seconds since 1970.
    pub time: u32,
    /// Who asked.
    pub client: Option<String>,
    /// By which door.
    pub door: Option<String>,
    /// The caller's trace.
    pub trace: Option<String>,
    /// `receipt`, `refusal`, `problem`, `decision` or `head`.
    pub what: &'static str,
    /// The whole line, without its line feed.
    pub text: String,
}

impl FoundLine {
    pub(super) fn of(
        directory: &Path,
        file: FileName,
        envelope: &Envelope<'_>,
        line: &[u8],
    ) -> Self {
        let owned = |word: Option<&str>| word.map(str::to_owned);
        Self {
            directory: directory.to_owned(),
            file: file.to_string(),
            number: envelope.number,
            id: envelope.id.to_owned(),
            time: envelope.time,
            client: owned(envelope.client),
            door: owned(envelope.door),
            trace: owned(envelope.trace),
            what: envelope.what(),
            text: String::from_utf8_lossy(line).into_owned(),
        }
    }
}

/// Every line with a caller's reference, oldest first in each directory. It needs the key of each directory's
/// digests.
///
/// # Errors
/// A directory or file cannot be read.
pub fn find_reference(directories: &[PathBuf], reference: &str) -> Result<Vec<FoundLine>, Error> {
    let mut found = Vec::new();
    for directory in directories {
        let digest = ReferenceKey::read(directory)?.digest(reference);
        each(directory, |file, envelope, line| {
            if envelope.reference == Some(digest.as_str()) {
                found.push(FoundLine::of(directory, file, envelope, line));
            }
        })?;
    }
    Ok(found)
}

/// Visits every good line of a directory. Returns how many others there are.
pub(super) fn each(
    directory: &Path,
    mut visit: impl FnMut(FileName, &Envelope<'_>, &[u8]),
) -> Result<u64, Error> {
    let (mut lines, mut others) = (GoodLines::open(directory)?, 0_u64);
    while let Some((file, line)) = lines.next_raw()? {
        match Envelope::read(&line.bytes) {
            Some(envelope) => visit(file, &envelope, &line.bytes),
            None => others = others.saturating_add(1),
        }
    }
    Ok(others)
}
