//! What wasm-bindgen makes of the compiled `interdict-js`: glue for the web, and the module.

use std::path::Path;

use anyhow::Result;
use wasm_bindgen_cli_support::Bindgen;

/// Writes `interdict.js` and `interdict_bg.wasm` to the folder `out`.
pub(crate) fn generate(wasm: &Path, out: &Path) -> Result<()> {
    Bindgen::new()
        .input_path(wasm)
        .out_name("interdict")
        .web(true)?
        .typescript(false)
        // The library leaves it out: then `init()` without an argument throws, and bundlers do not
        // find the wasm file.
        .omit_default_module_path(false)
        // A trap leaves the one instance as it is; this starts another.
        .reset_state_function(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(out)?;
    Ok(())
}
