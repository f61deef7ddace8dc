//! How far the last completed set can be relied on.

use std::sync::Arc;

use crate::time::Time;

use super::metadata::{Root, Snapshot, Targets, Timestamp};
use super::role::RoleName;
use super::signed::Verified;

/// How far a verified list can be relied on, best first. The age of the list itself is for the
/// caller to judge.
///
/// Off-spec: TUF clients stop trusting expired metadata (TUF 1.0.34 §5.3.10, §5.4.4, §5.5.6,
/// §5.6.6). Here it makes a list less fresh and never removes it; otherwise cutting the network
/// would switch the list off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Freshness {
    /// Every role on the path verifies and is unexpired.
    Fresh,
    /// Timestamp or snapshot expired, or is no longer vouched for: newer lists may be withheld.
    Stale,
    /// Targets or root expired: the publisher meant nobody to rely on it any longer.
    Expired,
    /// Targets no longer verifies under the newest root: its keys were revoked.
    Untrusted,
}

/// Metadata that belongs together: timestamp pins snapshot pins targets.
#[derive(Debug, Clone)]
pub(super) struct Set {
    pub(super) timestamp: Arc<Verified<Timestamp>>,
    pub(super) snapshot: Arc<Verified<Snapshot>>,
    pub(super) targets: Arc<Verified<Targets>>,
}

/// The set of the last completed update.
///
/// Freshness is judged on it alone: who serves new timestamps but withholds the list must not keep
/// an old list fresh.
#[derive(Debug, Clone)]
pub(super) struct Live {
    set: Set,
    vouched: Freshness,
}

impl Live {
    pub(super) const fn new(set: Set) -> Self {
        Self {
            set,
            vouched: Freshness::Fresh,
        }
    }

    pub(super) const fn set(&self) -> &Set {
        &self.set
    }

    /// Asks a new root whether it still vouches for every role. What was lost once returns only
    /// with a completed update.
    pub(super) fn review(&mut self, root: &Root) {
        let Set {
            timestamp,
            snapshot,
            targets,
        } = &self.set;
        let vouched = if !targets.is_signed_by(root.role(RoleName::Targets)) {
            Freshness::Untrusted
        } else if timestamp.is_signed_by(root.role(RoleName::Timestamp))
            && snapshot.is_signed_by(root.role(RoleName::Snapshot))
        {
            Freshness::Fresh
        } else {
            Freshness::Stale
        };
        self.vouched = self.vouched.max(vouched);
    }

    pub(super) fn freshness(&self, root: &Verified<Root>, now: Time) -> Freshness {
        let Set {
            timestamp,
            snapshot,
            targets,
        } = &self.set;
        let unexpired = if is_expired(targets.expires(), now) || is_expired(root.expires(), now) {
            Freshness::Expired
        } else if is_expired(timestamp.expires(), now) || is_expired(snapshot.expires(), now) {
            Freshness::Stale
        } else {
            Freshness::Fresh
        };
        self.vouched.max(unexpired)
    }
}

/// 5.3.10, 5.4.4, 5.5.6, 5.6.6: `expires` must be later than the time of the update.
pub(super) fn is_expired(expires: Time, now: Time) -> bool {
    expires <= now
}
