//! The register's entries as files for others: everything for another register, or only what a list asks to
//! block for tools that block names.
//!
//! CSV and JSON lines hold every entry, so that `import` makes the same register of them. STIX holds what
//! others may act on, and says when it ends; hosts and RPZ have no end, no source and no degree, so they hold
//! domains alone whose statement in force leads to `block`. Rows are read and written one by one.

mod rows;
mod stix;
mod writer;
mod zones;

use std::collections::BTreeSet;
use std::fmt;
use std::io::Write;
use std::ops::ControlFlow;

use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind, NumericIds};
use interdict_core::list::ListId;

use self::writer::{Writer, written};
use crate::error::Result;
use crate::intake::without_www;
use crate::publisher::Publisher;
use crate::register::RowFilter;

/// How to write entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// Comma-separated values, safe to open in a spreadsheet; `import` reads them back.
    Csv,
    /// One JSON object a line; `import` reads them back.
    JsonLines,
    /// A bundle of STIX 2.1 indicators: what is neither silent nor withheld.
    Stix,
    /// A hosts file: the domains that gateways are asked to block.
    Hosts,
    /// A DNS response policy zone: the same, and the names below where the scope covers them.
    Rpz,
}

/// What an export wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportReport {
    /// Of which list.
    pub list: ListId,
    /// Entries written; of a hosts file or a zone, names.
    pub exported: u64,
    /// Entries that this format leaves out; of a hosts file or a zone, also weaker statements on the same name.
    pub left_out: u64,
    /// What `import --numeric` must name to read the file back.
    pub numeric: Vec<String>,
    /// Whether `import` must have `--keep-www` to read the file back.
    pub keep_www: bool,
}

impl Publisher {
    /// Writes the entries of a list, sorted by kind, value and source. The same register gives the same
    /// bytes; `now` decides what has ended.
    ///
    /// # Errors
    /// An unknown list, [`PublisherError::WhichList`](crate::PublisherError::WhichList), a register that cannot be read, or
    /// [`PublisherError::Io`](crate::PublisherError::Io) for `out`.
    pub fn export(
        &self,
        list: Option<&str>,
        format: ExportFormat,
        now: Time,
        out: &mut dyn Write,
    ) -> Result<ExportReport> {
        let list = self.one_list(list)?;
        let mut writer: Box<dyn Writer> = match format {
            ExportFormat::Csv => Box::new(rows::Csv::begin(out)?),
            ExportFormat::JsonLines => Box::new(rows::JsonLines),
            ExportFormat::Stix => {
                let epochs = self.epochs()?;
                let began = epochs.first().map_or(now, |first| first.since);
                Box::new(stix::Bundle::begin(out, &list, began, now)?)
            }
            ExportFormat::Hosts => {
                Box::new(zones::Zone::begin(out, &list, zones::Form::Hosts, now)?)
            }
            ExportFormat::Rpz => Box::new(zones::Zone::begin(out, &list, zones::Form::Rpz, now)?),
        };
        let mut again = ReadBack::default();
        let (mut rows, mut exported) = (0_u64, 0_u64);
        let filter = RowFilter {
            list: Some(&list),
            ..RowFilter::default()
        };
        self.register().rows(&filter, |row| {
            rows = rows.saturating_add(1);
            if writer.row(out, &row)? {
                exported = exported.saturating_add(1);
            }
            if matches!(format, ExportFormat::Csv | ExportFormat::JsonLines) {
                again.look(&row.listing.entry.identifier);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        exported = exported.saturating_add(writer.end(out)?);
        out.flush().map_err(written())?;
        Ok(ExportReport {
            list,
            exported,
            left_out: rows.saturating_sub(exported),
            numeric: again.numeric.into_iter().collect(),
            keep_www: again.keep_www,
        })
    }
}

/// What `import` must be told, so that it reads the same entries.
#[derive(Debug, Default)]
struct ReadBack {
    numeric: BTreeSet<String>,
    keep_www: bool,
}

impl ReadBack {
    fn look(&mut self, identifier: &Identifier) {
        let (kind, text) = (identifier.kind(), identifier.text());
        let read = Identifier::parse_with(kind, text, NumericIds::Nowhere);
        if read.is_err_and(|error| error.is_card_number()) {
            let end = if kind == Kind::SubMerchant { '/' } else { ':' };
            let name = text.split(end).next().unwrap_or_default();
            self.numeric.insert(name.to_owned());
        }
        self.keep_www |= without_www(identifier).is_some();
    }
}

impl fmt::Display for ExportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = self.list.as_str();
        writeln!(
            f,
            "{list}: {} exported, {} left out",
            self.exported, self.left_out
        )?;
        let mut flags = Vec::new();
        if !self.numeric.is_empty() {
            flags.push(format!("--numeric {}", self.numeric.join(",")));
        }
        if self.keep_www {
            flags.push("--keep-www".to_owned());
        }
        if !flags.is_empty() {
            writeln!(f, "  to import it again: {}", flags.join(" "))?;
        }
        Ok(())
    }
}
