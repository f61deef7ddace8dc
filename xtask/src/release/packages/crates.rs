//! The crates, as `cargo publish` would send them to crates.io.

use std::fs::{self, File};

use anyhow::{Context as _, Result};

use super::contents;
use super::packing::{Crates, Packing};
use super::stage::Stage;
use crate::shell::{cargo, run, target};

/// Packs every crate of the workspace that is published. Cargo resolves them as if those before were in the index
/// already, and refuses what an index would refuse.
pub(super) fn pack(packing: &Packing<'_>, _: &Stage) -> Result<()> {
    let out = packing.to.join("crates");
    fs::create_dir_all(&out)?;
    // What is compiled there is compiled for other profiles and features than the workspace's.
    let built = target().join("crates");
    let archives = built.join("package/tmp-crate");
    if archives.exists() {
        fs::remove_dir_all(&archives)?;
    }
    let mut publish = cargo(&["publish", "--dry-run", "--workspace", "--locked"]);
    // The release itself refuses what is not committed.
    publish.arg("--allow-dirty").arg("--target-dir").arg(&built);
    match packing.crates {
        Crates::Packed => publish.arg("--no-verify"),
        Crates::Compiled => publish.env("CARGO_PROFILE_DEV_DEBUG", "0"),
    };
    run(&mut publish)?;
    // Where the pinned cargo has them until they are sent.
    for entry in fs::read_dir(&archives).with_context(|| archives.display().to_string())? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "crate")
        {
            contents::check(File::open(&path)?)?;
            fs::copy(&path, out.join(path.file_name().context("a name")?))?;
        }
    }
    Ok(())
}
