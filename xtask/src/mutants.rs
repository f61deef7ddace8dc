//! Mutants of the trust room: each rule it holds files to is taken away once, and some test must
//! fail. The patches are our own, `tests/mutants/trust.toml`; they are applied to a copy below the
//! target folder, of this room and what it is built on alone, which is built again in a second.

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

/// What of `core/src` is in the copy; its `lib.rs` names these alone.
const COPIED: [&str; 4] = ["hex", "json", "time", "trust"];

/// The tests take some seconds. Without the end of a loop they run for ever.
const TIME_LIMIT: Duration = Duration::from_secs(60);

#[derive(Args)]
pub(crate) struct Options {
    /// Only mutants with one of these in their rule, section or file
    words: Vec<String>,
}

/// One rule taken away.
struct Mutant {
    /// What holds no longer.
    rule: String,
    /// Where TUF 1.0.34 says so; "ours" where it does not.
    section: String,
    /// Below `core/src`.
    file: String,
    old: String,
    new: String,
    /// The test that was seen to catch it, run before the others.
    test: Option<String>,
    /// Why no test can tell the difference.
    survives: Option<String>,
}

/// What became of a mutant.
enum Fate {
    Caught(String),
    Survived,
}

/// Runs every mutant, or those that were named.
pub(crate) fn mutants(options: &Options) -> Result<()> {
    let all = read()?;
    let chosen: Vec<_> = all.iter().filter(|one| one.is_among(options)).collect();
    let copy = Copy::new()?;
    title("the room as it is");
    if let Fate::Caught(test) = copy.test(None)? {
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
        bail!("the tests of the trust room miss a rule");
    }
    Ok(())
}

/// For `tidy`: every patch must still find its place, so that the list cannot rot unseen.
pub(crate) fn check(findings: &mut Vec<String>) -> Result<()> {
    for mutant in read()? {
        let source = fs::read_to_string(root().join("core/src").join(&mutant.file))?;
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

/// A workspace of the room alone.
struct Copy {
    folder: PathBuf,
}

impl Copy {
    fn new() -> Result<Self> {
        let folder = target().join("mutants");
        let source = folder.join("core/src");
        if source.exists() {
            fs::remove_dir_all(&source)?;
        }
        fs::create_dir_all(&source)?;
        let own = root().join("core/src");
        for name in COPIED {
            let file = format!("{name}.rs");
            if own.join(&file).exists() {
                fs::copy(own.join(&file), source.join(&file))?;
            } else {
                copy_folder(&own.join(name), &source.join(name))?;
            }
        }
        let modules: String = COPIED.map(|name| format!("pub mod {name};\n")).concat();
        fs::write(source.join("lib.rs"), modules)?;
        for name in ["core/Cargo.toml", "Cargo.lock"] {
            fs::copy(root().join(name), folder.join(name))?;
        }
        fs::write(folder.join("Cargo.toml"), manifest()?)?;
        Ok(Self { folder })
    }

    /// Patches the copy, tests it, and takes the patch back.
    fn run(&self, mutant: &Mutant) -> Result<Fate> {
        let path = self.folder.join("core/src").join(&mutant.file);
        let source = fs::read_to_string(&path).with_context(|| mutant.file.clone())?;
        fs::write(&path, mutant.applied(&source)?)?;
        let fate = self.test(mutant.test.as_deref());
        fs::write(&path, source)?;
        fate.with_context(|| mutant.rule.clone())
    }

    /// Builds, and runs the named test, or all if there is none or it passes.
    fn test(&self, named: Option<&str>) -> Result<Fate> {
        let program = self.build()?;
        if let Some(name) = named {
            let fate = self.run_tests(bounded(&program).arg("--exact").arg(name))?;
            if matches!(fate, Fate::Caught(_)) {
                return Ok(fate);
            }
        }
        self.run_tests(&mut bounded(&program))
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

    /// The program of the tests. A mutant that does not compile proves nothing, so that is an error.
    fn build(&self) -> Result<PathBuf> {
        let mut command = cargo(&["test", "--quiet", "--lib", "--no-run"]);
        command
            .args(["--package", "interdict-core", "--message-format", "json"])
            .arg("--manifest-path")
            .arg(self.folder.join("Cargo.toml"))
            .arg("--target-dir")
            .arg(self.folder.join("build"));
        let output = command.output().with_context(|| shown(&command))?;
        let text = String::from_utf8(output.stdout).context("output that is not UTF-8")?;
        let mut program = None;
        for line in text.lines() {
            let message: Value = serde_json::from_str(line)?;
            if let Some(path) = message["executable"].as_str() {
                program = Some(PathBuf::from(path));
            }
            if message["message"]["level"] == "error" {
                eprintln!("{}", message["message"]["rendered"].as_str().unwrap_or(""));
            }
        }
        if !output.status.success() {
            eprint!("{}", String::from_utf8_lossy(&output.stderr));
            bail!("{} failed", shown(&command));
        }
        program.context("cargo names no program")
    }
}

/// The workspace's own manifest, with the one member. Nothing is optimised but what does the
/// arithmetic of signatures.
fn manifest() -> Result<String> {
    let text = fs::read_to_string(root().join("Cargo.toml"))?;
    let mut own: Table = text.parse().context("Cargo.toml")?;
    let workspace = own
        .get_mut("workspace")
        .and_then(toml::Value::as_table_mut)
        .context("a workspace")?;
    workspace.remove("exclude");
    workspace.insert("members".to_owned(), vec!["core"].into());
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

/// A program that gets no more memory than the tests need many times over: a search without end
/// may fill it.
fn bounded(program: &Path) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -v 4000000 2>/dev/null; exec \"$0\" \"$@\""])
        .arg(program);
    command
}

/// One failed test is enough: what the others say is not waited for.
fn first_failure(text: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let name = line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?;
        Some(name.to_owned())
    })
}
