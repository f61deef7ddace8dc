//! Tests of the publisher that need another program: to stop a command, to mount, or to upload.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Result;

use crate::budget::Part;
use crate::demo::build_programs;
use crate::python::shared_environment;
use crate::shell::{present, root, target};
use crate::tally::{Form, Tally};
use crate::tuf;

/// A store for the tests, and the command of AWS. Any version from these on does.
const STORE: [&str; 4] = ["moto[s3]>=5", "flask", "flask-cors", "awscli>=1.40"];

/// Of how many changes to the disk the short form tries one.
const EVERY: &str = "16";

/// Runs every part whose program is there.
pub(crate) fn parts(tally: &mut Tally, form: Form) {
    if !present("python3") {
        return tally.skip("stops, mounts and uploads of the publisher (need python3)");
    }
    match works(Command::new("strace").args(["-o", "/dev/null", "true"])) {
        true => tally.step(
            Part::Hosts,
            "publisher: stopped at its changes to the disk",
            |tally| {
                let mut command = script(Path::new("python3"), "stops.py")?;
                if form == Form::Short {
                    command.arg(EVERY);
                }
                tally.counted(&mut command)
            },
        ),
        false => tally.skip("publisher: stopped at its changes to the disk (needs strace)"),
    }
    match works(unshare().args(["mount", "-t", "tmpfs", "tmpfs", "/tmp"])) {
        true => tally.step(
            Part::Hosts,
            "publisher: repositories on other disks",
            |tally| {
                let command = script(Path::new("python3"), "mounts.py")?;
                let mut within = unshare();
                within.arg(command.get_program()).args(command.get_args());
                tally.counted(&mut within)
            },
        ),
        false => tally.skip("publisher: repositories on other disks (needs unshare and mounts)"),
    }
    uploads(tally);
}

/// The lines of the document for object stores.
fn uploads(tally: &mut Tally) {
    let python = tally.timed(Part::Hosts, |_| -> Result<PathBuf> {
        let wheels: Vec<&str> = STORE.into_iter().chain(tuf::WHEELS).collect();
        shared_environment("store", &wheels)
    });
    let python = match python {
        Ok(python) => python,
        Err(reason) => return tally.skip(&format!("publisher: uploads to a store ({reason:#})")),
    };
    for tool in ["rclone", "aws"] {
        let name = format!("publisher: uploads to a store with {tool}");
        let beside = python.with_file_name(tool);
        if !present(tool) && !present(&beside.to_string_lossy()) {
            tally.skip(&format!("{name} (needs {tool})"));
            continue;
        }
        tally.step(Part::Hosts, &name, |tally| {
            tally.counted(script(&python, "bucket.py")?.arg(tool))
        });
    }
}

/// A script that runs the built command; `-B` writes no compiled files beside it.
fn script(python: &Path, name: &str) -> Result<Command> {
    build_programs()?;
    let mut command = Command::new(python);
    command
        .arg("-B")
        .arg(root().join("tests/python/publisher").join(name));
    command.arg(target().join("debug/interdict-publish"));
    Ok(command)
}

/// A command whose mounts nobody else sees.
fn unshare() -> Command {
    let mut command = Command::new("unshare");
    command.args(["--mount", "--map-root-user"]);
    command
}

fn works(command: &mut Command) -> bool {
    let command = command.stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
