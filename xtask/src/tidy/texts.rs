//! Reports files that do not belong in this tree, and texts that should not be in files.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::shell::{output, root};

/// The files and folders that the top of the tree may have.
const TOP: [&str; 27] = [
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
    "deny.toml",
    "docs",
    "fixtures",
    "gateway",
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

/// Checks every file that is committed or could be, and returns their number.
pub(super) fn check(findings: &mut Vec<String>) -> Result<usize> {
    // Assembled here, so that this file does not contain the texts that it looks for.
    let unwanted = [
        ["/ro", "ot/"].concat(),
        ["/ho", "me/"].concat(),
        ["TO", "DO"].concat(),
        ["FIX", "ME"].concat(),
        ["dbg", "!("].concat(),
    ];
    let files = files()?;
    // What others wrote stays as they wrote it.
    let ours = files
        .iter()
        .filter(|file| !file.starts_with("publisher/data"));
    for file in ours {
        let top = file.iter().next().context("an empty path")?;
        if !TOP.iter().any(|name| top == *name) {
            findings.push(format!(
                "{}: does not belong at the top of the tree",
                file.display()
            ));
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
    Ok(files.len())
}

fn files() -> Result<Vec<PathBuf>> {
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
