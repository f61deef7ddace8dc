//! Checks which packages of the project depend on which, and what the module is made of. `deny.toml` says what is asked of
//! packages of others.

use std::fs;
use std::path::Path;

use anyhow::Result;

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
    module(findings)
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
