//! Checks of what a release stands on: the workflows, and licences, sources and versions of all dependencies.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

use crate::shell::{cargo, forget_package, output, root, run, target};

/// Reads `deny.toml`. Compiled at the first use, in under a minute and a half of processor time.
const CARGO_DENY: &str = "0.20.2";

/// Reads `.github/workflows`.
const ACTIONLINT: &str = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12";

/// Whether to ask the database of advisories, which is fetched from its repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Advisories {
    Asked,
    NotAsked,
}

/// Runs both programs, and installs them below cargo's target folder if they are not there.
pub(crate) fn check(advisories: Advisories) -> Result<()> {
    workflows()?;
    dependencies(advisories)
}

fn workflows() -> Result<()> {
    let files = workflow_files()?;
    let mut findings = Vec::new();
    for file in &files {
        let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        findings.extend(unpinned(&text).map(|line| format!("{name}: not by its digest: {line}")));
        if !text.lines().any(|line| line.starts_with("permissions:")) {
            findings.push(format!("{name}: every job has all permissions"));
        }
    }
    if !findings.is_empty() {
        bail!("{}", findings.join("\n"));
    }
    run(Command::new(actionlint()?)
        .current_dir(root())
        // They are there or not, depending on the machine.
        .args(["-shellcheck=", "-pyflakes="])
        .args(&files))?;
    println!("workflows: {} files, nothing to report", files.len());
    Ok(())
}

fn workflow_files() -> Result<Vec<PathBuf>> {
    let folder = root().join(".github/workflows");
    let entries = fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let mut files = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    files.sort();
    ensure!(!files.is_empty(), "no workflows");
    Ok(files)
}

/// The lines that name an action by a tag or branch, which its owner can move. Actions of this repository have none.
fn unpinned(workflow: &str) -> impl Iterator<Item = &str> {
    let lines = workflow.lines().map(str::trim);
    lines.filter(|line| {
        let step = line.strip_prefix("- ").unwrap_or(line);
        let Some(action) = step.strip_prefix("uses:") else {
            return false;
        };
        let action = action.split('#').next().unwrap_or_default().trim();
        let digest = action.split_once('@').map_or("", |(_, digest)| digest);
        let is_digest = digest.len() == 40 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        !is_digest && !action.starts_with("./")
    })
}

/// Licences, sources, second versions; and advisories, if asked.
fn dependencies(advisories: Advisories) -> Result<()> {
    let program = cargo_deny()?;
    let mut command = Command::new(program);
    command
        .current_dir(root())
        .args([
            "--locked",
            "check",
            "--deny",
            "warnings",
            "--hide-inclusion-graph",
        ])
        .args(["bans", "licenses", "sources"]);
    if advisories == Advisories::Asked {
        command.arg("advisories");
    }
    forget_package(&mut command);
    run(&mut command)
}

fn cargo_deny() -> Result<PathBuf> {
    let program = tools().join("bin/cargo-deny");
    if says(&program, &["--version"], CARGO_DENY) {
        return Ok(program);
    }
    println!("installing cargo-deny {CARGO_DENY}");
    let mut command = cargo(&["install", "--quiet", "--locked", "--debug", "cargo-deny"]);
    command
        .args(["--version", CARGO_DENY, "--root"])
        .arg(tools());
    // What it is built from is not needed again.
    let build = tools().join("build");
    run(command.env("CARGO_TARGET_DIR", &build))?;
    fs::remove_dir_all(&build)?;
    Ok(program)
}

fn actionlint() -> Result<PathBuf> {
    let bin = tools().join("bin");
    let program = bin.join("actionlint");
    let version = ACTIONLINT.rsplit('@').next().unwrap_or_default();
    if says(&program, &["-version"], version) {
        return Ok(program);
    }
    println!("installing actionlint {version}");
    run(Command::new("go")
        .args(["install", ACTIONLINT])
        .current_dir(root())
        .env("GOBIN", &bin))
    .context("needs Go")?;
    Ok(program)
}

/// Where programs go that checks need.
fn tools() -> PathBuf {
    target().join("tools")
}

/// Whether a program is there and has this version.
fn says(program: &Path, arguments: &[&str], version: &str) -> bool {
    program.exists()
        && output(Command::new(program).args(arguments))
            .is_ok_and(|(is_well, text)| is_well && text.contains(version))
}

#[cfg(test)]
mod tests {
    use super::unpinned;

    #[test]
    fn an_action_that_is_named_by_a_tag_is_found() {
        let workflow = "
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - uses: actions/checkout@v7
        uses: owner/action@main # 3d3c42e5aac5ba805825da76410c181273ba90b1
      - uses: owner/action
      - uses: ./.github/actions/own
      - run: echo uses";
        let found: Vec<_> = unpinned(workflow).collect();
        let expected = [
            "- uses: actions/checkout@v7",
            "uses: owner/action@main # 3d3c42e5aac5ba805825da76410c181273ba90b1",
            "- uses: owner/action",
        ];
        assert_eq!(found, expected);
    }
}
