//! The time stamps of a journal's heads, `stamps/<number>.tst`: each the token of RFC 3161 for the SHA-256 of the
//! head's line without its line feed.

use std::fs;
use std::path::Path;

use interdict_host::{StoreError, files};

use super::envelope::{Envelope, digest};
use super::forks::GoodLines;
use crate::error::Error;
use crate::time_stamp::{TrustedAuthorities, verify};
use crate::time_stamp_error::TimeStampError;

const STAMPS: &str = "stamps";
const SUFFIX: &str = ".tst";
const MAX_TOKEN: u64 = 100_000;

/// What the time stamps of a journal prove.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StampReport {
    /// How many are good.
    pub good: u64,
    /// The number of the last head that has a good one, and the time in it.
    pub last: Option<(u64, u32)>,
    /// The numbers of those that prove nothing, and why.
    pub wrong: Vec<(u64, TimeStampError)>,
}

/// How the time stamping of a journal goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Stamping {
    /// The number of the newest head that has a time stamp.
    pub(super) last: u64,
    /// When the next one is due, unless a new file was begun.
    pub(super) due: u32,
    /// Why the last try failed.
    pub(super) failure: Option<String>,
}

/// Keeps the time stamp of a head.
pub(super) fn keep(journal: &Path, number: u64, token: &[u8]) -> Result<(), Error> {
    let directory = journal.join(STAMPS);
    files::create_directory(&directory)?;
    Ok(files::write(&directory, &name(number), token)?)
}

/// The numbers of the heads that have a time stamp, in order.
pub(super) fn list(journal: &Path) -> Result<Vec<u64>, Error> {
    let directory = journal.join(STAMPS);
    let entries = match fs::read_dir(&directory) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(StoreError::at(&directory))?,
    };
    let mut numbers = Vec::new();
    for entry in entries {
        let found = entry.map_err(StoreError::at(&directory))?.file_name();
        let found = found.to_string_lossy();
        let number = found
            .strip_suffix(SUFFIX)
            .and_then(|text| text.parse().ok());
        numbers.extend(number.filter(|number| name(*number) == found));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// The time stamp of a head, if it has one.
pub(super) fn token(journal: &Path, number: u64) -> Result<Option<Vec<u8>>, Error> {
    let path = journal.join(STAMPS).join(name(number));
    Ok(files::read(&path, MAX_TOKEN)?)
}

/// Where the time stamp of a head lies, in the journal.
pub(super) fn place(number: u64) -> String {
    format!("{STAMPS}/{}", name(number))
}

/// Deletes the time stamps of lines that are kept no longer.
pub(super) fn forget_before(journal: &Path, first: u64) -> Result<(), Error> {
    for number in list(journal)?.into_iter().filter(|number| *number < first) {
        files::clear(&journal.join(STAMPS).join(name(number)))?;
    }
    Ok(())
}

/// Verifies the time stamps of a journal, with nothing but its files and the certificates of trusted authorities. One
/// whose head is not there proves nothing.
///
/// # Errors
/// A directory or file cannot be read.
pub fn verify_stamps(journal: &Path, trust: &TrustedAuthorities) -> Result<StampReport, Error> {
    let mut report = StampReport::default();
    let mut stamped = list(journal)?.into_iter().peekable();
    let mut lines = GoodLines::open(journal)?;
    while let Some((_, line)) = lines.next_raw()? {
        let Some(envelope) = Envelope::read(&line.bytes) else {
            continue;
        };
        while let Some(gone) = stamped.next_if(|number| *number < envelope.number) {
            report.wrong.push((gone, TimeStampError::OtherDigest));
        }
        if stamped.next_if_eq(&envelope.number).is_none() {
            continue;
        }
        let token = token(journal, envelope.number)?.unwrap_or_default();
        let verified = match envelope.head {
            Some(_) => verify(&token, &digest(&line.bytes), None, trust),
            None => Err(TimeStampError::OtherDigest),
        };
        match verified {
            Ok(time) => {
                report.good = report.good.saturating_add(1);
                report.last = Some((envelope.number, time));
            }
            Err(why) => report.wrong.push((envelope.number, why)),
        }
    }
    report
        .wrong
        .extend(stamped.map(|number| (number, TimeStampError::OtherDigest)));
    Ok(report)
}

fn name(number: u64) -> String {
    format!("{number:016}{SUFFIX}")
}
