//! The JavaScript package: the operations of `docs/abi.md` with objects for messages. It translates
//! and decides nothing; `types.d.ts` beside this file is what TypeScript sees.
//!
//! ```js
//! import { Interdict } from "interdict";
//! const interdict = new Interdict();
//! interdict.screen({ flow: "payout", identifiers: [{ kind: "domain", value: "shop.example" }] });
//! ```
#![cfg_attr(
    not(test),
    deny(clippy::too_many_lines, reason = "a function is read in one piece")
)]

mod exception;
mod foreign;
#[cfg(any(test, target_family = "wasm"))]
mod words;

use interdict_core::engine::Engine;
use interdict_core::wire::{self, Error, MAX_CONFIGURE, MAX_MESSAGE};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use exception::{exception, out_of_memory, refusal};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.d.ts");

#[wasm_bindgen(typescript_custom_section)]
const WORDS: &str = words::DECLARATIONS;

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
    #[wasm_bindgen(unchecked_return_type = "Configured")]
    pub fn configure(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Configuration")] message: JsValue,
        now: Option<f64>,
    ) -> Result<JsValue, JsValue> {
        let message = foreign::read(message, MAX_CONFIGURE)?;
        answer(wire::configure(&mut self.0, &message, seconds(now)))
    }

    /// Says which file an update needs; with `begin` it starts one first, with `target` a walk for
    /// that file alone.
    ///
    /// # Errors
    /// An `InterdictError`.
    #[wasm_bindgen(unchecked_return_type = "Progress")]
    pub fn poll(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "PollMessage")] message: JsValue,
        now: Option<f64>,
    ) -> Result<JsValue, JsValue> {
        let message = foreign::read(message, MAX_MESSAGE)?;
        answer(wire::poll(&mut self.0, &message, seconds(now)))
    }

    /// Takes the file that was asked for, or that it was not to be had.
    ///
    /// # Errors
    /// An `InterdictError`. The update has ended, and the live releases stay as they were.
    #[wasm_bindgen(unchecked_return_type = "Progress")]
    pub fn supply(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "SupplyMessage")] message: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "Uint8Array | null")] file: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "number | null")] now: Option<f64>,
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
    #[wasm_bindgen(unchecked_return_type = "Verdict")]
    pub fn screen(
        &self,
        #[wasm_bindgen(unchecked_param_type = "ScreenMessage")] message: JsValue,
        now: Option<f64>,
    ) -> Result<JsValue, JsValue> {
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
    #[wasm_bindgen(unchecked_return_type = "State")]
    pub fn state(&self, now: Option<f64>) -> Result<JsValue, JsValue> {
        let message = wire::empty();
        answer(wire::state(&self.0, &message, seconds(now)))
    }

    /// Says what this module is, and how it understands the identifiers given.
    ///
    /// # Errors
    /// An `InterdictError`.
    #[wasm_bindgen(unchecked_return_type = "Description")]
    pub fn describe(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "DescribeMessage")] message: JsValue,
    ) -> Result<JsValue, JsValue> {
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

#[cfg(test)]
mod tests {
    use interdict_core::engine::{Because, Doubt, Language, ReasonCode};
    use interdict_core::identifier::{Kind, Relation};
    use interdict_core::list::{Action, Category, Handling};
    use interdict_core::policy::Flow;
    use interdict_core::rules::Signal;
    use interdict_core::trust::Freshness;
    use interdict_core::wire::Code;

    use super::words::DECLARATIONS;

    /// The words of a union.
    fn words(name: &str) -> Vec<&'static str> {
        let begin = format!("export type {name} =");
        let (_, declared) = DECLARATIONS.split_once(&begin).unwrap();
        let (union, _) = declared.split_once(';').unwrap();
        union.split('"').skip(1).step_by(2).collect()
    }

    #[test]
    fn the_types_list_every_word_of_the_core_and_no_other() {
        fn names<T: Copy>(all: &[T], name: fn(T) -> &'static str) -> Vec<&'static str> {
            all.iter().map(|one| name(*one)).collect()
        }
        for (union, expected) in [
            ("Flow", names(&Flow::ALL, Flow::name)),
            ("Action", names(&Action::ALL, Action::name)),
            ("Because", names(&Because::ALL, Because::name)),
            ("Doubt", names(&Doubt::ALL, Doubt::name)),
            ("Freshness", names(&Freshness::ALL, Freshness::name)),
            ("Category", names(&Category::ALL, Category::name)),
            ("Handling", names(&Handling::ALL, Handling::name)),
            ("Relation", names(&Relation::ALL, Relation::name)),
            ("Language", names(&Language::ALL, Language::name)),
            ("Kind", names(Kind::ALL, Kind::name)),
            ("ReasonCode", names(ReasonCode::ALL, ReasonCode::name)),
            ("CodeName", names(Code::ALL, Code::name)),
        ] {
            assert_eq!(words(union), expected, "{union}");
        }
    }

    #[test]
    fn the_types_list_every_signal_that_a_request_may_hold_and_no_other() {
        let begin = "export interface Signals {\n";
        let (_, declared) = DECLARATIONS.split_once(begin).unwrap();
        let (members, _) = declared.split_once("\n}\n").unwrap();
        let members = members
            .lines()
            .filter_map(|line| line.split_once("?: Optional<"));
        let found: Vec<_> = members.map(|(name, _)| name.trim_start()).collect();
        let given = Signal::ALL.iter().filter(|signal| !signal.is_derived());
        let mut expected: Vec<_> = given.map(|signal| signal.name()).collect();
        expected.push("declared_urls");
        assert_eq!(found, expected);
    }
}
