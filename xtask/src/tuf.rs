//! Our client of The Update Framework held against two others, on random repositories.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use clap::Args;

use crate::demo::{build_programs, title};
use crate::python::environment;
use crate::shell::{cargo, root, run, target};
use crate::tally::Form;

/// The reference implementation. Exactly these: what they say of each defect is written down in
/// `tests/compare/src/tuf/table.rs`.
const WHEELS: [&str; 2] = ["tuf==7.0.1", "securesystemslib[crypto]==1.6.0"];

/// The package with sigstore-tuf in it; its lock file names the version.
const SIGSTORE: &str = "tests/sigstore/Cargo.toml";

/// The clock of all repositories: 2026-11-22.
const NOW: &str = "1795309323";

/// Every kind of repository twice, and a few more without a defect.
const COUNT: u32 = 280;

/// In the long form.
const LONG_COUNT: u32 = 2_000;

#[derive(Args)]
pub(crate) struct Options {
    /// Random repositories
    #[arg(long, default_value_t = COUNT)]
    count: u32,
    /// The same repositories as in the run that printed this; another each time, if not given
    #[arg(long)]
    seed: Option<u64>,
    /// Only with this defect, named as in tests/compare/src/tuf/table.rs
    #[arg(long)]
    defect: Option<String>,
}

impl Options {
    /// Of the run of all tests: other repositories each time.
    pub(crate) const fn of(form: Form) -> Self {
        Self {
            count: match form {
                Form::Short => COUNT,
                Form::Long => LONG_COUNT,
            },
            seed: None,
            defect: None,
        }
    }
}

/// Compares the clients.
pub(crate) fn compare(options: &Options) -> Result<()> {
    run(&mut comparison(&python()?, options)?)
}

/// A Python with the reference implementation.
pub(crate) fn python() -> Result<PathBuf> {
    environment("python-tuf", &WHEELS)
}

/// Builds what is to be compared and writes the repositories; the command that compares is left.
pub(crate) fn comparison(python: &Path, options: &Options) -> Result<Command> {
    build_programs()?;
    run(&mut sigstore("build", &["--target-dir"], |command| {
        command.arg(folder("sigstore"));
    }))?;
    let cases = folder("tuf");
    // Of an earlier run; there may be none.
    let _ = fs::remove_dir_all(&cases);
    fs::create_dir_all(&cases)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let seed = match options.seed {
        Some(seed) => seed,
        None => now.context("a clock before 1970")?.as_secs(),
    };
    let scripts = root().join("tests/python");
    // `-B`: no compiled files beside the scripts.
    let mut generator = Command::new(python);
    generator
        .arg("-B")
        .arg(scripts.join("tuf_cases.py"))
        .arg(&cases);
    generator.args([NOW, &options.count.to_string(), &seed.to_string()]);
    run(generator.args(&options.defect))?;
    println!(
        "the same again: cargo xtask tuf --count {} --seed {seed}",
        options.count
    );
    let client = scripts.join("tuf_client.py");
    let other = folder("sigstore").join("debug/interdict-sigstore");
    let mut command = Command::new(target().join("debug/tuf"));
    command
        .current_dir(root())
        .arg(cases)
        .arg(format!(
            "python={} -B {}",
            python.display(),
            client.display()
        ))
        .arg(format!("sigstore={}", other.display()));
    Ok(command)
}

/// What CI runs: the package that is not in the workspace is as clean as the others.
pub(crate) fn check() -> Result<()> {
    title("tests/sigstore");
    run(cargo(&["fmt", "--manifest-path", SIGSTORE]).arg("--check"))?;
    run(&mut sigstore(
        "clippy",
        &["--all-targets", "--target-dir"],
        |command| {
            command
                .arg(folder("sigstore"))
                .args(["--", "--deny", "warnings"]);
        },
    ))
}

fn folder(name: &str) -> PathBuf {
    target().join(name)
}

fn sigstore(command: &str, arguments: &[&str], more: impl Fn(&mut Command)) -> Command {
    let mut command = cargo(&[command, "--quiet", "--locked", "--manifest-path", SIGSTORE]);
    command.args(arguments);
    more(&mut command);
    command
}
