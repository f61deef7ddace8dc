//! The crates that a build links, from cargo's own resolution, with what their packages say of themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use toml::Table;

use crate::shell::{cargo, output, root};

/// Name and version, which are unique as long as all packages come from one registry: `deny.toml` sees to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id {
    pub(super) name: String,
    pub(super) version: String,
}

/// A package of a registry or of the workspace.
#[derive(Debug, Clone)]
pub(super) struct Crate {
    /// An SPDX expression.
    pub(super) licence: String,
    /// The SHA-256 of the packed crate, from `Cargo.lock`; `None` for the project's own.
    pub(super) checksum: Option<String>,
    /// Whether a registry has it, or may have.
    pub(super) is_published: bool,
    /// Where its files are on this machine.
    pub(super) folder: PathBuf,
    pub(super) repository: Option<String>,
    pub(super) authors: Vec<String>,
}

/// What cargo is asked to build.
#[derive(Debug, Clone, Copy)]
pub(super) struct Build<'b> {
    pub(super) package: &'b str,
    /// A target of the compiler, or `all`; empty: this machine's own.
    pub(super) target: &'b str,
    /// Further arguments that choose features.
    pub(super) features: &'b [&'b str],
}

impl<'b> Build<'b> {
    /// A package with its own features.
    pub(super) const fn of(package: &'b str, target: &'b str) -> Self {
        Self {
            package,
            target,
            features: &[],
        }
    }
}

/// The crates of one build and which of them use which.
#[derive(Debug)]
pub(super) struct Linked {
    /// The package that was asked for.
    pub(super) root: Id,
    /// Every crate, the root among them, with those it uses itself.
    pub(super) uses: BTreeMap<Id, BTreeSet<Id>>,
}

/// All packages that `Cargo.lock` names, for the project's own build.
#[derive(Debug)]
pub(super) struct Packages(BTreeMap<Id, Crate>);

impl Packages {
    /// Reads them from cargo. Needs the packages' files, which cargo downloads.
    pub(super) fn read() -> Result<Self> {
        let (is_well, text) = output(&mut cargo(&[
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--all-features",
        ]))?;
        ensure!(is_well, "cargo cannot read the workspace");
        let lock = fs::read_to_string(root().join("Cargo.lock"))?;
        Self::parse(&text, &lock)
    }

    fn parse(metadata: &str, lock: &str) -> Result<Self> {
        let metadata: Value = serde_json::from_str(metadata)?;
        let checksums = checksums(lock)?;
        let packages = metadata["packages"].as_array().context("packages")?;
        let packages = packages.iter().map(|package| {
            let id = Id {
                name: text(&package["name"]).context("a package's name")?,
                version: text(&package["version"]).context("a package's version")?,
            };
            let read = read(package, checksums.get(&id)).with_context(|| id.name.clone())?;
            Ok((id, read))
        });
        Ok(Self(packages.collect::<Result<_>>()?))
    }

    /// A package by name and version.
    pub(super) fn of(&self, id: &Id) -> Result<&Crate> {
        let missing = || format!("cargo's packages lack {} {}", id.name, id.version);
        self.0.get(id).with_context(missing)
    }

    /// All of them, by name and version.
    pub(super) fn all(&self) -> impl Iterator<Item = (&Id, &Crate)> {
        self.0.iter()
    }
}

/// Asks cargo which crates a build links: none that runs while source is compiled, such as macros and build scripts,
/// and none of tests.
pub(super) fn linked(build: &Build<'_>) -> Result<Linked> {
    let mut command = cargo(&["tree", "--locked", "--edges", "normal,no-proc-macro"]);
    command.args(["--prefix", "depth", "--format", "|{p}"]);
    command.args(["--package", build.package]);
    if !build.target.is_empty() {
        command.args(["--target", build.target]);
    }
    let (is_well, text) = output(command.args(build.features))?;
    ensure!(is_well, "cargo cannot list what {} links", build.package);
    read_tree(&text)
}

/// Reads lines such as `2|sha2 v0.10.9 (*)`: the depth, then the package. What is below a package stands at its first
/// line.
fn read_tree(text: &str) -> Result<Linked> {
    let mut uses = BTreeMap::<Id, BTreeSet<Id>>::new();
    let mut above: Vec<Id> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let (depth, package) = line.split_once('|').context("a line of cargo's tree")?;
        let depth: usize = depth.parse().context("a depth in cargo's tree")?;
        let mut words = package.split(' ');
        let (Some(name), Some(version)) = (words.next(), words.next()) else {
            bail!("no version in cargo's tree: {line}");
        };
        let id = Id {
            name: name.to_owned(),
            version: version.trim_start_matches('v').to_owned(),
        };
        ensure!(depth <= above.len(), "a gap in cargo's tree: {line}");
        above.truncate(depth);
        if let Some(user) = above.last() {
            uses.entry(user.clone()).or_default().insert(id.clone());
        }
        uses.entry(id.clone()).or_default();
        above.push(id);
    }
    let root = above.into_iter().next().context("an empty tree")?;
    Ok(Linked { root, uses })
}

