//! Why the engine refuses an operation. Nothing in an error comes from the input.

use core::fmt;

use crate::list::ListError;
use crate::rules::TypologyError;
use crate::trust::TrustError;

/// Why an operation was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// A release.
    List(ListError),
    /// Signed metadata, or a file it names.
    Trust(TrustError),
    /// A pack of typologies.
    Typology(TypologyError),
    /// One of the overrides given to `configure`.
    Override {
        /// What is wrong with it.
        error: OverrideError,
        /// Which one, from 0.
        index: usize,
    },
    /// A policy that needs more coalitions than there are: it would never block anything.
    TooManyRequired(PolicyRole),
    /// The order of calls, or what the engine was told before.
    Engine(EngineError),
}

/// Which of the engine's two policies is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyRole {
    /// The one that decides.
    Deciding,
    /// The one that only watches.
    Shadow,
}

/// Why an override has no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverrideError {
    /// Not a signed document of the schema.
    Malformed,
    /// Without an expiry, or with one too far away.
    Expiry,
    /// Fewer than two of the policy's keys signed it.
    Signatures,
}

/// An operation that cannot be carried out in the engine's present state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineError {
    /// No coalition of that name is configured.
    UnknownCoalition,
    /// A coalition's name is not one.
    CoalitionName,
    /// Two coalitions share a name, or there are more than an engine takes.
    Coalitions,
    /// The file was supplied before a walk began, or after it ended.
    NoUpdate,
    /// Another file was supplied than the one asked for.
    OtherFile,
    /// A list that was configured is not among the coalition's targets.
    ListMissing,
    /// The release is older than the live one.
    ListRollback,
    /// The descriptor and the target list of one part disagree.
    PartMismatch,
    /// The repository lacks a file of a release that its metadata names.
    PartNotFound,
    /// The host could not bring a file of a release.
    PartUnavailable,
    /// A page that the list does not have, or of a list whose records are loaded whole.
    NoSuchPage,
    /// The request names nothing to screen.
    NoIdentifier,
    /// No coalition is configured.
    NotConfigured,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List(error) => error.fmt(f),
            Self::Trust(error) => error.fmt(f),
            Self::Typology(error) => error.fmt(f),
            Self::Override { error, .. } => f.write_str(error.sentence()),
            Self::TooManyRequired(_) => {
                f.write_str("the value is outside the range or form the schema says")
            }
            Self::Engine(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for Error {}

impl core::error::Error for EngineError {}

impl OverrideError {
    const fn sentence(self) -> &'static str {
        match self {
            Self::Malformed => "the override is not a signed document as docs/scoring.md has it",
            Self::Expiry => "an override needs an expiry, at most 90 days away",
            Self::Signatures => "two of the policy's override_keys must have signed the override",
        }
    }
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownCoalition => "no such coalition is configured",
            Self::CoalitionName => "the name is not one a coalition can have",
            Self::Coalitions => "two coalitions share a name, or there are too many",
            Self::NoUpdate => "no update is under way; poll with begin first",
            Self::OtherFile => "this is not the file that was asked for",
            Self::ListMissing => "the coalition does not publish a list that is configured",
            Self::ListRollback => "the release is older than the one in place",
            Self::PartMismatch => "the release's targets are not the parts its descriptor names",
            Self::PartNotFound => "the repository lacks a file of the release",
            Self::PartUnavailable => "a file of the release could not be fetched",
            Self::NoSuchPage => "no list in place has such a page of records to load",
            Self::NoIdentifier => "the request names no merchant",
            Self::NotConfigured => "no coalition is configured",
        })
    }
}

impl From<ListError> for Error {
    fn from(error: ListError) -> Self {
        Self::List(error)
    }
}

impl From<TrustError> for Error {
    fn from(error: TrustError) -> Self {
        Self::Trust(error)
    }
}

impl From<TypologyError> for Error {
    fn from(error: TypologyError) -> Self {
        Self::Typology(error)
    }
}

impl From<EngineError> for Error {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}
