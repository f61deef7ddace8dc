use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::event_error::EventError;

/// A member of the kind that is wanted. Anything else in its place counts as absent: what an issuer changes beside the
/// merchant must not keep the merchant from being screened.
#[derive(Debug)]
pub(super) struct Member<T>(pub(super) Option<T>);

/// A member that is a string.
pub(super) type Text = Member<String>;
/// A member that is an object.
pub(super) type Part<T> = Member<Object<T>>;

#[derive(Debug, Default)]
pub(super) struct Object<T>(T);

/// A kind of JSON value that is wanted somewhere.
pub(super) trait Wanted<'de>: Sized {
    fn of_text(_: &str) -> Option<Self> {
        None
    }

    fn of_object<A: MapAccess<'de>>(mut map: A) -> Result<Option<Self>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

/// Reads the whole of an event: one object, and nothing after it.
pub(super) fn object<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, EventError> {
    let read: Part<T> = serde_json::from_slice(bytes).map_err(|_| EventError::Malformed)?;
    read.0.map(|object| object.0).ok_or(EventError::Malformed)
}

impl<T> Default for Member<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Default> Member<Object<T>> {
    /// The object; one without members if there is none.
    pub(super) fn or_empty(self) -> T {
        self.0.unwrap_or_default().0
    }
}

impl Wanted<'_> for String {
    fn of_text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

impl<'de, T: Deserialize<'de>> Wanted<'de> for Object<T> {
    fn of_object<A: MapAccess<'de>>(map: A) -> Result<Option<Self>, A::Error> {
        let object = T::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Some(Self(object)))
    }
}

impl<'de, T: Wanted<'de>> Deserialize<'de> for Member<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = deserializer.deserialize_any(Reader(PhantomData))?;
        Ok(Self(read))
    }
}

struct Reader<T>(PhantomData<T>);

impl<'de, T: Wanted<'de>> Visitor<'de> for Reader<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Option<T>, E> {
        Ok(T::of_text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Option<T>, A::Error> {
        while elements.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option<T>, A::Error> {
        T::of_object(map)
    }
}
