//! The documents as a site, and the links of its pages. Building needs no network once mdBook is there.

mod links;
mod source;
mod tags;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::shell::{output, root, run, target};

/// The version that is installed and used. Another one gives other pages.
const MDBOOK: &str = "0.5.4";

/// Builds the site in cargo's target folder and checks every link and anchor of its pages. Returns how many
/// links there are.
pub(crate) fn build() -> Result<u64> {
    let mdbook = mdbook()?;
    let folder = target().join("site");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    source::gather(&root(), &folder.join("source"))?;
    for name in ["book.toml", "site.css"] {
        let file = root().join("docs").join(name);
        fs::copy(&file, folder.join(name)).with_context(|| file.display().to_string())?;
    }
    run_without_warnings(Command::new(mdbook).arg("build").arg(&folder))?;
    let pages = folder.join("book");
    let checked = links::check(&pages)?;
    for finding in &checked.findings {
        println!("{finding}");
    }
    if !checked.findings.is_empty() {
        bail!("{} links of the site lead nowhere", checked.findings.len());
    }
    println!(
        "site: {} pages, {} links and their anchors; {} addresses outside were not asked",
        checked.pages, checked.links, checked.outside
    );
    println!("{}", pages.join("index.html").display());
    Ok(checked.links)
}

/// Fails also if mdBook warns: it does so where it takes words of a document for HTML.
fn run_without_warnings(command: &mut Command) -> Result<()> {
    let done = command.output().context("mdbook")?;
    let told = String::from_utf8_lossy(&done.stderr);
    let warned = told
        .lines()
        .any(|line| line.trim_start().starts_with("WARN"));
    if warned || !done.status.success() {
        bail!("mdbook: {told}");
    }
    Ok(())
}

/// The program, which is installed if it is absent or of another version.
fn mdbook() -> Result<PathBuf> {
    let folder = target().join("tools");
    let program = folder.join("bin/mdbook");
    if version(&program) == Some(format!("mdbook v{MDBOOK}")) {
        return Ok(program);
    }
    let mut install = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    install.args(["install", "--quiet", "--locked", "--force", "mdbook"]);
    install.args(["--version", MDBOOK]);
    install.args(["--no-default-features", "--features", "search"]);
    // In a folder that cargo removes again.
    install.env_remove("CARGO_TARGET_DIR");
    run(install.arg("--root").arg(&folder))
        .with_context(|| format!("needs mdbook {MDBOOK} from the registry of crates"))?;
    Ok(program)
}

fn version(program: &Path) -> Option<String> {
    if !program.exists() {
        return None;
    }
    let (_, text) = output(Command::new(program).arg("--version")).ok()?;
    Some(text.trim().to_owned())
}
