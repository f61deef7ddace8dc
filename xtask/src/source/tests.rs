use std::collections::BTreeSet;

use super::testing::{package, workspace};
use super::{Level, Tree, cycles};

/// Every edge as `from -> to: name`.
fn shown(files: &[(&str, &str)]) -> BTreeSet<String> {
    let (tree, edges) = package(files);
    let file = |index: usize| {
        let path = tree.files[index].path.strip_prefix("core/src").unwrap();
        path.display().to_string()
    };
    edges
        .iter()
        .map(|edge| format!("{} -> {}: {}", file(edge.from), file(edge.to), edge.name))
        .collect()
}

fn assert_edges<const COUNT: usize>(files: &[(&str, &str)], expected: [&str; COUNT]) {
    assert_eq!(shown(files), expected.map(str::to_owned).into());
}

/// Levels and members of every cycle.
fn found(files: &[(&str, &str)]) -> Vec<(Level, Vec<String>)> {
    let (tree, edges) = package(files);
    cycles(&tree, &edges, "core")
        .into_iter()
        .map(|cycle| {
            let members = cycle.members.iter();
            let members = members.map(|path| path.display().to_string()).collect();
            (cycle.level, members)
        })
        .collect()
}

fn cycle<const COUNT: usize>(level: Level, members: [&str; COUNT]) -> (Level, Vec<String>) {
    (level, members.map(str::to_owned).into())
}

#[test]
fn two_files_that_use_each_other_are_a_cycle() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "pub struct A(crate::b::B);"),
        ("b.rs", "pub struct B; fn f() { super::a::A; }"),
    ];
    assert_eq!(
        found(&files),
        [cycle(Level::Files, ["core/src/a.rs", "core/src/b.rs"])]
    );
}

#[test]
fn a_cycle_through_a_re_export_is_found() {
    let files = [
        ("lib.rs", "mod room;"),
        (
            "room/mod.rs",
            "mod a; mod b; pub use a::A; pub(crate) use self::b::*;",
        ),
        ("room/a.rs", "use super::B; pub struct A(B);"),
        (
            "room/b.rs",
            "use crate::room::A; pub struct B; impl From<A> for B {}",
        ),
    ];
    let expected = [cycle(
        Level::Files,
        ["core/src/room/a.rs", "core/src/room/b.rs"],
    )];
    assert_eq!(found(&files), expected);
}

#[test]
fn a_cycle_of_folders_without_a_cycle_of_files_is_found() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a/mod.rs", "pub mod one; pub mod two;"),
        ("a/one.rs", "use crate::b::three::Three;"),
        ("a/two.rs", "pub struct Two;"),
        ("b/mod.rs", "pub mod three; pub mod four;"),
        ("b/three.rs", "pub struct Three;"),
        ("b/four.rs", "use crate::a::two::Two;"),
    ];
    assert_eq!(
        found(&files),
        [cycle(Level::Folders, ["core/src/a", "core/src/b"])]
    );
}

#[test]
fn a_folder_and_the_file_beside_it_are_a_cycle_if_they_use_each_other() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a/mod.rs", "pub mod one; pub mod two;"),
        ("a/one.rs", "use crate::b::B;"),
        ("a/two.rs", "pub struct Two;"),
        ("b.rs", "pub struct B(crate::a::two::Two);"),
    ];
    assert_eq!(
        found(&files),
        [cycle(Level::Folders, ["core/src/a", "core/src/b.rs"])]
    );
}

#[test]
fn a_parent_that_re_exports_its_child_is_no_cycle() {
    let files = [
        ("lib.rs", "mod room; pub use room::Child;"),
        (
            "room/mod.rs",
            "mod child; pub use child::Child; pub struct Parent;",
        ),
        ("room/child.rs", "pub struct Child(super::Parent);"),
    ];
    assert_eq!(found(&files), []);
    assert_edges(&files, ["room/child.rs -> room/mod.rs: super::Parent"]);
}

