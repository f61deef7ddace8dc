//! The graph of verified targets roles.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use crate::error::TrustError;
use crate::limits::{MAX_DELEGATED_BYTES, MAX_ROLES};
use crate::metadata::{Delegation, Targets};
use crate::role_name::RoleName;
use crate::signing::Verified;

/// Targets, and the delegated roles that were verified so far, each under the delegation that led
/// to it.
#[derive(Debug, Clone)]
pub(crate) struct Graph {
    /// Targets is the first node.
    nodes: Vec<Node>,
    /// Each verified delegation, with the node it leads to.
    edges: Vec<(Edge, usize)>,
}

/// The file of one role. A role has two nodes if its delegators were given different files.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) file: Arc<Verified<Targets>>,
}

/// A delegation: the delegating node, and the index in that node's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) node: usize,
    pub(crate) index: usize,
}

impl Graph {
    pub(crate) fn new(targets: Arc<Verified<Targets>>) -> Self {
        let node = Node {
            name: RoleName::Targets.as_str().to_owned(),
            file: targets,
        };
        Self {
            nodes: vec![node],
            edges: Vec::new(),
        }
    }

    /// The file of targets.
    pub(crate) fn targets(&self) -> Option<&Arc<Verified<Targets>>> {
        self.nodes.first().map(|node| &node.file)
    }

    /// Targets, then the delegated roles.
    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The delegated roles.
    pub(crate) fn delegated(&self) -> &[Node] {
        self.nodes.get(1..).unwrap_or_default()
    }

    /// The node that a verified delegation leads to.
    pub(crate) fn behind(&self, edge: Edge) -> Option<usize> {
        let known = self.edges.iter().find(|(other, _)| *other == edge);
        known.map(|(_, child)| *child)
    }

    /// The file that delegates, and the delegation.
    pub(crate) fn delegation(&self, edge: Edge) -> Option<(&Arc<Verified<Targets>>, &Delegation)> {
        let file = &self.nodes.get(edge.node)?.file;
        Some((file, file.delegations().get(edge.index)?))
    }

    /// Whether this graph verified `file` under the delegation of `delegator` at the index of
    /// `edge`.
    pub(crate) fn verified_under(
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

    /// Adds a file that was verified under this delegation.
    pub(crate) fn add(
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
        let length = lengths.fold(0, u64::saturating_add);
        let within = child <= MAX_ROLES && length <= MAX_DELEGATED_BYTES;
        within.then_some(()).ok_or(TrustError::TooManyRoles)
    }
}
