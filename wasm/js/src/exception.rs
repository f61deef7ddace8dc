//! Errors as JavaScript throws them.

use interdict_core::wire::{CallError, Error};
use wasm_bindgen::JsValue;

/// The `InterdictError` of `types.d.ts`.
pub(crate) fn exception(error: Error) -> JsValue {
    let exception = js_sys::Error::new(&error.to_string());
    for (name, value) in [
        ("name", JsValue::from("InterdictError")),
        ("code", error.code().number().into()),
        ("codeName", error.code().name().into()),
        ("path", error.path().to_string().into()),
    ] {
        // A new error object of the language's own takes every property.
        let _ = js_sys::Reflect::set(&exception, &name.into(), &value);
    }
    exception.into()
}

pub(crate) fn out_of_memory() -> JsValue {
    exception(CallError::OutOfMemory.into())
}
