//! The state of one update: what it looks for, and its stage.

use alloc::string::String;
use alloc::sync::Arc;

use interdict_common::time::Time;

use super::exchange::Source;
use super::set::{MetadataSet, PartialSet};
use crate::delegations::{Edge, Wanted};
use crate::error::TrustError;
use crate::freshness::is_expired;
use crate::metadata::{Snapshot, Timestamp};
use crate::role_name::RoleName;
use crate::signing::Verified;

/// One update under way.
#[derive(Debug, Clone)]
pub(crate) struct Update {
    pub(crate) source: Source,
    /// The time of the update, fixed from start to end (TUF 1.0.34 §5.1).
    pub(crate) now: Time,
    /// A newest time that cannot be true. Completing the update replaces it.
    pub(crate) refuted: Option<Time>,
    pub(crate) goal: Goal,
    pub(crate) stage: Stage,
}

/// What an update looks for.
#[derive(Debug, Clone)]
pub(crate) enum Goal {
    /// The newest metadata, and the wanted files that it lists.
    Newest(Wanted),
    /// One file in the live metadata.
    Target(String),
}

/// The file that an update waits for, with what the update has verified so far.
#[derive(Debug, Clone)]
pub(crate) enum Stage {
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
    Delegated(PartialSet, Edge),
    Files(MetadataSet),
}

impl Update {
    /// Off-spec: files from the host's store never expire. They are the last verified list, and
    /// [`Freshness`](crate::Freshness) grades it.
    pub(crate) fn check_expiry<T>(
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
    pub(crate) const fn awaited(&self) -> Option<RoleName> {
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
