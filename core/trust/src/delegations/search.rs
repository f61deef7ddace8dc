//! The search for target files through the delegations (TUF 1.0.34 §5.6.7).

use super::graph::{Edge, Graph};
use super::route::{Route, place};
use super::wanted::Wanted;
use crate::error::TrustError;
use crate::limits::MAX_ROLES;
use crate::metadata::{Asked, Budget, path_hash};

/// How a search stands.
#[derive(Debug)]
pub(crate) enum Found {
    /// The role that lists it is behind these nodes, from targets on.
    Target(Vec<usize>),
    /// No role that may list it does.
    Absent,
    /// It goes on behind this delegation, which is not verified yet.
    Behind(Edge),
}

impl Graph {
    /// [`Graph::search`] with all the work one search may do.
    pub(crate) fn search_once(&self, path: &str) -> Result<Found, TrustError> {
        self.search(path, &mut Budget::new())
    }

    /// Looks for one path: pre-order and depth first, in the order of the delegations. No role is
    /// asked twice, and a terminating delegation ends the search everywhere but behind it.
    pub(crate) fn search(&self, path: &str, budget: &mut Budget) -> Result<Found, TrustError> {
        let hash = path_hash(path);
        let asked = Asked::Path { path, hash: &hash };
        let mut visited = Vec::new();
        let mut to_visit: Vec<(Vec<usize>, Edge)> = Vec::new();
        let (mut route, mut here) = (vec![0], 0);
        while let Some(node) = self.nodes().get(here) {
            if node.file.target(path).is_some() {
                return Ok(Found::Target(route));
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
                    return Ok(Found::Absent);
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
                return Ok(Found::Behind(edge));
            };
            here = child;
            route.push(here);
        }
        Ok(Found::Absent)
    }

    /// The first delegation that is not verified yet and that some wanted path might be behind.
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

    /// The way to every wanted file there is, sorted by path. All delegations on it are verified.
    pub(crate) fn routes(&self, wanted: &Wanted) -> Result<Vec<Route>, TrustError> {
        let mut budget = Budget::new();
        let mut routes = Vec::new();
        for (here, node) in self.nodes().iter().enumerate() {
            for path in node.file.paths().filter(|path| wanted.includes(path)) {
                let Err(at) = place(&routes, path) else {
                    continue;
                };
                let nodes = match here {
                    0 => vec![0],
                    _ => match self.search(path, &mut budget)? {
                        Found::Target(nodes) => nodes,
                        Found::Absent | Found::Behind(_) => continue,
                    },
                };
                routes.insert(at, Route::new(path, nodes));
            }
        }
        Ok(routes)
    }
}
