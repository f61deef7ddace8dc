//! JSON as the messages and the trust metadata need it: integers only, no member twice, bounded
//! depth and size. One [`Value`] serves both, and whatever serde reads from (bytes here, JavaScript
//! objects in the browser package) passes the same checks.
//!
//! ```
//! use interdict_common::json::{JsonError, Limits, parse};
//!
//! let limits = Limits { depth: 4, nodes: 100 };
//! let value = parse(br#"{"b":1,"a":"x"}"#, limits).unwrap();
//! assert_eq!(value.canonical(), br#"{"a":"x","b":1}"#);
//! assert_eq!(parse(br#"{"a":1,"a":2}"#, limits), Err(JsonError::DuplicateMember));
//! ```

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// A JSON value whose strings borrow from the input where they hold no escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number without fraction or exponent.
    Integer(i64),
    /// A string, unescaped.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Self>),
    /// An object; every member name occurs once.
    Object(Object<'a>),
}

/// The members of an object, sorted by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Object<'a>(Vec<(Cow<'a, str>, Value<'a>)>);

/// How much one text may hold.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Containers inside each other; at most 100, below where serde_json itself stops (128).
    pub depth: u32,
    /// Values in all, containers included.
    pub nodes: u32,
}

/// Why a text is not acceptable JSON. Carries nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonError {
    /// An object names a member twice: two readers could see two different messages.
    DuplicateMember,
    /// A fraction, an exponent, or an integer outside 64 bits.
    NonInteger,
    /// Not JSON.
    Syntax,
    /// Containers nested deeper than [`Limits::depth`].
    TooDeep,
    /// More values than [`Limits::nodes`].
    TooManyValues,
    /// Not UTF-8.
    Utf8,
}

/// Reads one JSON text.
///
/// # Errors
/// A [`JsonError`]; text after the value is [`JsonError::Syntax`].
pub fn parse(bytes: &[u8], limits: Limits) -> Result<Value<'_>, JsonError> {
    let text = std::str::from_utf8(bytes).map_err(|_| JsonError::Utf8)?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = read(&mut deserializer, limits)?;
    deserializer.end().map_err(|_| JsonError::Syntax)?;
    Ok(value)
}

/// Reads one value from any serde source, with the same checks as [`parse`].
///
/// # Errors
/// A [`JsonError`]; whatever the source itself refuses is [`JsonError::Syntax`].
pub fn read<'a, D: Deserializer<'a>>(
    deserializer: D,
    limits: Limits,
) -> Result<Value<'a>, JsonError> {
    let budget = Budget {
        nodes: Cell::new(limits.nodes),
        fault: Cell::new(JsonError::Syntax),
    };
    Seed {
        depth: limits.depth,
        budget: &budget,
    }
    .deserialize(deserializer)
    .map_err(|_| budget.fault.get())
}

impl<'a> Value<'a> {
    /// The object inside, if it is one.
    #[must_use]
    pub const fn as_object(&self) -> Option<&Object<'a>> {
        if let Self::Object(object) = self {
            Some(object)
        } else {
            None
        }
    }

    /// The elements, if it is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        if let Self::Array(items) = self {
            Some(items)
        } else {
            None
        }
    }

    /// The text, if it is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self {
            Some(text)
        } else {
            None
        }
    }

    /// The number, if it is one.
    #[must_use]
    pub const fn as_integer(&self) -> Option<i64> {
        if let Self::Integer(number) = self {
            Some(*number)
        } else {
            None
        }
    }

    /// The truth value, if it is one.
    #[must_use]
    pub const fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self {
            Some(*value)
        } else {
            None
        }
    }

    /// OLPC canonical JSON, the form TUF signatures cover (TUF 1.0.34 §4.2.1): members sorted by
    /// code point, no space, `"` and `\` the only escapes.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write_canonical(&mut out);
        out
    }

    fn write_canonical(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend_from_slice(b"null"),
            Self::Bool(true) => out.extend_from_slice(b"true"),
            Self::Bool(false) => out.extend_from_slice(b"false"),
            Self::Integer(number) => out.extend_from_slice(number.to_string().as_bytes()),
            Self::String(text) => write_canonical_string(text, out),
            Self::Array(items) => {
                out.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    item.write_canonical(out);
                }
                out.push(b']');
            }
            Self::Object(object) => {
                out.push(b'{');
                for (index, (name, value)) in object.0.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    write_canonical_string(name, out);
                    out.push(b':');
                    value.write_canonical(out);
                }
                out.push(b'}');
            }
        }
    }

    /// The same value with every string owned.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(value),
            Self::Integer(number) => Value::Integer(number),
            Self::String(text) => Value::String(Cow::Owned(text.into_owned())),
            Self::Array(items) => Value::Array(items.into_iter().map(Value::into_owned).collect()),
            Self::Object(Object(members)) => Value::Object(Object(
                members
                    .into_iter()
                    .map(|(name, value)| (Cow::Owned(name.into_owned()), value.into_owned()))
                    .collect(),
            )),
        }
    }
}

