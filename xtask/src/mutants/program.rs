//! One test program: lists its tests, and runs some of them under one mutant.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::shell::{output, shown};

/// The environment variable with the number of the mutant that runs.
pub(super) const VARIABLE: &str = "INTERDICT_MUTANT";

/// How many times longer than without a mutant a program may run, and the least time that it gets. A
/// mutant may remove the end of a loop.
const SLOWER: u32 = 10;
const LEAST: Duration = Duration::from_secs(60);

/// A built test program.
pub(super) struct Program {
    path: PathBuf,
    /// The folder of its package, in which its tests run.
    folder: PathBuf,
    /// The prefix of its tests' names in the tables: none for a library's unit tests, `corpus::` for
    /// those of `tests/corpus.rs`.
    prefix: String,
    tests: Vec<String>,
    /// How long all of its tests take without a mutant; a guess until it is measured.
    pub(super) took: Duration,
}

/// The outcome of a run.
pub(super) enum Outcome {
    Passed,
    Failed(String),
}

impl Program {
    /// The program in one of cargo's messages, if it has tests.
    pub(super) fn read(message: &Value, project: &Path) -> Result<Option<Self>> {
        let manifest = message["manifest_path"].as_str().map(Path::new);
        let (Some(path), Some(manifest)) = (message["executable"].as_str(), manifest) else {
            return Ok(None);
        };
        if message["profile"]["test"] != true {
            return Ok(None);
        }
        let name = message["target"]["name"].as_str().unwrap_or_default();
        let prefix = match message["target"]["kind"][0].as_str() {
            Some("test" | "example" | "bin") => format!("{name}::"),
            _ => String::new(),
        };
        let mut list = Command::new(path);
        let (_, text) = output(list.args(["--list", "--format", "terse"]))?;
        let tests = text.lines().filter_map(|line| line.strip_suffix(": test"));
        let program = Self {
            path: path.into(),
            folder: manifest.parent().unwrap_or(project).into(),
            prefix,
            tests: tests.map(str::to_owned).collect(),
            took: LEAST,
        };
        Ok((!program.tests.is_empty()).then_some(program))
    }

    /// Whether it belongs to the package in this folder of the project.
    pub(super) fn is_of(&self, project: &Path, package: &str) -> bool {
        self.folder == project.join(package)
    }

    /// The program's own name for this test, if it has the test.
    pub(super) fn own<'a>(&self, test: &'a str) -> Option<&'a str> {
        let name = test.strip_prefix(&self.prefix)?;
        self.tests.iter().any(|own| own == name).then_some(name)
    }

    /// Runs these tests, or all if none is named, under the mutant of this number. Stops at the first
    /// failure.
    pub(super) fn run(&self, tests: &[&str], mutant: u64, log: &Path) -> Result<Outcome> {
        let mut command = bounded(&self.path);
        if !tests.is_empty() {
            command.arg("--exact").args(tests);
        }
        command
            .current_dir(&self.folder)
            .env(VARIABLE, mutant.to_string())
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(fs::File::create(log)?)
            .stderr(Stdio::null());
        let mut child = command.spawn().with_context(|| shown(&command))?;
        let (started, limit) = (Instant::now(), LEAST.max(self.took * SLOWER));
        loop {
            let ended = child.try_wait()?;
            let test = first_failure(&String::from_utf8_lossy(&fs::read(log)?));
            let late = started.elapsed() > limit;
            let outcome = match (ended, test) {
                (_, Some(test)) => Outcome::Failed(format!("{}{test}", self.prefix)),
                (Some(status), None) if status.success() => Outcome::Passed,
                (Some(status), None) => Outcome::Failed(format!("{}{status}", self.prefix)),
                (None, None) if late => {
                    let seconds = limit.as_secs();
                    Outcome::Failed(format!("{}did not end within {seconds} s", self.prefix))
                }
                (None, None) => {
                    std::thread::sleep(Duration::from_millis(10));
                    continue;
                }
            };
            if ended.is_none() {
                child.kill()?;
                child.wait()?;
            }
            return Ok(outcome);
        }
    }
}

/// Runs a program with a memory limit of many times what the tests need, because an endless search would
/// fill the machine's memory.
fn bounded(program: &Path) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -v 4000000 2>/dev/null; exec \"$0\" \"$@\""])
        .arg(program);
    command
}

/// The first failed test. One is enough, so the others are not awaited.
fn first_failure(text: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let name = line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?;
        Some(name.to_owned())
    })
}
