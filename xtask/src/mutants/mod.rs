//! Mutants of the trust crate: each of its rules is removed once, and a test must fail.
//!
//! The patches are in `tests/mutants/trust.toml`. They are applied below the target folder, to a
//! workspace of `core/common` and `core/trust` alone, which is built again in a second.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde_json::Value;
use toml::Table;

use crate::demo::title;
use crate::shell::{cargo, root, shown, target};

const LIST: &str = "tests/mutants/trust.toml";

/// The folders below `core` that are copied, each with the crate in it. A patch of one is tested by
/// that crate and by those after it, which are built on it.
const CRATES: [(&str, &str); 2] = [("common", "interdict-common"), ("trust", "interdict-trust")];

/// The tests take a few seconds. A mutant that removes the end of a loop would run for ever.
const TIME_LIMIT: Duration = Duration::from_secs(60);

#[derive(Args)]
pub(crate) struct Options {
    /// Run only the mutants whose rule, section or file contains one of these words
    words: Vec<String>,
}

/// One rule removed.
struct Mutant {
    /// What the patched code does wrong.
    rule: String,
    /// The section of TUF 1.0.34 that states the rule, or "ours".
    section: String,
    /// The file to patch, below `core`.
    file: String,
    old: String,
    new: String,
    /// A test known to catch it. It runs before the others.
    test: Option<String>,
    /// Why no test can tell the difference.
    survives: Option<String>,
}

/// The outcome of one mutant.
enum Fate {
    Caught(String),
    Survived,
}

/// Runs every mutant, or those that the words select.
pub(crate) fn mutants(options: &Options) -> Result<()> {
    let all = read()?;
    let chosen: Vec<_> = all.iter().filter(|one| one.is_among(options)).collect();
    let copy = Copy::new()?;
    title("the crates as they are");
    if let Fate::Caught(test) = copy.test(&CRATES, None)? {
        bail!("{test} fails without any mutant");
    }
    title(&format!("{} mutants", chosen.len()));
    let (mut caught, mut accepted, mut findings) = (0_u32, 0_u32, Vec::new());
    for mutant in chosen {
        let fate = copy.run(mutant)?;
        println!("{}", mutant.line(&fate));
        match (&fate, &mutant.survives) {
            (Fate::Caught(_), None) => caught = caught.saturating_add(1),
            (Fate::Survived, Some(_)) => accepted = accepted.saturating_add(1),
            (Fate::Survived, None) => findings.push(format!("no test fails: {}", mutant.rule)),
            (Fate::Caught(test), Some(_)) => findings.push(format!(
                "is listed as a survivor, and {test} fails: {}",
                mutant.rule
            )),
        }
    }
    println!(
        "{caught} caught, {accepted} survived for a reason that is written down, {} findings",
        findings.len()
    );
    for finding in &findings {
        println!("{finding}");
    }
    if !findings.is_empty() {
        bail!("the tests of the trust crate miss a rule");
    }
    Ok(())
}

/// For `tidy`: every patch must still apply.
pub(crate) fn check(findings: &mut Vec<String>) -> Result<()> {
    for mutant in read()? {
        let source = fs::read_to_string(root().join("core").join(&mutant.file))
            .with_context(|| format!("{LIST}: {}", mutant.file))?;
        if let Err(error) = mutant.applied(&source) {
            findings.push(format!("{LIST}: {error}"));
        }
    }
    Ok(())
}

fn read() -> Result<Vec<Mutant>> {
    let text = fs::read_to_string(root().join(LIST)).context(LIST)?;
    let list: Table = text.parse().context(LIST)?;
    let entries = list.get("mutant").and_then(toml::Value::as_array);
    let entries = entries.context("a list of mutants")?.iter();
    entries
        .map(|entry| Mutant::read(entry.as_table().context("a mutant is a table")?))
        .collect()
}

impl Mutant {
    fn read(entry: &Table) -> Result<Self> {
        let known = ["rule", "section", "file", "old", "new", "test", "survives"];
        if let Some(unknown) = entry.keys().find(|key| !known.contains(&key.as_str())) {
            bail!("{LIST}: unknown key {unknown}");
        }
        let optional = |name: &str| Some(entry.get(name)?.as_str()?.to_owned());
        let text = |name: &str| optional(name).with_context(|| format!("{LIST}: {name}: {entry}"));
        Ok(Self {
            rule: text("rule")?,
            section: text("section")?,
            file: text("file")?,
            old: text("old")?,
            new: text("new")?,
            test: optional("test"),
            survives: optional("survives"),
        })
    }

    fn is_among(&self, options: &Options) -> bool {
        let named = |word: &String| {
            [&self.rule, &self.section, &self.file]
                .iter()
                .any(|text| text.contains(word.as_str()))
        };
        options.words.is_empty() || options.words.iter().any(named)
    }

    /// The crate it is in, and those that are built on that one.
    fn crates(&self) -> Result<&'static [(&'static str, &'static str)]> {
        let (folder, _) = self.file.split_once('/').unwrap_or_default();
        let first = CRATES.iter().position(|(name, _)| *name == folder);
        let crates = first.and_then(|first| CRATES.get(first..));
        crates.with_context(|| format!("{LIST}: {} is in no copied crate", self.file))
    }

    fn applied(&self, source: &str) -> Result<String> {
        let found = source.matches(&self.old).count();
        if found != 1 {
            bail!(
                "{:?} is to be patched where {} says once what it says {found} times",
                self.rule,
                self.file
            );
        }
        Ok(source.replace(&self.old, &self.new))
    }

    fn line(&self, fate: &Fate) -> String {
        let what = match (fate, &self.survives) {
            (Fate::Caught(test), _) => format!("caught by {test}"),
            (Fate::Survived, Some(reason)) => format!("survived: {reason}"),
            (Fate::Survived, None) => "SURVIVED".to_owned(),
        };
        format!("{:<10}{:<72} {what}", self.section, self.rule)
    }
}

