//! Makes edges between files from the paths in every module.

use std::collections::BTreeSet;

use super::names::{Elsewhere, Meaning, Search, elsewhere};
use super::syntax::Reference;
use super::tree::Tree;

/// One use of a file by another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Edge {
    /// Index of the file that has the path.
    pub(crate) from: usize,
    /// Index of the file with the definition.
    pub(crate) to: usize,
    /// The path as written.
    pub(crate) name: String,
    pub(crate) line: usize,
}

/// Every edge between two files, in order, each name once.
pub(crate) fn edges(tree: &Tree) -> Vec<Edge> {
    let mut edges = BTreeSet::new();
    let elsewhere = elsewhere(tree);
    for (index, module) in tree.modules.iter().enumerate() {
        for reference in &module.words.references {
            for to in files(tree, &elsewhere, index, reference) {
                if to != module.file {
                    edges.insert(Edge {
                        from: module.file,
                        to,
                        name: reference.path.join("::"),
                        line: reference.line,
                    });
                }
            }
        }
    }
    let mut edges: Vec<_> = edges.into_iter().collect();
    edges.dedup_by(|a, b| (a.from, a.to, &a.name) == (b.from, b.to, &b.name));
    edges
}

fn files(
    tree: &Tree,
    elsewhere: &Elsewhere,
    module: usize,
    reference: &Reference,
) -> BTreeSet<usize> {
    Search::new(tree, elsewhere)
        .resolve(module, &reference.path)
        .into_iter()
        .filter_map(|meaning| match meaning {
            Meaning::Item(item) => Some(item.file),
            // A module's name by itself uses nothing; a glob uses whatever the module defines.
            Meaning::Module(module) => {
                let file = tree.modules[module].file;
                (reference.glob && tree.files[file].has_items).then_some(file)
            }
        })
        .collect()
}
