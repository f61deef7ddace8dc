use interdict_core::policy::Flow;
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::cases::note_removal;
use super::database::Portfolio;
use super::merchant::{Merchant, MerchantId, request};
use crate::error::Error;
use crate::portfolio_problem::PortfolioError;

/// What became of a merchant that was put into the portfolio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// It is new.
    Added,
    /// It was there with other content.
    Replaced,
    /// It was there just so.
    Unchanged,
}

impl Portfolio {
    /// Adds a merchant, or replaces what it is screened by. It is due for a screening if anything changed.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn put(&mut self, merchant: &Merchant, now: u32) -> Result<Put, Error> {
        let change = self.change()?;
        let done = put(&change, merchant, now)?;
        change.commit()?;
        Ok(done)
    }

    /// Makes a merchant due for a screening, because something besides lists and policy changed for it.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn mark_due(&mut self, id: &MerchantId) -> Result<(), Error> {
        let text = "UPDATE merchants SET is_due = 1 WHERE id = ?1";
        self.0.execute(text, [id.as_str()])?;
        Ok(())
    }

    /// Removes a merchant and what is known of it, and closes its case. Returns whether there was one.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn remove(&mut self, id: &MerchantId, now: u32) -> Result<bool, Error> {
        let change = self.change()?;
        let is_removed = remove(&change, id, now)?;
        change.commit()?;
        Ok(is_removed)
    }

    /// A merchant with everything it is screened by.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn merchant(&self, id: &MerchantId) -> Result<Option<Merchant>, Error> {
        let mut statement = self
            .0
            .prepare_cached("SELECT id, flow, fields FROM merchants WHERE id = ?1")?;
        let found = statement.query_row([id.as_str()], stored).optional()?;
        found.map(merchant).transpose()
    }

    /// The message of `screen` about a merchant, in the flow that it is stored with unless another is named.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn request(&self, id: &MerchantId, flow: Option<Flow>) -> Result<Option<String>, Error> {
        let found = self.merchant(id)?;
        Ok(found.map(|merchant| request(flow.unwrap_or(merchant.flow()), merchant.fields())))
    }

    /// How many merchants there are.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn count(&self) -> Result<u64, Error> {
        count(&self.0)
    }

    /// At most so many merchants, by id, after this one.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn merchants_after(
        &self,
        after: Option<&MerchantId>,
        most: u32,
    ) -> Result<Vec<Merchant>, Error> {
        let mut statement = self.0.prepare_cached(
            "SELECT id, flow, fields FROM merchants WHERE id > ?1 ORDER BY id LIMIT ?2",
        )?;
        let after = after.map_or("", MerchantId::as_str);
        let rows = statement.query_map((after, most), stored)?;
        rows.map(|row| merchant(row?)).collect()
    }
}

/// A merchant's id, flow and fields as they are stored.
type Stored = (String, String, String);

fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

fn merchant((id, flow, fields): Stored) -> Result<Merchant, Error> {
    let flow = Flow::from_name(&flow).ok_or(PortfolioError::Damaged)?;
    Ok(Merchant::new(MerchantId::stored(id), flow, fields))
}

/// See [`Portfolio::put`].
pub(super) fn put(connection: &Connection, merchant: &Merchant, now: u32) -> Result<Put, Error> {
    let mut find = connection.prepare_cached("SELECT flow, fields FROM merchants WHERE id = ?1")?;
    let id = merchant.id().as_str();
    let (flow, fields) = (merchant.flow().name(), merchant.fields());
    let before: Option<(String, String)> = find
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match before {
        None => {
            let mut insert = connection.prepare_cached(
                "INSERT INTO merchants (id, flow, fields, added, is_due) VALUES (?1, ?2, ?3, ?4, 1)",
            )?;
            insert.execute((id, flow, fields, now))?;
            Ok(Put::Added)
        }
        Some((old_flow, old_fields)) if old_flow == flow && old_fields == fields => {
            Ok(Put::Unchanged)
        }
        Some(_) => {
            let mut update = connection.prepare_cached(
                "UPDATE merchants SET flow = ?2, fields = ?3, is_due = 1 WHERE id = ?1",
            )?;
            update.execute((id, flow, fields))?;
            Ok(Put::Replaced)
        }
    }
}

/// See [`Portfolio::remove`].
pub(super) fn remove(connection: &Connection, id: &MerchantId, now: u32) -> Result<bool, Error> {
    note_removal(connection, id.as_str(), now)?;
    let mut delete = connection.prepare_cached("DELETE FROM merchants WHERE id = ?1")?;
    Ok(delete.execute([id.as_str()])? > 0)
}

/// See [`Portfolio::count`].
pub(super) fn count(connection: &Connection) -> Result<u64, Error> {
    let count = connection.query_row("SELECT count(*) FROM merchants", [], |row| {
        row.get::<_, i64>(0)
    })?;
    Ok(u64::try_from(count).unwrap_or(0))
}