/// A workspace of the copied crates alone.
struct Copy {
    folder: PathBuf,
}

impl Copy {
    fn new() -> Result<Self> {
        let folder = target().join("mutants");
        let core = folder.join("core");
        if core.exists() {
            fs::remove_dir_all(&core)?;
        }
        for (name, _) in CRATES {
            copy_folder(&root().join("core").join(name), &core.join(name))?;
        }
        fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock"))?;
        fs::write(folder.join("Cargo.toml"), manifest()?)?;
        Ok(Self { folder })
    }

    /// Patches the copy, tests it, and reverts the patch.
    fn run(&self, mutant: &Mutant) -> Result<Fate> {
        let path = self.folder.join("core").join(&mutant.file);
        let source = fs::read_to_string(&path).with_context(|| mutant.file.clone())?;
        fs::write(&path, mutant.applied(&source)?)?;
        let fate = self.test(mutant.crates()?, mutant.test.as_deref());
        fs::write(&path, source)?;
        fate.with_context(|| mutant.rule.clone())
    }

    /// Builds and tests these crates: first the named test, then all tests if it passes.
    fn test(&self, crates: &[(&str, &str)], named: Option<&str>) -> Result<Fate> {
        let programs = self.build(crates)?;
        let named = named.map(|name| ["--exact", name]);
        let all: [&str; 0] = [];
        let selections = named.iter().map(|named| &named[..]).chain([&all[..]]);
        for selection in selections {
            for program in &programs {
                let fate = self.run_tests(bounded(program).args(selection))?;
                if matches!(fate, Fate::Caught(_)) {
                    return Ok(fate);
                }
            }
        }
        Ok(Fate::Survived)
    }

    fn run_tests(&self, command: &mut Command) -> Result<Fate> {
        let log = self.folder.join("tests.log");
        command
            .env("RUST_BACKTRACE", "0")
            .stdout(fs::File::create(&log)?)
            .stderr(Stdio::null());
        let mut child = command.spawn().with_context(|| shown(command))?;
        let started = Instant::now();
        loop {
            let ended = child.try_wait()?;
            let test = first_failure(&fs::read_to_string(&log)?);
            let late = started.elapsed() > TIME_LIMIT;
            let fate = match (ended, test) {
                (_, Some(test)) => Fate::Caught(test),
                (Some(status), None) if status.success() => Fate::Survived,
                (Some(status), None) => Fate::Caught(status.to_string()),
                (None, None) if late => Fate::Caught(format!("{TIME_LIMIT:?} without an end")),
                (None, None) => {
                    std::thread::sleep(Duration::from_millis(20));
                    continue;
                }
            };
            if ended.is_none() {
                child.kill()?;
                child.wait()?;
            }
            return Ok(fate);
        }
    }

    /// The test programs. A mutant that does not compile proves nothing, so that is an error.
    fn build(&self, crates: &[(&str, &str)]) -> Result<Vec<PathBuf>> {
        let mut command = cargo(&["test", "--quiet", "--lib", "--no-run"]);
        for (_, package) in crates {
            command.args(["--package", package]);
        }
        command
            .args(["--message-format", "json"])
            .arg("--manifest-path")
            .arg(self.folder.join("Cargo.toml"))
            .arg("--target-dir")
            .arg(self.folder.join("build"));
        let output = command.output().with_context(|| shown(&command))?;
        let text = String::from_utf8(output.stdout).context("output that is not UTF-8")?;
        let mut programs = Vec::new();
        for line in text.lines() {
            let message: Value = serde_json::from_str(line)?;
            programs.extend(message["executable"].as_str().map(PathBuf::from));
            if message["message"]["level"] == "error" {
                eprintln!("{}", message["message"]["rendered"].as_str().unwrap_or(""));
            }
        }
        if !output.status.success() {
            eprint!("{}", String::from_utf8_lossy(&output.stderr));
            bail!("{} failed", shown(&command));
        }
        if programs.len() != crates.len() {
            bail!("{} names {} programs", shown(&command), programs.len());
        }
        Ok(programs)
    }
}

/// The project's manifest with the copied crates as its members. Only dependencies are optimised:
/// they do the arithmetic of signatures.
fn manifest() -> Result<String> {
    let text = fs::read_to_string(root().join("Cargo.toml"))?;
    let mut own: Table = text.parse().context("Cargo.toml")?;
    let workspace = own
        .get_mut("workspace")
        .and_then(toml::Value::as_table_mut)
        .context("a workspace")?;
    workspace.remove("exclude");
    let members = CRATES.map(|(name, _)| format!("core/{name}"));
    workspace.insert("members".to_owned(), members.to_vec().into());
    own.remove("profile");
    Ok(format!(
        "{own}\n[profile.dev]\ndebug = false\n\n[profile.dev.package.\"*\"]\nopt-level = 2\n"
    ))
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy_folder(&path, &to)?;
        } else {
            fs::copy(&path, &to)?;
        }
    }
    Ok(())
}

/// Runs a program with a limit on its memory, many times what the tests need: a search without end
/// would fill the machine's.
fn bounded(program: &Path) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -v 4000000 2>/dev/null; exec \"$0\" \"$@\""])
        .arg(program);
    command
}

/// The first failed test. It is enough; nothing waits for the others.
fn first_failure(text: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let name = line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?;
        Some(name.to_owned())
    })
}
