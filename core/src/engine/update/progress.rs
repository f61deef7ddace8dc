//! The exchange with the host: how a walk stands, and what became of the file asked for.

use serde::Serialize;

use crate::engine::error::EngineError;

use super::fetch::Fetch;

/// How an update stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WalkProgress {
    /// Which coalition.
    pub coalition: String,
    /// Whether the host must keep the file just supplied, under the name it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep: Option<bool>,
    /// What to bring next; nothing when the update has ended.
    pub fetch: Option<Fetch>,
    /// Whether the update ended with everything verified and in place.
    pub completed: bool,
    /// After a completed update, the names of all files that make up the state: the host keeps
    /// these together and may delete all others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
}

/// What became of the file that the host was asked for.
#[derive(Debug)]
pub enum Delivery {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// The source has no such file.
    NotFound,
    /// The file could not be had, for any other reason.
    Failed,
}

impl Delivery {
    pub(super) const fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound)
    }

    /// The bytes of a release's file.
    pub(super) fn bytes(self) -> Result<Vec<u8>, EngineError> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            Self::NotFound => Err(EngineError::PartNotFound),
            Self::Failed => Err(EngineError::PartUnavailable),
        }
    }
}
