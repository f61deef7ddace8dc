//! The Go module, as a module proxy would serve it.

use std::fs;

use anyhow::Result;

use super::packing::Packing;
use super::stage::Stage;
use crate::shell::{root, run};

/// Makes a module proxy that consists of files: `GOPROXY=file:///…/go,https://…` reads it.
pub(super) fn pack(packing: &Packing<'_>, stage: &Stage) -> Result<()> {
    let out = packing.to.join("go");
    fs::create_dir_all(&out)?;
    let mut go = stage.command("go", "host-example/go");
    go.args(["run", "-C"]).arg(root().join("tests/hosts/go"));
    go.arg("./pack").arg(stage.path("host-example/go")).arg(out);
    run(go.arg(packing.time.to_string()))
}
