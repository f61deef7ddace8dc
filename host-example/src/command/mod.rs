//! One file for each command; `words.rs` is how they speak.

pub(crate) mod check;
pub(crate) mod describe;
pub(crate) mod enrol;
pub(crate) mod refresh;
pub(crate) mod screen;
pub(crate) mod tuf_client;
mod words;
