//! All unsafe code of this host: compiled code that was kept becomes a module again. wasmtime cannot tell whether
//! code is what its compiler wrote.

use wasmtime::{Engine, Error, Module};

use crate::store::Authentic;

/// Maps code that this host compiled and saved.
///
/// # Errors
/// The engine is not of the version or for the processor that the code was made for.
#[expect(unsafe_code, reason = "there is no checked way to load compiled code")]
pub(crate) fn mapped(engine: &Engine, code: &Authentic) -> Result<Module, Error> {
    // SAFETY: the code must be unchanged output of `Module::serialize`, of any version of wasmtime. `Authentic` is
    // made only of bytes whose MAC is right under a key of this gateway, and only `Module::cached` has such bytes
    // saved: the output of `serialize`. The bytes were copied from the file before they were checked, so that
    // nobody can change them since. Whoever knows that key or runs as this user could forge it, and
    // could as well replace this program.
    unsafe { Module::deserialize(engine, code.code()) }
}
