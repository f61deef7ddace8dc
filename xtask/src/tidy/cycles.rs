//! Within a package, files must not form a cycle, and neither must the files and folders of one folder.

use crate::source::{self, Edge, Tree};

/// Reports every cycle of every package.
pub(super) fn check(tree: &Tree, edges: &[Edge], findings: &mut Vec<String>) {
    for package in tree.packages() {
        let cycles = source::cycles(tree, edges, package);
        findings.extend(cycles.iter().map(ToString::to_string));
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::source::testing::package;

    fn findings(files: &[(&str, &str)]) -> usize {
        let (tree, edges) = package(files);
        let mut findings = Vec::new();
        check(&tree, &edges, &mut findings);
        findings.len()
    }

    #[test]
    fn a_cycle_is_reported() {
        let b = ("b.rs", "pub struct B; use crate::a::A;");
        let a = ("a.rs", "pub struct A; use crate::b::B;");
        assert_eq!(findings(&[("lib.rs", "mod a; mod b;"), a, b]), 1);
        let a = ("a.rs", "pub struct A;");
        assert_eq!(findings(&[("lib.rs", "mod a; mod b;"), a, b]), 0);
    }
}
