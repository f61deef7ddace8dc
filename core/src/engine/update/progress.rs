//! What a walk tells the host ([`WalkProgress`]) and what the host tells the walk ([`Delivery`]).

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use crate::engine::error::EngineError;

use super::fetch::Fetch;

/// The answer to `poll` and `supply`: which file the walk needs next, or how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WalkProgress {
    /// The coalition's name in this gateway.
    pub coalition: String,
    /// Whether the host must save the file just supplied, under the name of its fetch. Absent in
    /// the answer to `poll`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep: Option<bool>,
    /// The file to fetch next; `None` when the walk has ended.
    pub fetch: Option<Fetch>,
    /// Whether the walk has ended with everything verified and, after an update, live.
    pub completed: bool,
    /// After a completed update, the names of all files that make up the state. The host keeps
    /// these together and may delete all others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
}

/// The file that the host was asked for, or why it has none.
#[derive(Debug)]
pub enum Delivery {
    /// The bytes of the file.
    Bytes(Vec<u8>),
    /// The host has the file saved, and compared its digest. Only a release's part may stay there: the
    /// release is verified and not live.
    Saved,
    /// The source has no such file.
    NotFound,
    /// The file could not be fetched for any other reason.
    Failed,
}

impl Delivery {
    pub(super) const fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound)
    }

    pub(super) const fn is_saved(&self) -> bool {
        matches!(self, Self::Saved)
    }

    /// The bytes, or the error for a missing file of a release.
    pub(super) fn bytes(self) -> Result<Vec<u8>, EngineError> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            Self::NotFound => Err(EngineError::PartNotFound),
            Self::Saved | Self::Failed => Err(EngineError::PartUnavailable),
        }
    }
}
