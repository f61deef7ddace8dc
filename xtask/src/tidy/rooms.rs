//! Checks which room of a package uses which. A room is a top-level module of the package, or another
//! package in a folder below it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::source::{Edge, File, Tree};

/// Which room of one package may use which.
struct Rooms<'a> {
    /// The package's folder, from the workspace's root.
    package: &'a str,
    /// Rooms that every room may use, and that use only each other.
    common: &'a [&'a str],
    /// Every other room, and the rooms it may use besides itself and the common ones.
    others: &'a [(&'a str, &'a [&'a str])],
}

const CORE: Rooms<'_> = Rooms {
    package: "core",
    common: &["common"],
    others: &[
        ("identifier", &[]),
        ("token", &["identifier"]),
        ("list", &["identifier", "token"]),
        ("trust", &[]),
        ("rules", &["identifier", "list"]),
        ("policy", &["identifier", "list", "rules", "trust"]),
        (
            "engine",
            &["identifier", "list", "policy", "rules", "token", "trust"],
        ),
        (
            "wire",
            &[
                "engine",
                "identifier",
                "list",
                "policy",
                "rules",
                "token",
                "trust",
            ],
        ),
    ],
};

const PUBLISHER: Rooms<'_> = Rooms {
    package: "publisher",
    common: &[
        "dictionary",
        "digest",
        "directory",
        "error",
        "sorted",
        "tree",
    ],
    others: &[
        ("tuf", &[]),
        ("register", &["tuf"]),
        ("publisher", &["register"]),
        ("ahead", &[]),
        ("used", &["tree"]),
        ("published", &["register", "tuf"]),
        ("intake", &["publisher", "register"]),
        ("sources", &["intake", "publisher", "register"]),
        (
            "keys",
            &[
                "ahead",
                "published",
                "publisher",
                "register",
                "sources",
                "tuf",
                "used",
            ],
        ),
        ("public", &["intake", "keys", "publisher", "register"]),
        (
            "release",
            &[
                "intake",
                "keys",
                "public",
                "published",
                "publisher",
                "register",
                "tuf",
                "used",
            ],
        ),
        (
            "online",
            &[
                "ahead",
                "keys",
                "published",
                "publisher",
                "register",
                "release",
                "tuf",
                "used",
            ],
        ),
        (
            "backup",
            &["keys", "publisher", "register", "release", "tuf"],
        ),
        (
            "review",
            &[
                "intake",
                "keys",
                "public",
                "publisher",
                "register",
                "release",
                "tuf",
            ],
        ),
        (
            "command",
            &[
                "backup",
                "intake",
                "keys",
                "online",
                "public",
                "publisher",
                "register",
                "release",
                "review",
                "sources",
            ],
        ),
    ],
};

/// Reports every use of a room by another that the package's table does not allow.
pub(super) fn check(tree: &Tree, edges: &[Edge], findings: &mut Vec<String>) {
    for rooms in [CORE, PUBLISHER] {
        rooms.check(tree, edges, findings);
    }
}

