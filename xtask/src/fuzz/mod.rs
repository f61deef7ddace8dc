//! Fuzzing with libFuzzer and the pinned toolchain. LLVM options switch on the compiler's coverage pass,
//! as `cargo fuzz` does without a sanitizer, so no nightly compiler is needed.

mod report;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Instant, SystemTime};

use anyhow::{Context as _, Result, anyhow, bail};
use clap::Args;

use self::report::{Report, coverage, newer, statistic, tail};
use crate::demo::title;
use crate::parallel::on_every_processor;
use crate::shell::{cargo, output, present, require_linker, root, run, shown, target};

/// Counters for edges, and comparisons, so that the fuzzer finds magic numbers.
const FLAGS: [&str; 7] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
    "--cfg=fuzzing",
];

/// The package; the heap of one input is bounded there, in `src/lib.rs`.
const MANIFEST: &str = "tests/fuzz/Cargo.toml";

/// Inputs of earlier runs that cover code which no seed covers, a folder for each target.
const FOUND: &str = "tests/fuzz/found";

/// The targets of the trust room. CI also makes new inputs for them.
const TRUST: [&str; 6] = [
    "root",
    "snapshot",
    "state",
    "supply",
    "targets",
    "timestamp",
];

/// Megabytes of the whole process, the fuzzer's own tables and corpus included.
const RSS_LIMIT: u32 = 1024;

/// Seconds for one input. The slowest verifies a few signatures, in milliseconds.
const TIMEOUT: u32 = 10;

#[derive(Args)]
pub(crate) struct Options {
    /// Which targets; all, if none is named
    targets: Vec<String>,
    /// Seconds for each target; 0 runs the existing inputs and makes no new ones
    #[arg(long, default_value_t = 30)]
    seconds: u32,
    /// Run one target on this file, to see a crash again
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Make no new inputs; keep in tests/fuzz/found those of earlier runs that cover code no seed covers
    #[arg(long, conflicts_with_all = ["seconds", "input"])]
    keep: bool,
    /// Make no new inputs; check format and clippy, and run every target on its seeds and tests/fuzz/found
    #[arg(long, exclusive = true)]
    check: bool,
}

/// Runs targets as the options say.
pub(crate) fn fuzz(options: &Options) -> Result<()> {
    if options.check {
        return check();
    }
    require_compilers()?;
    let targets = selected(&options.targets)?;
    if options.keep {
        return keep(&targets);
    }
    let Some(input) = &options.input else {
        return run_targets(&targets, options.seconds);
    };
    let [target] = &targets[..] else {
        bail!("name the one target that is to read {}", input.display());
    };
    let input = fs::canonicalize(input).with_context(|| input.display().to_string())?;
    run(limited(&build(&targets)?, target).arg(input))
}

/// Makes new inputs for the trust room, as CI does. With 0 seconds, it makes none.
pub(crate) fn trust(seconds: u32) -> Result<()> {
    match seconds {
        0 => Ok(()),
        seconds => run_targets(&TRUST.map(str::to_owned), seconds),
    }
}

/// Makes new inputs for every target, as the long form does. Returns how many targets there are.
pub(crate) fn every_target(seconds: u32) -> Result<u64> {
    let targets = selected(&[])?;
    run_targets(&targets, seconds)?;
    Ok(u64::try_from(targets.len())?)
}

fn run_targets(targets: &[String], seconds: u32) -> Result<()> {
    let programs = build(targets)?;
    write_seeds()?;
    title(&format!(
        "fuzzing {} targets, {seconds} s each",
        targets.len()
    ));
    let reports = Mutex::new(Vec::new());
    on_every_processor(targets, |_, target| {
        let report = run_target(&programs, target, seconds);
        if let Ok(report) = &report {
            println!("{}", report.line());
        }
        if let Ok(mut reports) = reports.lock() {
            reports.push(report);
        }
    })?;
    let reports = reports
        .into_inner()
        .map_err(|_| anyhow!("a thread failed"))?;
    let reports: Vec<Report> = reports.into_iter().collect::<Result<_>>()?;
    for report in reports.iter().filter(|report| report.failed()) {
        report.explain()?;
    }
    if reports.iter().any(Report::failed) {
        bail!("a target failed");
    }
    Ok(())
}

