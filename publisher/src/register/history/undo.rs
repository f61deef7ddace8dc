//! Takes a deed back, as far as nothing has changed its rows since.

use rusqlite::{Connection, params_from_iter};

use super::capture::{Cell, Table};
use super::replay::{insert, read_row, remove};
use crate::error::Result;

/// The tables whose rows an import changes and that decide what is listed. Others only count.
const TABLES: [&str; 5] = ["delisted", "dropped", "entry", "lifted", "quarantine"];

/// How many rows got their earlier values again, and how many have changed since and stay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::register) struct RowsUndone {
    pub(in crate::register) restored: u64,
    pub(in crate::register) changed_since: u64,
}

/// Gives rows of a deed their values before it, the newest first.
pub(super) fn undo_rows(
    connection: &Connection,
    tables: &[Table],
    rows: &[u8],
) -> Result<RowsUndone> {
    let mut undone = RowsUndone::default();
    let mut lines: Vec<&[u8]> = rows.split_inclusive(|byte| *byte == b'\n').collect();
    lines.reverse();
    for line in lines {
        let (table, before, after) = read_row(tables, line)?;
        if !TABLES.contains(&table.name.as_str()) {
            continue;
        }
        let is_as_left = match &after {
            Some(after) => exists(connection, table, after)?,
            None => !before
                .as_ref()
                .map_or(Ok(false), |before| has_key(connection, table, before))?,
        };
        if !is_as_left {
            undone.changed_since = undone.changed_since.saturating_add(1);
            continue;
        }
        if let Some(after) = &after {
            remove(connection, table, after)?;
            depart(connection, table, after)?;
        }
        if let Some(before) = &before {
            insert(connection, table, before)?;
        }
        undone.restored = undone.restored.saturating_add(1);
    }
    Ok(undone)
}

/// What leaves the list has a name as long as it is published.
fn depart(connection: &Connection, table: &Table, row: &[Cell]) -> Result<()> {
    if let ("entry", [list, kind, text, ..]) = (table.name.as_str(), row) {
        let query = "INSERT INTO departed VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        connection
            .prepare_cached(query)?
            .execute([list, kind, text])?;
    }
    Ok(())
}

fn exists(connection: &Connection, table: &Table, row: &[Cell]) -> Result<bool> {
    let same = Table::matching(&table.columns, "IS");
    let query = format!("SELECT 1 FROM main.\"{}\" WHERE {same}", table.name);
    Ok(connection
        .prepare_cached(&query)?
        .exists(params_from_iter(row))?)
}

/// Whether there is a row in the place of one that was removed.
fn has_key(connection: &Connection, table: &Table, row: &[Cell]) -> Result<bool> {
    let mut keys =
        connection.prepare_cached("SELECT cid FROM pragma_table_info(?1) WHERE pk > 0")?;
    let keys = keys.query_map([&table.name], |row| row.get::<_, usize>(0))?;
    let keys = keys.collect::<Result<Vec<_>, _>>()?;
    let named = keys
        .iter()
        .filter_map(|key| Some((table.columns.get(*key)?, row.get(*key)?)));
    let (columns, cells): (Vec<_>, Vec<_>) = named.unzip();
    let same = Table::matching(columns, "=");
    let query = format!("SELECT 1 FROM main.\"{}\" WHERE {same}", table.name);
    Ok(connection
        .prepare_cached(&query)?
        .exists(params_from_iter(cells))?)
}
