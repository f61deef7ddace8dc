//! Inside a package, neither files nor the files and folders of one folder may form a cycle.

use std::path::Path;

use crate::source::{self, Edge, Tree};

/// Packages whose cycles are known and not yet mended, and why. A package without a cycle must leave.
const KNOWN: [(&str, &str); 1] = [("publisher", "its files are not yet in folders")];

/// Reports every cycle of a package that is not known to have some.
pub(super) fn check(tree: &Tree, edges: &[Edge], findings: &mut Vec<String>) {
    check_with(&KNOWN, tree, edges, findings);
}

fn check_with(known: &[(&str, &str)], tree: &Tree, edges: &[Edge], findings: &mut Vec<String>) {
    for package in tree.packages() {
        let cycles = source::cycles(tree, edges, package);
        let reason = known.iter().find(|(name, _)| Path::new(name) == package);
        match reason {
            None => findings.extend(cycles.iter().map(ToString::to_string)),
            Some(_) if !cycles.is_empty() => {}
            Some((name, reason)) => findings.push(format!(
                "{name} has no cycle any more ({reason}); take it out of the known ones"
            )),
        }
    }
    for (name, _) in known {
        if !tree.packages().contains(Path::new(name)) {
            findings.push(format!("{name}: no such package, yet its cycles are known"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check_with;
    use crate::source::testing::package;

    const CYCLE: [(&str, &str); 3] = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "pub struct A; use crate::b::B;"),
        ("b.rs", "pub struct B; use crate::a::A;"),
    ];

    fn findings(known: &[(&str, &str)], files: &[(&str, &str)]) -> Vec<String> {
        let (tree, edges) = package(files);
        let mut findings = Vec::new();
        check_with(known, &tree, &edges, &mut findings);
        findings
    }

    #[test]
    fn a_cycle_is_reported_unless_it_is_known() {
        assert_eq!(findings(&[], &CYCLE).len(), 1);
        assert_eq!(findings(&[("core", "later")], &CYCLE), Vec::<String>::new());
    }

    #[test]
    fn a_package_without_a_cycle_must_not_be_known_to_have_one() {
        let expected = ["core has no cycle any more (later); take it out of the known ones"];
        assert_eq!(findings(&[("core", "later")], &[("lib.rs", "")]), expected);
    }

    #[test]
    fn a_package_that_does_not_exist_must_not_be_known() {
        let expected = ["gone: no such package, yet its cycles are known"];
        assert_eq!(findings(&[("gone", "later")], &[("lib.rs", "")]), expected);
    }
}
