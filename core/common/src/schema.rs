//! Reading messages: every member is known by name, every refusal says where it stands in the
//! schema and never what was there.

use core::fmt;

use crate::json::{JsonError, Limits, Object, Value, parse};

/// Messages hold at most this: a request of 32 identifiers needs about a hundred values.
pub const LIMITS: Limits = Limits {
    depth: 8,
    nodes: 4096,
};

/// Largest number a message may hold: JavaScript reads it exactly.
const MAX_INTEGER: i64 = (1 << 53) - 1;

/// Where in the message schema something stands, such as `identifiers[2].value`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Path {
    /// Those beyond the length are never read, and always the same.
    segments: [Segment; DEPTH],
    length: u8,
}

/// Steps of the deepest path, `policy.coalitions[0].coverage_by_kind.domain`.
const DEPTH: usize = 5;

/// One step of a [`Path`]: a name of the schema, never one that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segment {
    /// A member.
    Name(&'static str),
    /// An element of an array, from 0.
    Index(usize),
}

/// What is wrong with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Not JSON as we read it.
    Json(JsonError),
    /// Longer than the operation reads.
    TooLarge,
    /// A member the schema does not have.
    UnknownField,
    /// A member the schema demands.
    MissingField,
    /// A value of another type than the schema's.
    WrongType,
    /// A number, a length or a form outside what the schema allows.
    OutOfRange,
    /// A word the schema does not list here.
    UnknownValue,
    /// A kind of identifier this version does not know.
    UnknownKind,
    /// More elements than the schema allows.
    TooMany,
    /// A text that looks like a card number, or a field made for one.
    CardNumber,
}

/// A message was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaError {
    /// Why.
    pub fault: Fault,
    /// Where.
    pub path: Path,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json(JsonError::Utf8) => "the message is not UTF-8",
            Self::Json(JsonError::Syntax) => "the message is not JSON",
            Self::Json(JsonError::DuplicateMember) => "an object names a member twice",
            Self::Json(JsonError::NonInteger) => "numbers must be whole, without exponent",
            Self::Json(JsonError::TooDeep) => "the message is nested too deep",
            Self::Json(JsonError::TooManyValues) => "the message holds too many values",
            Self::TooLarge => "the message is too large; split it",
            Self::UnknownField => {
                "holds a field that is not in the schema; see docs/abi.md for the ones that are"
            }
            Self::MissingField => "this field is required",
            Self::WrongType => "the value is of another type than the schema says",
            Self::OutOfRange => "the value is outside the range or form the schema says",
            Self::UnknownValue => "the word is not one the schema lists",
            Self::UnknownKind => "no such kind of identifier in this version; see describe",
            Self::TooMany => "more elements than the schema allows; split the request",
            Self::CardNumber => "looks like a card number; card data must never be sent here",
        })
    }
}

/// Reads one message.
///
/// # Errors
/// [`Fault::TooLarge`] beyond `max_size` bytes, [`Fault::Json`].
pub fn read(bytes: &[u8], max_size: usize) -> Result<Value<'_>, SchemaError> {
    let refuse = |fault| SchemaError {
        fault,
        path: Path::default(),
    };
    if bytes.len() > max_size {
        return Err(refuse(Fault::TooLarge));
    }
    parse(bytes, LIMITS).map_err(|error| refuse(Fault::Json(error)))
}

impl Default for Path {
    fn default() -> Self {
        Self {
            segments: [Segment::Index(0); DEPTH],
            length: 0,
        }
    }
}

impl Path {
    /// One step further down; beyond the schema's depth the path stays where it is.
    #[must_use]
    pub fn then(mut self, segment: Segment) -> Self {
        if let Some(free) = self.segments.get_mut(usize::from(self.length)) {
            *free = segment;
            self.length = self.length.saturating_add(1);
        }
        self
    }

    /// The member `name` of what stands here.
    #[must_use]
    pub fn member(self, name: &'static str) -> Self {
        self.then(Segment::Name(name))
    }

    /// The element `index` of what stands here.
    #[must_use]
    pub fn index(self, index: usize) -> Self {
        self.then(Segment::Index(index))
    }

    /// The place that `inner` names below what stands here.
    #[must_use]
    pub fn join(self, inner: Self) -> Self {
        let steps = inner.segments.into_iter().take(usize::from(inner.length));
        steps.fold(self, Self::then)
    }

