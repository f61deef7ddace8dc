//! Routes: the roles through which a target file is trusted.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use crate::freshness::Freshness;

/// The roles through which one target file is trusted.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) path: String,
    /// Nodes of the graph, from targets to the role that lists the file.
    pub(crate) nodes: Vec<usize>,
    /// The best freshness that metadata newer than the set allows.
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

/// The index of a path among sorted routes, or the index at which to insert it.
pub(crate) fn position(routes: &[Route], path: &str) -> Result<usize, usize> {
    routes.binary_search_by(|route| route.path.as_str().cmp(path))
}
