use std::fmt;
use std::io::Read;

use interdict_core::common::time::Time;

use super::read::{ConfidenceScale, DateOrder, Field, Format, ReadOptions, Reading, Rows};
use crate::directory::Directory;
use crate::error::{FileError, Result};

/// Such files are written for this program, so that nothing of them is in doubt.
const AS_DOCUMENTED: &ReadOptions = &ReadOptions {
    delimiter: None,
    encoding: None,
    dates: Some(DateOrder::Iso),
    confidence: Some(ConfidenceScale::PerMille),
    mapping: None,
    member: None,
};

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
    pub(crate) fn read(
        self,
        known: &'static [Field],
        directory: &Directory,
        now: Time,
    ) -> Result<Rows<'static>> {
        if let Names::File { format, .. } = &self
            && !matches!(format, Format::Csv | Format::JsonLines)
        {
            return Err(FileError::Format.into());
        }
        self.read_any(known, directory, now)
    }

    /// Like `read`, of any format.
    pub(crate) fn read_any(
        self,
        known: &'static [Field],
        directory: &Directory,
        now: Time,
    ) -> Result<Rows<'static>> {
        match self {
            Names::File { bytes, format } => {
                let reading = Reading {
                    format,
                    options: AS_DOCUMENTED,
                    known,
                    required: 2,
                    now,
                };
                Rows::open(bytes, &directory.private()?, reading)
            }
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
