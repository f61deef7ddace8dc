//! The tables whose rows a history has.

use interdict_core::common::hex;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Result;

/// A table and its columns, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::register) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Column {
    pub(super) name: String,
    /// TEXT, INTEGER or BLOB.
    pub(super) holds: String,
}

/// A value of a changed row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    Null,
    Integer(i64),
    Text(String),
    Blob(Vec<u8>),
}

/// The tables that a history covers: all but the register's own note of where the history stands.
pub(in crate::register) fn captured_tables(connection: &Connection) -> Result<Vec<Table>> {
    let query = "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name <> 'history'
         AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    let mut statement = connection.prepare(query)?;
    let names = statement.query_map([], |row| row.get::<_, String>(0))?;
    let tables = names.map(|name| {
        let name = name?;
        let mut columns = connection
            .prepare("SELECT name, type FROM pragma_table_info(?1, 'main') ORDER BY cid")?;
        let columns = columns.query_map([&name], |row| {
            Ok(Column {
                name: row.get(0)?,
                holds: row.get(1)?,
            })
        })?;
        let columns = columns.collect::<Result<_, _>>()?;
        Ok(Table { name, columns })
    });
    tables.collect()
}

impl Table {
    pub(in crate::register) fn name(&self) -> &str {
        &self.name
    }

    /// Whether its rows are found by an index beside it: not in the large tables, which are their own.
    pub(in crate::register) fn has_index(&self) -> bool {
        !matches!(self.name.as_str(), "blocked" | "entry" | "quarantine")
    }

    pub(super) fn quoted_columns(&self) -> String {
        let names = self
            .columns
            .iter()
            .map(|column| format!("\"{}\"", column.name));
        names.collect::<Vec<_>>().join(", ")
    }

    /// SQL that compares columns with parameters, which are numbered from 1 in the same order.
    pub(super) fn matching<'c>(
        columns: impl IntoIterator<Item = &'c Column>,
        operator: &str,
    ) -> String {
        let columns = columns.into_iter().zip(1_usize..);
        let same =
            columns.map(|(column, number)| format!("\"{}\" {operator} ?{number}", column.name));
        same.collect::<Vec<_>>().join(" AND ")
    }

    pub(super) fn cells_of(&self, values: &[Value]) -> Option<Vec<Cell>> {
        if values.len() != self.columns.len() {
            return None;
        }
        let cells = self.columns.iter().zip(values);
        let cells = cells.map(|(column, value)| match value {
            Value::Null => Some(Cell::Null),
            Value::Number(number) => number.as_i64().map(Cell::Integer),
            Value::String(text) if column.is_blob() => bytes(text).map(Cell::Blob),
            Value::String(text) => Some(Cell::Text(text.clone())),
            Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        });
        cells.collect()
    }
}

impl Column {
    fn is_blob(&self) -> bool {
        self.holds == "BLOB"
    }
}

impl Cell {
    pub(super) fn as_ref(&self) -> ValueRef<'_> {
        match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }
    }
}

impl rusqlite::ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        Ok(rusqlite::types::ToSqlOutput::Borrowed(self.as_ref()))
    }
}

/// Reads hexadecimal of any length.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    let read = |pair: &[u8]| hex::array::<1>(std::str::from_utf8(pair).ok()?).map(|[byte]| byte);
    pairs.map(read).collect()
}
