//! Notes every row that changes: triggers of the connection write each into a table of its own.

use std::fmt;
use std::io::Write;

use interdict_core::common::hex;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::rows::{RowBytes, RowSum};
use crate::error::{PublisherError, Result};

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

/// Makes the triggers, which last as long as the connection.
pub(in crate::register) fn prepare_capture(
    connection: &Connection,
    tables: &[Table],
) -> Result<()> {
    connection.execute_batch(
        "DROP TABLE IF EXISTS temp.change_log;
         CREATE TEMP TABLE change_log (number INTEGER PRIMARY KEY, name TEXT NOT NULL,
             before TEXT, after TEXT);",
    )?;
    for table in tables {
        let name = &table.name;
        let (old, new) = (table.array("OLD"), table.array("NEW"));
        for (event, before, after) in [
            ("INSERT", "NULL", new.as_str()),
            ("UPDATE", old.as_str(), new.as_str()),
            ("DELETE", old.as_str(), "NULL"),
        ] {
            connection.execute_batch(&format!(
                "DROP TRIGGER IF EXISTS temp.\"log {name} {event}\";
                 CREATE TEMP TRIGGER \"log {name} {event}\" AFTER {event} ON main.\"{name}\" BEGIN
                 INSERT INTO change_log (name, before, after) VALUES ('{name}', {before}, {after});
                 END;"
            ))?;
        }
    }
    Ok(())
}

/// Writes what has changed since the last time, a line a row, and follows it in the sum. How many rows.
pub(in crate::register) fn take_changes(
    connection: &Connection,
    tables: &[Table],
    sum: &mut RowSum,
    out: &mut impl Write,
) -> Result<u64> {
    let mut count = 0_u64;
    let (mut bytes, mut line) = (RowBytes::default(), String::new());
    let mut statement =
        connection.prepare_cached("SELECT name, before, after FROM change_log ORDER BY number")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let text = |column| -> Result<Option<&str>> {
            let text = row.get_ref(column)?.as_str_or_null();
            Ok(text.map_err(rusqlite::Error::from)?)
        };
        let (before, after) = (text(1)?, text(2)?);
        if before == after {
            continue;
        }
        let name = text(0)?.unwrap_or_default();
        let table = tables.iter().find(|table| table.name == name);
        let table = table.ok_or(PublisherError::RegisterContent)?;
        if let Some(values) = before {
            sum.remove(&table.digest_of(values, &mut bytes)?);
        }
        if let Some(values) = after {
            sum.add(&table.digest_of(values, &mut bytes)?);
        }
        line.clear();
        let (before, after) = (before.unwrap_or("null"), after.unwrap_or("null"));
        for part in ["[\"", name, "\",", before, ",", after, "]\n"] {
            line.push_str(part);
        }
        out.write_all(line.as_bytes())
            .map_err(PublisherError::at("history".as_ref()))?;
        count = count.saturating_add(1);
    }
    drop(rows);
    connection.execute("DELETE FROM change_log", [])?;
    Ok(count)
}

/// Notes every row there is as a change: what a reset says.
pub(in crate::register) fn note_all_rows(connection: &Connection, tables: &[Table]) -> Result<()> {
    for table in tables {
        let (name, array) = (&table.name, table.array(&format!("\"{}\"", table.name)));
        connection.execute_batch(&format!(
            "INSERT INTO change_log (name, after) SELECT '{name}', {array} FROM main.\"{name}\""
        ))?;
    }
    Ok(())
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

    /// SQL that makes a JSON array of a row.
    pub(super) fn array(&self, row: &str) -> String {
        let values = self.columns.iter().map(|column| {
            let value = format!("{row}.\"{}\"", column.name);
            match column.is_blob() {
                // NULL stays NULL: hex() makes it an empty text.
                true => format!("iif({value} IS NULL, NULL, lower(hex({value})))"),
                false => value,
            }
        });
        format!("json_array({})", values.collect::<Vec<_>>().join(", "))
    }

    /// The digest of a row in such an array.
    fn digest_of(&self, array: &str, bytes: &mut RowBytes) -> Result<[u8; 32]> {
        bytes.start(&self.name);
        let mut read = serde_json::Deserializer::from_str(array);
        let columns = self.columns.iter();
        let row = ArrayInto { columns, bytes };
        let read = row.deserialize(&mut read).and_then(|()| read.end());
        read.map_err(|_| PublisherError::RegisterContent)?;
        Ok(bytes.digest())
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

/// Reads an array of a row's values into the bytes that its digest is taken over.
struct ArrayInto<'r> {
    columns: std::slice::Iter<'r, Column>,
    bytes: &'r mut RowBytes,
}

impl<'d> DeserializeSeed<'d> for ArrayInto<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'d>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'d> Visitor<'d> for ArrayInto<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value for each column")
    }

    fn visit_seq<A: SeqAccess<'d>>(self, mut values: A) -> Result<(), A::Error> {
        for column in self.columns {
            let bytes = &mut *self.bytes;
            let value = values.next_element_seed(ValueInto { column, bytes })?;
            value.ok_or_else(|| Error::custom("too few values"))?;
        }
        match values.next_element::<IgnoredAny>()? {
            None => Ok(()),
            Some(_) => Err(Error::custom("too many values")),
        }
    }
}

/// Reads one of them.
struct ValueInto<'r> {
    column: &'r Column,
    bytes: &'r mut RowBytes,
}

impl<'d> DeserializeSeed<'d> for ValueInto<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'d>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl Visitor<'_> for ValueInto<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a whole number or null")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.bytes.value(ValueRef::Null);
        Ok(())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.bytes.value(ValueRef::Integer(number));
        Ok(())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        let number = i64::try_from(number).map_err(|_| Error::custom("too large"))?;
        self.visit_i64(number)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        if self.column.is_blob() {
            let blob = bytes(text).ok_or_else(|| Error::custom("not hexadecimal"))?;
            self.bytes.value(ValueRef::Blob(&blob));
        } else {
            self.bytes.value(ValueRef::Text(text.as_bytes()));
        }
        Ok(())
    }
}

/// Reads hexadecimal of any length.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    let read = |pair: &[u8]| hex::array::<1>(std::str::from_utf8(pair).ok()?).map(|[byte]| byte);
    pairs.map(read).collect()
}
