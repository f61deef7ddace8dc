use std::path::Path;

use crate::error::FileError;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Separated values; the first row names the columns.
    Csv,
    /// One JSON object a line.
    JsonLines,
    /// One JSON array of objects, or of domains. For `protect`.
    Json,
    /// One domain a line, `#` starts a comment. For `protect`.
    Text,
    /// A hosts file: an address that leads nowhere, and names.
    Hosts,
    /// One web address or host a line; the host is kept.
    Urls,
    /// A STIX 2.1 bundle or a TAXII 2.1 envelope; its indicators are read.
    Stix,
    /// MISP events, as MISP exports them and feeds serve them.
    Misp,
}

impl Format {
    /// Guesses by a file's extension. Hosts files, web addresses, STIX and MISP must be named.
    ///
    /// # Errors
    /// [`FileError::Format`].
    pub fn of(path: &Path) -> Result<Self, FileError> {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("csv" | "tsv") => Ok(Self::Csv),
            Some("jsonl" | "ndjson") => Ok(Self::JsonLines),
            Some("json") => Ok(Self::Json),
            Some("txt") => Ok(Self::Text),
            _ => Err(FileError::Format),
        }
    }

    /// The word for it in options and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
            Self::Json => "json",
            Self::Text => "text",
            Self::Hosts => "hosts",
            Self::Urls => "urls",
            Self::Stix => "stix",
            Self::Misp => "misp",
        }
    }

    /// What a report counts in such a file.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Csv | Self::JsonLines | Self::Text | Self::Hosts | Self::Urls => "line",
            Self::Json => "item",
            Self::Stix => "object",
            Self::Misp => "attribute",
        }
    }

    /// Whether the text is lines that may be in an encoding of a spreadsheet.
    pub(super) const fn is_text(self) -> bool {
        matches!(self, Self::Csv | Self::Text | Self::Hosts | Self::Urls)
    }
}
