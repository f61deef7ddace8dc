//! How a release was made, for programs to read: an in-toto statement (v1) with a SLSA provenance predicate (v1).
//! Nothing in it depends on the machine or on when it was written, so a second build has the same.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use interdict_core::common::hex;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::shell::{output, root};

use crate::release::origin::Origin;

/// What a build of this kind does: `docs/release.md` says it.
const BUILD_TYPE: &str = "https://interdict.example/release/build/v1";

/// Whoever ran the command, on a machine that nobody vouches for. SLSA asks for more at every level above 0.
const BUILDER: &str = "https://interdict.example/release/builder/local-machine";

/// What went into a release besides its commit.
struct Materials {
    command: String,
    lock: String,
    toolchain: String,
    rustc: Rustc,
    wheels: Vec<String>,
}

/// The compiler, as it names itself.
struct Rustc {
    version: String,
    commit: String,
}

/// Writes the statement about files, each with its name in the release and its SHA-256. `command` is what the builder
/// ran, and `wheels` what it took from the Python package index.
pub(super) fn write(
    files: &[(String, String)],
    origin: &Origin,
    (command, wheels): (String, &[&str]),
    to: &Path,
) -> Result<()> {
    let materials = Materials {
        command,
        lock: digest("Cargo.lock")?,
        toolchain: digest("rust-toolchain.toml")?,
        rustc: rustc()?,
        wheels: wheels.iter().map(|&wheel| wheel.to_owned()).collect(),
    };
    let statement = statement(files, origin, &materials)?;
    let text = serde_json::to_string_pretty(&statement)? + "\n";
    fs::write(to, text).with_context(|| to.display().to_string())
}

fn statement(files: &[(String, String)], origin: &Origin, materials: &Materials) -> Result<Value> {
    ensure!(!files.is_empty(), "a release without files");
    let mut files: Vec<_> = files.iter().collect();
    files.sort();
    let subject = files
        .into_iter()
        .map(|(name, sha256)| json!({ "name": name, "digest": { "sha256": sha256 } }));
    let mut commit = json!({
        "uri": "git+https://interdict.example/interdict.git",
        "digest": { "gitCommit": origin.commit },
    });
    if origin.is_changed {
        commit["annotations"] = json!({ "uncommittedChanges": true });
    }
    let rustc = &materials.rustc;
    let mut dependencies = vec![
        commit,
        json!({ "name": "Cargo.lock", "digest": { "sha256": materials.lock } }),
        json!({ "name": "rust-toolchain.toml", "digest": { "sha256": materials.toolchain } }),
        json!({
            "name": "rustc",
            "uri": format!("pkg:generic/rustc@{}", rustc.version),
            "digest": { "gitCommit": rustc.commit },
        }),
    ];
    for wheel in &materials.wheels {
        let (name, version) = wheel
            .split_once("==")
            .context("a wheel without a version")?;
        let uri = format!("pkg:pypi/{name}@{version}");
        dependencies.push(json!({ "name": name, "uri": uri }));
    }
    Ok(json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subject.collect::<Vec<_>>(),
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {
                    "command": materials.command,
                    "commit": origin.commit,
                    "version": origin.version,
                },
                "internalParameters": { "SOURCE_DATE_EPOCH": origin.time.to_string() },
                "resolvedDependencies": dependencies,
            },
            "runDetails": {
                "builder": { "id": BUILDER },
                "metadata": {},
            },
        },
    }))
}

fn digest(name: &str) -> Result<String> {
    let bytes = fs::read(root().join(name)).with_context(|| name.to_owned())?;
    Ok(hex::text(&Sha256::digest(bytes)))
}

fn rustc() -> Result<Rustc> {
    let (is_well, text) = output(Command::new("rustc").arg("-vV").current_dir(root()))?;
    ensure!(is_well, "rustc -vV");
    read_rustc(&text)
}

fn read_rustc(text: &str) -> Result<Rustc> {
    let of = |key: &str| {
        let mut lines = text.lines();
        let value = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
        value
            .map(str::to_owned)
            .with_context(|| format!("rustc names no {key}"))
    };
    Ok(Rustc {
        version: of("release")?,
        commit: of("commit-hash")?,
    })
}

#[cfg(test)]
mod tests {
    use super::{Materials, Rustc, read_rustc, statement};
    use crate::release::origin::Origin;

    fn made(files: &[(&str, &str)], is_changed: bool) -> anyhow::Result<serde_json::Value> {
        let origin = Origin {
            version: "0.2.0".to_owned(),
            commit: "c0".repeat(20),
            time: 1_793_599_200,
            is_changed,
        };
        let materials = Materials {
            command: "cargo xtask release 0.2.0".to_owned(),
            wheels: vec!["ziglang==1.0".to_owned()],
            lock: "11".repeat(32),
            toolchain: "22".repeat(32),
            rustc: Rustc {
                version: "1.95.0".to_owned(),
                commit: "59".repeat(20),
            },
        };
        let owned = |(name, digest): &(&str, &str)| ((*name).to_owned(), (*digest).to_owned());
        let files: Vec<_> = files.iter().map(owned).collect();
        statement(&files, &origin, &materials)
    }

    #[test]
    fn a_statement_names_every_file_in_one_order() {
        let one = made(&[("b", "2"), ("a", "1")], false).expect("a statement");
        let other = made(&[("a", "1"), ("b", "2")], false).expect("a statement");
        assert_eq!(one, other);
        assert_eq!(one["subject"][0]["name"], "a");
        assert_eq!(one["subject"][0]["digest"]["sha256"], "1");
        made(&[], false).expect_err("no files");
    }

    #[test]
    fn changes_without_a_commit_are_told() {
        let dependency = |is_changed| {
            let made = made(&[("a", "1")], is_changed).expect("a statement");
            made["predicate"]["buildDefinition"]["resolvedDependencies"][0].clone()
        };
        assert_eq!(dependency(true)["annotations"]["uncommittedChanges"], true);
        assert!(dependency(false).get("annotations").is_none());
        assert_eq!(dependency(false)["digest"]["gitCommit"], "c0".repeat(20));
    }

    #[test]
    fn the_compiler_is_named_by_its_commit() {
        let text = "rustc 1.95.0 (x)\ncommit-hash: 5980\nrelease: 1.95.0\n";
        let rustc = read_rustc(text).expect("a compiler");
        assert_eq!(
            (rustc.version.as_str(), rustc.commit.as_str()),
            ("1.95.0", "5980")
        );
        assert!(read_rustc("release: 1.95.0\n").is_err());
    }
}
