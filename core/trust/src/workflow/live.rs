//! How far the last completed set can be relied on.

use std::sync::Arc;

use interdict_common::time::Time;

use super::set::MetadataSet;
use crate::delegations::Node;
use crate::freshness::{Freshness, is_expired};
use crate::metadata::{Budget, Delegation, PathQuery, Root, Snapshot, Targets, path_hash};
use crate::role_name::RoleName;
use crate::signing::Verified;

/// The set of the last completed update.
///
/// Freshness is judged on it alone: who serves new timestamps but withholds the list must not keep
/// an old list fresh. Newer metadata can only lower it, and what was lost once returns only with a
/// completed update.
#[derive(Debug, Clone)]
pub(crate) struct LiveSet {
    set: MetadataSet,
    /// What newer roots left of the top-level roles.
    at_best: Freshness,
}

impl LiveSet {
    pub(crate) const fn new(set: MetadataSet) -> Self {
        Self {
            set,
            at_best: Freshness::Fresh,
        }
    }

    pub(crate) const fn set(&self) -> &MetadataSet {
        &self.set
    }

    /// Asks a new root whether it still vouches for every top-level role.
    pub(crate) fn review_root(&mut self, root: &Root) {
        let MetadataSet {
            timestamp,
            snapshot,
            graph,
            ..
        } = &self.set;
        let role = root.role(RoleName::Targets);
        let targets = graph.nodes().first();
        let at_best = if !targets.is_some_and(|targets| targets.file.is_signed_by(role)) {
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

    /// Asks a new snapshot whether it knows of newer roles than these.
    pub(crate) fn review_snapshot(&mut self, snapshot: &Snapshot) {
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
    pub(crate) fn review_role(&mut self, name: &str, file: &Verified<Targets>) {
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
            let this = PathQuery::Exact { path, hash: &hash };
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
                route.at_best = route.at_best.max(found);
            }
        }
    }

    /// `None` for a file that is not of the set.
    pub(crate) fn freshness(
        &self,
        path: &str,
        root: &Verified<Root>,
        now: Time,
    ) -> Option<Freshness> {
        let MetadataSet {
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
        Some(unexpired.max(self.at_best).max(route.at_best))
    }

    /// When the first role on the way to a file expires; `None` for a file that is not of the set.
    pub(crate) fn expires(&self, path: &str) -> Option<Time> {
        let route = self.set.route(path)?;
        self.set.roles(route).map(|role| role.file.expires()).min()
    }
}
