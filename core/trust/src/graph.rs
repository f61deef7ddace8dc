//! The roles that delegations lead to, and the search through them (TUF 1.0.34 §5.6.7).

use std::sync::Arc;

use super::delegation::{Asked, Budget, Delegation, path_hash};
use super::error::TrustError;
use super::freshness::{Route, place};
use super::metadata::Targets;
use super::role::RoleName;
use super::signed::Verified;
use super::update::Wanted;

/// Delegated roles in one update: what python-tuf's `UpdaterConfig` allows. Off-spec: §5.6.7 lets
/// the search end there without a word; here it is an error, since a list might lie behind.
pub(super) const MAX_ROLES: usize = 32;

/// Bytes of all delegated roles in one update: four of the largest size. Read, they take about four
/// times as much of the module's memory.
const MAX_BYTES: u64 = 20_000_000;

/// Targets, and the delegated roles verified so far: each under the very delegation that led to it.
#[derive(Debug, Clone)]
pub(super) struct Graph {
    /// Targets first.
    nodes: Vec<Node>,
    /// To the node behind each.
    edges: Vec<(Edge, usize)>,
}

/// A role's file. One role has two if two delegators were answered differently.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) file: Arc<Verified<Targets>>,
}

/// A delegation, by the node that delegates and the place among its delegations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edge {
    node: usize,
    index: usize,
}

/// How a search stands.
#[derive(Debug)]
pub(super) enum Found {
    /// The role that lists it is behind these nodes, from targets on.
    Target(Vec<usize>),
    /// No role that may list it does.
    Absent,
    /// It goes on behind this delegation, which is not verified yet.
    Behind(Edge),
}

impl Graph {
    pub(super) fn new(targets: Arc<Verified<Targets>>) -> Self {
        let node = Node {
            name: RoleName::Targets.as_str().to_owned(),
            file: targets,
        };
        Self {
            nodes: vec![node],
            edges: Vec::new(),
        }
    }

    /// Targets and the delegated roles.
    pub(super) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The delegated roles.
    pub(super) fn delegated(&self) -> &[Node] {
        self.nodes.get(1..).unwrap_or_default()
    }

    /// The node behind a delegation that is verified.
    fn behind(&self, edge: Edge) -> Option<usize> {
        let known = self.edges.iter().find(|(other, _)| *other == edge);
        known.map(|(_, child)| *child)
    }

    /// The file that delegates, and the delegation.
    pub(super) fn delegation(&self, edge: Edge) -> Option<(&Arc<Verified<Targets>>, &Delegation)> {
        let file = &self.nodes.get(edge.node)?.file;
        Some((file, file.delegations().get(edge.index)?))
    }

    /// Was this file verified here under the delegation of this place in that file?
    pub(super) fn vouches(
        &self,
        delegator: &Arc<Verified<Targets>>,
        edge: Edge,
        file: &Arc<Verified<Targets>>,
    ) -> bool {
        let same = |node: usize, file| {
            let node = self.nodes.get(node);
            node.is_some_and(|node| Arc::ptr_eq(&node.file, file))
        };
        self.edges.iter().any(|(other, child)| {
            other.index == edge.index && same(other.node, delegator) && same(*child, file)
        })
    }

    /// Takes a file that was verified under this delegation.
    pub(super) fn add(
        &mut self,
        edge: Edge,
        file: Arc<Verified<Targets>>,
    ) -> Result<(), TrustError> {
        let Some((_, delegation)) = self.delegation(edge) else {
            return Err(TrustError::NotRequested);
        };
        let name = delegation.name().to_owned();
        let known = |node: &Node| node.name == name && Arc::ptr_eq(&node.file, &file);
        let child = match self.nodes.iter().position(known) {
            Some(child) => child,
            None => {
                self.nodes.push(Node { name, file });
                self.nodes.len().saturating_sub(1)
            }
        };
        self.edges.push((edge, child));
        let lengths = self.delegated().iter().map(|node| node.file.length());
        let within = child <= MAX_ROLES && lengths.fold(0, u64::saturating_add) <= MAX_BYTES;
        within.then_some(()).ok_or(TrustError::TooManyRoles)
    }

    /// [`Graph::search`] with all the work one search may do.
    pub(super) fn search_once(&self, path: &str) -> Result<Found, TrustError> {
        self.search(path, &mut Budget::new())
    }

    /// Looks for one path: pre-order and depth first, in the order of the delegations. No role is
    /// asked twice, and a terminating delegation ends the search everywhere but behind it.
    pub(super) fn search(&self, path: &str, budget: &mut Budget) -> Result<Found, TrustError> {
        let hash = path_hash(path);
        let asked = Asked::Path { path, hash: &hash };
        let mut visited = Vec::new();
        let mut to_visit: Vec<(Vec<usize>, Edge)> = Vec::new();
        let (mut route, mut here) = (vec![0], 0);
        while let Some(node) = self.nodes.get(here) {
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
    pub(super) fn unverified(&self, wanted: &Wanted) -> Result<Option<Edge>, TrustError> {
        let mut budget = Budget::new();
        let mut visited = vec![false; self.nodes.len()];
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
    pub(super) fn routes(&self, wanted: &Wanted) -> Result<Vec<Route>, TrustError> {
        let mut budget = Budget::new();
        let mut routes = Vec::new();
        for (here, node) in self.nodes.iter().enumerate() {
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
