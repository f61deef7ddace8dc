use std::fmt;

use super::column::{ConfidenceScale, DateOrder};
use super::encoding::Encoding;
use super::mapping::Mapping;

/// What is known of how a file is written; the rest is recognised.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadOptions {
    /// What parts the values of a CSV row.
    pub delimiter: Option<Delimiter>,
    /// How characters are written as bytes.
    pub encoding: Option<Encoding>,
    /// The order of day and month.
    pub dates: Option<DateOrder>,
    /// What the numbers of confidence mean.
    pub confidence: Option<ConfidenceScale>,
    /// Which column is which field, and what every row says.
    pub mapping: Option<Mapping>,
}

/// What parts the values of a CSV row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delimiter {
    /// `,`
    Comma,
    /// `;`, as spreadsheets write where the comma is decimal.
    Semicolon,
    /// A tabulator.
    Tab,
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

impl Delimiter {
    pub(super) const ALL: [Self; 3] = [Self::Comma, Self::Semicolon, Self::Tab];

    pub(super) const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }

    /// The word for it in options and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Comma => "comma",
            Self::Semicolon => "semicolon",
            Self::Tab => "tab",
        }
    }
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