    /// The error that `fault` is here.
    #[must_use]
    pub const fn error(self, fault: Fault) -> SchemaError {
        SchemaError { fault, path: self }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let segments = self.segments.iter().take(usize::from(self.length));
        for (position, segment) in segments.enumerate() {
            match segment {
                Segment::Name(name) if position == 0 => f.write_str(name)?,
                Segment::Name(name) => write!(f, ".{name}")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// An object of the schema while its members are taken out one by one. [`Fields::end`] refuses
/// whatever was not taken: a misspelt member must not become something unchecked.
#[derive(Debug)]
pub struct Fields<'v, 'a> {
    object: &'v Object<'a>,
    path: Path,
    taken: usize,
}

impl<'v, 'a> Fields<'v, 'a> {
    /// Begins to read an object.
    ///
    /// # Errors
    /// [`Fault::WrongType`].
    pub fn of(value: &'v Value<'a>, path: Path) -> Result<Self, SchemaError> {
        let object = value.as_object().ok_or(path.error(Fault::WrongType))?;
        Ok(Self {
            object,
            path,
            taken: 0,
        })
    }

    /// A member that may be missing; `null` is missing.
    pub fn optional(&mut self, name: &'static str) -> Option<Field<'v, 'a>> {
        let value = self.object.get(name)?;
        self.taken = self.taken.saturating_add(1);
        (*value != Value::Null).then(|| Field {
            value,
            path: self.path.member(name),
        })
    }

    /// A member that may be missing, and where `null` takes away what was there.
    pub fn given(&mut self, name: &'static str) -> Option<Option<Field<'v, 'a>>> {
        self.object.get(name)?;
        Some(self.optional(name))
    }

    /// A member that must be there.
    ///
    /// # Errors
    /// [`Fault::MissingField`].
    pub fn required(&mut self, name: &'static str) -> Result<Field<'v, 'a>, SchemaError> {
        self.optional(name)
            .ok_or(self.path.member(name).error(Fault::MissingField))
    }

    /// Ends the object.
    ///
    /// # Errors
    /// [`Fault::UnknownField`] if a member was not asked for.
    pub fn end(self) -> Result<(), SchemaError> {
        if self.taken == self.object.members().len() {
            return Ok(());
        }
        let mut names = self.object.members().iter().map(|(name, _)| name);
        let fault = match names.any(|name| is_made_for_cards(name)) {
            true => Fault::CardNumber,
            false => Fault::UnknownField,
        };
        Err(self.path.error(fault))
    }
}

/// One value of the schema and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Field<'v, 'a> {
    /// The value.
    pub value: &'v Value<'a>,
    /// Where it stands.
    pub path: Path,
}

impl<'v, 'a> Field<'v, 'a> {
    /// A string.
    ///
    /// # Errors
    /// [`Fault::WrongType`].
    pub fn text(&self) -> Result<&'v str, SchemaError> {
        self.value.as_str().ok_or(self.path.error(Fault::WrongType))
    }

    /// A word that `read` knows.
    ///
    /// # Errors
    /// [`Fault::WrongType`], [`Fault::UnknownValue`].
    pub fn word<T>(&self, read: impl FnOnce(&str) -> Option<T>) -> Result<T, SchemaError> {
        read(self.text()?).ok_or(self.path.error(Fault::UnknownValue))
    }

    /// A text in a form that `read` knows.
    ///
    /// # Errors
    /// [`Fault::WrongType`], [`Fault::OutOfRange`].
    pub fn form<T>(&self, read: impl FnOnce(&str) -> Option<T>) -> Result<T, SchemaError> {
        read(self.text()?).ok_or(self.path.error(Fault::OutOfRange))
    }

    /// An integer from `low` to `high`.
    ///
    /// # Errors
    /// [`Fault::WrongType`], [`Fault::OutOfRange`].
    pub fn number<T: TryFrom<i64> + PartialOrd>(&self, low: T, high: T) -> Result<T, SchemaError> {
        let number = self
            .value
            .as_integer()
            .ok_or(self.path.error(Fault::WrongType))?;
        Some(number)
            .filter(|number| (-MAX_INTEGER..=MAX_INTEGER).contains(number))
            .and_then(|number| T::try_from(number).ok())
            .filter(|number| (low..=high).contains(number))
            .ok_or(self.path.error(Fault::OutOfRange))
    }

    /// A truth value.
    ///
    /// # Errors
    /// [`Fault::WrongType`].
    pub fn truth(&self) -> Result<bool, SchemaError> {
        self.value
            .as_bool()
            .ok_or(self.path.error(Fault::WrongType))
    }

    /// The members of an object.
    ///
    /// # Errors
    /// [`Fault::WrongType`].
    pub fn fields(&self) -> Result<Fields<'v, 'a>, SchemaError> {
        Fields::of(self.value, self.path)
    }

    /// The elements of an array of at most `most`.
    ///
    /// # Errors
    /// [`Fault::WrongType`], [`Fault::TooMany`].
    pub fn items(
        &self,
        most: usize,
    ) -> Result<impl Iterator<Item = Field<'v, 'a>> + use<'v, 'a>, SchemaError> {
        let items = self
            .value
            .as_array()
            .ok_or(self.path.error(Fault::WrongType))?;
        if items.len() > most {
            return Err(self.path.error(Fault::TooMany));
        }
        let path = self.path;
        Ok(items.iter().enumerate().map(move |(index, value)| Field {
            value,
            path: path.index(index),
        }))
    }
}

/// Names of members that hold card data in the messages gateways know, without case, hyphens and
/// underscores: ISO 8583 data elements 2 (card number), 35, 36 and 45 (tracks), 52 (PIN) and 55
/// (chip data, which holds the first two), and the verification values of all schemes.
const CARD_DATA: [&str; 35] = [
    "cardholderdata",
    "cardno",
    "cardnumber",
    "cardpan",
    "cardsecuritycode",
    "cardverificationcode",
    "cardverificationvalue",
    "cav",
    "cav2",
    "ccnumber",
    "csc",
    "cv2",
    "cvc",
    "cvc2",
    "cvd",
    "cvn",
    "cvv",
    "cvv2",
    "cvvcode",
    "de2",
    "de35",
    "de36",
    "de45",
    "de52",
    "de55",
    "pan",
    "pin",
    "pinblock",
    "primaryaccountnumber",
    "securitycode",
    "track",
    "track1",
    "track2",
    "track3",
    "trackdata",
];

fn is_made_for_cards(name: &str) -> bool {
    // Longer names are none of these, however they are written.
    if name.len() > 40 {
        return false;
    }
    let plain: String = name
        .chars()
        .filter(|c| !matches!(c, '_' | '-' | ' ' | '.'))
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let plain = match plain.strip_prefix("de0") {
        Some(number) => format!("de{}", number.trim_start_matches('0')),
        None => plain,
    };
    CARD_DATA.binary_search(&plain.as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_member_is_refused_without_its_name() {
        let value = read(br#"{"known":1,"secret-name":2}"#, 100).unwrap();
        let mut fields = Fields::of(&value, Path::default().member("request")).unwrap();
        assert_eq!(fields.required("known").unwrap().number(0, 9), Ok(1));
        let error = fields.end().unwrap_err();
        assert_eq!(
            (error.fault, error.path.to_string()),
            (Fault::UnknownField, "request".into())
        );
    }

    #[test]
    fn a_member_made_for_card_data_is_refused_as_such_whatever_it_holds() {
        assert!(CARD_DATA.is_sorted());
        for name in [
            "pan",
            "PAN",
            "card_number",
            "CardNumber",
            "de2",
            "DE02",
            "de002",
            "de035",
            "Cvv-2",
            "track_2",
            "de35",
        ] {
            for held in ["null", "1", r#""masked""#] {
                let text = format!(r#"{{"known":1,"{name}":{held}}}"#);
                let value = read(text.as_bytes(), 100).unwrap();
                let mut fields = Fields::of(&value, Path::default()).unwrap();
                fields.required("known").unwrap();
                assert_eq!(fields.end().unwrap_err().fault, Fault::CardNumber, "{text}");
            }
        }
        for name in ["de22", "panel", "pins", "de", "de32"] {
            assert!(!is_made_for_cards(name), "{name}");
        }
    }

    #[test]
    fn paths_read_like_the_schema() {
        let path = Path::default()
            .member("identifiers")
            .index(2)
            .member("value");
        assert_eq!(path.to_string(), "identifiers[2].value");
    }

    #[test]
    fn numbers_javascript_cannot_hold_are_refused() {
        let value = read(br#"{"n":9007199254740993}"#, 100).unwrap();
        let mut fields = Fields::of(&value, Path::default()).unwrap();
        let error = fields
            .required("n")
            .unwrap()
            .number(0, u64::MAX)
            .unwrap_err();
        assert_eq!(error.fault, Fault::OutOfRange);
    }
}
