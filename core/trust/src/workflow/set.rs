//! Metadata that belongs together.

use std::sync::Arc;

use crate::delegations::{Graph, Node, Route, position};
use crate::metadata::{Snapshot, Target, Timestamp};
use crate::signing::Verified;

/// The metadata of an update from targets on.
#[derive(Debug, Clone)]
pub(crate) struct PartialSet {
    pub(crate) timestamp: Arc<Verified<Timestamp>>,
    pub(crate) snapshot: Arc<Verified<Snapshot>>,
    pub(crate) graph: Graph,
}

/// Metadata that belongs together: timestamp pins snapshot pins targets and every delegated role.
#[derive(Debug, Clone)]
pub(crate) struct MetadataSet {
    pub(crate) timestamp: Arc<Verified<Timestamp>>,
    pub(crate) snapshot: Arc<Verified<Snapshot>>,
    pub(crate) graph: Graph,
    /// The wanted files, sorted by path.
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

    /// The wanted files.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &Target)> {
        self.routes.iter().filter_map(|route| {
            let node = self.graph.nodes().get(*route.nodes.last()?)?;
            Some((route.path.as_str(), node.file.target(&route.path)?))
        })
    }

    pub(crate) fn route(&self, path: &str) -> Option<&Route> {
        self.routes.get(position(&self.routes, path).ok()?)
    }

    /// The files of the roles on the way to a wanted file.
    pub(crate) fn roles<'s>(&'s self, route: &'s Route) -> impl Iterator<Item = &'s Node> {
        let nodes = self.graph.nodes();
        route.nodes.iter().filter_map(|node| nodes.get(*node))
    }
}
