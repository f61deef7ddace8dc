use std::io::Read;
use std::time::Duration;

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
