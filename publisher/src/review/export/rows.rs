//! Files that `import` reads back.

use std::io::Write;

use interdict_core::common::time::Time;
use interdict_core::list::Handling;
use serde::Serialize;

use super::writer::{Writer, written};
use crate::error::Result;
use crate::intake::{flag_names, guarded};
use crate::register::{NO_END, Row};

/// One entry, with the fields of an imported file in their order.
#[derive(Serialize)]
struct Fields<'a> {
    kind: &'a str,
    value: &'a str,
    source: &'a str,
    action: &'a str,
    category: &'a str,
    confidence: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
    scope: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    flags: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    handling: Option<&'static str>,
}

const HEADER: [&str; 11] = [
    "kind",
    "value",
    "source",
    "action",
    "category",
    "confidence",
    "valid_until",
    "group",
    "scope",
    "flags",
    "handling",
];

/// Most rows are shorter.
const ROW: usize = 512;

pub(super) struct Csv;

pub(super) struct JsonLines;

impl Csv {
    pub(super) fn begin(out: &mut dyn Write) -> Result<Self> {
        write_record(out, &HEADER)?;
        Ok(Self)
    }
}

impl<'a> Fields<'a> {
    fn of(row: &'a Row) -> Self {
        let entry = &row.listing.entry;
        let end = Some(entry.valid_until).filter(|end| *end != NO_END);
        Self {
            kind: entry.identifier.kind().name(),
            value: entry.identifier.text(),
            source: &entry.source,
            action: entry.action.name(),
            category: entry.category.name(),
            confidence: entry.confidence,
            valid_until: end.map(|end: Time| end.to_string()),
            group: entry.group.as_deref(),
            scope: entry.scope.name(),
            flags: flag_names(entry.flags).collect(),
            handling: entry.handling.map(Handling::name),
        }
    }
}

impl Writer for Csv {
    fn row(&mut self, out: &mut dyn Write, row: &Row) -> Result<bool> {
        let fields = Fields::of(row);
        let cells = [
            fields.kind,
            fields.value,
            fields.source,
            fields.action,
            fields.category,
            &fields.confidence.to_string(),
            fields.valid_until.as_deref().unwrap_or_default(),
            fields.group.unwrap_or_default(),
            fields.scope,
            &fields.flags.join(" "),
            fields.handling.unwrap_or_default(),
        ];
        write_record(out, &cells.map(guarded))?;
        Ok(true)
    }

    fn end(&mut self, _: &mut dyn Write) -> Result<u64> {
        Ok(0)
    }
}

fn write_record(out: &mut dyn Write, cells: &[impl AsRef<str>]) -> Result<()> {
    let mut writer = csv::WriterBuilder::new();
    let mut writer = writer.buffer_capacity(ROW).from_writer(out);
    let cells = cells.iter().map(|cell| cell.as_ref().as_bytes());
    let record = writer.write_record(cells);
    record.map_err(|error| written()(error.into()))?;
    writer.flush().map_err(written())
}

impl Writer for JsonLines {
    fn row(&mut self, out: &mut dyn Write, row: &Row) -> Result<bool> {
        let line = serde_json::to_string(&Fields::of(row));
        let line = line.map_err(|error| written()(error.into()))?;
        writeln!(out, "{line}").map_err(written())?;
        Ok(true)
    }

    fn end(&mut self, _: &mut dyn Write) -> Result<u64> {
        Ok(0)
    }
}
