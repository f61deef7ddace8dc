//! Digests over a whole register.

use rusqlite::Connection;

use super::capture::Table;
use super::rows::{RowBytes, RowSum};
use crate::error::{PublisherError, Result};

/// The digest over all rows of these tables.
pub(in crate::register) fn sum_of_all_rows(
    connection: &Connection,
    tables: &[Table],
) -> Result<RowSum> {
    let mut sum = RowSum::default();
    let mut bytes = RowBytes::default();
    for table in tables {
        let columns = table.quoted_columns();
        let query = format!("SELECT {columns} FROM \"{}\"", table.name);
        let mut statement = connection.prepare(&query)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let values = (0..table.columns.len()).map(|column| row.get_ref(column));
            sum.add(&bytes.digest_of(&table.name, values)?);
        }
    }
    Ok(sum)
}

/// A digest over the definitions of all tables, views and indexes.
pub(in crate::register) fn schema_digest(connection: &Connection) -> Result<[u8; 32]> {
    let query = "SELECT type, name, tbl_name, sql FROM main.sqlite_schema
         WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type, name";
    let mut statement = connection.prepare(query)?;
    let mut rows = statement.query([])?;
    let mut bytes = RowBytes::default();
    bytes.start("schema");
    while let Some(row) = rows.next()? {
        for column in 0..4 {
            bytes.value(row.get_ref(column)?);
        }
    }
    if bytes.is_empty() {
        return Err(PublisherError::RegisterContent);
    }
    Ok(bytes.digest())
}
