use std::fmt;
use std::io::Read;

use super::rows::{Field, Format, Rows};
use crate::error::{FileError, Result};

/// Identifiers a command is to act on.
pub enum Names<'a> {
    /// A file of rows, CSV or JSON lines.
    File {
        /// Its bytes.
        bytes: &'a mut dyn Read,
        /// How it is written.
        format: Format,
    },
    /// One identifier; reports call it line 1.
    One {
        /// The name of its kind.
        kind: &'a str,
        /// Its value.
        value: &'a str,
    },
}

impl Names<'_> {
    /// Every CSV file must have the first two of the fields.
    pub(crate) fn read(self, known: &[Field]) -> Result<Rows> {
        match self {
            Names::File { bytes, format } => {
                if !matches!(format, Format::Csv | Format::JsonLines) {
                    return Err(FileError::Format.into());
                }
                Rows::read(bytes, format, known, 2)
            }
            Names::One { kind, value } => Ok(Rows::one(kind, value)),
        }
    }

    /// Like `read`, of any format.
    pub(crate) fn read_any(self, known: &[Field]) -> Result<Rows> {
        match self {
            Names::File { bytes, format } => Rows::read(bytes, format, known, 2),
            Names::One { kind, value } => Ok(Rows::one(kind, value)),
        }
    }
}

impl fmt::Debug for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Names::File { .. } => "Names::File",
            Names::One { .. } => "Names::One",
        })
    }
}