/// Checks this package as CI checks the workspace, which it does not belong to, and runs every target on
/// its first inputs. Without coverage and optimisation, the build takes a third of the time.
pub(crate) fn check() -> Result<()> {
    require_compilers()?;
    run(&mut package("fmt", &["--check"]))?;
    run(plain("clippy", &["--all-targets"]).args(["--", "--deny", "warnings"]))?;
    run(&mut plain("test", &["--lib"]))?;
    write_seeds()?;
    run(&mut plain("build", &["--bins"]))?;
    let programs = folder().join("debug");
    let targets = selected(&[])?;
    for target in &targets {
        replay(&programs, target)?;
    }
    println!("tests/fuzz: {} targets, nothing to report", targets.len());
    Ok(())
}

/// Runs a target on its first inputs, given as files, which needs no coverage.
fn replay(programs: &Path, target: &str) -> Result<()> {
    let mut command = limited(programs, target);
    for entry in fs::read_dir(seeds().join(target))? {
        command.arg(entry?.path());
    }
    // For some targets no run has found anything yet.
    for entry in fs::read_dir(found(target)).into_iter().flatten() {
        command.arg(entry?.path());
    }
    let log = folder().join(format!("{target}.log"));
    command
        .stdout(Stdio::null())
        .stderr(fs::File::create(&log)?);
    let status = command.status().with_context(|| shown(&command))?;
    if !status.success() {
        print!("{}", tail(&fs::read_to_string(&log)?));
        bail!("{target} failed on a first input; see {}", log.display());
    }
    Ok(())
}

/// Makes the seeds from this source and its corpus, with a program that contains no fuzzer.
fn write_seeds() -> Result<()> {
    run(plain("run", &["--bin", "seeds", "--"]).arg(seeds()))
}

/// The first inputs that `tests/fuzz/src/seeds.rs` makes, a folder for each target.
fn seeds() -> PathBuf {
    folder().join("seeds")
}

/// The committed inputs that runs of this target found.
fn found(target: &str) -> PathBuf {
    root().join(FOUND).join(target)
}

/// Where the targets are built, and where their runs write.
fn folder() -> PathBuf {
    target().join("fuzz")
}

/// A build without instrumentation.
fn plain(command: &str, arguments: &[&str]) -> Command {
    let mut command = package(command, &["--quiet", "--locked", "--target-dir"]);
    command.arg(folder()).args(arguments);
    command
}

fn package(command: &str, arguments: &[&str]) -> Command {
    let mut command = cargo(&[command, "--manifest-path", MANIFEST]);
    command.args(arguments);
    command
}

/// libFuzzer is C++ and is built with the targets.
pub(crate) fn require_compilers() -> Result<()> {
    require_linker()?;
    let compiler = std::env::var("CXX").unwrap_or_else(|_| "c++".to_owned());
    if present(&compiler) {
        return Ok(());
    }
    bail!(
        "no C++ compiler (`{compiler}`) on this machine; libFuzzer is built with one. \
         Debian and Ubuntu: apt-get install g++. Fedora: dnf install gcc-c++. \
         macOS: xcode-select --install"
    );
}

/// The names of all targets, one for each file.
fn selected(named: &[String]) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(root().join("tests/fuzz/targets"))? {
        let path = entry?.path();
        let name = path.file_stem().context("a file without a name")?;
        all.push(name.to_string_lossy().into_owned());
    }
    all.sort();
    if let Some(unknown) = named.iter().find(|name| !all.contains(name)) {
        bail!("no target {unknown}; there are {}", all.join(", "));
    }
    Ok(if named.is_empty() {
        all
    } else {
        named.to_vec()
    })
}

