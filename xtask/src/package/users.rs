//! The package as its users have it: packed, in other people's tools, in Chromium, and in the demo's payment page.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::{generated, install, package};
use crate::budget::Part;
use crate::demo::{build_programs, program};
use crate::shell::{output, present, root, run, target};
use crate::tally::{Form, Tally};

/// How many of the setups the automatic run tries; another day, others.
const ROTATED: &str = "6";

/// What is made once for all that follows: the package, and lists for its pages.
struct Packed {
    folder: PathBuf,
    tarball: PathBuf,
    world: PathBuf,
}

/// Makes the package and runs all that users do with it.
pub(crate) fn part(tally: &mut Tally, form: Form) {
    if !present("node") || !present("npm") {
        return tally
            .skip("the package for checkout pages (needs node 20 or later, which brings npm)");
    }
    let mut packed = None;
    tally.step(
        Part::Npm,
        "the package for checkout pages, in Node",
        |tally| {
            let made = packed.insert(pack()?);
            for name in [
                "package.mjs",
                "frozen.mjs",
                "compile.mjs",
                "full.mjs",
                "screener.mjs",
            ] {
                tally.counted(&mut of_sources(name))?;
            }
            tally.counted(script("readme.mjs").args([&made.folder, &made.world]))
        },
    );
    let Some(packed) = packed else { return };
    let Some(chromium) = chromium() else {
        return tally
            .skip("the package for checkout pages in Chromium, and in bundlers (needs chromium)");
    };
    tally.step(Part::Npm, "the full build, in Chromium", |tally| {
        tally.counted(of_sources("browser.mjs").env("CHROMIUM", &chromium))
    });
    tally.step(Part::Npm, "the package in other people's tools", |tally| {
        let mut setups = script("setups/run.mjs");
        setups.arg(&packed.tarball).env("CHROMIUM", &chromium);
        match form {
            Form::Short => setups.args(["--rotate", ROTATED]),
            Form::Long => setups.arg("--all"),
        };
        tally.counted(&mut setups)
    });
    tally.step(Part::Npm, "a payment page, in Chromium", |tally| {
        let mut played = script("checkout.mjs");
        with_folders(&mut played, &packed.world, &packed.folder);
        tally.counted(played.env("CHROMIUM", &chromium))
    });
    tally.step(Part::Npm, "the corpus, in Chromium", |tally| {
        let native = format!("native={}", target().join("debug/subject-native").display());
        let subjects = ["edge", "module", "full"].map(|build| subject(build, &packed.folder));
        let mut corpus = program("corpus")?;
        tally.counted(corpus.arg(native).args(subjects).env("CHROMIUM", &chromium))
    });
}

/// Builds all, and serves the demo's payment page until it is stopped.
pub(crate) fn checkout(port: u16) -> Result<()> {
    let folder = package(None)?;
    let world = world()?;
    let mut server = Command::new("node");
    server.arg(root().join("wasm/js/demo/server.mjs"));
    with_folders(&mut server, &world, &folder);
    run(server.args(["--port", &port.to_string()]))
}

/// Measures the package in Chromium.
pub(crate) fn bench() -> Result<()> {
    let Packed { folder, .. } = pack()?;
    build_programs()?;
    let mut measured = script("measure.mjs");
    measured.arg("--package").arg(&folder).arg("--programs");
    run(measured.arg(target().join("debug")))
}

fn pack() -> Result<Packed> {
    let folder = package(None)?;
    install(&root().join("tests/js"))?;
    let mut pack = Command::new("npm");
    pack.current_dir(&folder)
        .args(["pack", "--silent", "--pack-destination"]);
    let (packed, name) = output(pack.arg(target()))?;
    if !packed {
        bail!("npm pack failed");
    }
    let name = name.lines().last().context("npm packed nothing")?.trim();
    let tarball = target().join(name);
    let world = world()?;
    Ok(Packed {
        folder,
        tarball,
        world,
    })
}

/// Lists as a page may find them, published now.
fn world() -> Result<PathBuf> {
    let world = target().join("checkout-world");
    if world.exists() {
        fs::remove_dir_all(&world).with_context(|| world.display().to_string())?;
    }
    run(program("checkout-world")?.arg(&world))?;
    Ok(world)
}

fn with_folders(command: &mut Command, world: &Path, package: &Path) {
    command.arg("--world").arg(world);
    command.arg("--package").arg(package);
    command
        .arg("--host-package")
        .arg(root().join("host-example/node"));
}

fn subject(build: &str, package: &Path) -> String {
    format!(
        "chromium-{build}=node {} {build} {} {}",
        root().join("tests/js/subject-chromium.mjs").display(),
        package.display(),
        root().join("fixtures").display()
    )
}

/// A test of what the package is made from.
fn of_sources(name: &str) -> Command {
    let mut command = script(name);
    command.arg(generated()).arg(root().join("fixtures"));
    command
}

fn script(name: &str) -> Command {
    let mut command = Command::new("node");
    command
        .current_dir(root())
        .arg(root().join("tests/js").join(name));
    command
}

/// The path of a Chromium, which tests take as `CHROMIUM`.
fn chromium() -> Option<PathBuf> {
    let folders: Vec<_> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|path| path.is_file())
}