#[test]
fn a_parent_that_uses_the_child_it_re_exports_is_a_cycle() {
    let files = [
        ("lib.rs", "mod room;"),
        (
            "room/mod.rs",
            "mod child; pub use child::Child; pub struct Parent; fn f(_: Child) {}",
        ),
        ("room/child.rs", "pub struct Child(super::Parent);"),
    ];
    let expected = [cycle(
        Level::Files,
        ["core/src/room/child.rs", "core/src/room/mod.rs"],
    )];
    assert_eq!(found(&files), expected);
}

#[test]
fn a_re_export_from_a_file_without_children_is_an_edge() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "pub use crate::b::B;"),
        ("b.rs", "pub struct B;"),
    ];
    assert_edges(&files, ["a.rs -> b.rs: crate::b::B"]);
}

#[test]
fn a_cycle_in_tests_alone_is_none() {
    let back = [
        "#[cfg(test)] mod tests { use crate::a::A; }",
        "#[cfg(all(test, feature = \"x\"))] use crate::a::A;",
        "#[cfg(not(not(test)))] fn f(_: crate::a::A) {}",
        "#[test] fn f() { crate::a::A; }",
        "fn f() { #[cfg(test)] let a = crate::a::A; }",
        "struct S { #[cfg(test)] a: crate::a::A }",
        "enum E { #[cfg(test)] A(crate::a::A) }",
        "impl B { #[cfg(test)] fn f(_: crate::a::A) {} }",
        "trait T { #[cfg(test)] fn f(_: crate::a::A); }",
        "#[cfg(test)] mod no_such_file;",
    ];
    for back in back {
        let text = format!("pub struct B; {back}");
        let files = [
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "pub struct A; use crate::b::B;"),
            ("b.rs", text.as_str()),
        ];
        assert_edges(&files, ["a.rs -> b.rs: crate::b::B"]);
    }
}

#[test]
fn code_of_some_builds_counts() {
    for some in ["any(test, unix)", "not(test)", "feature = \"x\""] {
        let text = format!("#[cfg({some})] use crate::a::A;");
        let files = [
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "pub struct A;"),
            ("b.rs", text.as_str()),
        ];
        assert_edges(&files, ["b.rs -> a.rs: crate::a::A"]);
    }
}

#[test]
fn a_path_counts_wherever_it_stands() {
    let mentions = [
        ("fn f() { super::a::call(1); }", "super::a::call"),
        ("use crate::a; fn f() { a::call(); }", "a::call"),
        ("use crate::a as b; fn f() { b::call(); }", "b::call"),
        ("use crate::a::{self}; fn f() { a::MAX; }", "a::MAX"),
        (
            "fn f() { match 1 { crate::a::MAX => {} } }",
            "crate::a::MAX",
        ),
        ("fn f<T: crate::a::Trait>() {}", "crate::a::Trait"),
        ("impl crate::a::Trait for u8 {}", "crate::a::Trait"),
        ("fn f(_: Vec<crate::a::A>) {}", "crate::a::A"),
        (
            "fn f() { <u8 as crate::a::Trait>::call(); }",
            "crate::a::Trait::call",
        ),
        ("fn f() { crate::a::Kind::One; }", "crate::a::Kind::One"),
        ("fn f() { use crate::a::A; }", "crate::a::A"),
        (
            "fn f() { println!(\"{}\", crate::a::call(1)); }",
            "crate::a::call",
        ),
        (
            "macro_rules! m { () => { $crate::a::call() } }",
            "crate::a::call",
        ),
        (
            "#[serde(with = \"crate::a::form\")] struct S;",
            "crate::a::form",
        ),
        (
            "mod inner { use super::super::a::A; }",
            "super::super::a::A",
        ),
        (
            "fn f() { crate::a::made_by_a_macro(); }",
            "crate::a::made_by_a_macro",
        ),
    ];
    for (text, name) in mentions {
        let files = [
            ("lib.rs", "mod a; mod c;"),
            (
                "a.rs",
                "pub fn call() {} pub const MAX: u8 = 1; pub trait Trait {} pub struct A; \
                 pub enum Kind { One }",
            ),
            ("c.rs", text),
        ];
        assert_edges(&files, [format!("c.rs -> a.rs: {name}").as_str()]);
    }
}

