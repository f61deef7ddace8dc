use std::fmt;

use interdict_core::wire::owned::CoalitionState;

/// What a refresh did for one coalition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoalitionReport {
    /// How it ended.
    pub outcome: Outcome,
    /// Bytes of the files that came from the repository. A copy took fewer on the way.
    pub bytes: u64,
    /// Files that came from the repository.
    pub files: usize,
    /// What is live after the refresh, whatever the outcome.
    pub state: CoalitionState,
    /// Warnings for a person.
    pub warnings: Vec<String>,
    /// The code of the failure, if it failed: one of the module, `not_fetched`, `incomplete`, `not_saved`, `busy`,
    /// `not_answered` or `not_begun`.
    pub code: Option<String>,
    /// Which of [`Settings::locations`](crate::Settings::locations) gave a whole release, by its number.
    pub answered: Option<usize>,
    /// By how many seconds a web server's clock is ahead of the time that the refresh was given.
    pub clock_difference: Option<i64>,
}

/// How a refresh ended for one coalition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Newer files are live.
    Updated,
    /// The repository has nothing newer.
    Unchanged,
    /// The newest release is on the disk and waits to go live.
    Waits,
    /// The last good release stays live; why it failed.
    Failed(String),
}

impl CoalitionReport {
    /// What two refreshes did, one right after the other.
    pub(crate) fn then(self, second: Self) -> Self {
        let outcome = match (self.outcome, second.outcome) {
            (Outcome::Updated, Outcome::Unchanged) => Outcome::Updated,
            (_, outcome) => outcome,
        };
        Self {
            outcome,
            bytes: self.bytes.saturating_add(second.bytes),
            files: self.files.saturating_add(second.files),
            ..second
        }
    }

    /// Whether the repository answered and everything it has is live.
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
            Self::Waits => f.write_str("a newer release waits"),
            Self::Failed(why) => write!(f, "FAILED: {why}"),
        }
    }
}
