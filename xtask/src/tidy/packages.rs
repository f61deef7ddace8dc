//! Checks which packages of the project depend on which, what the module is made of, and the licences and
//! sources of all dependencies.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::shell::{cargo, output, root};
use crate::source::Package;

/// Which crates of the project a crate may depend on.
const CRATES: [(&str, &[&str]); 15] = [
    ("core/common", &[]),
    ("core/trust", &["common"]),
    ("core", &["common", "trust"]),
    ("wasm/abi", &["core"]),
    ("wasm/js", &["core"]),
    ("publisher", &["core"]),
    // Its tests use repositories that the publisher makes.
    ("host-example/rust", &["core", "publisher"]),
    ("gateway", &["core", "host", "publisher"]),
    ("tests", &["core", "forge", "helpers", "host", "publisher"]),
    (
        "tests/bench",
        &["core", "forge", "host", "publisher", "tests"],
    ),
    ("tests/compare", &["core", "host", "publisher", "tests"]),
    ("tests/conformance", &["core", "host"]),
    // A second implementation of the formats: it must not use the first.
    ("tests/forge", &[]),
    // Any crate's tests may use it, so it uses none of those.
    ("tests/helpers", &["forge"]),
    // A test of the demo with a public list reads a report that the publisher made.
    ("xtask", &["core", "helpers", "publisher"]),
];

/// Crates that would give the module imports, randomness or threads.
const NOT_IN_THE_MODULE: [&str; 7] = [
    "getrandom",
    "js-sys",
    "rayon",
    "tokio",
    "wasm-bindgen",
    "wasmtime",
    "web-sys",
];

const LICENCES: [&str; 14] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Checks every package the project builds or uses.
pub(super) fn check(packages: &[Package], findings: &mut Vec<String>) -> Result<()> {
    for package in packages {
        if !CRATES
            .iter()
            .any(|(name, _)| package.folder == Path::new(name))
        {
            let name = package.folder.display();
            findings.push(format!("{name} is not in the table of crates"));
        }
    }
    project(findings)?;
    module(findings)?;
    licences(findings)
}

fn project(findings: &mut Vec<String>) -> Result<()> {
    for (package, allowed) in CRATES {
        let manifest = fs::read_to_string(root().join(package).join("Cargo.toml"))?;
        let mut section = "";
        for line in manifest.lines() {
            if line.starts_with('[') {
                section = line;
            }
            let Some(name) = line.strip_prefix("interdict-") else {
                continue;
            };
            let name = name.split(['.', ' ']).next().unwrap_or_default();
            // Any crate's tests may use these.
            let tests = section == "[dev-dependencies]" && ["forge", "helpers"].contains(&name);
            if !tests && !allowed.contains(&name) {
                findings.push(format!("{package} must not depend on {line}"));
            }
        }
    }
    Ok(())
}

fn module(findings: &mut Vec<String>) -> Result<()> {
    let (_, tree) = output(&mut cargo(&[
        "tree",
        "--package",
        "interdict-wasm",
        "--target",
        "wasm32-unknown-unknown",
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--locked",
    ]))?;
    for line in tree.lines() {
        let name = line.split(' ').next().unwrap_or_default();
        if NOT_IN_THE_MODULE.contains(&name) {
            findings.push(format!("the module must not contain {name}"));
        }
    }
    Ok(())
}

fn licences(findings: &mut Vec<String>) -> Result<()> {
    let (_, text) = output(&mut cargo(&[
        "metadata",
        "--format-version",
        "1",
        "--locked",
    ]))?;
    let metadata: Value = serde_json::from_str(&text)?;
    for package in metadata["packages"].as_array().context("packages")? {
        let name = package["name"].as_str().unwrap_or_default();
        let licence = package["license"]
            .as_str()
            .unwrap_or_default()
            .replace('/', " OR ");
        let allowed = licence.split(" OR ").any(|choice| {
            choice
                .split(" AND ")
                .all(|one| LICENCES.contains(&one.trim_matches(['(', ')', ' '])))
        });
        if !allowed {
            findings.push(format!("{name}: licence {licence:?} is not one we ship"));
        }
        let source = package["source"].as_str();
        if source.is_some_and(|source| !source.contains("crates.io")) {
            findings.push(format!("{name}: not from crates.io"));
        }
    }
    Ok(())
}
