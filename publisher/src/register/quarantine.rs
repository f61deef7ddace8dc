use interdict_core::common::time::Time;
use interdict_core::identifier::Identifier;
use interdict_core::list::{Handling, ListId};
use rusqlite::{Connection, Row, params};

use super::database::{Change, Register};
use super::entries::{Put, entry};
use super::entry::{Entry, Listing, State};
use crate::error::{PublisherError, Result};

const COLUMNS: &str = "kind, text, source, action, category, confidence, valid_until, seller.name, \
     scope, flags, coalesce(seller, 0), 'quarantined', handling, since \
     FROM quarantine LEFT JOIN seller ON seller.number = quarantine.seller";

/// A statement that waits for a person. It is no entry: nothing that builds a list sees it.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    /// As it will be once it is accepted.
    pub(crate) listing: Listing,
    /// When it came in, or was last changed.
    pub(crate) since: Time,
}

impl Register {
    /// What waits on a list, sorted by kind, text and source; of one source, or of all.
    pub(crate) fn waiting(&self, list: &ListId, source: Option<&str>) -> Result<Vec<Waiting>> {
        waiting(&self.0, list, source)
    }

    /// How many statements of each source wait on a list, sorted by source.
    pub(crate) fn waiting_counts(&self, list: &ListId) -> Result<Vec<(String, usize)>> {
        let query = "SELECT source, count(*) FROM quarantine WHERE list = ?1
             GROUP BY source ORDER BY source";
        let mut statement = self.0.prepare(query)?;
        let rows = statement.query_map([list.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Change<'_> {
    /// What waits on a list of one source, sorted by kind and text.
    pub(crate) fn waiting(&self, list: &ListId, source: &str) -> Result<Vec<Waiting>> {
        waiting(&self.0, list, Some(source))
    }

    /// What waits on an identifier, of one source or of all.
    pub(crate) fn waiting_on(
        &self,
        list: &ListId,
        identifier: &Identifier,
        source: Option<&str>,
    ) -> Result<Vec<Waiting>> {
        let query = format!(
            "SELECT {COLUMNS} WHERE list = ?1 AND kind = ?2 AND text = ?3
             AND (?4 IS NULL OR source = ?4)"
        );
        let mut statement = self.0.prepare_cached(&query)?;
        let (kind, text) = (identifier.kind().name(), identifier.text());
        let mut rows = statement.query(params![list.as_str(), kind, text, source])?;
        let mut waiting = Vec::new();
        while let Some(row) = rows.next()? {
            waiting.push(read(row)?);
        }
        Ok(waiting)
    }

    /// Whether anything of a source waits on a list.
    pub(crate) fn any_waiting(&self, list: &ListId, source: &str) -> Result<bool> {
        let query = "SELECT 1 FROM quarantine WHERE list = ?1 AND source = ?2 LIMIT 1";
        let mut statement = self.0.prepare_cached(query)?;
        Ok(statement.exists([list.as_str(), source])?)
    }

    /// Lets a statement wait, in the place of an earlier one of the same source.
    pub(crate) fn put_waiting(&self, list: &ListId, entry: &Entry, now: Time) -> Result<Put> {
        let known = self.waiting_on(list, &entry.identifier, Some(&entry.source))?;
        if known.iter().any(|known| known.listing.entry == *entry) {
            return Ok(Put::Unchanged);
        }
        let seller = entry.group.as_deref().map(|group| self.seller(group));
        let seller = seller.transpose()?;
        self.0
            .prepare_cached(
                "INSERT OR REPLACE INTO quarantine (list, kind, text, source, action, category,
                 confidence, valid_until, seller, scope, flags, handling, since)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            )?
            .execute(params![
                list.as_str(),
                entry.identifier.kind().name(),
                entry.identifier.text(),
                entry.source,
                entry.action.name(),
                entry.category.name(),
                entry.confidence,
                entry.valid_until.seconds(),
                seller,
                entry.scope.name(),
                entry.flags.0,
                entry.handling.map(Handling::name),
                now.seconds(),
            ])?;
        Ok(match known.is_empty() {
            true => Put::Added,
            false => Put::Updated,
        })
    }

    /// Ends the wait of a source's statement, or of every source's; how many there were.
    pub(crate) fn end_wait(
        &self,
        list: &ListId,
        identifier: &Identifier,
        source: Option<&str>,
    ) -> Result<usize> {
        let mut statement = self.0.prepare_cached(
            "DELETE FROM quarantine WHERE list = ?1 AND kind = ?2 AND text = ?3
             AND (?4 IS NULL OR source = ?4)",
        )?;
        let (kind, text) = (identifier.kind().name(), identifier.text());
        Ok(statement.execute(params![list.as_str(), kind, text, source])?)
    }
}

fn waiting(connection: &Connection, list: &ListId, source: Option<&str>) -> Result<Vec<Waiting>> {
    let query = format!(
        "SELECT {COLUMNS} WHERE list = ?1 AND (?2 IS NULL OR source = ?2)
         ORDER BY kind, text, source"
    );
    let mut statement = connection.prepare(&query)?;
    let mut rows = statement.query(params![list.as_str(), source])?;
    let mut waiting = Vec::new();
    while let Some(row) = rows.next()? {
        waiting.push(read(row)?);
    }
    Ok(waiting)
}

fn read(row: &Row<'_>) -> Result<Waiting> {
    let entry = entry(row)?.ok_or(PublisherError::RegisterContent)?;
    Ok(Waiting {
        listing: Listing {
            entry,
            group: row.get(10)?,
            state: State::Quarantined,
            disclosed: false,
            blocked_since: None,
        },
        since: Time::from_seconds(row.get(13)?),
    })
}
