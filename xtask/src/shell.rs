//! Running other programs, and saying clearly what is missing.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// The workspace's root. It is found at run time, because clones that share a target folder also share
/// this program: it works on the clone it was called in, not on the one it was built in.
pub(crate) fn root() -> PathBuf {
    let called = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let from = called.or_else(|| std::env::current_dir().ok());
    root_above(&from.unwrap_or_default())
}

/// The nearest folder from here upwards that holds this package.
fn root_above(folder: &Path) -> PathBuf {
    let mut above = folder.ancestors();
    let root = above.find(|folder| folder.join("xtask/Cargo.toml").is_file());
    root.unwrap_or(folder).to_path_buf()
}

/// Where cargo builds to, wherever that was configured.
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

/// Keeps what `cargo run` says of this package from a command. A build script that watches these
/// variables would run again, and its dependants be built again, whenever cargo is called with and
/// without them.
pub(crate) fn forget_package(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
}

/// Runs a command, its output on the terminal.
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
    Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Says at once what a build would only say after minutes: there is no linker.
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::root_above;

    #[test]
    fn the_root_is_that_of_the_clone_a_command_is_called_in() {
        let clone = tempfile::tempdir().unwrap();
        let package = clone.path().join("xtask");
        fs::create_dir(&package).unwrap();
        fs::write(package.join("Cargo.toml"), "").unwrap();
        fs::create_dir_all(clone.path().join("docs/deep")).unwrap();
        for place in [package.as_path(), &clone.path().join("docs/deep")] {
            assert_eq!(root_above(place), clone.path());
        }
    }
}
