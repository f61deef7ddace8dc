//! The writer of JSON: whatever value it is given, it writes what `serde_json` writes, or refuses a float.
#![no_main]

use interdict_core::common::json::write;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fn has_float(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(items) => items.iter().any(has_float),
        Value::Object(members) => members.values().any(has_float),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

fuzz_target!(|input: &[u8]| {
    // Text that is no JSON is written as a string.
    let value = serde_json::from_slice(input)
        .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(input).into_owned()));
    let mut out = Vec::new();
    let written = write(&value, &mut out);
    assert_eq!(written.is_err(), has_float(&value), "{value}");
    if written.is_ok() {
        let expected = serde_json::to_vec(&value).expect("a value is JSON");
        assert_eq!(out, expected, "{value}");
    }
});
