//! `interdict --version --json`.

use std::ffi::OsString;

use interdict_core::common::hex;
use interdict_core::wire::Versions;
use interdict_host::Module;

/// Whether these arguments, the program's name first, ask for nothing but the versions.
pub(crate) fn are_asked(arguments: impl Iterator<Item = OsString>) -> bool {
    let mut arguments: Vec<_> = arguments.skip(1).collect();
    arguments.sort();
    arguments == ["--json", "--version"]
}

/// Of this program and of the module in it, as one line of JSON.
pub(crate) fn json() -> String {
    let versions = Versions::of(
        "interdict",
        env!("CARGO_PKG_VERSION"),
        option_env!("INTERDICT_COMMIT"),
        hex::text(&Module::built_in_sha256()),
    );
    serde_json::json!(versions).to_string()
}
