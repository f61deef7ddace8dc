//! Mutants of the trust room: each rule it holds files to is taken away once, and some test must
//! fail. The patches are our own, `tests/mutants/trust.toml`; they are applied to a copy below the
//! target folder, of this room and what it is built on alone, which is built again in a second.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
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

/// The tests take some seconds. A mutant that takes the end of a loop away runs for ever.
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
    if let Fate::Caught(test) = copy.test()? {
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
        let known = ["rule", "section", "file", "old", "new", "survives"];
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
        let fate = self.test();
        fs::write(&path, source)?;
        fate.with_context(|| mutant.rule.clone())
    }

    fn test(&self) -> Result<Fate> {
        let program = self.build()?;
        let log = self.folder.join("tests.log");
        let mut command = Command::new(program);
        command
            .env("RUST_BACKTRACE", "0")
            .stdout(fs::File::create(&log)?)
            .stderr(Stdio::null());
        let status = finished(&mut command)?;
        let text = fs::read_to_string(&log)?;
        let failed = text.lines().find_map(|line| {
            let name = line.strip_prefix("test ")?.strip_suffix(" ... FAILED")?;
            Some(name.strip_prefix("trust::").unwrap_or(name).to_owned())
        });
        Ok(match status {
            None => Fate::Caught(format!("the limit of {} s", TIME_LIMIT.as_secs())),
            Some(status) if status.success() => Fate::Survived,
            Some(status) => Fate::Caught(failed.unwrap_or_else(|| status.to_string())),
        })
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

/// Waits, and stops a program that does not end.
fn finished(command: &mut Command) -> Result<Option<ExitStatus>> {
    let mut child = command.spawn().with_context(|| shown(command))?;
    let started = Instant::now();
    while started.elapsed() < TIME_LIMIT {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}
