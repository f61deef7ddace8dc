//! What the client asks of its host, and what the host answers.

use crate::name::{encode_for_store, is_unreserved, percent_encode};
use crate::role_name::RoleName;

/// Where the host takes the files of an update from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The files it saved itself, replayed from the pinned root. Nothing expires, and a file that
    /// is not there ends the update without an error.
    Store,
    /// The coalition's repository or any mirror of it.
    Repository,
}

/// A metadata file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileName {
    /// Root of this version.
    Root(u32),
    /// The newest timestamp.
    Timestamp,
    /// The snapshot that timestamp pins.
    Snapshot,
    /// The targets that snapshot pins.
    Targets,
    /// The delegated role of this name.
    Delegated(String),
}

/// A file the client needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Which file.
    pub file: FileName,
    /// Its path below the repository's base: `metadata/timestamp.json`, or with consistent
    /// snapshots `metadata/7.snapshot.json`.
    pub path: String,
    /// Its name in the host's own store, which keeps every root and one of each other role:
    /// `2.root.json`, `snapshot.json`, `delegated.se.json`.
    pub name: String,
    /// The most bytes it can have. A host stops reading after them.
    pub max_size: u32,
}

/// What is needed now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A metadata file; [`Client::supply`](super::Client::supply) takes it.
    Fetch(Request),
    /// All metadata is verified. The caller brings the target files it wants, then calls
    /// [`Client::complete`](super::Client::complete) or [`Client::abort`](super::Client::abort).
    Targets,
    /// Nothing, until [`Client::begin`](super::Client::begin).
    Idle,
}

/// How a request went.
#[derive(Debug, Clone, Copy)]
pub enum Outcome<'a> {
    /// The file.
    Bytes(&'a [u8]),
    /// The source has no such file: certain, not merely unreachable.
    NotFound,
    /// The source could not be asked, or what it sent was too long.
    Failed,
}

/// Must the host keep the file it supplied, byte for byte, under [`Request::name`]?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Yes, before it brings the next one.
    Yes,
    /// No: there was none, or one of equal version is kept already.
    No,
}

impl Request {
    /// `version` is part of the path where the repository names files by it (TUF 1.0.34 §6.2).
    pub(crate) fn new(file: FileName, version: Option<u32>, max_size: u32) -> Self {
        let metadata = file.in_repository();
        Self {
            name: file.in_store(),
            path: match version {
                Some(version) => format!("metadata/{version}.{metadata}"),
                None => format!("metadata/{metadata}"),
            },
            file,
            max_size,
        }
    }
}

impl FileName {
    /// The role whose file it is.
    #[must_use]
    pub const fn role(&self) -> RoleName {
        match self {
            Self::Root(_) => RoleName::Root,
            Self::Timestamp => RoleName::Timestamp,
            Self::Snapshot => RoleName::Snapshot,
            Self::Targets => RoleName::Targets,
            Self::Delegated(_) => RoleName::Delegated,
        }
    }

    /// Its name in the host's store.
    pub(crate) fn in_store(&self) -> String {
        match self {
            Self::Root(version) => format!("{version}.root.json"),
            Self::Delegated(name) => format!("delegated.{}.json", encode_for_store(name)),
            _ => self.in_repository(),
        }
    }

    /// Its name among the repository's metadata, without a version.
    pub(crate) fn in_repository(&self) -> String {
        match self {
            Self::Delegated(name) => {
                format!("{}.json", percent_encode(name.as_bytes(), is_unreserved))
            }
            _ => format!("{}.json", self.role().as_str()),
        }
    }
}
