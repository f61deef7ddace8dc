//! `interdict-publish --version --json`.

use std::ffi::OsString;

use interdict_core::wire::Versions;

/// The line in `wasm/dist` about the module of the same release, with which gateways read what this publishes.
const MODULE: &str = include_str!("../module.sha256");

/// Whether these arguments, the program's name first, ask for nothing but the versions.
pub(crate) fn are_asked(arguments: impl Iterator<Item = OsString>) -> bool {
    let mut arguments: Vec<_> = arguments.skip(1).collect();
    arguments.sort();
    arguments == ["--json", "--version"]
}

/// Of this program, as one line of JSON.
pub(crate) fn json() -> String {
    let module = MODULE.split(' ').next().unwrap_or_default();
    let versions = Versions::of(
        "interdict-publish",
        env!("CARGO_PKG_VERSION"),
        option_env!("INTERDICT_COMMIT"),
        module.to_owned(),
    );
    serde_json::json!(versions).to_string()
}
