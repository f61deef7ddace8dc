//! Errors as JavaScript throws them.

use interdict_core::wire::{CallError, Error, Refusal};
use serde::Serialize as _;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

/// An error named `InterdictError`, with `code`, `codeName` and `path`.
pub(crate) fn exception(error: &Error) -> JsValue {
    refusal(&error.into())
}

/// The same of a refusal that may have a receipt.
pub(crate) fn refusal(refusal: &Refusal<'_>) -> JsValue {
    let exception = js_sys::Error::new(&refusal.message);
    let receipt = refusal.receipt.as_ref();
    let receipt = receipt.and_then(|one| one.serialize(&Serializer::json_compatible()).ok());
    let properties = [
        ("name", JsValue::from("InterdictError")),
        ("code", refusal.code.into()),
        ("codeName", refusal.name.into()),
        ("path", refusal.path.as_str().into()),
    ];
    let receipt = receipt.map(|receipt| ("receipt", receipt));
    for (name, value) in properties.into_iter().chain(receipt) {
        // A new error object of the language's own takes every property.
        let _ = js_sys::Reflect::set(&exception, &name.into(), &value);
    }
    exception.into()
}

pub(crate) fn out_of_memory() -> JsValue {
    exception(&CallError::OutOfMemory.into())
}
