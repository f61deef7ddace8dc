//! The exchange with the host: what the client requests, and what the host answers.

use alloc::format;
use alloc::string::String;

use crate::name::{encode_for_store, is_unreserved, percent_encode};
use crate::role_name::RoleName;

/// Where the host gets the files of an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The files that the host kept, replayed from the pinned root. They are accepted after they
    /// expire, and a missing file ends the update without an error.
    Store,
    /// The coalition's repository, or any mirror of it.
    Repository,
}

/// The name of a metadata file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileName {
    /// The root with this version.
    Root(u32),
    /// The timestamp file.
    Timestamp,
    /// The snapshot file.
    Snapshot,
    /// The targets file.
    Targets,
    /// The file of the delegated role with this name.
    Delegated(String),
}

/// A metadata file that the client needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The file to get.
    pub file: FileName,
    /// The path of the file below the base of the repository: `metadata/timestamp.json`, or with
    /// consistent snapshots `metadata/7.snapshot.json`.
    pub path: String,
    /// The name of the file in the host's own store, which keeps every root and one file of each
    /// other role: `2.root.json`, `snapshot.json`, `delegated.se.json`.
    pub name: String,
    /// The largest size of the file, in bytes. The host stops reading after that many.
    pub max_size: u32,
}

/// What the client needs from its host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A metadata file, for [`Client::supply`](super::Client::supply).
    Fetch(Request),
    /// The target files: all metadata is verified. The host gets the target files it wants. Then it
    /// calls [`Client::complete`](super::Client::complete) or
    /// [`Client::abort`](super::Client::abort).
    Targets,
    /// Nothing, until [`Client::begin`](super::Client::begin) or
    /// [`Client::begin_target`](super::Client::begin_target).
    Idle,
}

/// The outcome of one request.
#[derive(Debug, Clone, Copy)]
pub enum Outcome<'a> {
    /// The content of the file.
    Bytes(&'a [u8]),
    /// The source has no such file. This is certain: the source was reached.
    NotFound,
    /// The source could not be reached, or sent more than the largest size.
    Failed,
}

/// Whether the host must keep the file it supplied, byte for byte, under [`Request::name`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// The host must keep the file before it supplies the next one.
    Yes,
    /// Nothing to keep: no file was supplied, or the host already keeps one with the same version.
    No,
}

impl Request {
    /// `version` becomes part of the path, if the repository puts versions into file names (TUF
    /// 1.0.34 §6.2).
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
    /// The role of the file.
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

    /// The name of the file in the host's store.
    pub(crate) fn in_store(&self) -> String {
        match self {
            Self::Root(version) => format!("{version}.root.json"),
            Self::Delegated(name) => format!("delegated.{}.json", encode_for_store(name)),
            _ => self.in_repository(),
        }
    }

    /// The name of the file among the repository's metadata, without a version.
    pub(crate) fn in_repository(&self) -> String {
        match self {
            Self::Delegated(name) => {
                format!("{}.json", percent_encode(name.as_bytes(), is_unreserved))
            }
            _ => format!("{}.json", self.role().as_str()),
        }
    }
}