/// Builds targets and returns the folder they are in.
fn build(targets: &[String]) -> Result<PathBuf> {
    let mut rustc = Command::new("rustc");
    rustc.current_dir(root()).arg("-vV");
    let (_, version) = output(&mut rustc)?;
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .context("`rustc -vV` names no host")?;
    let mut command = package("build", &["--release", "--locked"]);
    for target in targets {
        command.args(["--bin", target]);
    }
    // With `--target`, the flags do not apply to build scripts, which contain no fuzzer.
    run(command
        .args(["--target", host, "--target-dir"])
        .arg(folder())
        .env_remove("RUSTFLAGS")
        .env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}")))?;
    Ok(folder().join(host).join("release"))
}

/// A target with the limits of every run. A panic prints file and line only, because a backtrace takes
/// more heap than an input may.
fn limited(programs: &Path, target: &str) -> Command {
    let mut command = Command::new(programs.join(target));
    command
        .current_dir(root())
        .env("RUST_BACKTRACE", "0")
        .arg(format!("-rss_limit_mb={RSS_LIMIT}"))
        .arg(format!("-timeout={TIMEOUT}"));
    command
}

/// Keeps from each target's corpus the fewest inputs that cover code which neither a seed nor a kept
/// input covers.
fn keep(targets: &[String]) -> Result<()> {
    let programs = build(targets)?;
    write_seeds()?;
    for target in targets {
        // The merge adds to its first folder the inputs that cover something new, named by their SHA-1.
        let merged = folder().join("merged");
        let _ = fs::remove_dir_all(&merged);
        fs::create_dir_all(&merged)?;
        fs::create_dir_all(found(target))?;
        fs::create_dir_all(corpus(target))?;
        let known = [seeds().join(target), found(target)];
        let known = known.iter().map(|folder| names(folder));
        let known: Vec<_> = known.collect::<Result<Vec<_>>>()?.concat();
        for path in &known {
            fs::copy(path, merged.join(path.file_name().unwrap_or_default()))?;
        }
        run(limited(&programs, target)
            .args(["-set_cover_merge=1", "-use_counters=0"])
            .args([&merged, &corpus(target)])
            .stdout(Stdio::null())
            .stderr(Stdio::null()))?;
        for path in names(&merged)? {
            let name = path.file_name().unwrap_or_default();
            if !known.iter().any(|known| known.file_name() == Some(name)) {
                fs::copy(&path, found(target).join(name))?;
            }
        }
    }
    Ok(())
}

/// The files of a folder.
fn names(folder: &Path) -> Result<Vec<PathBuf>> {
    fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect()
}

/// The inputs of earlier runs that covered something new.
fn corpus(target: &str) -> PathBuf {
    folder().join("corpus").join(target)
}

fn run_target(programs: &Path, name: &str, seconds: u32) -> Result<Report> {
    let folder = folder();
    let corpus = corpus(name);
    let artifacts = folder.join("artifacts").join(name);
    let log = folder.join("logs").join(format!("{name}.log"));
    for folder in [&corpus, &artifacts, &folder.join("logs")] {
        fs::create_dir_all(folder)?;
    }
    let mut command = limited(programs, name);
    command
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .arg("-print_final_stats=1")
        .arg(match seconds {
            0 => "-runs=0".to_owned(),
            seconds => format!("-max_total_time={seconds}"),
        })
        // New inputs are written to the first folder.
        .arg(&corpus)
        .arg(seeds().join(name))
        .args(Some(found(name)).filter(|folder| folder.exists()))
        .stdout(Stdio::null())
        .stderr(fs::File::create(&log)?);
    let (started, clock) = (SystemTime::now(), Instant::now());
    let status = command.status().with_context(|| shown(&command))?;
    let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
    let report = Report {
        target: name.to_owned(),
        executions: statistic(&text, "number_of_executed_units"),
        covered: coverage(text.lines().rev()),
        new: coverage(text.lines().rev()).saturating_sub(coverage(
            text.lines().filter(|line| line.contains("INITED")),
        )),
        peak: statistic(&text, "peak_rss_mb"),
        seconds: clock.elapsed().as_secs(),
        crashes: newer(&artifacts, started)?,
        log,
    };
    if !status.success() && report.crashes.is_empty() {
        print!("{}", tail(&text));
        bail!("{} failed without an input: {status}", shown(&command));
    }
    Ok(report)
}
