use std::fmt;

use interdict_core::common::json::JsonError;

/// Why a file is refused as a whole. Carries positions and nothing of the text, for a file without
/// a header begins with a merchant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileError {
    /// Larger than 256 MiB.
    TooLarge,
    /// The extension says nothing and no format was given, or the format does not fit the command.
    Format,
    /// A column, counted from 1, has a name that is not a field of the command.
    UnknownColumn(usize),
    /// Two columns have one name.
    DuplicateColumn(usize),
    /// A required column is missing.
    MissingColumn(&'static str),
    /// The header row is missing or not UTF-8.
    Header,
    /// A quoted field holds a line break: most often a quote that is never closed, which would
    /// swallow the lines after it.
    LineBreak {
        /// Where the row starts.
        line: u64,
    },
    /// Not a JSON array.
    Json(JsonError),
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => f.write_str("the file is larger than 256 MiB; import it in parts"),
            Self::Format => f.write_str(
                "name the format with --format csv or jsonl (for protect also text or json)",
            ),
            Self::UnknownColumn(number) => write!(
                f,
                "column {number} of the header is not a field of this command; --help names the \
                 fields, which commas separate"
            ),
            Self::DuplicateColumn(number) => {
                write!(f, "column {number} of the header repeats a field")
            }
            Self::MissingColumn(name) => write!(f, "the header has no column {name}"),
            Self::Header => f.write_str("the header row is missing or not UTF-8"),
            Self::LineBreak { line } => write!(
                f,
                "line {line}: a quoted field runs over the end of the line; close the quote"
            ),
            Self::Json(JsonError::DuplicateMember) => {
                f.write_str("an object of the array names a member twice")
            }
            Self::Json(_) => f.write_str("the file is not one JSON array"),
        }
    }
}

impl std::error::Error for FileError {}
