//! An update under way: what it is for, and how far it has come.

use std::sync::Arc;

use interdict_common::time::Time;

use super::delegation::{Asked, Budget, Delegation};
use super::error::TrustError;
use super::exchange::Source;
use super::freshness::{Set, is_expired};
use super::graph::{Edge, Graph};
use super::metadata::{Snapshot, Timestamp};
use super::role::RoleName;
use super::signed::Verified;

/// Which target files an update is for. It fetches the delegated roles that might list one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// All the repository has.
    All,
    /// Those whose path starts with one of these; of none, no delegated role is fetched.
    Under(Vec<String>),
}

/// An update under way.
#[derive(Debug, Clone)]
pub(super) struct Update {
    pub(super) source: Source,
    /// Fixed for the whole update (TUF 1.0.34 §5.1).
    pub(super) now: Time,
    pub(super) sought: Sought,
    pub(super) stage: Stage,
}

/// What it is to find.
#[derive(Debug, Clone)]
pub(super) enum Sought {
    /// The newest metadata, and the files that are wanted of it.
    Newest(Wanted),
    /// One file, in the metadata that is live.
    Target(String),
}

/// What the update waits for, with what is verified so far.
#[derive(Debug, Clone)]
pub(super) enum Stage {
    Root {
        rotations: u32,
    },
    Timestamp,
    Snapshot {
        timestamp: Arc<Verified<Timestamp>>,
    },
    Targets {
        timestamp: Arc<Verified<Timestamp>>,
        snapshot: Arc<Verified<Snapshot>>,
    },
    /// The role behind this delegation.
    Delegated(Walk, Edge),
    Files(Set),
}

/// The metadata of an update from targets on.
#[derive(Debug, Clone)]
pub(super) struct Walk {
    pub(super) timestamp: Arc<Verified<Timestamp>>,
    pub(super) snapshot: Arc<Verified<Snapshot>>,
    pub(super) graph: Graph,
}

impl Wanted {
    pub(super) fn includes(&self, path: &str) -> bool {
        match self {
            Self::All => true,
            Self::Under(prefixes) => prefixes
                .iter()
                .any(|prefix| path.starts_with(prefix.as_str())),
        }
    }

    pub(super) fn may_be_behind(
        &self,
        delegation: &Delegation,
        budget: &mut Budget,
    ) -> Result<bool, TrustError> {
        let prefixes = match self {
            Self::All => return Ok(true),
            Self::Under(prefixes) => prefixes,
        };
        for prefix in prefixes {
            if delegation.matches(Asked::Under(prefix), budget)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Update {
    /// Off-spec: what the host saved never expires. It stays the last verified list, and
    /// [`Freshness`](super::Freshness) says what it is worth.
    pub(super) fn check_expiry<T>(
        &self,
        role: RoleName,
        file: &Verified<T>,
    ) -> Result<(), TrustError> {
        match self.source {
            Source::Repository if is_expired(file.expires(), self.now) => {
                Err(TrustError::Expired(role))
            }
            _ => Ok(()),
        }
    }
}

impl Stage {
    pub(super) const fn awaited(&self) -> Option<RoleName> {
        match self {
            Self::Root { .. } => Some(RoleName::Root),
            Self::Timestamp => Some(RoleName::Timestamp),
            Self::Snapshot { .. } => Some(RoleName::Snapshot),
            Self::Targets { .. } => Some(RoleName::Targets),
            Self::Delegated(..) => Some(RoleName::Delegated),
            Self::Files(_) => None,
        }
    }
}
