use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use interdict_core::wire::Code;
use serde::Deserialize;
use serde_json::json;

use crate::error::Error;
use crate::files;
use crate::instance::{CallError, Instance};
use crate::repository::{Brought, Range, Repository};
use crate::verdict::PageNeeded;

/// Files in one walk: 256 roots, three more of metadata, and the parts of a coalition's lists. A
/// module that asks for more does not end.
const MAX_FILES: usize = 4096;

/// The one refusal that is not about the file it follows.
const NO_TARGET: &str = Code::TrustNoTarget.name();

/// Which files a walk replays or fetches; `docs/abi.md`, `begin` and `page`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begin<'p> {
    Store,
    Repository,
    /// One page of records, into the releases in place.
    Page(&'p PageNeeded),
    /// One signed file and the delegated roles on the way to it, from what the host has.
    StoredTarget(&'p str),
    /// The same from the repository.
    Target(&'p str),
}

/// A file the module asks for.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Fetch {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) max_size: u32,
    /// What lies under `name` is this part of the repository's file alone.
    pub(crate) range: Option<Range>,
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
pub enum WalkError {
    /// The module refused a file.
    Refused {
        /// Its path in the repository.
        name: String,
        /// What the module said.
        refusal: CallError,
        /// Why the file could not be had, if it could not.
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
    begin: Begin<'_>,
    now: u32,
    sides: &mut impl Sides,
) -> Result<Walked, WalkError> {
    let message = match begin {
        Begin::Store => json!({"coalition": coalition, "begin": "store"}),
        Begin::Repository => json!({"coalition": coalition, "begin": "repository"}),
        Begin::Page(PageNeeded {
            list, epoch, page, ..
        }) => {
            json!({"coalition": coalition, "page": {"list": list, "epoch": epoch, "page": page}})
        }
        Begin::StoredTarget(path) => {
            json!({"coalition": coalition, "begin": "store", "target": path})
        }
        Begin::Target(path) => {
            json!({"coalition": coalition, "begin": "repository", "target": path})
        }
    };
    let message = message.to_string();
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
        let supplied = supply(instance, coalition, &fetch, &brought, now);
        let verified = match &supplied {
            Ok(progress) => progress.keep == Some(true),
            Err(error) => error.is_no_target(),
        };
        if let (true, Brought::Bytes(bytes)) = (verified, &brought) {
            sides.keep(&fetch, bytes).map_err(WalkError::Keep)?;
        }
        progress = supplied?;
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
    /// The file, or the part of it that is asked for, from a repository.
    pub(crate) fn from(&self, repository: &Repository) -> Brought {
        match self.range {
            None => repository.bring(&self.path, self.max_size),
            Some(range) if range.length <= self.max_size => {
                repository.bring_range(&self.path, range)
            }
            Some(_) => Brought::Failed(Error::Answer.to_string()),
        }
    }

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
    read_saved(&directory.join(name), fetch.max_size)
}

/// A file of at most this size that was saved under a path of the host's own choice.
pub(crate) fn read_saved(path: &Path, max_size: u32) -> Brought {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Brought::NotFound,
        Err(error) => return Brought::Failed(error.to_string()),
    };
    let mut bytes = Vec::new();
    let read = file
        .take(u64::from(max_size).saturating_add(1))
        .read_to_end(&mut bytes);
    match read {
        Ok(length) if u32::try_from(length).is_ok_and(|length| length <= max_size) => {
            Brought::Bytes(bytes)
        }
        Ok(_) => Brought::Failed("the saved file is larger than it can be".to_owned()),
        Err(error) => Brought::Failed(error.to_string()),
    }
}

impl WalkError {
    /// Whether the file just supplied was verified, and the search ended with it: nobody who may
    /// lists the target.
    fn is_no_target(&self) -> bool {
        matches!(self, Self::Refused { refusal, .. } if refusal.name() == Some(NO_TARGET))
    }

    /// Whether the instance is gone.
    pub(crate) const fn is_trap(&self) -> bool {
        match self {
            Self::Call(error) => error.is_trap(),
            Self::Refused { .. } | Self::Keep(_) | Self::Answer => false,
        }
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
