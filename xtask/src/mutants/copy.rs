//! A copy of the project below the target folder, with every mutant in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, anyhow, bail};
use serde_json::Value;
use toml::Table;

use super::constants::Constants;
use super::program::{Outcome, Program, VARIABLE};
use super::switch::switched;
use super::table::Mutant;
use crate::shell::{cargo, output, root, shown, target};

/// The packages whose tests run, by folder. A mutant is tested by its own package and by those after it,
/// which depend on it.
pub(super) const PACKAGES: [(&str, &str); 4] = [
    ("core/common", "interdict-common"),
    ("core/trust", "interdict-trust"),
    ("core", "interdict-core"),
    ("tests", "interdict-tests"),
];

/// The module of the copy's `core/common` that says which mutant runs.
const NUMBER: &str = r#"//! Which mutant runs.

extern crate std;

static NUMBER: std::sync::OnceLock<u64> = std::sync::OnceLock::new();

pub fn number() -> u64 {
    *NUMBER.get_or_init(|| {
        std::env::var("VARIABLE").map_or(0, |text| text.parse().unwrap_or_default())
    })
}
"#;

pub(super) struct Copy {
    pub(super) folder: PathBuf,
    /// The text of each patched file without mutants, and with all of them.
    files: BTreeMap<String, Patched>,
    /// The names of the functions that must stay `const`.
    constants: BTreeSet<String>,
    /// The mutants that need a build of their own.
    pub(super) apart: BTreeSet<u64>,
}

/// Which bytes of a switched file belong to which mutant.
type Places = Vec<(Range<usize>, u64)>;

struct Patched {
    plain: String,
    switched: String,
}

/// A line of a file that does not compile.
struct Fault {
    file: PathBuf,
    line: usize,
    message: String,
}

impl Copy {
    /// Brings the copy up to date. Unchanged files are not written, so that cargo builds only what changed.
    pub(super) fn new() -> Result<Self> {
        let folder = target().join("mutants/project");
        let mut git = Command::new("git");
        git.current_dir(root())
            .args(["ls-files", "--cached", "--others", "--exclude-standard"]);
        let (_, listed) = output(&mut git)?;
        let files = listed.lines().map(PathBuf::from);
        let files: BTreeSet<_> = files.filter(|file| root().join(file).is_file()).collect();
        remove_others(&folder, Path::new(""), &files)?;
        let mut constants = Constants::default();
        for file in &files {
            let bytes = fs::read(root().join(file))?;
            let is_rust = file.extension() == Some("rs".as_ref());
            let is_core = is_rust && file.starts_with("core");
            if is_rust {
                let text = core::str::from_utf8(&bytes)?;
                let read = match is_core {
                    true => constants.read(text),
                    false => constants.read_unchanged(text),
                };
                read.with_context(|| file.display().to_string())?;
            }
            // These files are written below: with mutants, or only for the copy.
            if !is_core && file != Path::new("Cargo.toml") {
                write(&folder.join(file), &bytes)?;
            }
        }
        write(&folder.join("Cargo.toml"), manifest()?.as_bytes())?;
        Ok(Self {
            folder,
            files: BTreeMap::new(),
            constants: constants.needed(),
            apart: BTreeSet::new(),
        })
    }

    /// Puts every mutant into the copy and builds the tests. A mutant that does not compile with the others
    /// gets a build of its own.
    pub(super) fn build(&mut self, mutants: &[Mutant]) -> Result<Vec<Program>> {
        let marked = mutants.iter().filter(|mutant| mutant.apart);
        self.apart = marked.map(Mutant::number).collect();
        loop {
            let arms = self.write(mutants)?;
            let faults = match self.compile(&PACKAGES)? {
                Ok(programs) => return Ok(programs),
                Err(faults) => faults,
            };
            let before = self.apart.clone();
            for fault in &faults {
                let arms = fault.file.to_str().and_then(|file| arms.get(file));
                let arms = arms.into_iter().flatten();
                let found = arms.filter(|(lines, _)| lines.contains(&fault.line));
                self.apart.extend(found.map(|(_, number)| number));
            }
            if self.apart == before {
                for fault in faults {
                    eprintln!("{}", fault.message);
                }
                bail!("the copy in {} does not compile", self.folder.display());
            }
            for mutant in mutants {
                let number = mutant.number();
                if self.apart.contains(&number) && !before.contains(&number) {
                    let rule = &mutant.rule;
                    println!("built alone, because it does not compile with the others: {rule}");
                }
            }
        }
    }

