use std::ops::ControlFlow;

use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{Action, ListId};
use rusqlite::{OptionalExtension as _, params};

use super::database::{Register, list_id};
use super::entries::{ENTRY_COLUMNS, ENTRY_ROWS, listing};
use super::entry::{Listing, State};
use crate::error::{PublisherError, Result};

/// One entry with the list it is on and its times.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) list: ListId,
    pub(crate) listing: Listing,
    pub(crate) listed_at: Time,
    pub(crate) changed_at: Time,
}

/// Which entries to read; `None` for all.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RowFilter<'a> {
    pub(crate) list: Option<&'a ListId>,
    pub(crate) kind: Option<Kind>,
    pub(crate) source: Option<&'a str>,
    pub(crate) action: Option<Action>,
    pub(crate) state: Option<State>,
    /// Only those that end after this.
    pub(crate) ends_after: Option<Time>,
    /// Only those that end at this time or before.
    pub(crate) ended_by: Option<Time>,
    /// ASCII in lower case and without spaces that the text has in any case and without its spaces, or else
    /// it has an internationalised label.
    pub(crate) text: Option<&'a str>,
}

impl Register {
    /// Reads entries one by one, sorted by list, kind, text and source, until `each` breaks.
    pub(crate) fn rows(
        &self,
        filter: &RowFilter<'_>,
        mut each: impl FnMut(Row) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let query = format!(
            "SELECT {ENTRY_COLUMNS}, list, listed_at, changed_at {ENTRY_ROWS}
             WHERE (?1 IS NULL OR list = ?1) AND (?2 IS NULL OR kind = ?2)
             AND (?3 IS NULL OR source = ?3) AND (?4 IS NULL OR action = ?4)
             AND (?5 IS NULL OR state = ?5) AND (?6 IS NULL OR valid_until > ?6)
             AND (?7 IS NULL OR valid_until <= ?7)
             AND (?8 IS NULL OR instr(replace(lower(text), ' ', ''), ?8) > 0 OR instr(text, 'xn--') > 0)
             ORDER BY list, kind, text, source"
        );
        let mut statement = self.0.prepare(&query)?;
        let mut rows = statement.query(params![
            filter.list.map(ListId::as_str),
            filter.kind.map(Kind::name),
            filter.source,
            filter.action.map(Action::name),
            filter.state.map(State::name),
            filter.ends_after.map(Time::seconds),
            filter.ended_by.map(Time::seconds),
            filter.text,
        ])?;
        while let Some(found) = rows.next()? {
            if each(row(found)?)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Every statement of a list on one identifier, sorted by source.
    pub(crate) fn rows_of(&self, list: &ListId, kind: Kind, text: &str) -> Result<Vec<Row>> {
        let query = format!(
            "SELECT {ENTRY_COLUMNS}, list, listed_at, changed_at {ENTRY_ROWS}
             WHERE list = ?1 AND kind = ?2 AND text = ?3 ORDER BY source"
        );
        self.read_rows(&query, [list.as_str(), kind.name(), text])
    }

    /// Every statement of a list on the wallets that are this account with a tag, sorted.
    pub(crate) fn rows_tagged(&self, list: &ListId, account: &Identifier) -> Result<Vec<Row>> {
        let query = format!(
            "SELECT {ENTRY_COLUMNS}, list, listed_at, changed_at {ENTRY_ROWS}
             WHERE list = ?1 AND kind = ?2 AND text > ?3 AND text < ?4 ORDER BY text, source"
        );
        // '0' is the character after '/', which begins a tag.
        let (first, end) = (
            format!("{}/", account.text()),
            format!("{}0", account.text()),
        );
        self.read_rows(&query, [list.as_str(), account.kind().name(), &first, &end])
    }

    /// Since when an identifier is marked as public.
    pub(crate) fn public_since(&self, list: &ListId, one: &Identifier) -> Result<Option<Time>> {
        self.since("disclosed", list, one)
    }

    /// Since when every release has asked gateways to block an identifier.
    pub(crate) fn blocked_since(&self, list: &ListId, one: &Identifier) -> Result<Option<Time>> {
        self.since("blocked", list, one)
    }

    /// Whether anything is kept of an identifier itself.
    pub(crate) fn is_known(&self, identifier: &Identifier) -> Result<bool> {
        let query = "SELECT EXISTS (SELECT 1 FROM entry WHERE list IN (SELECT id FROM list)
                AND kind = ?1 AND text = ?2)
            OR EXISTS (SELECT 1 FROM delisted WHERE list IN (SELECT id FROM list)
                AND kind = ?1 AND text = ?2)
            OR EXISTS (SELECT 1 FROM lifted WHERE list IN (SELECT id FROM list)
                AND kind = ?1 AND text = ?2)
            OR EXISTS (SELECT 1 FROM protected WHERE kind = ?1 AND text = ?2)
            OR EXISTS (SELECT 1 FROM unprotected WHERE kind = ?1 AND text = ?2)
            OR EXISTS (SELECT 1 FROM note WHERE kind = ?1 AND text = ?2)";
        let name = [identifier.kind().name(), identifier.text()];
        Ok(self.0.query_row(query, name, |row| row.get(0))?)
    }

    fn read_rows<const N: usize>(&self, query: &str, parameters: [&str; N]) -> Result<Vec<Row>> {
        let mut statement = self.0.prepare_cached(query)?;
        let mut rows = statement.query(rusqlite::params_from_iter(parameters))?;
        let mut found = Vec::new();
        while let Some(next) = rows.next()? {
            found.push(row(next)?);
        }
        Ok(found)
    }

    fn since(&self, table: &str, list: &ListId, one: &Identifier) -> Result<Option<Time>> {
        let query =
            format!("SELECT since FROM {table} WHERE list = ?1 AND kind = ?2 AND text = ?3");
        let name = [list.as_str(), one.kind().name(), one.text()];
        let since = self
            .0
            .query_row(&query, name, |row| row.get(0))
            .optional()?;
        Ok(since.map(Time::from_seconds))
    }
}

fn row(row: &rusqlite::Row<'_>) -> Result<Row> {
    let listing = listing(row)?.ok_or(PublisherError::RegisterEntries { count: 1 })?;
    let list = row.get_ref("list")?.as_str();
    Ok(Row {
        list: list_id(list.map_err(rusqlite::Error::from)?)?,
        listing,
        listed_at: Time::from_seconds(row.get("listed_at")?),
        changed_at: Time::from_seconds(row.get("changed_at")?),
    })
}
