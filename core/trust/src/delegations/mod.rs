//! Delegations followed: the verified roles they lead to, and which role lists a file.

mod graph;
mod route;
mod search;
mod wanted;

pub(crate) use graph::{Edge, Graph, Node};
pub(crate) use route::{Route, position};
pub(crate) use search::SearchResult;
pub use wanted::Wanted;
