//! Commands that are one call to cargo, and the order CI runs them in.

use std::process::Command;

use anyhow::Result;

use crate::demo::{self, title};
use crate::shell::{cargo, root, run, target};
use crate::{fuzz, kinds, module, test, tidy, tuf};

/// Writes the fixtures anew, or compares them.
pub(crate) fn fixtures(check: bool) -> Result<()> {
    let mut command = program("fixtures")?;
    run(if check {
        command.arg("--check")
    } else {
        &mut command
    })
}

/// Runs the published vectors and prints what came of them.
pub(crate) fn vectors() -> Result<()> {
    run(&mut program("vectors")?)
}

/// Prints the worked examples of scoring.
pub(crate) fn scores() -> Result<()> {
    run(&mut program("scores")?)
}

/// Runs one benchmark.
pub(crate) fn bench(name: &str) -> Result<()> {
    run(program("bench")?.arg(name))
}

/// Measures the module itself, room by room.
pub(crate) fn bench_module() -> Result<()> {
    let named = module::compile("interdict-wasm", "wasm-names", "interdict")?;
    let file = target().join("module/named.wasm");
    std::fs::write(&file, named)?;
    run(program("bench")?.arg("module").arg(file))
}

/// Measures each kind of identifier, by the module without it.
pub(crate) fn bench_kinds() -> Result<()> {
    let folder = kinds::build_without_each()?;
    run(program("bench")?.arg("kinds").arg(folder))
}

/// What CI runs, in the order in which failures are cheapest to find.
pub(crate) fn ci(fuzz_seconds: u32) -> Result<()> {
    title("format");
    run(&mut cargo(&["fmt", "--all", "--check"]))?;
    title("tidy");
    tidy::tidy()?;
    title("clippy");
    run(cargo(&[
        "clippy",
        "--quiet",
        "--locked",
        "--workspace",
        "--all-targets",
    ])
    .args(["--", "--deny", "warnings"]))?;
    title("docs");
    run(
        cargo(&["doc", "--quiet", "--locked", "--workspace", "--no-deps"])
            .env("RUSTDOCFLAGS", "--deny warnings"),
    )?;
    title("fixtures");
    fixtures(true)?;
    title("fuzz targets");
    fuzz::check()?;
    fuzz::trust(fuzz_seconds)?;
    tuf::check()?;
    test::run_tests(true)
}

/// A program of the tests, built with all others: another selection of packages has other features,
/// and cargo would build wasmtime once more.
fn program(name: &str) -> Result<Command> {
    demo::build_programs()?;
    let mut command = Command::new(target().join("debug").join(name));
    command.current_dir(root());
    Ok(command)
}
