//! What the messages of `docs/abi.md` are read as, and where they are refused.

mod blocks;
mod codes;
mod configurations;
mod operations;
mod policies;
mod requests;
mod signals;
mod walks;

use super::Error;
use crate::common::json::Value;
use crate::common::schema::read;
use crate::engine::{Engine, Request};

const NOW: u32 = 1_795_309_323;

fn message(text: &str) -> Value<'_> {
    read(text.as_bytes(), 1 << 20).unwrap()
}

/// The request that a text is read as where nothing is configured.
fn request(text: &str) -> Result<Request, Error> {
    let engine = Engine::default();
    super::request(&message(text), &engine).map(|(request, _)| request)
}

/// The name of the code that something was refused with, and the place.
fn told<T: core::fmt::Debug>(refused: Result<T, Error>) -> (&'static str, String) {
    let error = refused.unwrap_err();
    (error.code().name(), error.path().to_string())
}

/// The same in one text: `unknown_field at signals`.
fn refusal<T: core::fmt::Debug>(refused: Result<T, Error>) -> String {
    let (code, path) = told(refused);
    format!("{code} at {path}")
}
