use std::collections::BTreeMap;

use super::database::{Change, Register};
use crate::error::Result;

impl Register {
    /// The origins of the sources that have another one than their own name.
    pub(crate) fn origins(&self) -> Result<BTreeMap<String, String>> {
        let mut statement = self.0.prepare("SELECT name, origin FROM source")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Change<'_> {
    /// States under which name a source is known in every coalition.
    pub(crate) fn put_origin(&self, source: &str, origin: &str) -> Result<()> {
        let query = "INSERT INTO source VALUES (?1, ?2) ON CONFLICT DO UPDATE SET origin = ?2";
        self.0.execute(query, [source, origin])?;
        Ok(())
    }
}
