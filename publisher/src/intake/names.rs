use std::fmt;
use std::io::Read;

use interdict_core::common::hex;

use super::rows::{self, Field, Fields, Format, LineRow, read_all};
use crate::digest::sha256;
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

/// The rows of [`Names`], each still to be judged.
#[derive(Debug)]
pub(crate) struct NamedRows {
    /// SHA-256 of the file; empty where there was none.
    pub(crate) file: String,
    pub(crate) rows: Vec<LineRow>,
}

impl Names<'_> {
    /// Every CSV file must have the first two of the fields.
    pub(crate) fn read(self, known: &[Field]) -> Result<NamedRows> {
        match self {
            Names::File { bytes, format } => {
                if !matches!(format, Format::Csv | Format::JsonLines) {
                    return Err(FileError::Format.into());
                }
                let bytes = read_all(bytes)?;
                Ok(NamedRows {
                    file: hex::text(&sha256(&bytes)),
                    rows: rows::read(&bytes, format, known, 2)?,
                })
            }
            Names::One { kind, value } => Ok(NamedRows {
                file: String::new(),
                rows: vec![LineRow {
                    line: 1,
                    fields: Ok(Fields::of(kind, value)),
                }],
            }),
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