impl<'a> Object<'a> {
    /// The value of a member.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.position(name)
            .and_then(|index| self.0.get(index))
            .map(|(_, value)| value)
    }

    /// Where a member stands in [`Object::members`].
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.0
            .binary_search_by(|(member, _)| (**member).cmp(name))
            .ok()
    }

    /// The members, sorted by name.
    #[must_use]
    pub fn members(&self) -> &[(Cow<'a, str>, Value<'a>)] {
        &self.0
    }

    /// Builds an object; of two members with one name this is `None`.
    #[must_use]
    pub fn from_members(mut members: Vec<(Cow<'a, str>, Value<'a>)>) -> Option<Self> {
        members.sort_by(|(left, _), (right, _)| left.cmp(right));
        let twice = members
            .windows(2)
            .any(|pair| matches!(pair, [(a, _), (b, _)] if a == b));
        (!twice).then_some(Self(members))
    }
}

fn write_canonical_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for &byte in text.as_bytes() {
        if byte == b'"' || byte == b'\\' {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
}

struct Budget {
    nodes: Cell<u32>,
    /// What to report when the source says no more than "failed".
    fault: Cell<JsonError>,
}

#[derive(Clone, Copy)]
struct Seed<'b> {
    depth: u32,
    budget: &'b Budget,
}

impl Seed<'_> {
    fn fail<E: serde::de::Error>(self, fault: JsonError) -> E {
        self.budget.fault.set(fault);
        E::custom("refused")
    }

    fn inner<E: serde::de::Error>(self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth, ..self }),
            None => Err(self.fail(JsonError::TooDeep)),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        match self.budget.nodes.get().checked_sub(1) {
            Some(left) => self.budget.nodes.set(left),
            None => return Err(self.fail(JsonError::TooManyValues)),
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Value::Integer(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Self::Value, E> {
        i64::try_from(value)
            .map(Value::Integer)
            .map_err(|_| self.fail(JsonError::NonInteger))
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Self::Value, E> {
        Err(self.fail(JsonError::NonInteger))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Value::String(Cow::Owned(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
        Ok(Value::String(Cow::Owned(text)))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Value::String(Cow::Borrowed(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let inner = self.inner()?;
        let mut items = Vec::new();
        while let Some(item) = elements.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let inner = self.inner()?;
        let mut all = Vec::new();
        while let Some(name) = members.next_key_seed(Name)? {
            all.push((name, members.next_value_seed(inner)?));
        }
        Object::from_members(all)
            .map(Value::Object)
            .ok_or_else(|| self.fail(JsonError::DuplicateMember))
    }
}

/// A member name, borrowed where it can be.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        depth: 3,
        nodes: 20,
    };

    #[test]
    fn canonical_form_sorts_members_and_escapes_only_quote_and_backslash() {
        let text = "{\"b\":[1,true,null],\"\u{e5}\":\"\\n\\\"\\\\\\u00e9\",\"a\":-5}";
        let expected = "{\"a\":-5,\"b\":[1,true,null],\"\u{e5}\":\"\n\\\"\\\\\u{e9}\"}";
        let canonical = parse(text.as_bytes(), LIMITS).unwrap().canonical();
        assert_eq!(String::from_utf8(canonical).unwrap(), expected);
    }

    #[test]
    fn each_refusal_is_its_own_error() {
        for (text, error) in [
            (&b"{\"a\":1,\"a\":1}"[..], JsonError::DuplicateMember),
            (b"{\"a\":1,\"\\u0061\":1}", JsonError::DuplicateMember),
            (b"1.5", JsonError::NonInteger),
            (b"1e3", JsonError::NonInteger),
            (b"9223372036854775808", JsonError::NonInteger),
            (b"[[[[]]]]", JsonError::TooDeep),
            (
                b"[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]",
                JsonError::TooManyValues,
            ),
            (b"\"\xff\"", JsonError::Utf8),
            (b"{", JsonError::Syntax),
            (b"", JsonError::Syntax),
            (b"1 2", JsonError::Syntax),
            (b"\"\\ud800\"", JsonError::Syntax),
        ] {
            assert_eq!(
                parse(text, LIMITS),
                Err(error),
                "{}",
                String::from_utf8_lossy(text)
            );
        }
        assert!(parse(b"[[[]]]", LIMITS).is_ok());
    }
}
