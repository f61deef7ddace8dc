use std::collections::BTreeMap;

use interdict_host::CoalitionState;
use rusqlite::Connection;

use super::event::{ChangeKind, Event, EventData, ListChange, date};
use super::outbox::send;
use crate::error::Error;

/// The freshness of a list that was live and no longer is.
const GONE: &str = "gone";

/// Coalition and list.
type ListName = (String, String);

/// Compares how far lists can be relied on with what was noted last, and puts an alert about each that became late or
/// expired into the outbox.
pub(super) fn note(
    connection: &Connection,
    states: &[CoalitionState],
    now: u32,
) -> Result<Vec<ChangeKind>, Error> {
    let noted = noted(connection)?;
    let mut live: BTreeMap<ListName, String> = noted
        .keys()
        .map(|name| (name.clone(), GONE.to_owned()))
        .collect();
    for state in states {
        for list in &state.lists {
            let name = (state.name.clone(), list.list.clone());
            live.insert(name, list.freshness.clone());
        }
    }
    let mut told = Vec::new();
    for (name, after) in live {
        let (before, since) = match noted.get(&name) {
            Some((before, since)) => (before.as_str(), *since),
            None => ("fresh", now),
        };
        if noted.contains_key(&name) && before == after {
            continue;
        }
        let (coalition, list) = name;
        connection
            .prepare_cached("INSERT OR REPLACE INTO lists VALUES (?1, ?2, ?3, ?4)")?
            .execute((&coalition, &list, &after, now))?;
        let Some(kind) = alert(before, &after) else {
            continue;
        };
        let change = ListChange {
            coalition,
            list,
            before: before.to_owned(),
            since: date(since),
            after,
        };
        send(connection, &Event::new(kind, EventData::List(change), now)?)?;
        told.push(kind);
    }
    Ok(told)
}

/// The alert about a list that can be relied on less than before.
fn alert(before: &str, after: &str) -> Option<ChangeKind> {
    match (stage(before), stage(after)) {
        (before, after) if after <= before => None,
        (_, 1) => Some(ChangeKind::ListLate),
        _ => Some(ChangeKind::ListExpired),
    }
}

/// How far a list can be relied on; an unknown word is the worst.
fn stage(freshness: &str) -> u8 {
    match freshness {
        "fresh" => 0,
        "late" | "stale" => 1,
        _ => 2,
    }
}

fn noted(connection: &Connection) -> Result<BTreeMap<ListName, (String, u32)>, Error> {
    let mut statement =
        connection.prepare_cached("SELECT coalition, list, freshness, since FROM lists")?;
    let rows = statement.query_map([], |row| {
        let name: ListName = (row.get(0)?, row.get(1)?);
        Ok((name, (row.get(2)?, row.get(3)?)))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
