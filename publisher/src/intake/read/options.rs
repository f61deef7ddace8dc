use super::encoding::Encoding;
use super::forms::{ConfidenceScale, DateOrder};
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
    /// The member of a JSON object that holds the array of rows; the text is the array where it is absent.
    pub member: Option<String>,
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
