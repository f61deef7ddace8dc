use std::fmt;

use super::encoding::Encoding;
use super::format::Format;
use super::forms::{ConfidenceScale, DateOrder};
use super::options::Delimiter;

/// How a file turned out to be written, and what of it was no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recognised {
    /// How it is written.
    pub format: Format,
    /// How its characters are written.
    pub encoding: Encoding,
    /// It begins with a byte order mark.
    pub byte_order_mark: bool,
    /// What parts the values of a CSV row.
    pub delimiter: Option<Delimiter>,
    /// Some number is written with a decimal comma.
    pub decimal_comma: bool,
    /// The order of day and month, of dates that are not `YYYY-MM-DD`.
    pub dates: Option<DateOrder>,
    /// What the numbers of confidence mean, if there are any.
    pub confidence: Option<ConfidenceScale>,
    /// Rows, refused ones included.
    pub rows: u64,
    /// Web addresses of which the host was kept.
    pub hosts_kept: u64,
    /// Of these, those that had a path, a query, a port or a user, which was dropped.
    pub paths_dropped: u64,
    /// Web addresses that were written so that nobody follows them, as `hxxps://shop[.]example`.
    pub defanged: u64,
    /// What is no listing by design: names of the own machine in a hosts file, deleted attributes, and
    /// the objects of a bundle that say who wrote it and who may read it.
    pub skipped: u64,
    /// Columns that the mapping says to leave out.
    pub columns_ignored: u64,
}

impl Recognised {
    pub(crate) const fn new(format: Format, encoding: Encoding) -> Self {
        Self {
            format,
            encoding,
            byte_order_mark: false,
            delimiter: None,
            decimal_comma: false,
            dates: None,
            confidence: None,
            rows: 0,
            hosts_kept: 0,
            paths_dropped: 0,
            defanged: 0,
            skipped: 0,
            columns_ignored: 0,
        }
    }
}

impl fmt::Display for Recognised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "read as {}, {}",
            self.format.name(),
            self.encoding.name()
        )?;
        if self.byte_order_mark {
            f.write_str(" with a byte order mark")?;
        }
        if let Some(delimiter) = self.delimiter {
            write!(f, ", delimiter {}", delimiter.name())?;
        }
        if let Some(scale) = self.confidence {
            let comma = if self.decimal_comma {
                " with a decimal comma"
            } else {
                ""
            };
            write!(f, ", confidence as {}{comma}", scale.name())?;
        }
        if let Some(order) = self.dates {
            write!(f, ", dates as {}", order.name())?;
        }
        let counts = [
            (self.hosts_kept, "hosts kept of web addresses"),
            (self.paths_dropped, "paths, queries, ports or users dropped"),
            (self.defanged, "defanged web addresses (hxxp, [.])"),
            (self.skipped, "that are no listings skipped"),
            (self.columns_ignored, "columns ignored"),
        ];
        for (count, what) in counts.into_iter().filter(|(count, _)| *count > 0) {
            write!(f, ", {count} {what}")?;
        }
        Ok(())
    }
}
