use std::fmt;

use interdict_core::common::json::JsonError;

use super::reading::{Doubt, MappingError};

/// Why a file is refused as a whole. Carries positions and nothing of the text, for a file without
/// a header begins with a merchant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileError {
    /// Larger than 4 GiB.
    TooLarge,
    /// The extension says nothing and no format was given, or the format does not fit the command.
    Format,
    /// The same of a file of listings.
    ListingsFormat,
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
    /// Not the JSON that its format asks for.
    Json(JsonError),
    /// Not one row: most often an export that failed.
    Empty,
    /// What the file says could be read in two ways.
    Doubt(Doubt),
    /// A column, counted from 1, holds card numbers by its name.
    CardColumn(usize),
    /// A line longer than 1 MiB.
    LongLine {
        /// Which.
        line: u64,
    },
    /// The mapping of columns cannot be used.
    Mapping(MappingError),
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => f.write_str("the file is larger than 4 GiB; import it in parts"),
            Self::Format => f.write_str(
                "name the format with --format csv or jsonl (for `protect` also text or json, among others)",
            ),
            Self::ListingsFormat => f.write_str(
                "it is not clear how the file is written; name it with --format csv, jsonl, hosts, urls, stix, \
                 misp, or json. If a JSON object has a member that is the list, name it: --member blacklist",
            ),
            Self::UnknownColumn(number) => write!(
                f,
                "column {number} of the header is not a field of this command; --help names the fields, which \
                 commas, semicolons or tabs separate. For `import`, --map FILE says which column is which field, \
                 and `ignore = [\"NAME\"]` in it leaves one out"
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
            Self::Json(_) => f.write_str(
                "the file is not the JSON that its format asks for: an array for json (or an object and --member, \
                 which names its member with the array), a bundle or envelope for stix, events for misp",
            ),
            Self::Empty => f.write_str(
                "the file has no row; an empty export is most often one that failed, and nothing is \
                 taken off by it",
            ),
            Self::Doubt(doubt) => doubt.fmt(f),
            Self::CardColumn(number) => write!(
                f,
                "column {number} of the header holds card numbers by its name; delete the column, \
                 and the copies of this file"
            ),
            Self::LongLine { line } => write!(f, "line {line} is longer than 1 MiB"),
            Self::Mapping(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for FileError {}
