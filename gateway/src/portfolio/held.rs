use std::collections::BTreeMap;
use std::fmt;

use interdict_core::common::time::Time;
use rusqlite::Connection;
use serde::Serialize;
use utoipa::ToSchema;

use super::database::Portfolio;
use super::event::{ChangeKind, Event, EventData, HeldList, PortfolioHeld, date};
use super::outbox::send;
use crate::error::Error;

/// Merchants that are held although nothing was found: lists that must answer do not. So it was when all were screened
/// last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Held {
    /// Whose lists do not answer, by its name in this gateway; empty if the gateway's own clock or state is in doubt.
    pub coalition: String,
    /// How many merchants are held because of it.
    pub merchants: u64,
    /// How many there are.
    pub of: u64,
    /// Its lists that cannot be relied on.
    pub lists: Vec<SilentList>,
}

/// A list that cannot be relied on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SilentList {
    /// Its name.
    pub list: String,
    /// How far it can be relied on, such as `stale`.
    pub freshness: String,
    /// Since when, in seconds since 1970.
    pub since: u32,
}

impl Portfolio {
    /// Whom lists hold that do not answer, by coalition.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn held(&self) -> Result<Vec<Held>, Error> {
        read(&self.0)
    }
}

/// Replaces what was counted last, and puts an alert about each coalition that holds merchants and held none before into
/// the outbox. Returns how many alerts.
pub(super) fn note(
    connection: &Connection,
    counts: &BTreeMap<String, u64>,
    of: u64,
    now: u32,
) -> Result<u64, Error> {
    let before = read(connection)?;
    connection.execute("DELETE FROM held", [])?;
    for (coalition, merchants) in counts {
        connection
            .prepare_cached("INSERT INTO held VALUES (?1, ?2, ?3)")?
            .execute((coalition, merchants, of))?;
    }
    let mut told = 0_u64;
    for held in read(connection)? {
        let is_known = before.iter().any(|one| one.coalition == held.coalition);
        if !is_known {
            let data = EventData::Held(held.told());
            send(
                connection,
                &Event::new(ChangeKind::PortfolioHeld, data, now)?,
            )?;
            told = told.saturating_add(1);
        }
    }
    Ok(told)
}

fn read(connection: &Connection) -> Result<Vec<Held>, Error> {
    let find = "SELECT coalition, merchants, of_all FROM held ORDER BY coalition";
    let mut find = connection.prepare_cached(find)?;
    let rows = find.query_map([], |row| {
        Ok(Held {
            coalition: row.get(0)?,
            merchants: row.get(1)?,
            of: row.get(2)?,
            lists: Vec::new(),
        })
    })?;
    let mut all = rows.collect::<Result<Vec<_>, _>>()?;
    for held in &mut all {
        held.lists = silent(connection, &held.coalition)?;
    }
    Ok(all)
}

fn silent(connection: &Connection, coalition: &str) -> Result<Vec<SilentList>, Error> {
    let find = "SELECT list, freshness, since FROM lists
        WHERE coalition = ?1 AND freshness NOT IN ('fresh', 'late') ORDER BY list";
    let mut find = connection.prepare_cached(find)?;
    let rows = find.query_map([coalition], |row| {
        Ok(SilentList {
            list: row.get(0)?,
            freshness: row.get(1)?,
            since: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

impl Held {
    fn told(&self) -> PortfolioHeld {
        let lists = self.lists.iter().map(|one| HeldList {
            list: one.list.clone(),
            freshness: one.freshness.clone(),
            since: date(one.since),
        });
        PortfolioHeld {
            coalition: self.coalition.clone(),
            merchants: self.merchants,
            of: self.of,
            lists: lists.collect(),
        }
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (merchants, of) = (self.merchants, self.of);
        write!(
            f,
            "{merchants} of {of} merchants of the portfolio, and all new payouts, are held because "
        )?;
        for (index, one) in self.lists.iter().enumerate() {
            let and = if index > 0 { " and " } else { "" };
            let since = Time::from_seconds(one.since);
            write!(
                f,
                "{and}list {} is {} since {since}",
                one.list, one.freshness
            )?;
        }
        match (self.lists.is_empty(), self.coalition.as_str()) {
            (false, _) => Ok(()),
            (true, "") => f.write_str("this gateway's clock or state is in doubt"),
            (true, coalition) => write!(f, "coalition {coalition} does not answer"),
        }
    }
}
