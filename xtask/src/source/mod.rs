//! The project's own source as a graph: an edge from file A to file B for every path written in A that
//! names something defined in B.
//!
//! A path is followed through re-exports and imports to the file with the definition. `mod` lines, and
//! the `pub use` lines of a file that declares other files, are a table of contents and make no edge.
//! Code that is compiled only for tests is left out.
//!
//! Method calls make no edge, since a method's name does not say to which type it belongs. In macro
//! calls, only what looks like a path is read.
//!
//! ```text
//! let packages = packages(root)?;               // what cargo builds
//! let tree = Tree::read(root, &packages)?;      // files and modules
//! let edges = edges(&tree);                     // who uses whom, with name and line
//! let cycles = cycles(&tree, &edges, "core");   // of files, then of folders
//! ```

mod attributes;
mod cycles;
mod edges;
mod names;
mod packages;
mod syntax;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod tokens;
mod tree;

pub(crate) use attributes::{of_item, only_in_tests};
pub(crate) use cycles::{Cycle, Level, cycles};
pub(crate) use edges::{Edge, edges};
pub(crate) use packages::{Package, packages};
pub(crate) use tree::{File, Tree};
