//! Runs other programs, and says clearly which one is missing.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

pub(crate) use interdict_helpers::workspace as root;

/// The folder that cargo builds to.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |path| root().join(path))
}

/// A cargo command in the workspace's root.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).args(arguments);
    forget_package(&mut command);
    command
}

/// Removes from a command the variables that `cargo run` sets for this package. Build scripts watch them,
/// so they would run again, and their dependants be built again, whenever cargo is called once with and
/// once without these variables.
pub(crate) fn forget_package(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
}

/// Runs a command with its output on the terminal.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| missing(command))?;
    if !status.success() {
        bail!("{} failed", shown(command));
    }
    Ok(())
}

/// Runs a command and returns what it prints to standard output, whatever its exit code.
pub(crate) fn output(command: &mut Command) -> Result<(bool, String)> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| missing(command))?;
    let text = String::from_utf8(output.stdout).context("output that is not UTF-8")?;
    Ok((output.status.success(), text))
}

/// Whether a program answers to `--version`.
pub(crate) fn present(program: &str) -> bool {
    answers_to(program, "--version")
}

/// Whether a program is on the path. Not every one answers to `--version`.
pub(crate) fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Whether a program ends well with an option.
pub(crate) fn answers_to(program: &str, option: &str) -> bool {
    Command::new(program)
        .arg(option)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Fails at once if there is no linker; a build would fail only after minutes.
pub(crate) fn require_linker() -> Result<()> {
    if present("cc") {
        return Ok(());
    }
    bail!(
        "no C compiler and linker (`cc`) on this machine; Rust needs one to link programs. \
         Debian and Ubuntu: apt-get install build-essential. Fedora: dnf install gcc. \
         macOS: xcode-select --install"
    );
}

fn missing(command: &Command) -> String {
    format!(
        "could not start {}",
        command.get_program().to_string_lossy()
    )
}

pub(crate) fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
