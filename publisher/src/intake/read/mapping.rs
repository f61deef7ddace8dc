//! A file that says which of another file's columns is which of our fields.

use std::collections::BTreeMap;
use std::fmt;

use super::row::{Field, Fields};
use crate::error::{FileError, MappingError};

/// Names of columns that hold card numbers, in small letters without separators.
const CARD_FIELDS: [&str; 9] = [
    "cardnumber",
    "ccnumber",
    "ccnum",
    "creditcard",
    "creditcardnumber",
    "kortnummer",
    "pan",
    "paymentcard",
    "paymentcardnumber",
];

/// Which columns of a file are which fields, and what every row says. Written as TOML:
///
/// ```toml
/// value = "URL"              # our field = the file's column or JSON member
/// ignore = ["Note"]          # columns to leave out; "rest" for all others
/// [constants]
/// kind = "url"               # what rows say that have no such column, or nothing in it
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mapping {
    columns: Vec<(Field, String)>,
    constants: Vec<(Field, String)>,
    ignored: Ignored,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Ignored {
    These(Vec<String>),
    Rest,
}

/// What a column or member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Field(Field),
    Ignored,
    /// It holds card numbers, and nothing of the file may be kept.
    Card,
    Unknown,
}

/// The names under which a file may have fields.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names<'m> {
    pub(super) known: &'m [Field],
    pub(super) mapping: Option<&'m Mapping>,
    /// The member of a JSON object that holds the rows.
    pub(super) member: Option<&'m str>,
}

impl Mapping {
    /// Reads a mapping.
    ///
    /// # Errors
    /// A [`MappingError`], as [`FileError::Mapping`].
    pub fn parse(text: &str) -> Result<Self, FileError> {
        Self::read(text).map_err(FileError::Mapping)
    }

    fn read(text: &str) -> Result<Self, MappingError> {
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before
                .unwrap_or_default()
                .matches('\n')
                .count()
                .saturating_add(1);
            MappingError::Syntax { line }
        })?;
        let mut mapping = Self::default();
        for (name, value) in &table {
            match (name.as_str(), value) {
                ("constants", toml::Value::Table(constants)) => {
                    for (name, value) in constants {
                        mapping.constants.push(entry(name, value)?);
                    }
                }
                ("ignore", toml::Value::String(rest)) if rest == "rest" => {
                    mapping.ignored = Ignored::Rest;
                }
                ("ignore", toml::Value::Array(names)) => {
                    let names = names.iter().map(|name| name.as_str().map(str::to_owned));
                    let names: Option<Vec<_>> = names.collect();
                    mapping.ignored = Ignored::These(names.ok_or(MappingError::Ignore)?);
                }
                ("ignore", _) => return Err(MappingError::Ignore),
                _ => mapping.columns.push(entry(name, value)?),
            }
        }
        mapping.check()?;
        Ok(mapping)
    }

    fn check(&self) -> Result<(), MappingError> {
        let mut seen = BTreeMap::new();
        for (field, column) in &self.columns {
            let twice = seen.insert(column.as_str(), *field).is_some();
            let ignored = matches!(&self.ignored, Ignored::These(names) if names.contains(column));
            if twice || ignored {
                return Err(MappingError::ColumnTwice(field.name()));
            }
        }
        Ok(())
    }

    pub(super) fn has_constant(&self, field: Field) -> bool {
        self.constants
            .iter()
            .any(|(constant, _)| *constant == field)
    }

    /// Fills in what a row does not say.
    pub(super) fn fill(&self, fields: &mut Fields) {
        for (field, text) in &self.constants {
            if fields.get(*field).is_none() {
                fields.set(*field, text);
            }
        }
    }
}

impl Default for Ignored {
    fn default() -> Self {
        Self::These(Vec::new())
    }
}

impl Names<'_> {
    pub(super) fn find(&self, name: &str) -> Column {
        if is_card_field(name) {
            return Column::Card;
        }
        let mapped = self.mapping.map_or(&[][..], |mapping| &mapping.columns);
        if let Some((field, _)) = mapped.iter().find(|(_, column)| column == name) {
            return Column::Field(*field);
        }
        let own = self.known.iter().find(|field| field.name() == name);
        if let Some(field) = own.filter(|field| mapped.iter().all(|(other, _)| other != *field)) {
            return Column::Field(*field);
        }
        match self.mapping.map(|mapping| &mapping.ignored) {
            Some(Ignored::Rest) => Column::Ignored,
            Some(Ignored::These(names)) if names.iter().any(|ignored| ignored == name) => {
                Column::Ignored
            }
            _ => Column::Unknown,
        }
    }

    pub(super) fn has_constant(&self, field: Field) -> bool {
        self.mapping
            .is_some_and(|mapping| mapping.has_constant(field))
    }
}

/// Whether a column, member, kind or attribute of this name holds card numbers.
pub(super) fn is_card_field(name: &str) -> bool {
    let letters = name.chars().filter(|character| character.is_alphanumeric());
    let bare: String = letters.flat_map(char::to_lowercase).collect();
    CARD_FIELDS.contains(&bare.as_str())
}

fn entry(name: &str, value: &toml::Value) -> Result<(Field, String), MappingError> {
    let field = Field::ALL.into_iter().find(|field| field.name() == name);
    let field = field.ok_or(MappingError::UnknownField)?;
    let text = match value {
        toml::Value::String(text) => text.trim().to_owned(),
        toml::Value::Integer(number) => number.to_string(),
        _ => return Err(MappingError::NotText(field.name())),
    };
    Ok((field, text))
}

impl fmt::Display for MappingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { line } => write!(f, "line {line} of the mapping is not TOML"),
            Self::UnknownField => {
                f.write_str("the mapping names something that is not a field; fields are ")?;
                for (index, field) in Field::ALL.into_iter().enumerate() {
                    let comma = if index > 0 { ", " } else { "" };
                    write!(f, "{comma}{}", field.name())?;
                }
                Ok(())
            }
            Self::NotText(field) => write!(f, "the mapping's {field} is not the name of a column"),
            Self::Ignore => {
                f.write_str("the mapping's ignore is a list of columns, or \"rest\" for all others")
            }
            Self::ColumnTwice(field) => write!(
                f,
                "the column that the mapping reads as {field} is mapped twice, or ignored too"
            ),
        }
    }
}
