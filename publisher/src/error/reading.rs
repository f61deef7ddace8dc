use std::fmt;

/// Why a mapping is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MappingError {
    /// Not TOML.
    Syntax {
        /// Where, counted from 1.
        line: usize,
    },
    /// A name that is not a field.
    UnknownField,
    /// A column's name or a constant that is not text.
    NotText(&'static str),
    /// `ignore` is neither a list of names nor "rest".
    Ignore,
    /// One column is to be two fields, or is mapped and ignored.
    ColumnTwice(&'static str),
}

/// What could be read in two ways, so that nothing of the file is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// The header has as many known columns with one delimiter as with another.
    Delimiter,
    /// Bytes that are not UTF-8, and not surely Windows-1252.
    Encoding,
    /// A column of dates such as 01/02/2027, none of which has a day after the 12th.
    Dates,
    /// A column of dates some of which have the day first and others the month.
    DatesMixed,
    /// A column of numbers up to 100, which may be per mille or percent.
    Confidence,
    /// A column in which some numbers are of one scale and others of another.
    ConfidenceMixed,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Delimiter => {
                "the header can be split in two ways; say which with --delimiter comma, semicolon \
                 or tab"
            }
            Self::Encoding => {
                "the file is not UTF-8 and not surely Windows-1252; say which with --encoding utf-8, \
                 utf-16le, utf-16be or windows-1252 (utf-8 refuses the lines that are not)"
            }
            Self::Dates => {
                "the dates of valid_until fit day before month and month before day; say which with \
                 --dates dmy or mdy"
            }
            Self::DatesMixed => {
                "some dates of valid_until have the day first and others the month; say which is \
                 right with --dates dmy or mdy, and the others are refused"
            }
            Self::Confidence => {
                "no number of confidence is above 100, so they may be percent or per mille; say \
                 which with --confidence percent, per-mille or fraction"
            }
            Self::ConfidenceMixed => {
                "the numbers of confidence are of different scales; say which is right with \
                 --confidence percent, per-mille or fraction, and the others are refused"
            }
        })
    }
}
