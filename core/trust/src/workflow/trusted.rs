//! What is trusted: the newest verified file of each role, and the live set.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::floor::Floor;
use super::live::LiveSet;
use super::update::Update;
use crate::delegations::Node;
use crate::error::TrustError;
use crate::metadata::{Root, Snapshot, Targets, Timestamp};
use crate::role_name::RoleName;
use crate::signing::Verified;

/// The newest verified file of each role, and the live set.
#[derive(Debug, Clone)]
pub(crate) struct Trusted {
    pub(crate) root: Arc<Verified<Root>>,
    /// Timestamp, snapshot and targets are the newest that the newest root vouches for. They may
    /// come from different updates.
    pub(crate) timestamp: Option<Arc<Verified<Timestamp>>>,
    pub(crate) snapshot: Option<Arc<Verified<Snapshot>>>,
    pub(crate) targets: Option<Arc<Verified<Targets>>>,
    /// The newest file of each delegated role, whichever delegation it was verified under.
    pub(crate) delegated: Vec<Node>,
    pub(crate) live: Option<LiveSet>,
    /// What the host has seen before, as far as the newest root upholds it.
    pub(crate) floors: Vec<Floor>,
}

impl Trusted {
    /// Trusts a pinned root and nothing else.
    pub(crate) const fn new(root: Arc<Verified<Root>>) -> Self {
        Self {
            root,
            timestamp: None,
            snapshot: None,
            targets: None,
            delegated: Vec::new(),
            live: None,
            floors: Vec::new(),
        }
    }

    /// 5.3.8, and 5.3.11: drops what the new root does not vouch for. A thief of the old keys may
    /// have raised versions far ahead, and they must not block newer files. Delegated roles are
    /// verified again in every update.
    pub(crate) fn adopt_root(&mut self, root: Verified<Root>) {
        let timestamp_stands = self
            .timestamp
            .as_ref()
            .is_none_or(|timestamp| timestamp.is_signed_by(root.role(RoleName::Timestamp)));
        let snapshot_stands = self
            .snapshot
            .as_ref()
            .is_none_or(|snapshot| snapshot.is_signed_by(root.role(RoleName::Snapshot)));
        // Both go together: a timestamp also holds a floor for the version of snapshot.
        if !(timestamp_stands && snapshot_stands) {
            self.timestamp = None;
            self.snapshot = None;
        }
        self.targets
            .take_if(|targets| !targets.is_signed_by(root.role(RoleName::Targets)));
        if let Some(live) = &mut self.live {
            live.review_root(&root);
        }
        for floor in &mut self.floors {
            floor.follow(&self.root, &root);
        }
        self.root = Arc::new(root);
    }

    /// 5.3.10: the final root must not have expired.
    pub(crate) fn check_final_root(&self, update: &Update) -> Result<(), TrustError> {
        update.check_expiry(RoleName::Root, &*self.root)
    }
}
