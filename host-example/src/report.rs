use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// What is in place of one coalition; the `state` operation's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoalitionState {
    /// Its name.
    pub name: String,
    /// When the newest completed update was, in seconds since 1970.
    pub newest_time: Option<u32>,
    /// Version of the newest root.
    pub root: u32,
    /// Version of the targets in place.
    pub targets: Option<u32>,
    /// When the root, the targets or a delegated role expires, whichever is first.
    pub expires: Option<u32>,
    /// What gateways of one coalition compare to know that they were shown the same lists.
    #[serde(default)]
    pub digest: String,
    /// What receipts name the state by.
    #[serde(default)]
    pub metadata_digest: String,
    /// Releases in place.
    pub lists: Vec<ListState>,
}

/// One release in place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListState {
    /// Its list.
    pub list: String,
    /// `member` or `public`.
    pub edition: String,
    /// Its key period.
    pub epoch: u32,
    /// Its number.
    pub sequence: u64,
    /// When it was built, in seconds since 1970.
    pub issued: u32,
    /// What its filter is sized for.
    pub entries: u32,
    /// Exact records of the base, if it has any.
    pub records: Option<u64>,
    /// Changes since the base.
    #[serde(default)]
    pub changes: u64,
    /// The epoch the list has gone on to, if this is an older one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest_epoch: Option<u32>,
    /// Kinds it covers.
    pub kinds: Vec<String>,
    /// `fresh`, `stale`, `expired` or `untrusted`.
    pub freshness: String,
    /// Seconds since it was built.
    pub age_s: u32,
    /// Whether its key is at hand.
    pub key: bool,
}

/// What a refresh did for one coalition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoalitionReport {
    /// How it ended.
    pub outcome: Outcome,
    /// Bytes that came from the repository.
    pub bytes: u64,
    /// Files that came from the repository.
    pub files: usize,
    /// What is in place now, whatever the outcome.
    pub state: CoalitionState,
    /// What else a person should know.
    pub warnings: Vec<String>,
}

/// How a refresh ended for one coalition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Newer files are in place.
    Updated,
    /// The repository has nothing newer.
    Unchanged,
    /// The last good release stays in place. Why.
    Failed(String),
}

#[derive(Deserialize)]
struct State {
    coalitions: Vec<CoalitionState>,
}

impl CoalitionState {
    /// Reads the answer to `state`.
    ///
    /// # Errors
    /// [`Error::Answer`].
    pub fn read(answer: &[u8]) -> Result<Vec<Self>, Error> {
        let state: State = serde_json::from_slice(answer).map_err(|_| Error::Answer)?;
        Ok(state.coalitions)
    }
}

impl CoalitionReport {
    /// Whether the repository was heard and everything it has is in place.
    #[must_use]
    pub const fn succeeded(&self) -> bool {
        !matches!(self.outcome, Outcome::Failed(_))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Updated => f.write_str("updated"),
            Self::Unchanged => f.write_str("nothing newer"),
            Self::Failed(why) => write!(f, "FAILED: {why}"),
        }
    }
}
