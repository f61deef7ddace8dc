use std::io::{self, Read};
use std::time::Duration;

use interdict_core::wire::owned::Range;

use super::failure::told;

/// How long to wait for a server.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Until the connection is established.
    pub connect: Duration,
    /// Until the answer begins.
    pub response: Duration,
    /// Until the last byte.
    pub body: Duration,
}

/// How much of a file is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Portion {
    Whole { max_size: u32 },
    Range(Range),
}

/// What a repository answered when it was asked for a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Brought {
    /// The file.
    Bytes(Vec<u8>),
    /// The repository has no such file. It said so; it was not merely unreachable.
    NotFound,
    /// Anything else: why there is no answer.
    Failed(String),
}

impl Default for Patience {
    /// For a refresh, which holds up nobody: ten minutes are enough for 40 MB over 1.5 Mbit/s.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            response: Duration::from_secs(30),
            body: Duration::from_secs(600),
        }
    }
}

/// The first byte after a range.
pub(crate) fn end_of(range: Range) -> u64 {
    u64::from(range.offset).saturating_add(u64::from(range.length))
}

/// A part of a source that can only be read from its start; what precedes the part is read and dropped.
pub(crate) fn read_portion(mut source: impl Read, range: Range) -> Brought {
    let offset = u64::from(range.offset);
    if let Err(error) = io::copy(&mut source.by_ref().take(offset), &mut io::sink()) {
        return Brought::Failed(told(&error));
    }
    match read_bounded(source.take(u64::from(range.length)), range.length) {
        Brought::Bytes(bytes) if u32::try_from(bytes.len()) != Ok(range.length) => {
            Brought::Failed("the file ends before the part that was asked for".to_owned())
        }
        brought => brought,
    }
}

pub(crate) fn read_bounded(source: impl Read, max_size: u32) -> Brought {
    let mut bytes = Vec::new();
    match source
        .take(u64::from(max_size).saturating_add(1))
        .read_to_end(&mut bytes)
    {
        Ok(_) if u32::try_from(bytes.len()).is_ok_and(|length| length <= max_size) => {
            Brought::Bytes(bytes)
        }
        Ok(_) => too_large(),
        Err(error) => Brought::Failed(told(&error)),
    }
}

pub(crate) fn too_large() -> Brought {
    Brought::Failed("the file is larger than it can be".to_owned())
}
