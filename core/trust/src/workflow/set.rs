//! Metadata that belongs together: timestamp pins snapshot, and snapshot pins targets and every
//! delegated role.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::delegations::{Graph, Node, Route, position};
use crate::metadata::{Snapshot, Target, Timestamp};
use crate::signing::Verified;

/// A set whose delegated roles are still being followed.
#[derive(Debug, Clone)]
pub(crate) struct PartialSet {
    pub(crate) timestamp: Arc<Verified<Timestamp>>,
    pub(crate) snapshot: Arc<Verified<Snapshot>>,
    pub(crate) graph: Graph,
}

/// A set in which every wanted file has a verified route.
#[derive(Debug, Clone)]
pub(crate) struct MetadataSet {
    pub(crate) timestamp: Arc<Verified<Timestamp>>,
    pub(crate) snapshot: Arc<Verified<Snapshot>>,
    pub(crate) graph: Graph,
    /// One for each wanted file, sorted by path.
    pub(crate) routes: Vec<Route>,
}

impl MetadataSet {
    pub(crate) fn new(partial: PartialSet, routes: Vec<Route>) -> Self {
        Self {
            timestamp: partial.timestamp,
            snapshot: partial.snapshot,
            graph: partial.graph,
            routes,
        }
    }

    /// The wanted files, by path.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &Target)> {
        self.routes.iter().filter_map(|route| {
            let node = self.graph.nodes().get(*route.nodes.last()?)?;
            Some((route.path.as_str(), node.file.target(&route.path)?))
        })
    }

    /// The route to a wanted file; `None` for any other path.
    pub(crate) fn route(&self, path: &str) -> Option<&Route> {
        self.routes.get(position(&self.routes, path).ok()?)
    }

    /// The roles on a route, from targets on.
    pub(crate) fn roles<'s>(&'s self, route: &'s Route) -> impl Iterator<Item = &'s Node> {
        let nodes = self.graph.nodes();
        route.nodes.iter().filter_map(|node| nodes.get(*node))
    }
}
