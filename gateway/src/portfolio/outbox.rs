use rusqlite::{Connection, OptionalExtension as _, Row};

use super::database::Portfolio;
use super::event::Event;
use crate::error::Error;
use crate::portfolio_problem::PortfolioError;

/// No alert that was refused waits for longer, so a clock that went back does not hold one up for longer either.
pub(super) const LONGEST_PAUSE: u32 = 3_600;

const WAITING: &str =
    "SELECT id, event, attempts, retry_at FROM outbox AS one WHERE delivered IS NULL";

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
    /// The oldest alert that waits.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn next_alert(&self) -> Result<Option<Waiting>, Error> {
        let text = format!("{WAITING} ORDER BY number LIMIT 1");
        let mut statement = self.0.prepare_cached(&text)?;
        Ok(statement.query_row([], waiting).optional()?)
    }

    /// The alert to try next: one whose time has come, while no earlier one about the same merchant or list was
    /// refused. Those that were refused least often come first.
    pub(super) fn ready_alert(&self, now: u32) -> Result<Option<Waiting>, Error> {
        let text = format!(
            "WITH refused AS MATERIALIZED (
                SELECT number, {refused} AS subject FROM outbox AS earlier
                WHERE delivered IS NULL AND attempts > 0)
            {WAITING} AND (retry_at <= ?1 OR retry_at > ?1 + {LONGEST_PAUSE})
            AND NOT EXISTS (SELECT 1 FROM refused
                WHERE refused.number < one.number AND refused.subject = {own})
            ORDER BY attempts, number LIMIT 1",
            refused = subject("earlier"),
            own = subject("one"),
        );
        let mut statement = self.0.prepare_cached(&text)?;
        Ok(statement.query_row([now], waiting).optional()?)
    }

    /// When an alert that was refused is tried again next.
    pub(super) fn next_retry(&self) -> Result<Option<u32>, Error> {
        let text = "SELECT min(retry_at) FROM outbox WHERE delivered IS NULL AND attempts > 0";
        Ok(self.0.query_row(text, [], |row| row.get(0))?)
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

/// What an alert is about, in a row of the outbox.
fn subject(row: &str) -> String {
    format!(
        "coalesce(json_extract({row}.event, '$.data.merchant'),
            json_array(json_extract({row}.event, '$.data.coalition'), json_extract({row}.event, '$.data.list')))"
    )
}

fn waiting(row: &Row<'_>) -> rusqlite::Result<Waiting> {
    Ok(Waiting {
        id: row.get(0)?,
        event: row.get(1)?,
        attempts: row.get(2)?,
        retry_at: row.get(3)?,
    })
}

/// Puts an alert into the outbox, as a part of the change that it is about.
pub(super) fn send(connection: &Connection, event: &Event) -> Result<(), Error> {
    let text = serde_json::to_string(event).map_err(|_| PortfolioError::Damaged)?;
    let mut insert = connection.prepare_cached("INSERT INTO outbox (id, event) VALUES (?1, ?2)")?;
    insert.execute((&event.id, text))?;
    Ok(())
}
