//! `interdict --version --json`.

use interdict_core::common::hex;
use interdict_core::wire::Versions;
use interdict_host::Module;

/// Those of this program and of the module in it.
pub(crate) fn versions() -> Versions<'static> {
    Versions::of(
        "interdict",
        env!("CARGO_PKG_VERSION"),
        option_env!("INTERDICT_COMMIT"),
        hex::text(&Module::built_in_sha256()),
    )
}