#[test]
fn other_crates_variables_and_methods_are_no_edge() {
    let files = [
        ("lib.rs", "mod a; mod b; use std::fmt;"),
        ("a.rs", "pub fn call() {} pub struct A;"),
        (
            "b.rs",
            "use super::fmt; use ::core::a::A; use serde::a::A as B; \
             fn f() { let a = 1; a.call(); x!(a.call(), ..a); <A>::a::call(); }",
        ),
    ];
    assert_edges(&files, []);
}

#[test]
fn what_a_type_has_from_another_file_is_an_edge_to_both() {
    let files = [
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a.rs", "pub struct A; impl A { pub const ONE: u8 = 1; }"),
        (
            "b.rs",
            "use crate::a::A; impl A { pub const TWO: u8 = 2; #[cfg(test)] const THREE: u8 = 3; }",
        ),
        (
            "c.rs",
            "fn f() { crate::a::A::ONE; crate::a::A::TWO; crate::a::A::THREE; }",
        ),
    ];
    assert_edges(
        &files,
        [
            "b.rs -> a.rs: A",
            "b.rs -> a.rs: crate::a::A",
            "c.rs -> a.rs: crate::a::A::ONE",
            "c.rs -> a.rs: crate::a::A::THREE",
            "c.rs -> a.rs: crate::a::A::TWO",
            "c.rs -> b.rs: crate::a::A::TWO",
        ],
    );
}

#[test]
fn a_name_may_be_a_module_and_a_function() {
    let files = [
        ("lib.rs", "mod a; mod b; pub fn a() {}"),
        ("a.rs", "pub fn call() {}"),
        ("b.rs", "use super::a; fn f() { a::call(); }"),
    ];
    assert_edges(
        &files,
        ["b.rs -> a.rs: a::call", "b.rs -> lib.rs: super::a"],
    );
}

#[test]
fn imports_in_a_circle_end() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "pub use super::b::*; pub use super::b::X;"),
        ("b.rs", "pub use super::a::*; pub use super::a::X;"),
    ];
    assert_edges(&files, []);
}

#[test]
fn a_library_of_the_workspace_is_followed() {
    let trust: &[_] = &[
        ("lib.rs", "mod key; pub use key::Key;"),
        ("key.rs", "pub struct Key;"),
    ];
    let core: &[_] = &[("lib.rs", "use core_trust::Key;")];
    let (tree, edges) = workspace(&[("core/trust", trust), ("core", core)]);
    let used = edges.first().map(|edge| tree.files[edge.to].path.clone());
    assert_eq!(used, Some("core/trust/src/key.rs".into()));
    assert_eq!(cycles(&tree, &edges, "core").len(), 0);
}

#[test]
fn a_cycle_is_printed_with_the_names_to_change() {
    let (tree, edges) = package(&[
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a.rs", "use crate::b::B;\npub struct A; fn f(_: B) {}"),
        ("b.rs", "pub struct B;\nfn f() { crate::c::call() }"),
        (
            "c.rs",
            "use super::a::A;\nuse super::b::B;\npub fn call() {}",
        ),
    ]);
    let cycles = cycles(&tree, &edges, "core");
    let printed: Vec<_> = cycles.iter().map(ToString::to_string).collect();
    assert_eq!(
        printed,
        ["core: cycle of 3 files: src/a.rs, src/b.rs, src/c.rs
  src/b.rs -> src/c.rs: crate::c::call (core/src/b.rs:2)
  src/c.rs -> src/b.rs: super::b::B (core/src/c.rs:2)
  src/a.rs -> src/b.rs: crate::b::B (core/src/a.rs:1), B (core/src/a.rs:2)
  src/c.rs -> src/a.rs: super::a::A (core/src/c.rs:1)"]
    );
}

#[test]
fn tests_are_not_counted() {
    let (tree, _): (Tree, _) = package(&[(
        "lib.rs",
        "//! Doc\n\npub fn f() {\n    1;\n}\n\n#[cfg(test)]\nmod tests {\n    fn g() {}\n}\n",
    )]);
    let file = &tree.files[0];
    assert_eq!(file.lines, 6);
    let functions: Vec<_> = file
        .functions
        .iter()
        .map(|function| (function.name.as_str(), function.lines))
        .collect();
    assert_eq!(functions, [("f", 3)]);
}
