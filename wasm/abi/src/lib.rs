//! The zero-import module: the engine behind sixteen functions. `docs/abi.md` is the contract; here
//! bytes are found, handed to [`interdict_core::wire::call`] and copied back, nothing else.
#![cfg_attr(target_arch = "wasm32", no_std)]
#![expect(
    unsafe_code,
    reason = "a module's exports are pointers and lengths; see memory.rs"
)]
#![cfg_attr(
    not(test),
    deny(clippy::too_many_lines, reason = "a function is read in one piece")
)]

extern crate alloc;

mod clock;
mod instance;
mod memory;
#[cfg(target_arch = "wasm32")]
mod trap;

use instance::{POISONED, with};
use interdict_core::wire::{ABI_MAJOR, ABI_MINOR, NO_VERDICT, Operation};

/// Major and minor version of the exports and their contract.
const ABI_VERSION: i32 = (ABI_MAJOR << 16) | ABI_MINOR;

/// Marker: a host that finds it among the exports knows the major version without a call.
#[unsafe(no_mangle)]
pub const extern "C" fn interdict_abi_v1() {}

/// `major << 16 | minor`.
#[unsafe(no_mangle)]
pub const extern "C" fn interdict_abi_version() -> i32 {
    ABI_VERSION
}

/// A zeroed buffer of `length` bytes, 8-aligned; 0 if that is refused.
#[unsafe(no_mangle)]
pub extern "C" fn interdict_alloc(length: i32) -> i32 {
    with(0, |instance| instance.buffers.allocate(length))
}

/// Gives a buffer back; anything else is ignored.
#[unsafe(no_mangle)]
pub extern "C" fn interdict_free(pointer: i32, length: i32) {
    with((), |instance| instance.buffers.free(pointer, length));
}

/// Opens the region for one downloaded file of `length` bytes; 0 if that is refused. A second call
/// voids the first, `supply` consumes it.
#[unsafe(no_mangle)]
pub extern "C" fn interdict_file_begin(length: i32) -> i32 {
    with(0, |instance| instance.file_begin(length))
}

/// Copies the last answer again; its length, whether it fits or not.
#[unsafe(no_mangle)]
pub extern "C" fn interdict_result(out: i32, capacity: i32) -> i32 {
    with(POISONED, |instance| instance.result(out, capacity))
}

/// Copies a sentence about the last refusal, as much of it as fits; its whole length.
#[unsafe(no_mangle)]
pub extern "C" fn interdict_last_error(out: i32, capacity: i32) -> i32 {
    with(0, |instance| instance.last_error(out, capacity))
}

/// The verdict of the last operation as a number; 60 if that was not a `screen` that gave one.
#[unsafe(no_mangle)]
pub extern "C" fn interdict_verdict() -> i32 {
    with(NO_VERDICT, |instance| instance.verdict())
}

/// One fact about what the last `poll` or `supply` answered: a number, or the length of a text.
#[unsafe(no_mangle)]
pub extern "C" fn interdict_walk(question: i32, out: i32, capacity: i32) -> i32 {
    with(POISONED, |instance| {
        instance.walk(question, (out, capacity))
    })
}

macro_rules! operations {
    ($($export:ident => $operation:ident,)*) => {
        $(
            #[doc = concat!("Operation `", stringify!($operation), "`.")]
            #[unsafe(no_mangle)]
            pub extern "C" fn $export(
                input: i32,
                input_length: i32,
                now: i32,
                out: i32,
                capacity: i32,
            ) -> i32 {
                with(POISONED, |instance| {
                    let operation = Operation::$operation;
                    instance.operate(operation, (input, input_length), now, (out, capacity))
                })
            }
        )*
    };
}

operations! {
    interdict_configure => Configure,
    interdict_poll => Poll,
    interdict_supply => Supply,
    interdict_screen => Screen,
    interdict_screen_batch => ScreenBatch,
    interdict_state => State,
    interdict_describe => Describe,
}
