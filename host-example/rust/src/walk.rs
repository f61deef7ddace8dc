use std::fmt;
use std::path::Path;

use interdict_core::wire::Code;
use interdict_core::wire::owned::{Begin as Source, Fetch, Outcome, Poll, Progress, Supply};

use crate::instance::{CallError, Instance, read};
use crate::repository::{Brought, Repository};
use crate::store::{StoreError, files};

/// The most files in one walk: 256 roots, three more of metadata, and the parts of a coalition's lists. A
/// module that asks for more would not end.
const MAX_FILES: usize = 4096;

/// The one refusal after which the supplied file is still good.
const NO_TARGET: &str = Code::TrustNoTarget.name();

/// Which files a walk brings: `begin` and `target` of `docs/abi.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin<'p> {
    /// A coalition's files from what the host saved.
    Store,
    /// A coalition's newest files from its repository.
    Repository,
    /// One signed file and the delegated roles on the way to it, from what the host saved.
    StoredTarget(&'p str),
    /// The same from the repository.
    Target(&'p str),
}

/// A walk that ended without a refusal.
#[derive(Debug)]
pub struct Walked {
    /// Whether everything was verified and is live.
    pub completed: bool,
    /// If so, the names of all files that make up the coalition's state.
    pub files: Vec<String>,
}

/// Why a walk ended early. The live releases stay as they were, unless the module trapped.
#[derive(Debug)]
pub enum WalkError {
    /// The module refused a file.
    Refused {
        /// Its path in the repository.
        name: String,
        /// What the module said.
        refusal: CallError,
        /// Why the file could not be fetched, if that was the cause.
        failure: Option<String>,
    },
    /// The call itself went wrong.
    Call(CallError),
    /// The file could not be kept.
    Keep(StoreError),
}

/// Brings the files that a walk asks for, and keeps those that the module verified.
pub trait Courier {
    /// Whether this part of a release is saved and has the digest in its path, so that the module need not
    /// read it. What it does not read goes live in no instance that is asked so.
    fn has(&mut self, fetch: &Fetch) -> bool {
        let _ = fetch;
        false
    }

    /// Brings a file.
    fn bring(&mut self, fetch: &Fetch) -> Brought;
    /// Keeps a verified file; the next one is not asked for before this returns.
    ///
    /// # Errors
    /// The file could not be kept. The walk ends.
    fn keep(&mut self, fetch: &Fetch, bytes: &[u8]) -> Result<(), StoreError>;
}

/// Brings the module one file after another until it has what it needs, or refuses one.
///
/// # Errors
/// Why it ended early.
pub fn walk(
    instance: &mut Instance,
    coalition: &str,
    begin: Begin<'_>,
    now: u32,
    courier: &mut impl Courier,
) -> Result<Walked, WalkError> {
    let message = match begin {
        Begin::Store => Poll::update(coalition, Source::Store),
        Begin::Repository => Poll::update(coalition, Source::Repository),
        Begin::StoredTarget(path) => Poll::target(coalition, Source::Store, path),
        Begin::Target(path) => Poll::target(coalition, Source::Repository, path),
    };
    let answer = instance
        .ask("poll", &message, now)
        .map_err(WalkError::Call)?;
    let mut progress = progress_of(answer)?;
    for _ in 0..MAX_FILES {
        let Some(fetch) = progress.fetch else {
            return Ok(Walked {
                completed: progress.completed,
                files: progress.files,
            });
        };
        if courier.has(&fetch)
            && let Some(next) = supply_saved(instance, coalition, &fetch, now)?
        {
            progress = next;
            continue;
        }
        let brought = courier.bring(&fetch);
        let supplied = supply(instance, coalition, &fetch, &brought, now);
        let verified = match &supplied {
            Ok(progress) => progress.keep == Some(true),
            Err(error) => error.is_no_target(),
        };
        if let (true, Brought::Bytes(bytes)) = (verified, &brought) {
            courier.keep(&fetch, bytes).map_err(WalkError::Keep)?;
        }
        progress = supplied?;
    }
    Err(WalkError::Call(CallError::Answer))
}

/// Says that the host has the file. `None` if the module is older than that word: the walk still waits.
fn supply_saved(
    instance: &mut Instance,
    coalition: &str,
    fetch: &Fetch,
    now: u32,
) -> Result<Option<Progress>, WalkError> {
    let message = Supply {
        coalition: coalition.to_owned(),
        name: fetch.name.clone(),
        outcome: Outcome::Saved,
    };
    match instance.ask("supply", &message, now) {
        Ok(answer) => progress_of(answer).map(Some),
        Err(error) if error.name() == Some(Code::UnknownValue.name()) => Ok(None),
        Err(refusal @ CallError::Refused { .. }) => Err(WalkError::Refused {
            name: fetch.path.clone(),
            refusal,
            failure: None,
        }),
        Err(error) => Err(WalkError::Call(error)),
    }
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
            Outcome::Bytes
        }
        Brought::NotFound => Outcome::NotFound,
        Brought::Failed(_) => Outcome::Failed,
    };
    let message = Supply {
        coalition: coalition.to_owned(),
        name: fetch.name.clone(),
        outcome,
    };
    match instance.ask("supply", &message, now) {
        Ok(answer) => progress_of(answer),
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

fn progress_of(answer: &[u8]) -> Result<Progress, WalkError> {
    read(answer).map_err(WalkError::Call)
}

/// The file from a repository.
pub(crate) fn from_repository(repository: &Repository, fetch: &Fetch) -> Brought {
    if is_metadata(fetch) {
        repository.bring(&fetch.path, fetch.max_size)
    } else {
        repository.bring_target(&fetch.path, fetch.max_size)
    }
}

/// Metadata stays trusted when a walk ends early; the parts of a release do not.
pub(crate) fn is_metadata(fetch: &Fetch) -> bool {
    fetch.path.starts_with("metadata/")
}

/// Brings a file that the host saved under the name that the module gave it.
#[must_use]
pub fn bring_saved(directory: &Path, fetch: &Fetch) -> Brought {
    let Ok(name) = files::checked_name(&fetch.name) else {
        return Brought::Failed(StoreError::Name.to_string());
    };
    read_saved(&directory.join(name), fetch.max_size)
}

/// Brings a saved file of at most this size.
#[must_use]
pub fn read_saved(path: &Path, max_size: u32) -> Brought {
    match files::read(path, max_size.into()) {
        Ok(Some(bytes)) => Brought::Bytes(bytes),
        Ok(None) => Brought::NotFound,
        Err(StoreError::Damaged(_)) => {
            Brought::Failed("the saved file is larger than it can be".to_owned())
        }
        Err(error) => Brought::Failed(error.to_string()),
    }
}

impl WalkError {
    /// Whether the supplied file was verified, and ended the search: no authorised role lists the target.
    fn is_no_target(&self) -> bool {
        matches!(self, Self::Refused { refusal, .. } if refusal.name() == Some(NO_TARGET))
    }

    /// Whether the instance must be thrown away.
    #[must_use]
    pub const fn is_trap(&self) -> bool {
        match self {
            Self::Call(error) => error.is_trap(),
            Self::Refused { .. } | Self::Keep(_) => false,
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
        }
    }
}

impl std::error::Error for WalkError {}