    /// Builds one mutant alone and calls `test` with the tests of its own package, and if they pass, with
    /// those of the packages that depend on it.
    pub(super) fn run_apart(
        &self,
        mutant: &Mutant,
        test: impl Fn(&[Program]) -> Result<Outcome>,
    ) -> Result<Outcome> {
        let patched = self.files.get(&mutant.file).context("a file of the copy")?;
        let patch = mutant.patch(&patched.plain)?;
        let mut text = patched.plain.clone();
        text.replace_range(patch.range, &patch.text);
        let path = self.folder.join("core").join(&mutant.file);
        write(&path, text.as_bytes())?;
        let packages = packages(mutant);
        let (own, others) = packages.split_at(1);
        let stages = [own, others].into_iter().filter(|stage| !stage.is_empty());
        let mut outcome = Ok(Outcome::Passed);
        for stage in stages {
            outcome = match self.compile(stage) {
                Ok(Ok(programs)) => test(&programs),
                Ok(Err(faults)) => {
                    let messages = faults.iter().map(|fault| fault.message.as_str());
                    let messages = messages.collect::<String>();
                    Err(anyhow!("{:?} does not compile:\n{messages}", mutant.rule))
                }
                Err(error) => Err(error),
            };
            if !matches!(outcome, Ok(Outcome::Passed)) {
                break;
            }
        }
        write(&path, patched.switched.as_bytes())?;
        outcome
    }

    /// Writes the core's files, and returns where each mutant is in them.
    fn write(&mut self, mutants: &[Mutant]) -> Result<BTreeMap<String, Places>> {
        let mut by_file: BTreeMap<&str, Vec<&Mutant>> = BTreeMap::new();
        for mutant in mutants {
            by_file.entry(&mutant.file).or_default().push(mutant);
        }
        let mut places = BTreeMap::new();
        for path in rust_files(&root().join("core"))? {
            let file = path.strip_prefix(root().join("core"))?;
            let file = file.to_str().context("a path that is not UTF-8")?;
            let plain = fs::read_to_string(&path)?;
            let among = by_file.remove(file).unwrap_or_default();
            let number = match file.split_once('/') {
                Some(("common", _)) => "crate::mutant::number",
                _ => "interdict_common::mutant::number",
            };
            let inside = among.iter().copied();
            let inside: Vec<_> = inside
                .filter(|mutant| !self.apart.contains(&mutant.number()))
                .collect();
            let switched = switched(&plain, &inside, number, &self.constants)
                .with_context(|| file.to_owned())?;
            self.apart.extend(switched.outside);
            let mut text = switched.text;
            if file == "common/src/lib.rs" {
                text += "\npub mod mutant;\n";
            }
            write(&self.folder.join("core").join(file), text.as_bytes())?;
            places.insert(format!("core/{file}"), switched.arms);
            let patched = Patched {
                plain,
                switched: text,
            };
            if !among.is_empty() {
                self.files.insert(file.to_owned(), patched);
            }
        }
        if let Some(file) = by_file.keys().next() {
            bail!("no file core/{file}");
        }
        let module = self.folder.join("core/common/src/mutant.rs");
        write(&module, NUMBER.replace("VARIABLE", VARIABLE).as_bytes())?;
        Ok(places)
    }

