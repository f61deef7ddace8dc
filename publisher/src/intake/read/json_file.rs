//! JSON: an object a line, or an array whose elements are read one by one.

use std::fmt;
use std::io::BufRead;

use interdict_core::common::json::{JsonError, Limits, Value, parse};
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

use super::super::rule::Rule;
use super::lines::Lines;
use super::mapping::{Column, Names};
use super::row::{Field, Fields, LineRow, URL};
use crate::error::{FileError, PublisherError, Result};

/// One row: an object, and in it one array of flags.
const ROW_LIMITS: Limits = Limits {
    depth: 2,
    nodes: 64,
};

/// One object a line.
pub(super) fn each_line(
    text: impl BufRead,
    names: Names<'_>,
    act: &mut dyn FnMut(LineRow) -> Result<()>,
) -> Result<()> {
    let mut lines = Lines::new(text);
    while let Some((line, text)) = lines.next()? {
        if !text.trim_ascii().is_empty() {
            act(LineRow::new(line, row(text, names)))?;
        }
    }
    Ok(())
}

/// One array of objects, domains or web addresses: the text, or a member of the object that it is.
pub(super) fn each_item(
    text: impl BufRead,
    names: Names<'_>,
    act: &mut dyn FnMut(LineRow) -> Result<()>,
) -> Result<()> {
    let place = Place {
        many: names.member,
        one: None,
    };
    let mut number = 0_u64;
    each_element(text, place, &mut |raw| {
        number = number.saturating_add(1);
        let fields = match serde_json::from_str::<String>(raw) {
            Ok(address) if address.contains("://") => Ok(Fields::of(URL, &address)),
            Ok(domain) => Ok(Fields::of("domain", &domain)),
            Err(_) => row(raw.as_bytes(), names),
        };
        act(LineRow::new(number, fields))
    })
}

fn row(text: &[u8], names: Names<'_>) -> Result<Fields, Rule> {
    let value = parse(text, ROW_LIMITS).map_err(rule_of)?;
    let object = value.as_object().ok_or(Rule::Syntax)?;
    let mut fields = Fields::default();
    let mut seen = Vec::new();
    for (name, value) in object.members() {
        let field = match names.find(name) {
            Column::Field(field) => field,
            Column::Ignored => continue,
            Column::Card => return Err(Rule::CardNumber),
            Column::Unknown => return Err(Rule::UnknownField),
        };
        if seen.contains(&field) {
            return Err(Rule::DuplicateField);
        }
        seen.push(field);
        match (field, value) {
            (_, Value::String(text)) => fields.set(field, text),
            (Field::Confidence, Value::Integer(number)) => fields.set(field, &number.to_string()),
            (Field::Flags, Value::Array(flags)) => {
                let names: Option<Vec<&str>> = flags.iter().map(Value::as_str).collect();
                fields.set(field, &names.ok_or(Rule::FieldType)?.join(" "));
            }
            _ => return Err(Rule::FieldType),
        }
    }
    Ok(fields)
}

const fn rule_of(error: JsonError) -> Rule {
    match error {
        JsonError::DuplicateMember => Rule::DuplicateField,
        JsonError::NonInteger => Rule::FieldType,
        JsonError::Utf8 => Rule::Encoding,
        JsonError::Syntax | JsonError::TooDeep | JsonError::TooManyValues => Rule::Syntax,
    }
}

/// Where the elements of a text lie, beside in the array that the text itself may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place<'a> {
    /// In an array that is this member of the object.
    pub(super) many: Option<&'a str>,
    /// This member of the object is the only element.
    pub(super) one: Option<&'a str>,
}

impl Place<'_> {
    const ARRAY: Self = Self {
        many: None,
        one: None,
    };
}

/// Every element of a text, of which only one is in memory at a time.
pub(super) fn each_element(
    text: impl BufRead,
    place: Place<'_>,
    act: &mut dyn FnMut(&str) -> Result<()>,
) -> Result<()> {
    let mut stopped = None;
    let mut deserializer = serde_json::Deserializer::from_reader(text);
    let seed = Elements {
        place,
        act,
        stopped: &mut stopped,
    };
    let read = seed
        .deserialize(&mut deserializer)
        .and_then(|()| deserializer.end());
    match (stopped, read) {
        (Some(error), _) => Err(error),
        (None, Ok(())) => Ok(()),
        (None, Err(error)) if error.is_io() => Err(super::lines::unreadable(error.into())),
        (None, Err(_)) => Err(FileError::Json(JsonError::Syntax).into()),
    }
}

struct Elements<'a> {
    place: Place<'a>,
    act: &'a mut dyn FnMut(&str) -> Result<()>,
    /// Why reading ended early.
    stopped: &'a mut Option<PublisherError>,
}

impl<'de> DeserializeSeed<'de> for Elements<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.place == Place::ARRAY {
            deserializer.deserialize_seq(self)
        } else {
            deserializer.deserialize_any(self)
        }
    }
}

impl Elements<'_> {
    fn hand_on<E: serde::de::Error>(&mut self, raw: &str) -> Result<(), E> {
        (self.act)(raw).map_err(|error| {
            *self.stopped = Some(error);
            E::custom("stopped")
        })
    }
}

impl<'de> Visitor<'de> for Elements<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<(), A::Error> {
        while let Some(raw) = elements.next_element::<Box<RawValue>>()? {
            self.hand_on(raw.get())?;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        let mut found = false;
        while let Some(name) = members.next_key::<String>()? {
            if ![self.place.many, self.place.one].contains(&Some(name.as_str())) {
                members.next_value::<IgnoredAny>()?;
                continue;
            }
            if std::mem::replace(&mut found, true) {
                return Err(A::Error::custom("twice"));
            }
            if self.place.one == Some(name.as_str()) {
                let raw = members.next_value::<Box<RawValue>>()?;
                self.hand_on(raw.get())?;
                continue;
            }
            members.next_value_seed(Elements {
                place: Place::ARRAY,
                act: &mut *self.act,
                stopped: &mut *self.stopped,
            })?;
        }
        if found {
            Ok(())
        } else {
            Err(A::Error::custom("no such member"))
        }
    }
}
