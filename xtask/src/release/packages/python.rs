//! The wheel and the source of the Python host.

use std::fs;

use anyhow::Result;

use super::packing::Packing;
use super::stage::Stage;
use crate::python::environment;
use crate::shell::{root, run};

/// Builds the source, and the wheel from the source, with the tools that the host's tests use.
pub(super) fn pack(packing: &Packing<'_>, stage: &Stage) -> Result<()> {
    let out = packing.to.join("python");
    fs::create_dir_all(&out)?;
    let tools = root().join("tests/hosts/python/requirements.txt");
    let python = environment("packing", &["--requirement", &tools.to_string_lossy()])?;
    let mut build = stage.command(python, "host-example/python");
    build.args(["-m", "build", "--no-isolation", "--outdir"]);
    run(build.arg(out))
}
