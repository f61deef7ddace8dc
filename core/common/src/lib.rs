//! What every other room builds on: byte strings, hexadecimal, bounded JSON, message schemas, sorting and time.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![deny(
    clippy::expect_used,
    clippy::fallible_impl_from,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "foreign input must never stop the module"
)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        reason = "foreign input must never stop the module"
    ),
    deny(clippy::too_many_lines, reason = "a function is read in one piece")
)]

extern crate alloc;

pub mod bytes;
pub mod hex;
pub mod json;
pub mod schema;
pub mod sort;
pub mod time;
