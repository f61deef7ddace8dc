use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

/// The message of `poll`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Poll {
    /// Whose walk.
    pub coalition: String,
    /// Begins one, from these files; absent, the walk under way goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub begin: Option<Begin>,
    /// Looks for this one signed file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
}

/// Which files a walk asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Begin {
    /// Those that the host kept.
    Store,
    /// Those of the repository.
    Repository,
}

/// The message of `supply`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Supply {
    /// Whose walk.
    pub coalition: String,
    /// The file's name in the host's store, as it was asked for.
    pub name: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of the file that the host was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Its bytes are in the open region.
    Bytes,
    /// The host has saved it before and compared its digest; it does not hand it over.
    Saved,
    /// The source has no such file.
    NotFound,
    /// It could not be had, for any other reason.
    Failed,
}

/// The answer to `poll` and `supply`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Whose walk.
    pub coalition: String,
    /// Whether the host must keep the file just supplied, under the name it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep: Option<bool>,
    /// What to bring next; nothing when the walk has ended.
    pub fetch: Option<Fetch>,
    /// Whether it ended with everything verified and live.
    pub completed: bool,
    /// After a completed update, the names of all files that make up the state.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
}

/// A file the host should bring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetch {
    /// Its name in the host's store.
    pub name: String,
    /// Its path below the repository's base.
    pub path: String,
    /// Bytes after which the host stops reading.
    pub max_size: u32,
}

impl Poll {
    /// Repeats which file the walk under way needs.
    #[must_use]
    pub fn again(coalition: &str) -> Self {
        Self {
            coalition: coalition.to_owned(),
            begin: None,
            target: None,
        }
    }

    /// Begins an update.
    #[must_use]
    pub fn update(coalition: &str, begin: Begin) -> Self {
        Self {
            begin: Some(begin),
            ..Self::again(coalition)
        }
    }

    /// Looks for one signed file.
    #[must_use]
    pub fn target(coalition: &str, begin: Begin, path: &str) -> Self {
        Self {
            target: Some(path.to_owned()),
            ..Self::update(coalition, begin)
        }
    }
}
