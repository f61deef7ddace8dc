//! Screens merchant identifiers against signed, keyed blocklists, without any I/O.
//!
//! A Rust program embeds [`engine::Engine`]. [`wire::call`] does the same with JSON messages.
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

/// Whether this is the whole of it. The other build is for a page that asks the public edition: it answers
/// `not_in_this_build` to whatever needs the rest.
pub const IS_FULL: bool = cfg!(feature = "full");

/// Writes a member that only the full build has.
fn in_full<T: serde::Serialize, S: serde::Serializer>(
    member: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match IS_FULL {
        true => member.serialize(serializer),
        false => serializer.serialize_none(),
    }
}

pub mod engine;
pub mod identifier;
pub mod list;
pub mod policy;
pub mod rules;
pub mod token;
pub mod wire;

pub use interdict_common as common;
pub use interdict_trust as trust;
