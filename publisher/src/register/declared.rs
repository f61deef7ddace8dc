use interdict_core::identifier::Kind;
use interdict_core::list::ListId;
use rusqlite::Connection;

use super::database::{Change, Register};
use crate::error::{PublisherError, Result};

impl Register {
    /// The kinds that a list declares, in the order of their codes.
    pub(crate) fn declared(&self, list: &ListId) -> Result<Vec<Kind>> {
        declared(&self.0, list)
    }
}

impl Change<'_> {
    /// As [`Register::declared`].
    pub(crate) fn declared(&self, list: &ListId) -> Result<Vec<Kind>> {
        declared(&self.0, list)
    }

    /// States the kinds that a list declares.
    pub(crate) fn declare(&self, list: &ListId, kinds: &[Kind]) -> Result<()> {
        self.0
            .execute("DELETE FROM declared WHERE list = ?1", [list.as_str()])?;
        for kind in kinds {
            let query = "INSERT OR IGNORE INTO declared VALUES (?1, ?2)";
            self.0.execute(query, [list.as_str(), kind.name()])?;
        }
        Ok(())
    }

    /// How many entries a list has whose kind it does not declare.
    pub(crate) fn undeclared(&self, list: &ListId) -> Result<usize> {
        let query = "SELECT count(*) FROM entry WHERE list = ?1 AND kind NOT IN
             (SELECT kind FROM declared WHERE list = ?1)";
        Ok(self.0.query_row(query, [list.as_str()], |row| row.get(0))?)
    }
}

fn declared(connection: &Connection, list: &ListId) -> Result<Vec<Kind>> {
    let mut statement = connection.prepare("SELECT kind FROM declared WHERE list = ?1")?;
    let names = statement.query_map([list.as_str()], |row| row.get::<_, String>(0))?;
    let kinds = names.map(|name| Kind::from_name(&name?).ok_or(PublisherError::RegisterContent));
    let mut kinds: Vec<Kind> = kinds.collect::<Result<_>>()?;
    kinds.sort_by_key(|kind| kind.code());
    Ok(kinds)
}