    /// The test programs of these packages, or what does not compile.
    fn compile(&self, packages: &[(&str, &str)]) -> Result<Result<Vec<Program>, Vec<Fault>>> {
        let mut command = cargo(&["test", "--quiet", "--tests", "--no-run"]);
        for (_, package) in packages {
            command.args(["--package", package]);
        }
        command
            .args(["--no-default-features", "--message-format", "json"])
            .arg("--manifest-path")
            .arg(self.folder.join("Cargo.toml"))
            .arg("--target-dir")
            .arg(target().join("mutants/build"));
        let output = command.output().with_context(|| shown(&command))?;
        let text = String::from_utf8(output.stdout).context("output that is not UTF-8")?;
        let (mut programs, mut faults) = (Vec::new(), Vec::new());
        for line in text.lines() {
            let message: Value = serde_json::from_str(line)?;
            programs.extend(Program::read(&message, &self.folder)?);
            faults.extend(faults_in(&message["message"]));
        }
        if output.status.success() {
            return Ok(Ok(programs));
        }
        if faults.is_empty() {
            eprint!("{}", String::from_utf8_lossy(&output.stderr));
            bail!("{} failed", shown(&command));
        }
        Ok(Err(faults))
    }
}

/// The package of a mutant and those that depend on it.
pub(super) fn packages(mutant: &Mutant) -> Vec<(&'static str, &'static str)> {
    let folder = mutant.package();
    let packages = PACKAGES.into_iter();
    packages
        .skip_while(|(name, _)| Path::new(name) != folder)
        .collect()
}

/// Every place that one of the compiler's errors names.
fn faults_in(message: &Value) -> Vec<Fault> {
    let spans = message["spans"].as_array();
    let spans = spans.filter(|_| message["level"] == "error");
    let fault = |span: &Value| {
        Some(Fault {
            file: span["file_name"].as_str()?.into(),
            line: usize::try_from(span["line_start"].as_u64()?).ok()?,
            message: message["rendered"].as_str().unwrap_or("").to_owned(),
        })
    };
    spans.into_iter().flatten().filter_map(fault).collect()
}

/// The project's manifest with only the tested packages as members and without lints. Packages that take
/// longer to build than to run are optimised less.
fn manifest() -> Result<String> {
    let text = fs::read_to_string(root().join("Cargo.toml"))?;
    let mut own: Table = text.parse().context("Cargo.toml")?;
    let workspace = table(&mut own, "workspace")?;
    workspace.remove("exclude");
    let members = PACKAGES.map(|(folder, _)| folder.to_owned());
    workspace.insert("members".to_owned(), members.to_vec().into());
    let rust = Table::from_iter([("warnings".to_owned(), "allow".into())]);
    let lints = Table::from_iter([("rust".to_owned(), rust.into())]);
    workspace.insert("lints".to_owned(), lints.into());
    let dev = table(table(&mut own, "profile")?, "dev")?;
    let packages = table(dev, "package")?;
    for (_, package) in PACKAGES {
        packages.remove(package);
    }
    for package in ["interdict-publisher", "interdict-tests"] {
        let level = Table::from_iter([("opt-level".to_owned(), 0.into())]);
        packages.insert(package.to_owned(), level.into());
    }
    Ok(own.to_string())
}

fn table<'a>(within: &'a mut Table, name: &str) -> Result<&'a mut Table> {
    let found = within.get_mut(name).and_then(toml::Value::as_table_mut);
    found.with_context(|| format!("Cargo.toml: no table {name}"))
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension() == Some("rs".as_ref()) {
            files.push(path);
        }
    }
    Ok(files)
}

/// Writes a file unless it holds these bytes already.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    fs::create_dir_all(path.parent().context("a file's folder")?)?;
    fs::write(path, bytes).with_context(|| path.display().to_string())
}

/// Removes files of the copy that the project no longer has.
fn remove_others(copy: &Path, below: &Path, files: &BTreeSet<PathBuf>) -> Result<()> {
    let folder = copy.join(below);
    if !folder.exists() {
        return Ok(());
    }
    // Cargo writes the lock file for the remaining members, and `write` the module of mutants.
    let kept = ["Cargo.lock", "core/common/src/mutant.rs"];
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = below.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            remove_others(copy, &path, files)?;
        } else if !files.contains(&path) && !kept.iter().any(|kept| path == Path::new(kept)) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
