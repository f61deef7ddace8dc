//! All tests, in every language that is installed. A part whose language is missing is skipped, counted
//! and listed at the end, and so is a test that its own runner skips; with `--require-all` either fails the
//! run. `--long` runs more of each part.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::budget::Part;
use crate::demo::{build_programs, program};
use crate::python::with_wasmtime;
use crate::shell::{cargo, present, require_linker, root, target};
use crate::tally::{Above, Absent, Form, Tally};
use crate::{
    deploy, documents, doors, fuzz, hosts, module, mutants, package, publishing, release, tuf,
};

/// Seconds for each fuzz target in the long form.
const LONG_FUZZ_SECONDS: u32 = 60;

/// Runs every part and prints the minutes.
pub(crate) fn run_tests(form: Form, absent: Absent) -> Result<()> {
    let mut tally = Tally::new(Duration::ZERO);
    every_part(&mut tally, form)?;
    tally.print_minutes(Above::Shown)?;
    tally.close(absent)
}

/// Runs the parts of the hosts alone.
pub(crate) fn run_hosts(form: Form) -> Result<()> {
    let mut tally = Tally::new(Duration::ZERO);
    require_linker()?;
    let hosts = hosts::each(&mut tally, form);
    let subjects: Vec<_> = hosts.iter().map(hosts::Host::argument).collect();
    if !subjects.is_empty() {
        corpus(&mut tally, &subjects);
    }
    hosts::together(&mut tally, &hosts, form);
    tally.print_minutes(Above::Shown)?;
    tally.close(Absent::Skipped)
}

/// Runs every part; the caller closes the tally.
pub(crate) fn every_part(tally: &mut Tally, form: Form) -> Result<()> {
    require_linker()?;
    rust(tally, form);
    publishing::parts(tally, form);
    deploy::parts(tally);
    doors::part(tally);
    let node = present("node");
    match node {
        true => module_in_node(tally),
        false => tally.skip("the module in Node (needs node 20 or later)"),
    }
    package::part(tally, form);
    release::part(tally);
    let hosts = hosts::each(tally, form);
    // If there is none, the Python host is among those that were skipped.
    if let Ok(python) = tally.timed(Part::Hosts, |_| with_wasmtime()) {
        python_scripts(tally, &python);
    }
    let subjects = subjects(&package::generated(), node, &hosts);
    corpus(tally, &subjects);
    hosts::together(tally, &hosts, form);
    if present("python3") {
        for (what, script) in [
            ("token cases, by a second implementation", "tokens.py"),
            ("receipts, by a second implementation", "receipts.py"),
            ("scores, by a second implementation", "scores.py"),
        ] {
            tally.step(Part::Hosts, what, |tally| {
                tally.counted(&mut in_python(script))
            });
        }
    } else {
        tally.skip("the second implementations of tokens, receipts and scores (need python3)");
    }
    tally.step(
        Part::Hosts,
        "published vectors, in every language",
        |tally| tally.counted(program("vectors")?.args(&subjects)),
    );
    if form == Form::Long {
        long(tally);
    }
    Ok(())
}

fn corpus(tally: &mut Tally, subjects: &[String]) {
    tally.step(Part::Hosts, "the corpus, in every language", |tally| {
        tally.counted(program("corpus")?.args(subjects))
    });
}

/// What the Python host shows of the module, and of stores that the command writes.
fn python_scripts(tally: &mut Tally, python: &Path) {
    tally.step(
        Part::Hosts,
        "numbers, walks and editions, in Python",
        |tally| tally.counted(Command::new(python).arg(root().join("tests/python/host.py"))),
    );
    tally.step(
        Part::Hosts,
        "a state directory that the command writes, read in Python",
        |tally| {
            build_programs()?;
            let mut command = Command::new(python);
            command.arg(root().join("tests/python/store.py"));
            tally.counted(command.arg(target().join("debug/interdict")))
        },
    );
}

fn rust(tally: &mut Tally, form: Form) {
    tally.step(
        Part::Rust,
        "the committed module is what this source gives",
        |tally| {
            module::check()?;
            tally.pass(1);
            Ok(())
        },
    );
    tally.step(Part::Rust, "Rust: every crate", |tally| {
        let mut command = cargo(&[
            "test",
            "--quiet",
            "--locked",
            "--workspace",
            "--no-fail-fast",
        ]);
        if form == Form::Long {
            command.env("INTERDICT_LONG", "1");
        }
        tally.counted(&mut command)
    });
    tally.step(Part::Rust, "the commands that documents print", |tally| {
        tally.pass(documents::run(form)?);
        Ok(())
    });
    match tally.timed(Part::Rust, |_| tuf::python()) {
        Ok(python) => tally.step(
            Part::Rust,
            "other implementations of The Update Framework",
            |tally| tally.counted(&mut tuf::comparison(&python, &tuf::Options::of(form))?),
        ),
        Err(reason) => tally.skip(&format!(
            "other implementations of The Update Framework ({reason:#})"
        )),
    }
}

/// The module itself, by JavaScript alone.
fn module_in_node(tally: &mut Tally) {
    tally.step(Part::Npm, "the module, in Node", |tally| {
        let generated = package::generated();
        for script in ["module.mjs", "contract.mjs", "names.mjs"] {
            tally.counted(&mut node_test(script, &generated))?;
        }
        Ok(())
    });
}

/// What only the long form runs.
fn long(tally: &mut Tally) {
    tally.step(Part::Rust, "every rule removed once", |tally| {
        mutants::mutants(&mutants::Options::default())?;
        tally.pass(1);
        Ok(())
    });
    if fuzz::require_compilers().is_err() {
        return tally.skip("fuzzing (needs a C++ compiler)");
    }
    tally.step(Part::Rust, "fuzzing of every target", |tally| {
        tally.pass(fuzz::every_target(LONG_FUZZ_SECONDS)?);
        Ok(())
    });
}

fn node_test(script: &str, package: &Path) -> Command {
    let mut command = Command::new("node");
    command
        .current_dir(root())
        .arg(root().join("tests/js").join(script))
        .arg(package)
        .arg(root().join("fixtures"));
    command
}

fn subjects(package: &Path, node: bool, hosts: &[hosts::Host]) -> Vec<String> {
    let programs = target().join("debug");
    let tests = root().join("tests");
    let fixtures = root().join("fixtures");
    let mut subjects = vec![
        format!("native={}", programs.join("subject-native").display()),
        format!("module={}", programs.join("subject-module").display()),
    ];
    if node {
        let script = tests.join("js/subject-package.mjs");
        subjects.push(format!(
            "package=node {} {} {}",
            script.display(),
            package.display(),
            fixtures.display()
        ));
    }
    subjects.extend(hosts.iter().map(hosts::Host::argument));
    subjects
}

/// One of the second implementations in Python alone: `tokens.py`, `receipts.py` or `scores.py`.
fn in_python(script: &str) -> Command {
    let mut command = Command::new("python3");
    command
        .arg(root().join("tests/python").join(script))
        .arg(root().join("fixtures"));
    command
}
