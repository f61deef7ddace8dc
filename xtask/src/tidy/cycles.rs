//! Inside a package, neither files nor the files and folders of one folder may form a cycle.

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

    fn findings(files: &[(&str, &str)]) -> Vec<String> {
        let (tree, edges) = package(files);
        let mut findings = Vec::new();
        check(&tree, &edges, &mut findings);
        findings
    }

    #[test]
    fn a_cycle_is_reported() {
        let cycle = [
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "pub struct A; use crate::b::B;"),
            ("b.rs", "pub struct B; use crate::a::A;"),
        ];
        assert_eq!(findings(&cycle).len(), 1);
    }

    #[test]
    fn a_package_without_a_cycle_is_not() {
        assert_eq!(findings(&[("lib.rs", "")]), Vec::<String>::new());
    }
}
