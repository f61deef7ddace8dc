//! The JavaScript package, made from the compiled `interdict-js`. It has wasm-bindgen's glue and types
//! for the web, and the files of `wasm/js/package`, which load it in Node and in browsers.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::shell::root;

/// Files that are copied as they are, but for the version.
const FILES: [&str; 5] = [
    "README.md",
    "browser.js",
    "index.d.ts",
    "node.js",
    "package.json",
];
/// The placeholder in `package.json` for the workspace's version.
const VERSION: &str = "\"version\": \"0.0.0\"";

/// Writes the package made of `wasm` to the folder `out`, which is replaced.
pub(crate) fn generate(wasm: &Path, out: &Path) -> Result<()> {
    if out.exists() {
        fs::remove_dir_all(out).with_context(|| out.display().to_string())?;
    }
    fs::create_dir_all(out).with_context(|| out.display().to_string())?;
    Bindgen::new()
        .input_path(wasm)
        .out_name("interdict")
        .web(true)?
        .typescript(true)
        // The library leaves it out: then `init()` without an argument throws, and bundlers do not
        // find the wasm file.
        .omit_default_module_path(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(out)?;
    let from = root().join("wasm/js/package");
    for name in FILES {
        let path = from.join(name);
        let mut text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        if name == "package.json" {
            if !text.contains(VERSION) {
                bail!("{} lacks {VERSION}", path.display());
            }
            text = text.replace(
                VERSION,
                concat!("\"version\": \"", env!("CARGO_PKG_VERSION"), "\""),
            );
        }
        fs::write(out.join(name), text)?;
    }
    Ok(())
}
