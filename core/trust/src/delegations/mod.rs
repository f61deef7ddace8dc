//! Which roles delegations lead to, and which of them lists a file.

mod graph;
mod route;
mod search;
mod wanted;

pub(crate) use graph::{Edge, Graph, Node};
pub(crate) use route::{Route, position};
pub(crate) use search::SearchResult;
pub use wanted::Wanted;
