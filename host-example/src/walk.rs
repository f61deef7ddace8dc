use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde::Deserialize;
use serde_json::json;

use crate::error::Error;
use crate::files;
use crate::instance::{CallError, Instance};
use crate::repository::Brought;

/// Files in one walk: 256 roots, three more of metadata, and the parts of a coalition's lists. A
/// module that asks for more does not end.
const MAX_FILES: usize = 4096;

/// Which files a walk replays or fetches; `docs/abi.md`, `begin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begin {
    Store,
    Repository,
}

/// A file the module asks for.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Fetch {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) max_size: u32,
}

/// A walk that ended without a refusal.
#[derive(Debug)]
pub(crate) struct Walked {
    /// Whether everything is verified and in place.
    pub(crate) completed: bool,
    /// If so, the names of all files that make up the state.
    pub(crate) files: Vec<String>,
}

/// Why a walk ended early. The releases in place are as they were, unless the module trapped.
#[derive(Debug)]
pub(crate) enum WalkError {
    /// The module refused the file of this name; or it could not be had, and this is why.
    Refused {
        name: String,
        refusal: CallError,
        failure: Option<String>,
    },
    /// The call itself went wrong.
    Call(CallError),
    /// The file could not be kept.
    Keep(Error),
    /// The module's answer is not one this host understands.
    Answer,
}

/// The two sides a walk has besides the module.
pub(crate) trait Sides {
    /// Brings a file.
    fn bring(&mut self, fetch: &Fetch) -> Brought;
    /// Takes note of a file that was verified and must be kept.
    fn keep(&mut self, fetch: &Fetch, bytes: &[u8]) -> Result<(), Error>;
}

#[derive(Deserialize)]
struct Progress {
    keep: Option<bool>,
    fetch: Option<Fetch>,
    completed: bool,
    #[serde(default)]
    files: Vec<String>,
}

/// Answers the module's requests for files until it has what it needs or refuses.
pub(crate) fn walk(
    instance: &mut Instance,
    coalition: &str,
    begin: Begin,
    now: u32,
    sides: &mut impl Sides,
) -> Result<Walked, WalkError> {
    let begin = match begin {
        Begin::Store => "store",
        Begin::Repository => "repository",
    };
    let message = json!({"coalition": coalition, "begin": begin}).to_string();
    let answer = instance
        .call("poll", message.as_bytes(), now)
        .map_err(WalkError::Call)?;
    let mut progress = Progress::read(answer)?;
    for _ in 0..MAX_FILES {
        let Some(fetch) = progress.fetch else {
            return Ok(Walked {
                completed: progress.completed,
                files: progress.files,
            });
        };
        let brought = sides.bring(&fetch);
        progress = supply(instance, coalition, &fetch, &brought, now)?;
        if let (Some(true), Brought::Bytes(bytes)) = (progress.keep, &brought) {
            sides.keep(&fetch, bytes).map_err(WalkError::Keep)?;
        }
    }
    Err(WalkError::Answer)
}

fn supply(
    instance: &mut Instance,
    coalition: &str,
    fetch: &Fetch,
    brought: &Brought,
    now: u32,
) -> Result<Progress, WalkError> {
    let outcome = match brought {
        Brought::Bytes(bytes) => {
            instance.file(bytes).map_err(WalkError::Call)?;
            "bytes"
        }
        Brought::NotFound => "not_found",
        Brought::Failed(_) => "failed",
    };
    let message = json!({"coalition": coalition, "name": fetch.name, "outcome": outcome});
    match instance.call("supply", message.to_string().as_bytes(), now) {
        Ok(answer) => Progress::read(answer),
        Err(refusal @ CallError::Refused { .. }) => {
            let failure = match brought {
                Brought::Failed(failure) => Some(failure.clone()),
                Brought::Bytes(_) | Brought::NotFound => None,
            };
            Err(WalkError::Refused {
                name: fetch.path.clone(),
                refusal,
                failure,
            })
        }
        Err(error) => Err(WalkError::Call(error)),
    }
}

impl Progress {
    fn read(answer: &[u8]) -> Result<Self, WalkError> {
        serde_json::from_slice(answer).map_err(|_| WalkError::Answer)
    }
}

impl Fetch {
    /// Metadata stays trusted when a walk ends early; the parts of a release do not.
    pub(crate) fn is_metadata(&self) -> bool {
        self.path.starts_with("metadata/")
    }
}

/// A file the host saved itself, by its name in the store.
pub(crate) fn bring_saved(directory: &Path, fetch: &Fetch) -> Brought {
    let Ok(name) = files::checked_name(&fetch.name) else {
        return Brought::Failed(Error::FileName.to_string());
    };
    let file = match File::open(directory.join(name)) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Brought::NotFound,
        Err(error) => return Brought::Failed(error.to_string()),
    };
    let mut bytes = Vec::new();
    let read = file
        .take(u64::from(fetch.max_size).saturating_add(1))
        .read_to_end(&mut bytes);
    match read {
        Ok(length) if u32::try_from(length).is_ok_and(|length| length <= fetch.max_size) => {
            Brought::Bytes(bytes)
        }
        Ok(_) => Brought::Failed("the saved file is larger than it can be".to_owned()),
        Err(error) => Brought::Failed(error.to_string()),
    }
}

impl WalkError {
    /// Whether the instance is gone.
    pub(crate) const fn is_trap(&self) -> bool {
        matches!(self, Self::Call(CallError::Trapped))
    }
}

impl fmt::Display for WalkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused {
                name,
                refusal: _,
                failure: Some(failure),
            } => {
                write!(f, "{name}: {failure}")
            }
            Self::Refused {
                name,
                refusal,
                failure: None,
            } => write!(f, "{name}: {refusal}"),
            Self::Call(error) => error.fmt(f),
            Self::Keep(error) => error.fmt(f),
            Self::Answer => Error::Answer.fmt(f),
        }
    }
}
