//! Commands that run one program, and the order in which CI runs everything.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::budget::Part;
use crate::demo::{program, title};
use crate::shell::{cargo, present, root, run, target};
use crate::tally::{Above, Absent, Form, Tally};
use crate::{fuzz, kinds, module, python, test, tidy, tuf};

/// Writes the fixtures anew, or compares them.
pub(crate) fn fixtures(check: bool) -> Result<()> {
    let mut command = program("fixtures")?;
    run(if check {
        command.arg("--check")
    } else {
        &mut command
    })
}

/// Runs the published vectors and prints a table of the verdicts.
pub(crate) fn vectors() -> Result<()> {
    run(&mut program("vectors")?)
}

/// Prints the worked examples of scoring.
pub(crate) fn scores() -> Result<()> {
    run(&mut program("scores")?)
}

/// Which modules to compare, and how.
#[derive(clap::Args)]
pub(crate) struct Compare {
    /// The module whose answers are right
    old: PathBuf,
    /// The module that must give the same [default: the committed one]
    #[arg(long)]
    new: Option<PathBuf>,
    /// How many random requests to ask besides the corpus and all walks
    #[arg(long, default_value_t = 100_000)]
    requests: u32,
    /// The same seed gives the same requests
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Ignore differences in sentences for people
    #[arg(long)]
    mask_sentences: bool,
}

/// Compares two modules by what they answer.
pub(crate) fn compare(options: &Compare) -> Result<()> {
    let mut command = program("compare")?;
    command.arg(from_here(&options.old)?);
    if let Some(new) = &options.new {
        command.arg("--new").arg(from_here(new)?);
    }
    command.args(["--requests", &options.requests.to_string()]);
    command.args(["--seed", &options.seed.to_string()]);
    if options.mask_sentences {
        command.arg("--mask-sentences");
    }
    run(&mut command)
}

/// Runs one benchmark of these modules.
pub(crate) fn bench(name: &str, modules: &[PathBuf], form: Form) -> Result<()> {
    let modules: Vec<_> = modules
        .iter()
        .map(|path| from_here(path))
        .collect::<Result<_>>()?;
    let long = (form == Form::Long).then_some("--long");
    run(program("bench")?.arg(name).args(modules).args(long))
}

/// Compares two modules in the runtimes of other languages that are there.
pub(crate) fn bench_languages(modules: &[PathBuf]) -> Result<()> {
    let mut command = program("bench")?;
    command.arg("languages");
    for index in 0..2 {
        let path = modules.get(index).map(|path| from_here(path)).transpose()?;
        command.arg(path.unwrap_or_default());
    }
    for (name, found) in [
        ("node", node()),
        (
            "python",
            python::with_wasmtime().map(|python| python.display().to_string()),
        ),
        ("go", go()),
        ("java", java()),
    ] {
        match found {
            Ok(what) => drop(command.arg(format!("{name}={what}"))),
            Err(reason) => println!("without {name}: {reason:#}"),
        }
    }
    run(&mut command)
}

/// Compares the Rust host with what gateways ask today, as far as it is there.
pub(crate) fn bench_peers() -> Result<()> {
    let mut command = program("bench")?;
    command.arg("peers");
    match go() {
        Ok(_) => {
            let client = target().join("bench/peers");
            run(Command::new("go")
                .args(["build", "-o"])
                .arg(&client)
                .arg(".")
                .current_dir(root().join("tests/bench/peers")))?;
            command.arg(client);
        }
        Err(reason) => println!("without Redis, PostgreSQL and Open Policy Agent: {reason:#}"),
    }
    run(&mut command)
}

fn node() -> Result<String> {
    ensure!(present("node"), "needs node 20 or later");
    Ok(String::new())
}

fn go() -> Result<String> {
    let version = Command::new("go").arg("version").output();
    ensure!(
        version.is_ok_and(|output| output.status.success()),
        "needs go 1.25 or later"
    );
    Ok(String::new())
}

/// The class path of what the program in Java runs the module with.
fn java() -> Result<String> {
    ensure!(present("java"), "needs java 17 or later");
    let file = target().join("module/java.classpath");
    run(Command::new("mvn")
        .args(["--quiet", "--batch-mode", "dependency:build-classpath"])
        .arg(format!("-Dmdep.outputFile={}", file.display()))
        .current_dir(root().join("tests/bench/languages/java")))
    .context("needs mvn, and Chicory from its repository")?;
    Ok(std::fs::read_to_string(file)?.trim().to_owned())
}

/// Makes a path absolute, because the programs run in the workspace's root and not where the caller is.
fn from_here(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).with_context(|| path.display().to_string())
}

/// Measures the module itself, room by room.
pub(crate) fn bench_module() -> Result<()> {
    let named = module::compile(&module::Build {
        profile: "wasm-names",
        ..module::FULL
    })?;
    let file = target().join("module/named.wasm");
    std::fs::write(&file, named)?;
    run(program("bench")?.arg("module").arg(file))
}

/// Measures what each kind of identifier adds, by building the module without it.
pub(crate) fn bench_kinds() -> Result<()> {
    let folder = kinds::build_without_each()?;
    run(program("bench")?.arg("kinds").arg(folder))
}

/// Runs everything that CI runs, cheap checks first. `before` is the time that CI spent already;
/// `commands` are those of this program.
pub(crate) fn ci(fuzz_seconds: u32, before: Duration, commands: &clap::Command) -> Result<()> {
    let mut tally = Tally::new(before);
    tally.timed(Part::Rust, |_| checks(fuzz_seconds, commands))?;
    test::every_part(&mut tally, Form::Short)?;
    tally.print_minutes(Above::Fails)?;
    tally.close(Absent::Failed)
}

/// Everything that is checked before the tests run.
fn checks(fuzz_seconds: u32, commands: &clap::Command) -> Result<()> {
    title("format");
    run(&mut cargo(&["fmt", "--all", "--check"]))?;
    title("tidy");
    tidy::tidy(commands)?;
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
    title("size of the modules");
    bench_module()?;
    title("fuzz targets");
    fuzz::check()?;
    fuzz::trust(fuzz_seconds)?;
    tuf::check()
}
