//! Which file an update needs next, given what is verified.

use alloc::sync::Arc;
use alloc::vec;

use super::checks::check_version;
use super::set::{MetadataSet, PartialSet};
use super::trusted::Trusted;
use super::update::{Goal, Stage, Update};
use crate::delegations::{Edge, Graph, Route, SearchResult};
use crate::error::TrustError;
use crate::metadata::{Pin, Snapshot, Targets, Timestamp};
use crate::role_name::RoleName;
use crate::signing::Verified;

impl Trusted {
    /// 5.5: reuses the trusted snapshot if it is the pinned one. An expired snapshot is requested
    /// again; if the repository has no newer one, the step for snapshot refuses it.
    pub(crate) fn after_timestamp(
        &self,
        update: &Update,
        timestamp: Arc<Verified<Timestamp>>,
    ) -> Result<Stage, TrustError> {
        let role = RoleName::Snapshot;
        match &self.snapshot {
            Some(snapshot) if can_reuse(update, role, timestamp.snapshot(), snapshot) => {
                self.after_snapshot(update, timestamp, Arc::clone(snapshot))
            }
            _ => Ok(Stage::Snapshot { timestamp }),
        }
    }

    /// 5.6: the same for targets.
    pub(crate) fn after_snapshot(
        &self,
        update: &Update,
        timestamp: Arc<Verified<Timestamp>>,
        snapshot: Arc<Verified<Snapshot>>,
    ) -> Result<Stage, TrustError> {
        let role = RoleName::Targets;
        match &self.targets {
            Some(targets) if can_reuse(update, role, snapshot.targets(), targets) => {
                let graph = Graph::new(Arc::clone(targets));
                let partial = PartialSet {
                    timestamp,
                    snapshot,
                    graph,
                };
                self.after_role(update, partial)
            }
            _ => Ok(Stage::Targets {
                timestamp,
                snapshot,
            }),
        }
    }

    /// 5.6.7: the same for each delegated role, until no other role can list what the update looks
    /// for.
    pub(crate) fn after_role(
        &self,
        update: &Update,
        mut partial: PartialSet,
    ) -> Result<Stage, TrustError> {
        loop {
            let edge = match &update.goal {
                Goal::Newest(wanted) => match partial.graph.unverified(wanted)? {
                    Some(edge) => edge,
                    None => {
                        let routes = partial.graph.routes(wanted)?;
                        return Ok(Stage::Files(MetadataSet::new(partial, routes)));
                    }
                },
                Goal::Target(path) => match partial.graph.search_once(path)? {
                    SearchResult::Unverified(edge) => edge,
                    SearchResult::NotListed => return Err(TrustError::NoTarget),
                    SearchResult::Listed(nodes) => {
                        let set = MetadataSet::new(partial, vec![Route::new(path, nodes)]);
                        // 5.7.3: a file that could not be checked is not requested.
                        return if set.files().all(|(_, target)| target.has_known_hash()) {
                            Ok(Stage::Files(set))
                        } else {
                            Err(TrustError::TargetNoKnownHash)
                        };
                    }
                },
            };
            match self.reusable(update, &partial, edge)? {
                Some(file) => partial.graph.add(edge, file)?,
                None => return Ok(Stage::Delegated(partial, edge)),
            }
        }
    }

    /// The file behind a delegation, if it was verified before. It must be the pinned one, unexpired,
    /// and signed by the keys of this delegation; being verified under another one does not count.
    fn reusable(
        &self,
        update: &Update,
        partial: &PartialSet,
        edge: Edge,
    ) -> Result<Option<Arc<Verified<Targets>>>, TrustError> {
        let role = RoleName::Delegated;
        let delegation = partial.graph.delegation(edge);
        let (delegator, delegation) = delegation.ok_or(TrustError::NotRequested)?;
        // 5.6.7: a role that snapshot does not list is not requested.
        let pin = partial.snapshot.delegated(delegation.name());
        let pin = pin.ok_or(TrustError::MissingRole(role))?;
        let trusted_here = |file: &Arc<Verified<Targets>>| {
            let live = self.live.as_ref();
            live.is_some_and(|live| live.set().graph.verified_under(delegator, edge, file))
                || file.is_signed_by(delegation.role())
        };
        let mut known = self.delegated.iter();
        let known = known.find(|known| known.name == delegation.name());
        let file = known.map(|known| &known.file);
        let file = file.filter(|file| can_reuse(update, role, pin, file) && trusted_here(file));
        Ok(file.cloned())
    }
}

/// Whether a file that was verified before is the pinned one and can be used again.
fn can_reuse<T>(update: &Update, role: RoleName, pin: &Pin, file: &Verified<T>) -> bool {
    pin.check(role, file.fingerprint()).is_ok()
        && check_version(role, pin, file).is_ok()
        && update.check_expiry(role, file).is_ok()
}
