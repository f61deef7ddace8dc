//! A folder in which the commands of one document run: a clone of this tree as it is now.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use super::lists::{HOST, Lists};
use crate::shell::{forget_package, output, root, run, target};

/// The clone.
pub(super) struct Scratch {
    folder: PathBuf,
}

impl Scratch {
    /// Clones the tree, uncommitted changes included, into a folder named after the document.
    pub(super) fn new(document: &str) -> Result<Self> {
        let folder = folder_of(document);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let mut clone = Command::new("git");
        clone.args(["clone", "--quiet", "--no-checkout"]);
        run(clone.arg(root()).arg(&folder))?;
        let mut list = Command::new("git");
        list.current_dir(root()).args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]);
        let (_, names) = output(&mut list)?;
        for name in names.split_terminator('\0') {
            copy(&root().join(name), &folder.join(name)).with_context(|| name.to_owned())?;
        }
        Ok(Self { folder })
    }

    /// The clone in which another document ran.
    pub(super) fn left_by(document: &str) -> Self {
        Self {
            folder: folder_of(document),
        }
    }

    /// The repository to serve, where the publisher's commands write it. Documents call its folder
    /// `coalition`; the help texts call it `se`.
    pub(super) fn repository(&self) -> PathBuf {
        let folders = ["coalition", "se"].map(|name| self.folder.join(name));
        let made = folders.into_iter().find(|folder| folder.exists());
        made.unwrap_or_default().join("repository")
    }

    /// Runs a line in the shell and returns its output. A line that fails is an error, and so is one that
    /// does not end with `code`, if there is one.
    pub(super) fn run(&self, line: &str, code: Option<i32>, lists: &Lists) -> Result<String> {
        let mut command = self.shell();
        command.args(["-o", "pipefail", "-c"]);
        // Standard error too, in the order in which a reader sees both.
        command.arg(format!("{{ {line}\n}} 2>&1"));
        // Other programs must reach their own registries.
        if line.starts_with("interdict") {
            command.env("ALL_PROXY", lists.proxy());
        }
        let printed = command.stdin(Stdio::null()).output().context("bash")?;
        let text = String::from_utf8_lossy(&printed.stdout).into_owned();
        let ended = printed.status.code();
        let is_done = match code {
            None => did_its_work(line, ended),
            code => ended == code,
        };
        if !is_done {
            bail!("{}\n{text}", printed.status);
        }
        Ok(text)
    }

    /// The help of one of a program's commands.
    pub(super) fn help(program: &str, words: &[&String]) -> Result<String> {
        let mut command = plain(programs().join(program));
        let answer = command.args(words).arg("--help").output()?;
        if !answer.status.success() {
            bail!("{}", String::from_utf8_lossy(&answer.stderr).trim());
        }
        Ok(String::from_utf8(answer.stdout)?)
    }

    /// Lets an enrolled gateway fetch without TLS.
    pub(super) fn use_mirror(&self) -> Result<()> {
        let path = self.folder.join("gateway.toml");
        let Ok(mut text) = fs::read_to_string(&path) else {
            return Ok(());
        };
        let mirror = format!("\n[[repository]]\ncoalition = \"se\"\nurl = \"http://{HOST}/se\"\n");
        if !text.contains(&mirror) {
            text.push_str(&mirror);
            fs::write(&path, text)?;
        }
        Ok(())
    }

    /// A shell in the clone that finds the built programs.
    fn shell(&self) -> Command {
        let mut command = plain("bash");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = [programs()];
        let folders = folders.into_iter().chain(std::env::split_paths(&path));
        if let Ok(path) = std::env::join_paths(folders) {
            command.env("PATH", path);
        }
        command
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", target());
        command
    }
}

/// Commands that end with 1 if they found what they were asked about (`docs/commands.md`).
const FINDERS: [&str; 2] = ["interdict check ", "interdict screen"];

fn did_its_work(line: &str, code: Option<i32>) -> bool {
    let finds = FINDERS.iter().any(|finder| line.contains(finder));
    code == Some(0) || (code == Some(1) && finds)
}

fn folder_of(document: &str) -> PathBuf {
    let name = document.trim_end_matches(".md").replace('/', "-");
    target().join("documents").join(name)
}

/// Copies a file with its modification time, so that cargo builds nothing again in the clone.
fn copy(from: &Path, to: &Path) -> Result<()> {
    // Deleted from the tree but still in the index.
    if !from.exists() {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to)?;
    let modified = fs::metadata(from)?.modified()?;
    Ok(fs::File::options()
        .write(true)
        .open(to)?
        .set_modified(modified)?)
}

/// The folder with the built programs.
fn programs() -> PathBuf {
    target().join("debug")
}

/// A command without the variables that cargo sets for this package.
fn plain(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    forget_package(&mut command);
    command
}
