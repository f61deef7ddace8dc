//! The full build of the npm package: the operations of `docs/abi.md` with objects for messages. It
//! translates and decides nothing. The package's class `Screener` calls it, and its users do not see it.
//!
//! ```js
//! const interdict = new Interdict();
//! interdict.screen({ flow: "payout", identifiers: [{ kind: "domain", value: "shop.example" }] });
//! ```
#![cfg_attr(
    not(test),
    deny(clippy::too_many_lines, reason = "a function is read in one piece")
)]

mod exception;
mod foreign;

use interdict_core::engine::Engine;
use interdict_core::wire::{self, Error, MAX_CONFIGURE, MAX_MESSAGE};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use exception::{exception, out_of_memory, refusal};

/// One engine: its coalitions, their lists and keys, and the policy.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Interdict(Engine);

#[wasm_bindgen]
impl Interdict {
    /// An engine without coalitions: until it is configured no verdict is a clean one.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets coalitions, keys, policy and receipt key; each member given replaces what was there.
    ///
    /// # Errors
    /// An `InterdictError`; nothing has changed.
    pub fn configure(&mut self, message: JsValue, now: Option<f64>) -> Result<JsValue, JsValue> {
        let message = foreign::read(message, MAX_CONFIGURE)?;
        answer(wire::configure(&mut self.0, &message, seconds(now)))
    }

    /// Says which file an update needs; with `begin` it starts one first, with `target` a walk for
    /// that file alone.
    ///
    /// # Errors
    /// An `InterdictError`.
    pub fn poll(&mut self, message: JsValue, now: Option<f64>) -> Result<JsValue, JsValue> {
        let message = foreign::read(message, MAX_MESSAGE)?;
        answer(wire::poll(&mut self.0, &message, seconds(now)))
    }

    /// Takes the file that was asked for, or that it was not to be had.
    ///
    /// # Errors
    /// An `InterdictError`. The update has ended, and the live releases stay as they were.
    pub fn supply(
        &mut self,
        message: JsValue,
        file: &JsValue,
        now: Option<f64>,
    ) -> Result<JsValue, JsValue> {
        let message = foreign::read(message, MAX_MESSAGE)?;
        answer(wire::supply(
            &mut self.0,
            &message,
            foreign::bytes(file)?,
            seconds(now),
        ))
    }

    /// Answers one question. An error is an error, never an `allow`.
    ///
    /// # Errors
    /// An `InterdictError`.
    pub fn screen(&self, message: JsValue, now: Option<f64>) -> Result<JsValue, JsValue> {
        let message = foreign::read(message, MAX_MESSAGE)?;
        let now = seconds(now);
        match wire::screen(&self.0, &message, now) {
            Ok(verdict) => answer(Ok(verdict)),
            Err(error) => Err(refusal(&wire::screen_refusal(
                &self.0,
                Some(&message),
                &error,
                now,
            ))),
        }
    }

    /// Says what is live.
    ///
    /// # Errors
    /// An `InterdictError`.
    pub fn state(&self, now: Option<f64>) -> Result<JsValue, JsValue> {
        let message = wire::empty();
        answer(wire::state(&self.0, &message, seconds(now)))
    }

    /// Says what this module is, and how it understands the identifiers given.
    ///
    /// # Errors
    /// An `InterdictError`.
    pub fn describe(&self, message: JsValue) -> Result<JsValue, JsValue> {
        let message = match message.is_undefined() {
            true => wire::empty(),
            false => foreign::read(message, MAX_MESSAGE)?,
        };
        answer(wire::describe(&self.0, &message))
    }
}

/// Seconds since 1970, from JavaScript's clock if none are given. The conversion saturates and makes
/// zero of NaN: both lie outside what the engine takes for a time.
fn seconds(now: Option<f64>) -> u32 {
    now.unwrap_or_else(|| js_sys::Date::now() / 1000.0) as u32
}

fn answer(outcome: Result<impl Serialize, Error>) -> Result<JsValue, JsValue> {
    // Our own types are all strings and numbers below 2^53; only memory can fail.
    outcome
        .map_err(|error| exception(&error))?
        .serialize(&Serializer::json_compatible())
        .map_err(|_| out_of_memory())
}
