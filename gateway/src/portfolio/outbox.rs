use rusqlite::{Connection, OptionalExtension as _};

use super::database::Portfolio;
use super::event::Event;
use crate::error::Error;
use crate::portfolio_problem::PortfolioError;

/// An alert that waits for its delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its id.
    pub id: String,
    /// The alert, as JSON.
    pub event: String,
    /// How often its delivery failed.
    pub attempts: u32,
    /// Not before this time.
    pub retry_at: u32,
}

impl Portfolio {
    /// The alert that is delivered next.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn next_alert(&self) -> Result<Option<Waiting>, Error> {
        let mut statement = self.0.prepare_cached(
            "SELECT id, event, attempts, retry_at FROM outbox WHERE delivered IS NULL ORDER BY number LIMIT 1",
        )?;
        let waiting = statement.query_row([], |row| {
            Ok(Waiting {
                id: row.get(0)?,
                event: row.get(1)?,
                attempts: row.get(2)?,
                retry_at: row.get(3)?,
            })
        });
        Ok(waiting.optional()?)
    }

    /// How many alerts wait.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn waiting_alerts(&self) -> Result<u64, Error> {
        let text = "SELECT count(*) FROM outbox WHERE delivered IS NULL";
        let count: i64 = self.0.query_row(text, [], |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// Notes that an alert was delivered.
    ///
    /// # Errors
    /// The file cannot be written; the alert will be delivered again.
    pub fn note_delivered(&mut self, id: &str, now: u32) -> Result<(), Error> {
        let text = "UPDATE outbox SET delivered = ?2 WHERE id = ?1 AND delivered IS NULL";
        self.0.prepare_cached(text)?.execute((id, now))?;
        Ok(())
    }

    /// Notes that an alert was not delivered, and when to try again.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn note_failed(&mut self, id: &str, retry_at: u32) -> Result<(), Error> {
        let text = "UPDATE outbox SET attempts = attempts + 1, retry_at = ?2 WHERE id = ?1";
        self.0.prepare_cached(text)?.execute((id, retry_at))?;
        Ok(())
    }
}

/// Puts an alert into the outbox, as a part of the change that it is about.
pub(super) fn send(connection: &Connection, event: &Event) -> Result<(), Error> {
    let text = serde_json::to_string(event).map_err(|_| PortfolioError::Damaged)?;
    let mut insert = connection.prepare_cached("INSERT INTO outbox (id, event) VALUES (?1, ?2)")?;
    insert.execute((&event.id, text))?;
    Ok(())
}