fn read(package: &Value, checksum: Option<&String>) -> Result<Crate> {
    let manifest = text(&package["manifest_path"]).context("its manifest")?;
    let is_ours = package["source"].is_null();
    ensure!(
        is_ours != checksum.is_some(),
        "a package of a registry has a checksum, and no other"
    );
    let licence = text(&package["license"]).context("no licence is stated")?;
    let authors = package["authors"].as_array().into_iter().flatten();
    Ok(Crate {
        // Before SPDX expressions, a stroke stood for OR.
        licence: licence.replace('/', " OR "),
        checksum: checksum.cloned(),
        // An empty list of registries: not to be published.
        is_published: !is_ours || package["publish"].is_null(),
        folder: Path::new(&manifest)
            .parent()
            .context("its folder")?
            .to_owned(),
        repository: text(&package["repository"]),
        authors: authors.filter_map(text).collect(),
    })
}

fn checksums(lock: &str) -> Result<BTreeMap<Id, String>> {
    let lock: Table = lock.parse().context("Cargo.lock")?;
    let packages = lock.get("package").and_then(toml::Value::as_array);
    let packages = packages.context("Cargo.lock names no packages")?;
    let of = |package: &toml::Value, key: &str| Some(package.get(key)?.as_str()?.to_owned());
    let known = packages.iter().filter_map(|package| {
        let id = Id {
            name: of(package, "name")?,
            version: of(package, "version")?,
        };
        Some((id, of(package, "checksum")?))
    });
    Ok(known.collect())
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{Build, Id, Packages, linked, read_tree};

    fn id(name: &str, version: &str) -> Id {
        Id {
            name: name.to_owned(),
            version: version.to_owned(),
        }
    }

    #[test]
    fn a_package_that_is_listed_again_keeps_what_its_first_line_had_below_it() {
        let tree = "0|ours v0.2.0 (/somewhere/ours)\n1|left v1.0.0\n2|deep v1.0.0-rc.1+spec\n\
                    1|right v2.0.0\n2|left v1.0.0 (*)\n";
        let linked = read_tree(tree).expect("a tree");
        assert_eq!(linked.root, id("ours", "0.2.0"));
        let left = &linked.uses[&id("left", "1.0.0")];
        assert!(left.iter().eq([&id("deep", "1.0.0-rc.1+spec")]));
        let right = &linked.uses[&id("right", "2.0.0")];
        assert!(right.iter().eq([&id("left", "1.0.0")]));
        assert_eq!(linked.uses.len(), 4);
    }

    #[test]
    fn a_tree_with_a_gap_or_without_a_version_is_refused() {
        for tree in ["0|a v1\n2|b v1\n", "0|a\n", "", "a v1\n"] {
            read_tree(tree).expect_err(tree);
        }
    }

    #[test]
    fn a_package_of_a_registry_must_have_a_checksum() {
        let package = r#"{"packages":[{"name":"a","version":"1.0.0","source":"registry+x","license":"MIT/Zlib",
            "manifest_path":"/a/Cargo.toml","authors":[],"repository":null,"publish":null}]}"#;
        let with = "[[package]]\nname='a'\nversion='1.0.0'\nchecksum='ab'\n";
        let without = "[[package]]\nname='a'\nversion='1.0.0'\n";
        let packages = Packages::parse(package, with).expect("packages");
        let found = packages.of(&id("a", "1.0.0")).expect("a package");
        assert_eq!(found.licence, "MIT OR Zlib");
        assert_eq!(found.checksum.as_deref(), Some("ab"));
        Packages::parse(package, without).expect_err("no checksum");
        let unknown = package.replace(r#""license":"MIT/Zlib","#, r#""license":null,"#);
        Packages::parse(&unknown, with).expect_err("no licence");
    }

    #[test]
    fn the_module_links_the_core_and_no_macro_and_the_module_for_pages_less() {
        let build = |features| Build {
            features,
            ..Build::of("interdict-wasm", "wasm32-unknown-unknown")
        };
        let full = linked(&build(&[])).expect("a tree");
        let names: Vec<_> = full.uses.keys().map(|id| id.name.as_str()).collect();
        for present in ["interdict-core", "ed25519-dalek", "dlmalloc"] {
            assert!(names.contains(&present), "{present}");
        }
        for absent in ["serde_derive", "syn", "bloomfilter", "interdict-forge"] {
            assert!(!names.contains(&absent), "{absent}");
        }
        let edge = linked(&build(&["--no-default-features"])).expect("a tree");
        assert!(edge.uses.len() <= full.uses.len());
    }
}
