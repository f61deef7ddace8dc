//! What a person knows of how a file is written, and how far its import is.

use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use interdict_publisher::{
    ConfidenceScale, DateOrder, Delimiter, Encoding, FileError, Mapping, Progress, ReadOptions,
};

/// Smaller files are read before anybody looks.
const LARGE: u64 = 4 << 20;

#[derive(Debug, Args)]
pub(super) struct Recognition {
    /// What parts the values of a CSV row [default: recognised]
    #[arg(long, value_enum)]
    delimiter: Option<DelimiterName>,
    /// How characters are written as bytes [default: recognised]
    #[arg(long, value_enum)]
    encoding: Option<EncodingName>,
    /// The order in dates: dmy for 31-12-2027, mdy for 12-31-2027 [default: recognised]
    #[arg(long, value_enum)]
    dates: Option<DatesName>,
    /// What the numbers of confidence mean [default: recognised]
    #[arg(long, value_enum)]
    confidence: Option<ConfidenceName>,
    /// A file that says which column is which field, and what every row says (TOML)
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// Of a JSON object, the member that is the list, such as blacklist
    #[arg(long, value_name = "NAME")]
    member: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum DelimiterName {
    Comma,
    Semicolon,
    Tab,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum EncodingName {
    #[value(name = "utf-8")]
    Utf8,
    #[value(name = "utf-16le")]
    Utf16Le,
    #[value(name = "utf-16be")]
    Utf16Be,
    #[value(name = "windows-1252")]
    Windows1252,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum DatesName {
    Dmy,
    Mdy,
    Iso,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ConfidenceName {
    PerMille,
    Percent,
    Fraction,
}

impl Recognition {
    pub(super) fn options(&self) -> Result<ReadOptions> {
        Ok(ReadOptions {
            delimiter: self.delimiter.map(|name| match name {
                DelimiterName::Comma => Delimiter::Comma,
                DelimiterName::Semicolon => Delimiter::Semicolon,
                DelimiterName::Tab => Delimiter::Tab,
            }),
            encoding: self.encoding.map(|name| match name {
                EncodingName::Utf8 => Encoding::Utf8,
                EncodingName::Utf16Le => Encoding::Utf16Le,
                EncodingName::Utf16Be => Encoding::Utf16Be,
                EncodingName::Windows1252 => Encoding::Windows1252,
            }),
            dates: self.dates.map(|name| match name {
                DatesName::Dmy => DateOrder::DayFirst,
                DatesName::Mdy => DateOrder::MonthFirst,
                DatesName::Iso => DateOrder::Iso,
            }),
            confidence: self.confidence.map(|name| match name {
                ConfidenceName::PerMille => ConfidenceScale::PerMille,
                ConfidenceName::Percent => ConfidenceScale::Percent,
                ConfidenceName::Fraction => ConfidenceScale::Fraction,
            }),
            mapping: self.mapping()?,
            member: self.member.clone(),
        })
    }

    /// Whether a member of a JSON object is the list.
    pub(super) const fn has_member(&self) -> bool {
        self.member.is_some()
    }

    fn mapping(&self) -> Result<Option<Mapping>> {
        let Some(path) = &self.map else {
            return Ok(None);
        };
        let read = || -> Result<Mapping> {
            let text = fs::read_to_string(path)?;
            Mapping::parse(&text).map_err(|error: FileError| error.into())
        };
        read().with_context(|| path.display().to_string()).map(Some)
    }
}

/// A bar on a terminal, for a file that takes a while.
pub(super) struct Bar(Option<ProgressBar>);

impl Bar {
    pub(super) const fn new() -> Self {
        Self(None)
    }
}

impl Progress for Bar {
    fn begin(&mut self, bytes: u64) {
        if bytes < LARGE || !io::stderr().is_terminal() {
            return;
        }
        let bar = ProgressBar::new(bytes);
        if let Ok(style) =
            ProgressStyle::with_template("{bar:40} {bytes} of {total_bytes}, {eta} left")
        {
            bar.set_style(style);
        }
        self.0 = Some(bar);
    }

    fn at(&mut self, byte: u64) {
        if let Some(bar) = &self.0 {
            bar.set_position(byte);
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
