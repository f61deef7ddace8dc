//! The search for target files through the delegations (TUF 1.0.34 §5.6.7).

use alloc::vec;
use alloc::vec::Vec;

use super::graph::{Edge, Graph};
use super::route::{Route, position};
use super::wanted::Wanted;
use crate::error::TrustError;
use crate::limits::MAX_ROLES;
use crate::metadata::{Budget, PathQuery, path_hash};

/// How a search for one path ended.
#[derive(Debug)]
pub(crate) enum SearchResult {
    /// A role lists the path. These are the nodes from targets to that role.
    Listed(Vec<usize>),
    /// No authorised role lists the path.
    NotListed,
    /// The search needs the role behind this delegation, which is not verified yet.
    Unverified(Edge),
}

impl Graph {
    /// [`Graph::search`] with a full budget.
    pub(crate) fn search_once(&self, path: &str) -> Result<SearchResult, TrustError> {
        self.search(path, &mut Budget::new())
    }

    /// Looks for one path, in pre-order and depth first, in the order of the delegations. Each role
    /// is visited at most once. A terminating delegation ends the search everywhere except behind
    /// itself.
    pub(crate) fn search(
        &self,
        path: &str,
        budget: &mut Budget,
    ) -> Result<SearchResult, TrustError> {
        let hash = path_hash(path);
        let asked = PathQuery::Exact { path, hash: &hash };
        let mut visited = Vec::new();
        let mut to_visit: Vec<(Vec<usize>, Edge)> = Vec::new();
        let (mut route, mut here) = (vec![0], 0);
        while let Some(node) = self.nodes().get(here) {
            if node.file.target(path).is_some() {
                return Ok(SearchResult::Listed(route));
            }
            let mut behind = Vec::new();
            for (index, delegation) in node.file.delegations().iter().enumerate() {
                budget.draw()?;
                if delegation.matches(asked, budget)? {
                    behind.push((route.clone(), Edge { node: here, index }));
                    if delegation.is_terminating() {
                        to_visit.clear();
                        break;
                    }
                }
            }
            to_visit.extend(behind.into_iter().rev());
            let next = loop {
                let Some((route, edge)) = to_visit.pop() else {
                    return Ok(SearchResult::NotListed);
                };
                let name = self
                    .delegation(edge)
                    .map(|(_, delegation)| delegation.name());
                if !visited.contains(&name) {
                    visited.push(name);
                    break (route, edge);
                }
            };
            // Off-spec: §5.6.7.1 lets the search end here without a word. It is an error, because a
            // role that was not visited might list the file.
            if visited.len() > MAX_ROLES {
                return Err(TrustError::TooManyRoles);
            }
            let edge;
            (route, edge) = next;
            let Some(child) = self.behind(edge) else {
                return Ok(SearchResult::Unverified(edge));
            };
            here = child;
            route.push(here);
        }
        Ok(SearchResult::NotListed)
    }

    /// The first delegation that is not verified yet and might lead to a wanted file.
    pub(crate) fn unverified(&self, wanted: &Wanted) -> Result<Option<Edge>, TrustError> {
        let mut budget = Budget::new();
        let mut visited = vec![false; self.nodes().len()];
        let mut next = vec![Edge { node: 0, index: 0 }];
        while let Some(edge) = next.pop() {
            let Some((_, delegation)) = self.delegation(edge) else {
                continue;
            };
            next.push(Edge {
                index: edge.index.saturating_add(1),
                ..edge
            });
            if !wanted.may_be_behind(delegation, &mut budget)? {
                continue;
            }
            let Some(node) = self.behind(edge) else {
                return Ok(Some(edge));
            };
            if let Some(visited @ false) = visited.get_mut(node) {
                *visited = true;
                next.push(Edge { node, index: 0 });
            }
        }
        Ok(None)
    }

    /// The route to every wanted file that is listed, sorted by path. Every delegation on a route
    /// is verified.
    pub(crate) fn routes(&self, wanted: &Wanted) -> Result<Vec<Route>, TrustError> {
        let mut budget = Budget::new();
        let mut routes = Vec::new();
        for (here, node) in self.nodes().iter().enumerate() {
            for path in node.file.paths().filter(|path| wanted.includes(path)) {
                let Err(at) = position(&routes, path) else {
                    continue;
                };
                let nodes = match here {
                    0 => vec![0],
                    _ => match self.search(path, &mut budget)? {
                        SearchResult::Listed(nodes) => nodes,
                        SearchResult::NotListed | SearchResult::Unverified(_) => continue,
                    },
                };
                routes.insert(at, Route::new(path, nodes));
            }
        }
        Ok(routes)
    }
}
