//! The history as people read it.

use std::collections::BTreeSet;

use interdict_core::identifier::Identifier;
use rusqlite::Connection;

use super::capture::{Cell, Table};
use super::chain::{Chain, Keep, Position, ReadDeed};
use super::replay::read_row;
use super::undo::{RowsUndone, undo_rows};
use crate::error::Result;

/// How many rows of a deed are asked for their source: in an import, refused lines may come first.
const SOURCE_ROWS: usize = 64;

/// What one command changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastDeed {
    /// Its number, from 1.
    pub number: u64,
    /// When, as in RFC 3339.
    pub at: String,
    /// Who.
    pub by: String,
    /// The command.
    pub command: String,
    /// The file that it read: its name, which may be empty, and its SHA-256 in hexadecimal.
    pub file: Option<(String, String)>,
    /// The sources that its rows are about, sorted; a few of them.
    pub sources: Vec<String>,
    /// How many rows it changed.
    pub rows: u64,
    /// The rows about the identifier that was asked for.
    pub about: Vec<DeedRow>,
}

/// A row that a deed changed: each column with its value, in the order of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeedRow {
    /// The table.
    pub table: String,
    /// The values before; `None` if there was no row.
    pub before: Option<Vec<(String, String)>>,
    /// The values after; `None` if there is no row.
    pub after: Option<Vec<(String, String)>>,
}

/// Gives each deed of a history to `take`, the oldest first; of their rows those about an identifier.
pub(in crate::register) fn past_deeds(
    chain: &Chain,
    tables: &[Table],
    about: Option<&Identifier>,
    mut take: impl FnMut(PastDeed) -> Result<()>,
) -> Result<()> {
    chain.read(Position::START, Keep::Rows, |deed| {
        let ReadDeed { opening, rows, .. } = deed;
        let lines = rows.split_inclusive(|byte| *byte == b'\n');
        let sources = sources_of(tables, &rows);
        let mut told = PastDeed {
            number: opening.deed,
            at: opening.at,
            by: opening.by,
            command: opening.command,
            file: opening.file.map(|file| (file.name, file.sha256)),
            sources,
            rows: u64::try_from(lines.clone().count()).unwrap_or(u64::MAX),
            about: Vec::new(),
        };
        if let Some(identifier) = about {
            // A text that is not in the line cannot be in its row, whatever was escaped.
            let text = serde_json::to_string(identifier.text()).unwrap_or_default();
            for line in lines.filter(|line| contains(line, text.as_bytes())) {
                // Tables of an older version are not read any more.
                let Ok((table, before, after)) = read_row(tables, line) else {
                    continue;
                };
                let is_about = |row: &Option<Vec<Cell>>| {
                    row.as_ref()
                        .is_some_and(|row| is_row_about(table, row, identifier))
                };
                if is_about(&before) || is_about(&after) {
                    told.about.push(DeedRow {
                        table: table.name.clone(),
                        before: before.map(|row| named(table, &row)),
                        after: after.map(|row| named(table, &row)),
                    });
                }
            }
        }
        take(told)
    })?;
    Ok(())
}

/// The sources that the first rows of a deed are about: a file has one, and no deed needs more to be told
/// from others.
fn sources_of(tables: &[Table], rows: &[u8]) -> Vec<String> {
    let mut sources = BTreeSet::new();
    for line in rows
        .split_inclusive(|byte| *byte == b'\n')
        .take(SOURCE_ROWS)
    {
        let Ok((table, before, after)) = read_row(tables, line) else {
            continue;
        };
        // What a release counts is of all sources.
        if !["source", "entry", "quarantine", "dropped"].contains(&table.name.as_str()) {
            continue;
        }
        for row in [before, after].into_iter().flatten() {
            let name = if table.name == "source" {
                "name"
            } else {
                "source"
            };
            let cells = table.columns.iter().zip(&row);
            for (_, cell) in cells.filter(|(column, _)| column.name == name) {
                if let Cell::Text(source) = cell
                    && !source.is_empty()
                {
                    sources.insert(source.clone());
                }
            }
        }
    }
    sources.into_iter().collect()
}

/// Takes back what the deed with this number did; `None` if there is none of this command.
pub(in crate::register) fn undo_deed(
    connection: &Connection,
    chain: &Chain,
    tables: &[Table],
    number: u64,
    command: &str,
) -> Result<Option<RowsUndone>> {
    let mut undone = None;
    chain.read(Position::START, Keep::Rows, |deed| {
        if deed.opening.deed == number && deed.opening.command == command {
            undone = Some(undo_rows(connection, tables, &deed.rows)?);
        }
        Ok(())
    })?;
    Ok(undone)
}

fn contains(line: &[u8], text: &[u8]) -> bool {
    line.windows(text.len().max(1)).any(|part| part == text)
}

fn is_row_about(table: &Table, row: &[Cell], identifier: &Identifier) -> bool {
    let is = |name: &str, value: &str| {
        let mut cells = table.columns.iter().zip(row);
        cells.any(|(column, cell)| column.name == name && *cell == Cell::Text(value.to_owned()))
    };
    is("kind", identifier.kind().name()) && is("text", identifier.text())
}

fn named(table: &Table, row: &[Cell]) -> Vec<(String, String)> {
    let columns = table.columns.iter().zip(row);
    let shown = columns.filter_map(|(column, cell)| {
        let value = match cell {
            Cell::Null => return None,
            Cell::Integer(number) => number.to_string(),
            Cell::Text(text) => text.clone(),
            Cell::Blob(bytes) => format!("{} bytes", bytes.len()),
        };
        Some((column.name.clone(), value))
    });
    shown.collect()
}
