//! `interdict-publish --version --json`.

use interdict_core::wire::Versions;

/// The line in `wasm/dist` about the module of the same release, with which gateways read what this publishes.
const MODULE: &str = include_str!("../module.sha256");

/// Those of this program.
pub(crate) fn versions() -> Versions<'static> {
    let module = MODULE.split(' ').next().unwrap_or_default();
    Versions::of(
        "interdict-publish",
        env!("CARGO_PKG_VERSION"),
        option_env!("INTERDICT_COMMIT"),
        module.to_owned(),
    )
}
