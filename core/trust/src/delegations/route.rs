//! The way to one target file.

use crate::freshness::Freshness;

/// How one file is vouched for.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) path: String,
    /// The roles from targets to the one that lists it, as nodes of the graph.
    pub(crate) nodes: Vec<usize>,
    /// What newer metadata than the set's own left of it.
    pub(crate) at_best: Freshness,
}

impl Route {
    pub(crate) fn new(path: &str, nodes: Vec<usize>) -> Self {
        Self {
            path: path.to_owned(),
            nodes,
            at_best: Freshness::Fresh,
        }
    }
}

/// Where a path stands among routes, or would.
pub(crate) fn position(routes: &[Route], path: &str) -> Result<usize, usize> {
    routes.binary_search_by(|route| route.path.as_str().cmp(path))
}
