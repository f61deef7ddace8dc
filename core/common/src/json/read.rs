use alloc::borrow::{Cow, ToOwned as _};
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::Cell;
use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::value::{Object, Value};

/// How large and how deep one JSON text may be.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Most containers nested in each other. Keep it at 100 or less: serde_json itself stops at 128.
    pub depth: u32,
    /// Most values in total, containers included.
    pub nodes: u32,
}

/// Why a JSON text was refused. Carries none of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonError {
    /// An object has two members of one name: two readers could see two different messages.
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
    let text = core::str::from_utf8(bytes).map_err(|_| JsonError::Utf8)?;
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

struct Budget {
    nodes: Cell<u32>,
    /// The reason to report: a serde source only says that it failed.
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

    #[inline(never)]
    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let inner = self.inner()?;
        let mut items = Vec::new();
        while let Some(item) = elements.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    #[inline(never)]
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

/// Reads a member name, borrowed from the input where it holds no escapes.
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
