//! The two commands, for each kind of machine. Zig compiles and links what is written in C, for all of them alike.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::module;
use crate::python;
use crate::shell::{cargo, root, run, target};

use super::origin::Origin;
use super::platform::Platform;

/// From the Python package index, which has them as programs.
pub(super) const ZIG: [&str; 2] = ["ziglang==0.17.1", "cargo-zigbuild==0.24.1"];

/// Builds the commands for one kind of machine and returns the folder that has them.
pub(super) fn build(origin: &Origin, platform: &Platform) -> Result<PathBuf> {
    let python = python::environment("zig", &ZIG)?;
    run(Command::new("rustup")
        .args(["target", "add", platform.target])
        .current_dir(root()))
    .with_context(|| format!("needs the toolchain's target {}", platform.target))?;
    let folder = target().join("release");
    let flags = module::without_paths(&folder)?;
    let mut command = cargo(&["zigbuild", "--quiet", "--locked", "--profile", "dist"]);
    for name in platform.commands {
        command.args(["--bin", name]);
    }
    command
        .args(["--target", platform.target, "--target-dir"])
        .arg(&folder)
        .env("PATH", path_with(&python)?)
        .env_remove("RUSTFLAGS")
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
        .env("ZIG_GLOBAL_CACHE_DIR", target().join("zig-cache"))
        .env("ZIG_LOCAL_CACHE_DIR", target().join("zig-cache"))
        // Macros of dependencies put this into programs, and cargo keeps what they made when it changes: not the commit's.
        .env("SOURCE_DATE_EPOCH", "0")
        .env("INTERDICT_COMMIT", &origin.commit);
    run(&mut command)?;
    Ok(folder.join(platform.target).join("dist"))
}

/// The search path with the environment's programs first.
fn path_with(python: &Path) -> Result<OsString> {
    let bin = python.parent().context("the environment's programs")?;
    let rest = std::env::var_os("PATH").unwrap_or_default();
    let all = std::iter::once(bin.to_owned()).chain(std::env::split_paths(&rest));
    Ok(std::env::join_paths(all)?)
}