impl Rooms<'_> {
    fn check(&self, tree: &Tree, edges: &[Edge], findings: &mut Vec<String>) {
        let others = self.others.iter().map(|(name, _)| name);
        let listed: BTreeSet<_> = self.common.iter().chain(others).copied().collect();
        let files = tree.files.iter();
        let present: BTreeSet<_> = files.filter_map(|file| self.room(file)).collect();
        let package = self.package;
        for name in present.difference(&listed) {
            findings.push(format!(
                "{package}: room {name} is not in the table of rooms"
            ));
        }
        for name in listed.difference(&present) {
            findings.push(format!(
                "{package}: the table of rooms names {name}, which does not exist"
            ));
        }
        let mut wrong = BTreeMap::<_, Vec<String>>::new();
        for edge in edges {
            let file = &tree.files[edge.from];
            let (Some(user), Some(used)) = (self.room(file), self.room(&tree.files[edge.to]))
            else {
                continue;
            };
            if !self.allows(user, used) {
                let names = wrong.entry((&file.path, user, used)).or_default();
                names.push(format!("{} (line {})", edge.name, edge.line));
            }
        }
        findings.extend(wrong.into_iter().map(|((file, user, used), names)| {
            let file = file.display();
            let names = names.join(", ");
            format!("{file}: room {user} must not use {used}: {names}")
        }));
    }

    fn allows(&self, user: &str, used: &str) -> bool {
        let row = self.others.iter().find(|(name, _)| *name == user);
        user == used
            || self.common.contains(&used)
            || row.is_some_and(|(_, allowed)| allowed.contains(&used))
    }

    /// The room of a file; `None` for the first file of a library or program, and for files outside the
    /// package.
    fn room<'f>(&self, file: &'f File) -> Option<&'f str> {
        let package = Path::new(self.package);
        let place = if file.package == package {
            file.path.strip_prefix(package.join("src")).ok()?
        } else {
            file.package.strip_prefix(package).ok()?
        };
        let name = Path::new(place.iter().next()?).file_stem()?.to_str()?;
        (!["lib", "main"].contains(&name)).then_some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::{PUBLISHER, Rooms};
    use crate::source::testing::workspace;

    const ROOMS: Rooms<'_> = Rooms {
        package: "core",
        common: &["common"],
        others: &[
            ("list", &[]),
            ("trust", &[]),
            ("engine", &["list", "trust"]),
        ],
    };

    fn findings(list: &str, trust: &str, engine: &str, common: &str) -> Vec<String> {
        let (tree, edges) = workspace(&[
            (
                "core",
                &[
                    (
                        "lib.rs",
                        "mod common; mod engine; pub mod list; pub use list::Entry;",
                    ),
                    ("common.rs", common),
                    ("list/mod.rs", "mod entry; pub use entry::Entry;"),
                    ("list/entry.rs", list),
                    ("engine.rs", engine),
                ],
            ),
            ("core/trust", &[("lib.rs", trust)]),
        ]);
        let mut findings = Vec::new();
        ROOMS.check(&tree, &edges, &mut findings);
        findings
    }

    #[test]
    fn rooms_may_use_what_the_table_allows() {
        let list = "pub struct Entry(crate::common::Bytes);";
        let engine = "fn f(_: crate::list::Entry, _: core_trust::Key, _: crate::common::Bytes) {}";
        let found = findings(list, "pub struct Key;", engine, "pub struct Bytes;");
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn a_wrong_edge_between_rooms_is_found() {
        let list = "use core_trust::Key; pub struct Entry;";
        let found = findings(list, "pub struct Key;", "", "");
        let expected =
            "core/src/list/entry.rs: room list must not use trust: core_trust::Key (line 1)";
        assert_eq!(found, [expected]);
    }

    #[test]
    fn a_wrong_edge_through_a_re_export_is_found() {
        let found = findings("pub struct Entry;", "", "", "use crate::Entry;");
        let expected = "core/src/common.rs: room common must not use list: crate::Entry (line 1)";
        assert_eq!(found, [expected]);
    }

    #[test]
    fn the_table_names_every_room_and_no_other() {
        let (tree, edges) = workspace(&[("core", &[("lib.rs", "mod list;"), ("list.rs", "")])]);
        let rooms = Rooms {
            package: "core",
            common: &["common"],
            others: &[],
        };
        let mut findings = Vec::new();
        rooms.check(&tree, &edges, &mut findings);
        let expected = [
            "core: room list is not in the table of rooms",
            "core: the table of rooms names common, which does not exist",
        ];
        assert_eq!(findings, expected);
    }

    #[test]
    fn the_register_knows_no_feature_of_the_publisher() {
        for feature in ["intake", "keys", "public", "release", "review"] {
            let lib = format!("mod register; mod {feature};");
            let used = format!("use crate::{feature}::Report; pub struct Register;");
            let (tree, edges) = workspace(&[(
                "publisher",
                &[
                    ("lib.rs", &lib),
                    ("register/mod.rs", "mod database;"),
                    ("register/database.rs", &used),
                    (&format!("{feature}.rs"), "pub struct Report;"),
                ],
            )]);
            let mut findings = Vec::new();
            PUBLISHER.check(&tree, &edges, &mut findings);
            let expected = format!(
                "publisher/src/register/database.rs: room register must not use {feature}: \
                 crate::{feature}::Report (line 1)"
            );
            assert!(findings.contains(&expected), "{findings:?}");
        }
    }
}
