//! Hosts that are released as their source.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::packing::Packing;
use super::stage::{Stage, known};
use crate::hosts::newer_wasm2c;
use crate::release::archive::tar_gz;
use crate::shell::run;
use crate::tree;

/// The C host with the module translated to C, so that its users need no wasm2c.
pub(super) fn c(packing: &Packing<'_>, stage: &Stage) -> Result<()> {
    let folder = stage.path("interdict-host");
    let mut cmake = stage.command("cmake", "host-example/c");
    cmake.arg(format!("-DINTERDICT_WASM2C={}", newer_wasm2c()?.display()));
    run(cmake.args(["-P", "cmake/package.cmake"]).arg(&folder))?;
    let project = fs::read_to_string(folder.join("CMakeLists.txt"))?;
    let version = project
        .split_once("project(interdict_host VERSION ")
        .and_then(|(_, rest)| rest.split(' ').next());
    let version = version.context("CMakeLists.txt states no version")?;
    let files = tree::files(&folder)?.into_iter();
    let files: Vec<_> = files
        .map(|name| (name.clone(), folder.join(name), 0o644))
        .collect();
    write(packing, "c", version, &files)
}

/// The PHP host, for Composer's repositories of artefacts.
pub(super) fn php(packing: &Packing<'_>, stage: &Stage) -> Result<()> {
    let folder = "host-example/php/";
    let manifest = fs::read_to_string(stage.path(folder).join("composer.json"))?;
    let manifest: serde_json::Value = serde_json::from_str(&manifest)?;
    let excluded = manifest["archive"]["exclude"].as_array();
    let excluded: Vec<_> = excluded
        .context("composer.json says what is left out")?
        .iter()
        .filter_map(|path| path.as_str()?.strip_prefix('/'))
        .collect();
    let names = known(&[folder])?;
    let files = names.iter().filter_map(|name| {
        let short = name.strip_prefix(folder)?;
        let is_excluded = excluded.contains(&short.split('/').next()?);
        (!is_excluded).then(|| (short.to_owned(), stage.path(name), 0o644))
    });
    let files: Vec<_> = files.collect();
    let version = manifest["version"].as_str();
    let version = version.context("composer.json states no version")?;
    write(packing, "php", version, &files)
}

/// Writes the archive under the version that the package itself states.
fn write(
    packing: &Packing<'_>,
    language: &str,
    version: &str,
    files: &[(String, PathBuf, u32)],
) -> Result<()> {
    let out = packing.to.join(language);
    fs::create_dir_all(&out)?;
    let top = format!("interdict-host-{language}-{version}");
    tar_gz(
        &out.join(format!("{top}.tar.gz")),
        &top,
        files,
        packing.time,
    )
}
