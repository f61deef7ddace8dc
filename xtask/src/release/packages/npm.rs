//! The packages for npm.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::packing::Packing;
use super::stage::Stage;
use crate::package;
use crate::shell::run;

/// The Node host.
pub(super) fn host(packing: &Packing<'_>, stage: &Stage) -> Result<()> {
    pack(packing, stage.command("npm", "host-example/node"))
}

/// The package for checkout pages, which is compiled first.
pub(super) fn checkout(packing: &Packing<'_>, stage: &Stage) -> Result<()> {
    let built = stage.path("checkout");
    package::package(Some(built))?;
    pack(packing, stage.command("npm", "checkout"))
}

fn pack(packing: &Packing<'_>, mut npm: Command) -> Result<()> {
    let out: &Path = &packing.to.join("npm");
    fs::create_dir_all(out)?;
    run(npm
        .args(["pack", "--silent", "--pack-destination"])
        .arg(out))
}
