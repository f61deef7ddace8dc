//! The steps of the client workflow (TUF 1.0.34 §5.3 to §5.6): the checks of each file.

use alloc::borrow::ToOwned as _;
use alloc::sync::Arc;

use super::checks::{check_bytes, check_version};
use super::exchange::Kept;
use super::set::PartialSet;
use super::trusted::Trusted;
use super::update::{Stage, Update};
use crate::delegations::{Edge, Graph, Node};
use crate::error::TrustError;
use crate::limits::MAX_ROTATIONS;
use crate::metadata::{Root, Snapshot, Targets, Timestamp};
use crate::role_name::RoleName;
use crate::signing::Verified;

impl Trusted {
    /// Checks the file that the update waits for. Returns the next stage, and whether the host must
    /// keep the file.
    pub(crate) fn supply(
        &mut self,
        update: &Update,
        bytes: &[u8],
    ) -> Result<(Stage, Kept), TrustError> {
        match &update.stage {
            Stage::Root { rotations } => self.supply_root(*rotations, bytes),
            Stage::Timestamp => self.supply_timestamp(update, bytes),
            Stage::Snapshot { timestamp } => self.supply_snapshot(update, timestamp, bytes),
            Stage::Targets {
                timestamp,
                snapshot,
            } => self.supply_targets(update, timestamp, snapshot, bytes),
            Stage::Delegated(partial, edge) => {
                self.supply_delegated(update, partial.clone(), *edge, bytes)
            }
            Stage::Files(_) => Err(TrustError::NotRequested),
        }
    }

    fn supply_root(&mut self, rotations: u32, bytes: &[u8]) -> Result<(Stage, Kept), TrustError> {
        // 5.3.4: a threshold of the old keys, and of the new keys.
        let root = Verified::<Root>::signed_by(self.root.role(RoleName::Root), bytes)?;
        // 5.3.5: exactly the next version. 5.3.6: expiry is not checked yet.
        if self.root.version().checked_add(1) != Some(root.version()) {
            let (expected, found) = (self.root.version().saturating_add(1), root.version());
            return Err(TrustError::WrongVersion {
                role: RoleName::Root,
                expected,
                found,
            });
        }
        self.adopt_root(root);
        let rotations = rotations.saturating_add(1);
        // 5.3.3: after the largest number of new roots, the newest one counts as final.
        let last = rotations >= MAX_ROTATIONS;
        let stage = if last {
            Stage::Timestamp
        } else {
            Stage::Root { rotations }
        };
        Ok((stage, Kept::Yes))
    }

    fn supply_timestamp(
        &mut self,
        update: &Update,
        bytes: &[u8],
    ) -> Result<(Stage, Kept), TrustError> {
        // The search for roots may have ended at its limit, without this check.
        self.check_final_root(update)?;
        let role = RoleName::Timestamp;
        // 5.4.2
        let offered = Verified::<Timestamp>::signed_by(self.root.role(role), bytes)?;
        let (timestamp, kept) = match &self.timestamp {
            // 5.4.3.1: the version is not lower than that of the trusted one.
            Some(trusted) if offered.version() < trusted.version() => {
                let (trusted, found) = (trusted.version(), offered.version());
                return Err(TrustError::Rollback {
                    role,
                    trusted,
                    found,
                });
            }
            // 5.4.3.1: the same version is discarded, whatever its content. Off-spec: the update
            // goes on with the trusted one instead of ending, so that an interrupted update can
            // finish.
            Some(trusted) if offered.version() == trusted.version() => {
                (Arc::clone(trusted), Kept::No)
            }
            // 5.4.3.2: the pinned snapshot is not older than before.
            Some(trusted) if offered.snapshot().version < trusted.snapshot().version => {
                return Err(TrustError::ListedRollback(role));
            }
            _ => (Arc::new(offered), Kept::Yes),
        };
        // 5.4.4. This applies to the trusted one too: repeating an old timestamp must not keep a
        // list fresh.
        update.check_expiry(role, &*timestamp)?;
        // 5.4.5
        self.timestamp = Some(Arc::clone(&timestamp));
        if let Some(live) = &mut self.live {
            live.review_timestamp(&timestamp);
        }
        Ok((self.after_timestamp(update, timestamp)?, kept))
    }

