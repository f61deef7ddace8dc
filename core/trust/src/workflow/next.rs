//! Which file an update needs next, given what is verified.

use std::sync::Arc;

use super::checks::check_version;
use super::client::Client;
use super::set::{MetadataSet, PartialSet};
use super::update::{Goal, Stage, Update};
use crate::delegations::{Edge, Graph, Route, SearchResult};
use crate::error::TrustError;
use crate::metadata::{Pin, Snapshot, Targets, Timestamp};
use crate::role_name::RoleName;
use crate::signing::Verified;

impl Client {
    /// 5.5: the trusted snapshot serves if it is the pinned one. An expired one is asked for again,
    /// to be refused in its own step if there is no better.
    pub(crate) fn after_timestamp(
        &self,
        update: &Update,
        timestamp: Arc<Verified<Timestamp>>,
    ) -> Result<Stage, TrustError> {
        let role = RoleName::Snapshot;
        match &self.snapshot {
            Some(snapshot) if serves(update, role, timestamp.snapshot(), snapshot) => {
                self.after_snapshot(update, timestamp, Arc::clone(snapshot))
            }
            _ => Ok(Stage::Snapshot { timestamp }),
        }
    }

    /// 5.6: likewise for targets.
    pub(crate) fn after_snapshot(
        &self,
        update: &Update,
        timestamp: Arc<Verified<Timestamp>>,
        snapshot: Arc<Verified<Snapshot>>,
    ) -> Result<Stage, TrustError> {
        let role = RoleName::Targets;
        match &self.targets {
            Some(targets) if serves(update, role, snapshot.targets(), targets) => {
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

    /// 5.6.7: likewise for each delegated role, until nothing sought can be behind another one.
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
                        // 5.7.3: what cannot be checked is not even fetched.
                        return if set.files().all(|(_, target)| target.has_known_hash()) {
                            Ok(Stage::Files(set))
                        } else {
                            Err(TrustError::TargetNoKnownHash)
                        };
                    }
                },
            };
            match self.known(update, &partial, edge)? {
                Some(file) => partial.graph.add(edge, file)?,
                None => return Ok(Stage::Delegated(partial, edge)),
            }
        }
    }

    /// The file behind a delegation, if it is at hand: the pinned one, unexpired, and signed by the
    /// keys of this very delegation. What another delegation made of it does not matter.
    fn known(
        &self,
        update: &Update,
        partial: &PartialSet,
        edge: Edge,
    ) -> Result<Option<Arc<Verified<Targets>>>, TrustError> {
        let role = RoleName::Delegated;
        let delegation = partial.graph.delegation(edge);
        let (delegator, delegation) = delegation.ok_or(TrustError::NotRequested)?;
        // 5.6.7: a role that snapshot does not list is not asked for.
        let pin = partial.snapshot.delegated(delegation.name());
        let pin = pin.ok_or(TrustError::MissingRole(role))?;
        let vouched = |file: &Arc<Verified<Targets>>| {
            let live = self.live.as_ref();
            live.is_some_and(|live| live.set().graph.vouches(delegator, edge, file))
                || file.is_signed_by(delegation.role())
        };
        let mut known = self.delegated.iter();
        let known = known.find(|known| known.name == delegation.name());
        let file = known.map(|known| &known.file);
        let file = file.filter(|file| serves(update, role, pin, file) && vouched(file));
        Ok(file.cloned())
    }
}

/// Can a file at hand take the place of the pinned one?
fn serves<T>(update: &Update, role: RoleName, pin: &Pin, file: &Verified<T>) -> bool {
    pin.check(role, file.fingerprint()).is_ok()
        && check_version(role, pin, file).is_ok()
        && update.check_expiry(role, file).is_ok()
}
