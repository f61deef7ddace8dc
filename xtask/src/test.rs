//! All tests, in every language that is installed. What is absent is skipped by name, counted, and
//! listed at the end; with `--require-all` it fails the run.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::demo::{build_programs, title};
use crate::python::environment;
use crate::shell::{cargo, present, require_linker, root, run, target};
use crate::{module, tuf};

/// Versions of the wheel the Python host is tested with; any from 48 on will do.
const PYTHON_WHEEL: &str = "wasmtime>=48,<51";

#[derive(Default)]
struct Tally {
    passed: u64,
    failed: u64,
    skipped: Vec<String>,
    failures: Vec<String>,
}

/// Runs every part.
pub(crate) fn run_tests(require_all: bool) -> Result<()> {
    require_linker()?;
    let mut tally = Tally::default();
    tally.part("the committed module is what this source gives", |tally| {
        module::check()?;
        tally.passed += 1;
        Ok(())
    });
    tally.part("Rust: every crate", |tally| {
        tally.counted(&mut cargo(&["test", "--quiet", "--locked", "--workspace"]))
    });
    let package = target().join("package");
    let node = present("node");
    if node {
        tally.part("the module and the browser package, in Node", |tally| {
            tally.counted(&mut node_test("module.mjs", &package))?;
            generate_package(&package)?;
            tally.counted(&mut node_test("package.mjs", &package))
        });
    } else {
        tally.skip("the module and the browser package in Node (needs node 20 or later)");
    }
    let chromium = ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|name| present(name));
    match chromium.filter(|_| node) {
        Some(chromium) => tally.part("the browser package, in Chromium", |tally| {
            tally.counted(node_test("browser.mjs", &package).env("CHROMIUM", chromium))
        }),
        None => tally.skip("the browser package in Chromium (needs chromium and node)"),
    }
    let python = match environment("python", &[PYTHON_WHEEL]) {
        Ok(python) => Some(python),
        Err(reason) => {
            tally.skip(&format!("the Python host ({reason:#})"));
            None
        }
    };
    match tuf::python() {
        Ok(python) => tally.part("other implementations of The Update Framework", |tally| {
            tally.counted(&mut tuf::comparison(&python, &tuf::Options::default())?)
        }),
        Err(reason) => tally.skip(&format!(
            "other implementations of The Update Framework ({reason:#})"
        )),
    }
    let subjects = subjects(&package, node, python.as_deref());
    tally.part("the corpus, in every language", |tally| {
        tally.counted(&mut asked("corpus", &subjects)?)
    });
    tally.part("published vectors, in every language", |tally| {
        tally.counted(&mut asked("vectors", &subjects)?)
    });
    tally.close(require_all)
}

impl Tally {
    fn part(&mut self, name: &str, body: impl FnOnce(&mut Self) -> Result<()>) {
        title(name);
        if let Err(error) = body(self) {
            println!("FAILED: {error:#}");
            self.failures.push(name.to_owned());
            self.failed = self.failed.max(1);
        }
    }

    fn skip(&mut self, what: &str) {
        title(&format!("skipped: {what}"));
        self.skipped.push(what.to_owned());
    }

    /// Runs a command, shows what it prints and adds up the results in it.
    fn counted(&mut self, command: &mut Command) -> Result<()> {
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .context("could not start")?;
        let printed = child.stdout.take().context("no standard output")?;
        let before = self.passed;
        for line in BufReader::new(printed).lines() {
            let line = line?;
            println!("{line}");
            if let Some((passed, failed)) = results(&line) {
                self.passed += passed;
                self.failed += failed;
            }
        }
        if !child.wait()?.success() {
            bail!("the command failed");
        }
        if self.passed == before {
            bail!("the command ran no test");
        }
        Ok(())
    }

    fn close(self, require_all: bool) -> Result<()> {
        title("Result");
        for failure in &self.failures {
            println!("failed: {failure}");
        }
        for skipped in &self.skipped {
            println!("skipped: {skipped}");
        }
        let missing = if require_all { self.skipped.len() } else { 0 };
        println!(
            "{} passed, {} failed, {} skipped",
            self.passed,
            self.failed,
            self.skipped.len()
        );
        if self.failed > 0 || !self.failures.is_empty() {
            bail!("tests failed");
        }
        if missing > 0 {
            bail!("{missing} parts were skipped and every part is required here");
        }
        Ok(())
    }
}

/// Passed and failed of a runner's closing line: cargo's, or `N passed, N failed`, or the corpus's.
fn results(line: &str) -> Option<(u64, u64)> {
    let words: Vec<_> = line
        .split([' ', ',', ';', '.'])
        .filter(|word| !word.is_empty())
        .collect();
    let before = |name: &str| -> Option<u64> {
        let index = words.iter().position(|word| *word == name)?;
        words.get(index.checked_sub(1)?)?.parse().ok()
    };
    if let (Some(cases), Some(wrong)) = (before("cases"), before("wrong")) {
        return Some((cases.saturating_sub(wrong), wrong));
    }
    let closing = line.starts_with("test result:") || words.get(1) == Some(&"passed");
    closing
        .then(|| Some((before("passed")?, before("failed")?)))
        .flatten()
}

/// The npm package, generated from this source.
pub(crate) fn generate_package(out: &Path) -> Result<()> {
    module::compile("interdict-js", "wasm-js", "interdict_js")?;
    let wasm = target().join("module/wasm32-unknown-unknown/wasm-js/interdict_js.wasm");
    run(cargo(&[
        "run",
        "--quiet",
        "--locked",
        "--package",
        "xtask",
        "--features",
        "js",
        "--",
    ])
    .args(["generate-package"])
    .arg(wasm)
    .arg(out))
}

fn node_test(script: &str, package: &Path) -> Command {
    let mut command = Command::new("node");
    command
        .current_dir(root())
        .arg(root().join("tests/js").join(script))
        .arg(package)
        .arg(root().join("fixtures"));
    command
}

fn subjects(package: &Path, node: bool, python: Option<&Path>) -> Vec<String> {
    let programs = target().join("debug");
    let tests = root().join("tests");
    let fixtures = root().join("fixtures");
    let mut subjects = vec![
        format!("native={}", programs.join("subject-native").display()),
        format!("module={}", programs.join("subject-module").display()),
    ];
    if node {
        let script = tests.join("js/subject-node.mjs");
        subjects.push(format!(
            "node=node {} {}",
            script.display(),
            fixtures.display()
        ));
        let script = tests.join("js/subject-package.mjs");
        subjects.push(format!(
            "package=node {} {} {}",
            script.display(),
            package.display(),
            fixtures.display()
        ));
    }
    if let Some(python) = python {
        let script = tests.join("python/subject.py");
        subjects.push(format!(
            "python={} {} {}",
            python.display(),
            script.display(),
            fixtures.display()
        ));
    }
    subjects
}

/// A program of the tests that asks the subjects.
fn asked(program: &str, subjects: &[String]) -> Result<Command> {
    build_programs()?;
    let mut command = Command::new(target().join("debug").join(program));
    command.current_dir(root()).args(subjects);
    Ok(command)
}
