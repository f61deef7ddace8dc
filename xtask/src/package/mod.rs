//! The npm package for checkout pages. This makes what comes from Rust, in `wasm/js/package/generated`: the build
//! that wasm-bindgen makes of the core, a copy of the committed module for pages, and the sentences of the core.
//! `build.mjs` of the package makes the rest of it.

#[cfg(feature = "js")]
mod glue;
mod texts;
mod users;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use interdict_core::engine::Language;

use crate::module;
use crate::shell::{cargo, present, root, run, target};

#[cfg(feature = "js")]
pub(crate) use glue::generate as generate_glue;
pub(crate) use users::{bench, checkout, part};

const EDGE: &str = "interdict-edge.wasm";

/// Makes the package, ready for `npm pack`, in the folder `out`.
pub(crate) fn package(out: Option<PathBuf>) -> Result<PathBuf> {
    let out = out.map_or_else(|| target().join("package"), |out| root().join(out));
    for program in ["node", "npm"] {
        if !present(program) {
            bail!(
                "the package needs {program}: install Node 20 or later, which brings node and npm"
            );
        }
    }
    generate()?;
    let in_package = |program: &str| {
        let mut command = Command::new(program);
        command.current_dir(folder());
        command
    };
    install(&folder())?;
    run(in_package("node").arg("make-trial.mjs"))?;
    run(in_package("node").arg("build.mjs").arg(&out))?;
    println!("{}", out.display());
    Ok(out)
}

/// Makes what the package has from Rust.
pub(crate) fn generate() -> Result<()> {
    module::compile(&module::Build::of(
        "interdict-js",
        "wasm-js",
        "interdict_js",
    ))?;
    let wasm = target().join("module/wasm32-unknown-unknown/wasm-js/interdict_js.wasm");
    let out = generated();
    fs::create_dir_all(out.join("texts")).with_context(|| out.display().to_string())?;
    run(cargo(&[
        "run",
        "--quiet",
        "--locked",
        "--package",
        "xtask",
        "--features",
        "js",
        "--",
        "generate-package",
    ])
    .arg(wasm)
    .arg(&out))?;
    let edge = root().join("wasm/dist").join(EDGE);
    fs::copy(&edge, out.join(EDGE)).with_context(|| edge.display().to_string())?;
    for language in Language::ALL {
        let path = out.join(format!("texts/{}.js", language.name()));
        fs::write(path, texts::module(language)?)?;
    }
    Ok(())
}

/// Installs what a folder's lock file names.
fn install(folder: &Path) -> Result<()> {
    run(Command::new("npm")
        .current_dir(folder)
        .args(["ci", "--silent", "--no-audit", "--no-fund"]))
}

/// Where it is made. Nothing in it is committed.
pub(crate) fn generated() -> PathBuf {
    folder().join("generated")
}

fn folder() -> PathBuf {
    root().join(Path::new("wasm/js/package"))
}
