//! How far the last completed set can be relied on.

use std::sync::Arc;

use interdict_common::time::Time;

use super::delegation::{Asked, Budget, Delegation, path_hash};
use super::graph::{Graph, Node};
use super::metadata::{Root, Snapshot, Target, Targets, Timestamp};
use super::role::RoleName;
use super::signed::Verified;
use super::update::Walk;

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
    /// Timestamp or snapshot expired or is no longer vouched for, or newer targets are known to
    /// exist: newer lists may be withheld.
    Stale,
    /// Targets, a delegated role on the way or root expired: the publisher meant nobody to rely on it
    /// any longer.
    Expired,
    /// Targets no longer verifies under the newest root, or a delegated role on the way no longer
    /// under its delegator: the keys or the delegation were revoked.
    Untrusted,
}

/// Metadata that belongs together: timestamp pins snapshot pins targets and every delegated role.
#[derive(Debug, Clone)]
pub(super) struct Set {
    pub(super) timestamp: Arc<Verified<Timestamp>>,
    pub(super) snapshot: Arc<Verified<Snapshot>>,
    pub(super) graph: Graph,
    /// The wanted files, sorted by path.
    pub(super) routes: Vec<Route>,
}

/// How one file is vouched for.
#[derive(Debug, Clone)]
pub(super) struct Route {
    path: String,
    /// The roles from targets to the one that lists it, as nodes of the graph.
    nodes: Vec<usize>,
    /// What newer metadata than the set's own left of it.
    vouched: Freshness,
}

/// The set of the last completed update.
///
/// Freshness is judged on it alone: who serves new timestamps but withholds the list must not keep
/// an old list fresh. Newer metadata can only lower it, and what was lost once returns only with a
/// completed update.
#[derive(Debug, Clone)]
pub(super) struct Live {
    set: Set,
    /// What newer roots left of the top-level roles.
    vouched: Freshness,
}

impl Route {
    pub(super) fn new(path: &str, nodes: Vec<usize>) -> Self {
        Self {
            path: path.to_owned(),
            nodes,
            vouched: Freshness::Fresh,
        }
    }
}

impl Set {
    pub(super) fn new(walk: Walk, routes: Vec<Route>) -> Self {
        Self {
            timestamp: walk.timestamp,
            snapshot: walk.snapshot,
            graph: walk.graph,
            routes,
        }
    }

    /// The wanted files.
    pub(super) fn files(&self) -> impl Iterator<Item = (&str, &Target)> {
        self.routes.iter().filter_map(|route| {
            let node = self.graph.nodes().get(*route.nodes.last()?)?;
            Some((route.path.as_str(), node.file.target(&route.path)?))
        })
    }

    fn route(&self, path: &str) -> Option<&Route> {
        self.routes.get(place(&self.routes, path).ok()?)
    }

    /// The files of the roles on the way to a wanted file.
    fn roles<'s>(&'s self, route: &'s Route) -> impl Iterator<Item = &'s Node> {
        let nodes = self.graph.nodes();
        route.nodes.iter().filter_map(|node| nodes.get(*node))
    }
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

    /// Asks a new root whether it still vouches for every top-level role.
    pub(super) fn review_root(&mut self, root: &Root) {
        let Set {
            timestamp,
            snapshot,
            graph,
            ..
        } = &self.set;
        let role = root.role(RoleName::Targets);
        let targets = graph.nodes().first();
        let vouched = if !targets.is_some_and(|targets| targets.file.is_signed_by(role)) {
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

    /// Asks a new snapshot whether it knows of newer roles than these.
    pub(super) fn review_snapshot(&mut self, snapshot: &Snapshot) {
        self.review(|_, node, _| {
            let pin = match node.name.as_str() {
                "targets" => Some(snapshot.targets()),
                name => snapshot.delegated(name),
            };
            let same = pin.is_some_and(|pin| pin.version <= node.file.version());
            if same {
                Freshness::Fresh
            } else {
                Freshness::Stale
            }
        });
    }

    /// Asks a new file of the role of this name whether it still delegates to the roles behind it:
    /// their paths, to keys that signed them.
    pub(super) fn review_role(&mut self, name: &str, file: &Verified<Targets>) {
        let mut asked: Vec<(*const Verified<Targets>, Option<&Delegation>)> = Vec::new();
        self.review(|path, node, next| {
            if node.name != name {
                return Freshness::Fresh;
            }
            // That there are newer files of it, snapshot has said before.
            let Some(next) = next else {
                return Freshness::Fresh;
            };
            // A signature is checked once, not once for each path.
            let known = asked.iter().find(|(of, _)| *of == Arc::as_ptr(&next.file));
            let delegation = if let Some((_, delegation)) = known {
                *delegation
            } else {
                let mut delegations = file.delegations().iter();
                let delegation = delegations
                    .find(|delegation| delegation.name() == next.name)
                    .filter(|delegation| next.file.is_signed_by(delegation.role()));
                asked.push((Arc::as_ptr(&next.file), delegation));
                delegation
            };
            let hash = path_hash(path);
            let this = Asked::Path { path, hash: &hash };
            match delegation.map(|delegation| delegation.matches(this, &mut Budget::new())) {
                Some(Ok(true)) => Freshness::Fresh,
                _ => Freshness::Untrusted,
            }
        });
    }

    /// Judges every role on the way to every file, each with the one behind it.
    fn review(&mut self, mut judge: impl FnMut(&str, &Node, Option<&Node>) -> Freshness) {
        let nodes = self.set.graph.nodes();
        for route in &mut self.set.routes {
            let mut roles = route
                .nodes
                .iter()
                .filter_map(|node| nodes.get(*node))
                .peekable();
            while let Some(node) = roles.next() {
                let found = judge(&route.path, node, roles.peek().copied());
                route.vouched = route.vouched.max(found);
            }
        }
    }

    /// `None` for a file that is not of the set.
    pub(super) fn freshness(
        &self,
        path: &str,
        root: &Verified<Root>,
        now: Time,
    ) -> Option<Freshness> {
        let Set {
            timestamp,
            snapshot,
            ..
        } = &self.set;
        let route = self.set.route(path)?;
        let mut expired = self.set.roles(route).map(|role| role.file.expires());
        let unexpired =
            if is_expired(root.expires(), now) || expired.any(|end| is_expired(end, now)) {
                Freshness::Expired
            } else if is_expired(timestamp.expires(), now) || is_expired(snapshot.expires(), now) {
                Freshness::Stale
            } else {
                Freshness::Fresh
            };
        Some(unexpired.max(self.vouched).max(route.vouched))
    }

    /// When the first role on the way to a file expires; `None` for a file that is not of the set.
    pub(super) fn expires(&self, path: &str) -> Option<Time> {
        let route = self.set.route(path)?;
        self.set.roles(route).map(|role| role.file.expires()).min()
    }
}

/// Where a path stands among routes, or would.
pub(super) fn place(routes: &[Route], path: &str) -> Result<usize, usize> {
    routes.binary_search_by(|route| route.path.as_str().cmp(path))
}

/// 5.3.10, 5.4.4, 5.5.6, 5.6.6: `expires` must be later than the time of the update.
pub(super) fn is_expired(expires: Time, now: Time) -> bool {
    expires <= now
}