    fn supply_snapshot(
        &mut self,
        update: &Update,
        timestamp: &Arc<Verified<Timestamp>>,
        bytes: &[u8],
    ) -> Result<(Stage, Kept), TrustError> {
        let role = RoleName::Snapshot;
        let pin = timestamp.snapshot();
        // 5.5.1, 5.5.2: before any content is read.
        check_bytes(role, pin, bytes)?;
        // 5.5.3
        let offered = Verified::<Snapshot>::signed_by(self.root.role(role), bytes)?;
        // 5.5.4
        check_version(role, pin, &offered)?;
        // 5.5.5: compared with the trusted snapshot, even if that one has expired.
        if let Some(trusted) = &self.snapshot {
            offered.follows(trusted)?;
        }
        // 5.5.6
        update.check_expiry(role, &offered)?;
        // 5.5.7
        let snapshot = Arc::new(offered);
        self.snapshot = Some(Arc::clone(&snapshot));
        if let Some(live) = &mut self.live {
            live.review_snapshot(&snapshot);
        }
        let stage = self.after_snapshot(update, Arc::clone(timestamp), snapshot)?;
        Ok((stage, Kept::Yes))
    }

    fn supply_targets(
        &mut self,
        update: &Update,
        timestamp: &Arc<Verified<Timestamp>>,
        snapshot: &Arc<Verified<Snapshot>>,
        bytes: &[u8],
    ) -> Result<(Stage, Kept), TrustError> {
        let role = RoleName::Targets;
        let pin = snapshot.targets();
        // 5.6.1, 5.6.2
        check_bytes(role, pin, bytes)?;
        // 5.6.3
        let offered = Verified::<Targets>::signed_by(self.root.role(role), bytes)?;
        // 5.6.4. Rollback of the pinned version itself was checked in 5.5.5.
        check_version(role, pin, &offered)?;
        // 5.6.5
        update.check_expiry(role, &offered)?;
        // 5.6.6
        let targets = Arc::new(offered);
        self.targets = Some(Arc::clone(&targets));
        if let Some(live) = &mut self.live {
            live.review_role(role.as_str(), &targets);
        }
        let partial = PartialSet {
            timestamp: Arc::clone(timestamp),
            snapshot: Arc::clone(snapshot),
            graph: Graph::new(targets),
        };
        Ok((self.after_role(update, partial)?, Kept::Yes))
    }

    /// 5.6.7: the steps 5.6.1 to 5.6.6 for a delegated role, under the delegation that led to it.
    fn supply_delegated(
        &mut self,
        update: &Update,
        mut partial: PartialSet,
        edge: Edge,
        bytes: &[u8],
    ) -> Result<(Stage, Kept), TrustError> {
        let role = RoleName::Delegated;
        let (_, delegation) = partial
            .graph
            .delegation(edge)
            .ok_or(TrustError::NotRequested)?;
        let name = delegation.name().to_owned();
        let pin = partial.snapshot.delegated(&name);
        let pin = pin.ok_or(TrustError::MissingRole(role))?;
        check_bytes(role, pin, bytes)?;
        let offered = Verified::<Targets>::signed_by(delegation.role(), bytes)?;
        check_version(role, pin, &offered)?;
        update.check_expiry(role, &offered)?;
        let file = Arc::new(offered);
        partial.graph.add(edge, Arc::clone(&file))?;
        if let Some(live) = &mut self.live {
            live.review_role(&name, &file);
        }
        // Files that neither this update nor the live set needs are dropped.
        let live = self.live.as_ref().map(|live| live.set().graph.delegated());
        let needed = [partial.graph.delegated(), live.unwrap_or_default()].concat();
        self.delegated.retain(|known| {
            known.name != name && needed.iter().any(|node| node.name == known.name)
        });
        self.delegated.push(Node { name, file });
        Ok((self.after_role(update, partial)?, Kept::Yes))
    }
}
