//! Building JSON values and writing them as files.

use std::borrow::Cow;

use interdict_core::common::json::{Object, Value};

pub(crate) type Json = Value<'static>;

pub(crate) fn text(text: impl Into<String>) -> Json {
    Value::String(Cow::Owned(text.into()))
}

pub(crate) fn integer(number: impl Into<i64>) -> Json {
    Value::Integer(number.into())
}

/// An object of members whose names differ; of two with one name none is kept.
pub(crate) fn object<N: Into<Cow<'static, str>>>(
    members: impl IntoIterator<Item = (N, Json)>,
) -> Json {
    let members = members
        .into_iter()
        .map(|(name, value)| (name.into(), value))
        .collect();
    Value::Object(Object::from_members(members).unwrap_or_default())
}

/// The JSON text of a value: members sorted, no space, everything escaped that JSON asks for. (The
/// canonical form signatures cover is not JSON: it leaves line breaks as they are.)
pub(crate) fn encode(value: &Value<'_>) -> Vec<u8> {
    serde(value).to_string().into_bytes()
}

fn serde(value: &Value<'_>) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Integer(number) => (*number).into(),
        Value::String(text) => text.as_ref().into(),
        Value::Array(items) => items.iter().map(serde).collect(),
        Value::Object(object) => object
            .members()
            .iter()
            .map(|(name, value)| (name.clone().into_owned(), serde(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use interdict_core::common::json::{Limits, parse};

    #[test]
    fn what_is_written_reads_back_as_the_same_value() {
        let value = object([
            ("pem", text("-----BEGIN\n\"x\"\\\u{1}\u{e5}")),
            (
                "items",
                Value::Array(vec![integer(-7), Value::Null, Value::Bool(true)]),
            ),
        ]);
        assert_eq!(
            parse(
                &encode(&value),
                Limits {
                    depth: 3,
                    nodes: 20
                }
            ),
            Ok(value)
        );
    }
}
