//! Why the engine refuses an operation. Nothing in an error comes from the input.

use core::fmt;

use crate::common::schema::Path;
use crate::list::ListError;
use crate::rules::TypologyError;
use crate::trust::TrustError;

/// Why the engine refuses an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// A file of a release is malformed or does not fit its descriptor.
    List(ListError),
    /// Signed metadata, or a file it names, failed verification.
    Trust(TrustError),
    /// A pack of typologies is malformed.
    Typology(TypologyError),
    /// One of the overrides given to `configure` is invalid.
    Override {
        /// What is wrong with the override.
        error: DocumentError,
        /// The position of the override in the configuration, from 0.
        index: usize,
    },
    /// One of the documents of clearances given to `configure` is invalid.
    Clearance {
        /// What is wrong with the document.
        error: DocumentError,
        /// The position of the document in the configuration, from 0.
        index: usize,
    },
    /// The documents of clearances hold too many of them together.
    TooManyClearances,
    /// A policy requires more coalitions than are configured, so it would never block anything.
    TooManyRequired(PolicyRole),
    /// A policy neither names the lists that must answer nor says that it goes without.
    RequiredLists(PolicyRole),
    /// The operation does not fit the engine's state, or the order of calls is wrong.
    Engine(EngineError),
}

/// Which of the engine's policies is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyRole {
    /// The policy that decides, unless a request names another.
    Deciding,
    /// The shadow policy, which is only compared with it.
    Shadow,
    /// The named policy at this position, from 0.
    Named(usize),
}

impl PolicyRole {
    /// The member of `configure` that holds the policy.
    #[must_use]
    pub fn path(self) -> Path {
        let top = Path::default();
        match self {
            Self::Deciding => top.member("policy"),
            Self::Shadow => top.member("shadow"),
            Self::Named(index) => top.member("policies").index(index).member("policy"),
        }
    }
}

/// Why a signed document, of an override or of clearances, is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentError {
    /// It is not a signed document of the schema.
    Malformed,
    /// It has no expiry, or one that is too far away.
    Expiry,
    /// Too few of the policy's keys signed it.
    Signatures,
}

/// Why an operation cannot be carried out in the engine's present state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineError {
    /// No coalition of that name is configured.
    UnknownCoalition,
    /// A coalition's name is not of the required form.
    CoalitionName,
    /// Two coalitions share a name, or there are more than 64.
    Coalitions,
    /// A file was supplied while no walk was under way.
    NoUpdate,
    /// The file supplied is not the one the walk asked for.
    OtherFile,
    /// A configured list is not among the coalition's targets.
    ListMissing,
    /// The release is older than the live one.
    ListRollback,
    /// The descriptor and the target list of one part disagree.
    PartMismatch,
    /// The repository lacks a file of a release that its metadata names.
    PartNotFound,
    /// The host could not fetch a file of a release.
    PartUnavailable,
    /// The request names nothing to screen.
    NoIdentifier,
    /// No coalition is configured.
    NotConfigured,
    /// What is configured needs the gateway's ReceiptKey, and there is none.
    NoReceiptKey,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List(error) => error.fmt(f),
            Self::Trust(error) => error.fmt(f),
            Self::Typology(error) => error.fmt(f),
            Self::Override { error, .. } => f.write_str(error.of_override()),
            Self::Clearance { error, .. } => f.write_str(error.of_clearance()),
            Self::TooManyClearances => f.write_str("at most 10,000 clearances are taken"),
            Self::TooManyRequired(_) => f.write_str(
                "the policy requires more coalitions than are configured, or than it asks",
            ),
            Self::RequiredLists(_) => f.write_str(
                "name the lists that must answer, by coalition, or say \"without_lists\": true",
            ),
            Self::Engine(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for Error {}

impl core::error::Error for EngineError {}

impl DocumentError {
    const fn of_clearance(self) -> &'static str {
        match self {
            Self::Malformed => {
                "the clearances are not a signed document of the form in docs/scoring.md"
            }
            Self::Expiry => "clearances must expire within 180 days",
            Self::Signatures => {
                "clearances need a signature by one of the policy's clearance_keys, by two for a record"
            }
        }
    }

    const fn of_override(self) -> &'static str {
        match self {
            Self::Malformed => {
                "the override is not a signed document of the form in docs/scoring.md"
            }
            Self::Expiry => "an override must expire within 90 days",
            Self::Signatures => "an override needs signatures by two of the policy's override_keys",
        }
    }
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownCoalition => "no such coalition is configured",
            Self::CoalitionName => "the coalition's name is not of the required form",
            Self::Coalitions => "two coalitions share a name, or there are too many",
            Self::NoUpdate => "no walk is under way; call poll with begin first",
            Self::OtherFile => "the file is not the one that was asked for",
            Self::ListMissing => "the coalition does not publish a configured list in the edition that the enrolment names",
            Self::ListRollback => "the release is older than the live one",
            Self::PartMismatch => "the release's targets do not match the parts in its descriptor",
            Self::PartNotFound => "the repository lacks a file of the release",
            Self::PartUnavailable => "a file of the release could not be fetched",
            Self::NoIdentifier => "the request has no identifier to screen",
            Self::NotConfigured => "no coalition is configured",
            Self::NoReceiptKey => "a silent key, overrides and clearances need a receipt key",
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
