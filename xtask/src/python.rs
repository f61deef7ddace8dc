//! Virtual environments of Python below the target folder, with the packages that a part of the tests
//! needs.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::shell::{present, run, target};

/// The versions of the wheel that the Python host takes.
const WASMTIME: &str = "wasmtime>=48,<51";

/// The interpreter of an environment that has wasmtime.
pub(crate) fn with_wasmtime() -> Result<PathBuf> {
    environment("python", &[WASMTIME])
}

/// Returns the interpreter of an environment with these wheels. Missing ones are installed.
pub(crate) fn environment(folder: &str, wheels: &[&str]) -> Result<PathBuf> {
    installed(folder, &[], wheels)
}

/// The same, but what the machine's own Python has is not installed again.
pub(crate) fn shared_environment(folder: &str, wheels: &[&str]) -> Result<PathBuf> {
    installed(folder, &["--system-site-packages"], wheels)
}

fn installed(folder: &str, options: &[&str], wheels: &[&str]) -> Result<PathBuf> {
    if !present("python3") {
        bail!("needs python3");
    }
    let folder = target().join(folder);
    let python = folder.join("bin/python3");
    if !present(&python.to_string_lossy()) {
        run(Command::new("python3")
            .args(["-m", "venv"])
            .args(options)
            .arg(&folder))
        .context("needs Python's venv module; Debian and Ubuntu: apt-get install python3-venv")?;
    }
    // Needs no network if all of them are installed already.
    let mut pip = Command::new(&python);
    pip.args([
        "-m",
        "pip",
        "--disable-pip-version-check",
        "install",
        "--quiet",
    ]);
    run(pip.args(wheels))
        .with_context(|| format!("needs {} from the Python package index", wheels.join(", ")))?;
    Ok(python)
}
