use crate::json::{Object, Value};

use super::card_data::is_made_for_cards;
use super::error::SchemaError;
use super::fault::Fault;
use super::path::Path;

/// Largest number in a message: the largest integer that JavaScript reads exactly.
const MAX_INTEGER: i64 = (1 << 53) - 1;

/// An object whose members are taken one by one. [`Fields::end`] refuses the message if any member was
/// not taken: a misspelt member must not leave a merchant unchecked.
#[derive(Debug)]
pub struct Fields<'v, 'a> {
    object: &'v Object<'a>,
    path: Path,
    taken: usize,
}

impl<'v, 'a> Fields<'v, 'a> {
    /// Starts to read an object.
    ///
    /// # Errors
    /// [`Fault::WrongType`].
    pub fn of(value: &'v Value<'a>, path: Path) -> Result<Self, SchemaError> {
        let object = value
            .as_object()
            .ok_or_else(|| path.error(Fault::WrongType))?;
        Ok(Self {
            object,
            path,
            taken: 0,
        })
    }

    /// Takes an optional member. `null` counts as missing.
    pub fn optional(&mut self, name: &'static str) -> Option<Field<'v, 'a>> {
        let value = self.object.get(name)?;
        self.taken = self.taken.saturating_add(1);
        (*value != Value::Null).then(|| Field {
            value,
            path: self.path.member(name),
        })
    }

    /// Whether there is such a member, be it `null`.
    #[must_use]
    pub fn has(&self, name: &'static str) -> bool {
        self.object.get(name).is_some()
    }

    /// Takes a required member.
    ///
    /// # Errors
    /// [`Fault::MissingField`].
    pub fn required(&mut self, name: &'static str) -> Result<Field<'v, 'a>, SchemaError> {
        self.optional(name)
            .ok_or_else(|| self.path.member(name).error(Fault::MissingField))
    }

    /// Ends the object.
    ///
    /// # Errors
    /// [`Fault::UnknownField`] if a member was not taken, [`Fault::CardNumber`] if such a member is
    /// meant for card data.
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

/// One value of a message and its path.
#[derive(Debug, Clone, Copy)]
pub struct Field<'v, 'a> {
    /// The value.
    pub value: &'v Value<'a>,
    /// Its position in the schema.
    pub path: Path,
}

impl<'v, 'a> Field<'v, 'a> {
    /// A string.
    ///
    /// # Errors
    /// [`Fault::WrongType`].
    pub fn text(&self) -> Result<&'v str, SchemaError> {
        self.value
            .as_str()
            .ok_or_else(|| self.path.error(Fault::WrongType))
    }

    /// A word that `read` accepts.
    ///
    /// # Errors
    /// [`Fault::WrongType`], [`Fault::UnknownValue`].
    pub fn word<T>(&self, read: impl FnOnce(&str) -> Option<T>) -> Result<T, SchemaError> {
        read(self.text()?).ok_or_else(|| self.path.error(Fault::UnknownValue))
    }

    /// A text in a form that `read` accepts.
    ///
    /// # Errors
    /// [`Fault::WrongType`], [`Fault::OutOfRange`].
    pub fn form<T>(&self, read: impl FnOnce(&str) -> Option<T>) -> Result<T, SchemaError> {
        read(self.text()?).ok_or_else(|| self.path.error(Fault::OutOfRange))
    }

    /// An integer from `low` to `high`.
    ///
    /// # Errors
    /// [`Fault::WrongType`], [`Fault::OutOfRange`].
    pub fn number<T: TryFrom<i64> + PartialOrd>(&self, low: T, high: T) -> Result<T, SchemaError> {
        let number = self
            .value
            .as_integer()
            .ok_or_else(|| self.path.error(Fault::WrongType))?;
        Some(number)
            .filter(|number| (-MAX_INTEGER..=MAX_INTEGER).contains(number))
            .and_then(|number| T::try_from(number).ok())
            .filter(|number| (low..=high).contains(number))
            .ok_or_else(|| self.path.error(Fault::OutOfRange))
    }

    /// A boolean.
    ///
    /// # Errors
    /// [`Fault::WrongType`].
    pub fn truth(&self) -> Result<bool, SchemaError> {
        self.value
            .as_bool()
            .ok_or_else(|| self.path.error(Fault::WrongType))
    }

    /// The members of an object.
    ///
    /// # Errors
    /// [`Fault::WrongType`].
    pub fn fields(&self) -> Result<Fields<'v, 'a>, SchemaError> {
        Fields::of(self.value, self.path)
    }

    /// The names and values of an object whose names the schema does not list, at most `most` of them.
    /// Their path is that of the object: a name is the message's own text.
    ///
    /// # Errors
    /// [`Fault::WrongType`], [`Fault::TooMany`].
    pub fn members(
        &self,
        most: usize,
    ) -> Result<impl Iterator<Item = (&'v str, Field<'v, 'a>)> + use<'v, 'a>, SchemaError> {
        let object = self.value.as_object();
        let members = object
            .ok_or_else(|| self.path.error(Fault::WrongType))?
            .members();
        if members.len() > most {
            return Err(self.path.error(Fault::TooMany));
        }
        let path = self.path;
        Ok(members.iter().map(move |(name, value)| {
            let name: &'v str = name;
            (name, Field { value, path })
        }))
    }

    /// The elements of an array with at most `most` of them.
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
            .ok_or_else(|| self.path.error(Fault::WrongType))?;
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
