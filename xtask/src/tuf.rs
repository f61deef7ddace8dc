//! Compares our client of The Update Framework with two others on random repositories.

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

/// The reference implementation, in exactly these versions, because
/// `tests/compare/src/tuf/table.rs` records their verdict on each defect.
pub(crate) const WHEELS: [&str; 2] = ["tuf==7.0.1", "securesystemslib[crypto]==1.6.0"];

/// The package with sigstore-tuf in it; its lock file names the version.
const SIGSTORE: &str = "tests/sigstore/Cargo.toml";

/// The clock of all repositories: 2026-11-22.
const NOW: &str = "1795309323";

/// Enough for every kind of repository twice, and a few more without a defect.
const COUNT: u32 = 280;

/// The number in the long form.
const LONG_COUNT: u32 = 2_000;

#[derive(Args)]
pub(crate) struct Options {
    /// How many random repositories to make
    #[arg(long, default_value_t = COUNT)]
    count: u32,
    /// Make the same repositories as the run that printed this seed; a new one each time if not given
    #[arg(long)]
    seed: Option<u64>,
    /// Make only repositories with this defect, named as in tests/compare/src/tuf/table.rs
    #[arg(long)]
    defect: Option<String>,
}

impl Options {
    /// The options in a run of all tests, which makes other repositories each time.
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

/// Builds the clients and writes the repositories. Returns the command that compares, ready to run.
pub(crate) fn comparison(python: &Path, options: &Options) -> Result<Command> {
    build_programs()?;
    run(&mut sigstore("build", &["--target-dir"], |command| {
        command.arg(folder("sigstore"));
    }))?;
    let cases = folder("tuf");
    // Left by an earlier run, if there was one.
    let _ = fs::remove_dir_all(&cases);
    fs::create_dir_all(&cases)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let seed = match options.seed {
        Some(seed) => seed,
        None => now.context("a clock before 1970")?.as_secs(),
    };
    let scripts = root().join("tests/python");
    // `-B` writes no compiled files beside the scripts.
    let mut generator = Command::new(python);
    generator
        .arg("-B")
        .arg(scripts.join("tuf_cases.py"))
        .arg(&cases);
    generator.args([NOW, &options.count.to_string(), &seed.to_string()]);
    run(generator.args(&options.defect))?;
    println!(
        "to run the same again: cargo xtask tuf --count {} --seed {seed}",
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

/// Checks format and clippy of tests/sigstore, which is not in the workspace, as CI does.
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
