use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::IpAddr;
use std::path::Path;

use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::error::{FileError, PublisherError, Result};

/// How far the first row of a file is looked for: its head may be a long comment.
const HEAD: u64 = 64 << 10;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Separated values; the first row names the columns.
    Csv,
    /// One JSON object a line.
    JsonLines,
    /// One JSON array of objects, or of domains and web addresses.
    Json,
    /// One domain a line, `#` starts a comment.
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

    /// How a file of listings is written: by its extension, of `.json` by its members, and of `.txt` by its
    /// first row.
    ///
    /// # Errors
    /// [`FileError::ListingsFormat`], or a file that cannot be read.
    pub fn of_listings(path: &Path) -> Result<Self> {
        let open = || File::open(path).map(BufReader::new);
        let found = match path.extension().and_then(|extension| extension.to_str()) {
            Some("csv" | "tsv") => Some(Self::Csv),
            Some("jsonl" | "ndjson") => Some(Self::JsonLines),
            Some("hosts") => Some(Self::Hosts),
            Some("json") => of_members(open().map_err(PublisherError::at(path))?),
            Some("txt") => of_first_row(open().map_err(PublisherError::at(path))?),
            _ => None,
        };
        found.ok_or_else(|| FileError::ListingsFormat.into())
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

/// A hosts file begins each row with an address and a blank; a list of names does not.
fn of_first_row(text: impl BufRead) -> Option<Format> {
    let lines = text.take(HEAD).split(b'\n').map_while(Result::ok);
    let rows = lines.map(|line| String::from_utf8_lossy(&line).trim().to_owned());
    let row = rows
        .into_iter()
        .find(|row| !row.is_empty() && !row.starts_with('#'))?;
    let mut words = row.split_whitespace();
    let address = words
        .next()
        .is_some_and(|word| word.parse::<IpAddr>().is_ok());
    Some(if address && words.next().is_some() {
        Format::Hosts
    } else {
        Format::Urls
    })
}

/// STIX has a member `objects`, MISP `Event` or `response`; an array has rows, unless its first element is
/// an event.
fn of_members(text: impl BufRead) -> Option<Format> {
    let mut found = None;
    // It is stopped as soon as something is found, or not read to its end: `import` reads it again.
    let mut deserializer = serde_json::Deserializer::from_reader(text);
    let _ = deserializer.deserialize_any(Members { found: &mut found });
    found
}

struct Members<'a> {
    found: &'a mut Option<Format>,
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            *self.found = match name.as_str() {
                "objects" => Some(Format::Stix),
                "Event" | "response" => Some(Format::Misp),
                _ => None,
            };
            if self.found.is_some() {
                return Err(A::Error::custom("found"));
            }
            members.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        let first = elements.next_element::<serde_json::Value>()?;
        let event = first.is_some_and(|first| first.get("Event").is_some());
        *self.found = Some(if event { Format::Misp } else { Format::Json });
        Err(A::Error::custom("found"))
    }
}
