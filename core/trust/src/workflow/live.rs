//! The live set: the metadata of the last completed update, replaced only as a whole.

use alloc::sync::Arc;
use alloc::vec::Vec;

use interdict_common::time::Time;

use super::set::MetadataSet;
use crate::delegations::{Node, Route};
use crate::freshness::{Expiry, Freshness};
use crate::metadata::{
    Budget, Delegation, PathQuery, Root, Snapshot, Targets, Timestamp, path_hash,
};
use crate::role_name::RoleName;
use crate::signing::Verified;

/// The set of the last completed update.
///
/// Freshness is judged by this set alone. Otherwise, an attacker who serves new timestamps and
/// withholds the list could keep an old list fresh. Newer metadata can only lower the freshness, and
/// only a completed update raises it again.
#[derive(Debug, Clone)]
pub(crate) struct LiveSet {
    set: MetadataSet,
    /// The best grade that newer roots allow. Each route has another for newer metadata.
    at_best: Freshness,
    /// Whether a new timestamp pins a snapshot that has not come yet.
    awaits_snapshot: bool,
}

impl LiveSet {
    pub(crate) const fn new(set: MetadataSet) -> Self {
        Self {
            set,
            at_best: Freshness::Fresh,
            awaits_snapshot: false,
        }
    }

    pub(crate) const fn set(&self) -> &MetadataSet {
        &self.set
    }

    /// Lowers the freshness if a new root no longer has the keys that signed a top-level role of this set.
    pub(crate) fn review_root(&mut self, root: &Root) {
        let MetadataSet {
            timestamp,
            snapshot,
            graph,
            ..
        } = &self.set;
        let role = root.role(RoleName::Targets);
        let targets = graph.targets();
        let at_best = if !targets.is_some_and(|targets| targets.is_signed_by(role)) {
            Freshness::Untrusted
        } else if timestamp.is_signed_by(root.role(RoleName::Timestamp))
            && snapshot.is_signed_by(root.role(RoleName::Snapshot))
        {
            Freshness::Fresh
        } else {
            Freshness::Stale
        };
        self.at_best = self.at_best.max(at_best);
    }

    /// Lowers the freshness of every file if a new timestamp pins a newer snapshot, until that comes.
    pub(crate) fn review_timestamp(&mut self, timestamp: &Timestamp) {
        self.awaits_snapshot = timestamp.snapshot().version > self.set.snapshot.version();
    }

    /// Lowers the freshness of files behind roles of which a new snapshot lists a newer version.
    pub(crate) fn review_snapshot(&mut self, snapshot: &Snapshot) {
        self.awaits_snapshot = false;
        self.review(|_, node, _| {
            let pin = match node.name.as_str() {
                "targets" => Some(snapshot.targets()),
                name => snapshot.delegated(name),
            };
            let newest = pin.is_some_and(|pin| pin.version <= node.file.version());
            if newest {
                Freshness::Fresh
            } else {
                Freshness::Late
            }
        });
    }

    /// Lowers the freshness of files that a new file of the role `name` no longer delegates to the
    /// next role on their route: the path must still match, and the keys must have signed that role.
    pub(crate) fn review_role(&mut self, name: &str, file: &Verified<Targets>) {
        // One check of signatures for each next role, however many paths lead through it.
        let mut checked: Vec<(*const Verified<Targets>, Option<&Delegation>)> = Vec::new();
        self.review(|path, node, next| {
            if node.name != name {
                return Freshness::Fresh;
            }
            // The role lists the file itself. The review of snapshot covers its version.
            let Some(next) = next else {
                return Freshness::Fresh;
            };
            let known = checked
                .iter()
                .find(|(of, _)| *of == Arc::as_ptr(&next.file));
            let delegation = if let Some((_, delegation)) = known {
                *delegation
            } else {
                let mut delegations = file.delegations().iter();
                let delegation = delegations
                    .find(|delegation| delegation.name() == next.name)
                    .filter(|delegation| next.file.is_signed_by(delegation.role()));
                checked.push((Arc::as_ptr(&next.file), delegation));
                delegation
            };
            let hash = path_hash(path);
            let query = PathQuery::Exact { path, hash: &hash };
            match delegation.map(|delegation| delegation.matches(query, &mut Budget::new())) {
                Some(Ok(true)) => Freshness::Fresh,
                _ => Freshness::Untrusted,
            }
        });
    }

    /// Asks `judge` about every role on every route, together with the next role on that route, and
    /// lowers the best grade of the route to the answer.
    fn review(&mut self, mut judge: impl FnMut(&str, &Node, Option<&Node>) -> Freshness) {
        let nodes = self.set.graph.nodes();
        for route in &mut self.set.routes {
            let mut roles = route
                .nodes
                .iter()
                .filter_map(|node| nodes.get(*node))
                .peekable();
            while let Some(node) = roles.next() {
                let grade = judge(&route.path, node, roles.peek().copied());
                route.at_best = route.at_best.max(grade);
            }
        }
    }

    /// The freshness of a file under the newest root; `None` for a file outside the set.
    pub(crate) fn freshness(
        &self,
        path: &str,
        root: &Verified<Root>,
        now: Time,
    ) -> Option<Freshness> {
        let route = self.set.route(path)?;
        let expiry = Expiry {
            listing: self.route_expires(route)?.min(root.expires()),
            recency: self.recency_expires(),
        };
        let awaited = match self.awaits_snapshot {
            true => Freshness::Late,
            false => Freshness::Fresh,
        };
        let at_best = self.at_best.max(route.at_best).max(awaited);
        Some(Freshness::at(now, expiry, at_best))
    }

    /// When the first role on the way to a file expires; `None` for a file outside the set.
    pub(crate) fn expires(&self, path: &str) -> Option<Time> {
        self.route_expires(self.set.route(path)?)
    }

    /// When the first of timestamp and snapshot expires.
    pub(crate) fn recency_expires(&self) -> Time {
        let MetadataSet {
            timestamp,
            snapshot,
            ..
        } = &self.set;
        timestamp.expires().min(snapshot.expires())
    }

    /// When the first role on a route expires.
    fn route_expires(&self, route: &Route) -> Option<Time> {
        self.set.roles(route).map(|role| role.file.expires()).min()
    }
}
