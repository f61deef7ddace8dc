//! Makes of deeds the rows that they left.

use rusqlite::{Connection, params_from_iter};
use serde_json::Value;

use super::capture::{Cell, Table};
use super::chain::{Chain, Keep, Position, ReadDeed};
use crate::error::{PublisherError, Result};

/// Takes over deeds that the register lacks, because the command that made them was killed, and cuts off one
/// that was never completed. The connection must be in a transaction that no other can write beside.
///
/// # Errors
/// [`PublisherError::HistoryDamaged`].
pub(in crate::register) fn apply_missing(
    connection: &Connection,
    chain: &Chain,
    tables: &[Table],
    noted: &Position,
) -> Result<Position> {
    let after = chain.read(*noted, Keep::Rows, |deed| apply(connection, tables, &deed))?;
    if after != *noted {
        after.note(connection)?;
    }
    chain.cut(&after)?;
    chain.log.clear();
    Ok(after)
}

/// Fills an empty register of this version with what the whole history left.
///
/// # Errors
/// [`PublisherError::HistoryDamaged`], also if it has no rows of this version.
pub(in crate::register) fn apply_all(
    connection: &Connection,
    chain: &Chain,
    tables: &[Table],
    version: i64,
) -> Result<Position> {
    let mut begun = false;
    let after = chain.read(Position::START, Keep::Rows, |deed| {
        if let Some(reset) = &deed.opening.reset {
            begun = reset.version == version;
        }
        match begun {
            true => apply(connection, tables, &deed),
            // Of tables that this version no longer has: a later reset says all of it again.
            false => Ok(()),
        }
    })?;
    if !begun {
        return Err(PublisherError::HistoryDamaged);
    }
    after.note(connection)?;
    Ok(after)
}

fn apply(connection: &Connection, tables: &[Table], deed: &ReadDeed) -> Result<()> {
    // A reset says the rows in the order of their tables.
    connection.execute_batch("PRAGMA defer_foreign_keys = ON")?;
    if let Some(reset) = &deed.opening.reset {
        if reset.tables != tables {
            return Err(PublisherError::HistoryDamaged);
        }
        for table in tables {
            connection.execute_batch(&format!("DELETE FROM main.\"{}\"", table.name))?;
        }
    }
    let lines = deed.rows.split_inclusive(|byte| *byte == b'\n');
    for line in lines {
        let (table, before, after) = read_row(tables, line)?;
        if let Some(before) = before {
            remove(connection, table, &before)?;
        }
        if let Some(after) = after {
            insert(connection, table, &after)?;
        }
    }
    Ok(())
}

/// A row as it was before and is after.
pub(super) type RowChange<'t> = (&'t Table, Option<Vec<Cell>>, Option<Vec<Cell>>);

/// Reads the line of a row.
pub(super) fn read_row<'t>(tables: &'t [Table], line: &[u8]) -> Result<RowChange<'t>> {
    let row: (String, Option<Vec<Value>>, Option<Vec<Value>>) =
        serde_json::from_slice(line).map_err(|_| PublisherError::HistoryDamaged)?;
    let (name, before, after) = row;
    let table = tables.iter().find(|table| table.name == name);
    let table = table.ok_or(PublisherError::HistoryDamaged)?;
    let cells = |values: Option<Vec<Value>>| match values {
        None => Ok(None),
        Some(values) => {
            let cells = table.cells_of(&values);
            cells.map(Some).ok_or(PublisherError::HistoryDamaged)
        }
    };
    Ok((table, cells(before)?, cells(after)?))
}

/// Rows are removed by all of their values: one that the register holds otherwise stays, and the digest over
/// all rows then tells.
pub(super) fn remove(connection: &Connection, table: &Table, row: &[Cell]) -> Result<()> {
    let same = Table::matching(&table.columns, "IS");
    let query = format!("DELETE FROM main.\"{}\" WHERE {same}", table.name);
    let mut statement = connection.prepare_cached(&query)?;
    statement.execute(params_from_iter(row))?;
    Ok(())
}

pub(super) fn insert(connection: &Connection, table: &Table, row: &[Cell]) -> Result<()> {
    let places: Vec<String> = (1..=row.len()).map(|number| format!("?{number}")).collect();
    let query = format!(
        "INSERT INTO main.\"{}\" ({}) VALUES ({})",
        table.name,
        table.quoted_columns(),
        places.join(", ")
    );
    let mut statement = connection.prepare_cached(&query)?;
    statement.execute(params_from_iter(row))?;
    Ok(())
}
