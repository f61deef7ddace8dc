//! Checks of the tree itself: which room may use which, what the module may be made of, licences and
//! sources of everything, texts that should not be there, and patches that no longer apply.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::mutants;
use crate::shell::{cargo, output, root};

/// Which rooms of the core a room may use besides its own and the common ground.
const ROOMS: [(&str, &[&str]); 7] = [
    ("identifier", &[]),
    ("token.rs", &["identifier"]),
    ("list", &["identifier", "token"]),
    ("trust", &["token"]),
    ("policy", &["identifier", "list", "trust"]),
    (
        "engine",
        &["identifier", "token", "list", "trust", "policy"],
    ),
    ("error.rs", &["identifier", "list", "trust", "policy"]),
];

/// What every room may use.
const COMMON: [&str; 6] = ["bytes", "error", "hex", "json", "message", "time"];

/// Rooms below the messages: they know neither messages nor the error table.
const BELOW_MESSAGES: [&str; 4] = ["identifier", "token.rs", "list", "trust"];

/// Which crates of the project a crate may depend on.
const CRATES: [(&str, &[&str]); 7] = [
    ("core", &[]),
    ("wasm/abi", &["core"]),
    ("wasm/js", &["core"]),
    ("publisher", &["core"]),
    // The publisher makes the repositories of its tests.
    ("host-example", &["core", "publisher"]),
    ("tests", &["core", "host", "publisher"]),
    // A test of the real demo reads a report the publisher made.
    ("xtask", &["core", "publisher"]),
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

const LICENCES: [&str; 13] = [
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
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// What may lie at the top of the tree.
const TOP: [&str; 25] = [
    ".cargo",
    ".ci",
    ".github",
    ".gitignore",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "SECURITY.md",
    "clippy.toml",
    "core",
    "docs",
    "fixtures",
    "host-example",
    "publisher",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "tests",
    "wasm",
    "xtask",
    "core/clippy.toml",
    "wasm/abi/clippy.toml",
];

/// Runs every check; all findings are printed before it fails.
pub(crate) fn tidy() -> Result<()> {
    let files = tracked()?;
    let mut findings = Vec::new();
    rooms(&files, &mut findings)?;
    crates(&mut findings)?;
    module_tree(&mut findings)?;
    licences(&mut findings)?;
    texts(&files, &mut findings)?;
    mutants::check(&mut findings)?;
    for finding in &findings {
        println!("{finding}");
    }
    if !findings.is_empty() {
        bail!("{} findings", findings.len());
    }
    println!("tidy: {} files, nothing to report", files.len());
    Ok(())
}

fn tracked() -> Result<Vec<PathBuf>> {
    let mut git = Command::new("git");
    git.current_dir(root())
        .args(["ls-files", "--cached", "--others", "--exclude-standard"]);
    let (_, text) = output(&mut git)?;
    Ok(text
        .lines()
        .map(PathBuf::from)
        .filter(|path| root().join(path).exists())
        .collect())
}

fn rooms(files: &[PathBuf], findings: &mut Vec<String>) -> Result<()> {
    for (room, allowed) in ROOMS {
        let place = Path::new("core/src").join(room);
        let own = room.trim_end_matches(".rs");
        for file in files.iter().filter(|file| file.starts_with(&place)) {
            let text = fs::read_to_string(root().join(file))?;
            for used in used_rooms(&text) {
                let common = COMMON.contains(&used)
                    && !(BELOW_MESSAGES.contains(&room) && ["error", "message"].contains(&used));
                if used != own && !common && !allowed.contains(&used) {
                    findings.push(format!(
                        "{}: room {own} must not use {used}",
                        file.display()
                    ));
                }
            }
        }
    }
    Ok(())
}

/// The first name after each `crate::`.
fn used_rooms(text: &str) -> Vec<&str> {
    text.split("crate::")
        .skip(1)
        .map(|rest| {
            rest.split(|c: char| !c.is_ascii_lowercase())
                .next()
                .unwrap_or_default()
        })
        .filter(|name| !name.is_empty())
        .collect()
}

fn crates(findings: &mut Vec<String>) -> Result<()> {
    for (package, allowed) in CRATES {
        let manifest = fs::read_to_string(root().join(package).join("Cargo.toml"))?;
        for line in manifest
            .lines()
            .filter(|line| line.starts_with("interdict-"))
        {
            let name = line
                .trim_start_matches("interdict-")
                .split(['.', ' '])
                .next();
            if !name.is_some_and(|name| allowed.contains(&name)) {
                findings.push(format!("{package} must not depend on {line}"));
            }
        }
    }
    Ok(())
}

fn module_tree(findings: &mut Vec<String>) -> Result<()> {
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

fn texts(files: &[PathBuf], findings: &mut Vec<String>) -> Result<()> {
    // Put together here, so that this file does not hold what it looks for.
    let unwanted = [
        ["/ro", "ot/"].concat(),
        ["/ho", "me/"].concat(),
        ["TO", "DO"].concat(),
        ["FIX", "ME"].concat(),
        ["dbg", "!("].concat(),
    ];
    for file in files {
        let top = file.iter().next().context("an empty path")?;
        if !TOP.iter().any(|name| top == *name) {
            findings.push(format!("{}: not a place of this project", file.display()));
        }
        // Binary files have no text to read.
        let Ok(text) = fs::read_to_string(root().join(file)) else {
            continue;
        };
        for (index, line) in text.lines().enumerate() {
            if unwanted.iter().any(|word| line.contains(word.as_str())) {
                findings.push(format!("{}:{}: {}", file.display(), index + 1, line.trim()));
            }
        }
    }
    Ok(())
}
