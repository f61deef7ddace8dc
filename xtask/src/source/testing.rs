//! Small packages written to a folder, for tests.

use std::fs;
use std::path::Path;

use super::{Edge, Package, Tree, edges};

/// Writes a package `core` with these files below `core/src`, and reads it.
pub(crate) fn package(files: &[(&str, &str)]) -> (Tree, Vec<Edge>) {
    workspace(&[("core", files)])
}

/// Packages with libraries named after their folders: `core/trust` is `core_trust`.
pub(crate) fn workspace(packages: &[(&str, &[(&str, &str)])]) -> (Tree, Vec<Edge>) {
    let root = tempfile::tempdir().unwrap();
    let packages: Vec<_> = packages
        .iter()
        .map(|(folder, files)| {
            let source = Path::new(folder).join("src");
            for (path, text) in *files {
                let path = root.path().join(&source).join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            Package {
                folder: folder.into(),
                library: Some((folder.replace('/', "_"), source.join("lib.rs"))),
                programs: Vec::new(),
            }
        })
        .collect();
    let tree = Tree::read(root.path(), &packages).unwrap();
    let edges = edges(&tree);
    (tree, edges)
}
