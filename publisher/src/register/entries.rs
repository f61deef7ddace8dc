use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Relation};
use interdict_core::list::{Action, Category, Flags, Handling, ListId, Scope};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::database::{Change, Register, identifier};
use super::entry::{Entry, Listing, NO_END, State};
use crate::error::{PublisherError, Result};

pub(super) const ENTRY_COLUMNS: &str = "kind, text, source, action, category, confidence, valid_until, \
     seller.name, scope, flags, coalesce(seller, 0), state, handling, \
     EXISTS (SELECT 1 FROM disclosed d WHERE d.list = entry_state.list \
         AND d.kind = entry_state.kind AND d.text = entry_state.text), \
     CASE WHEN EXISTS (SELECT 1 FROM disclosed d WHERE d.list = entry_state.list \
         AND d.kind = entry_state.kind AND d.text = entry_state.text) \
     THEN (SELECT b.since FROM blocked b WHERE b.list = entry_state.list \
         AND b.kind = entry_state.kind AND b.text = entry_state.text) END";

pub(super) const ENTRY_ROWS: &str =
    "FROM entry_state LEFT JOIN seller ON seller.number = entry_state.seller";

const ADD: &str = "INSERT INTO entry (list, kind, text, source, action, category, confidence,
         valid_until, seller, scope, flags, listed_at, changed_at, handling)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12, ?13) ON CONFLICT DO NOTHING";

/// Of an entry that says something else.
const UPDATE: &str =
    "UPDATE entry SET action = ?5, category = ?6, confidence = ?7, valid_until = ?8,
         seller = ?9, scope = ?10, flags = ?11, changed_at = ?12, handling = ?13
     WHERE list = ?1 AND kind = ?2 AND text = ?3 AND source = ?4
     AND (action, category, confidence, valid_until, seller, scope, flags, handling)
         IS NOT (?5, ?6, ?7, ?8, ?9, ?10, ?11, ?13)";

/// What an accepted line did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Put {
    Added,
    Updated,
    Unchanged,
}

impl Register {
    /// The entries of a list, sorted by kind, text and source.
    pub(crate) fn listings(&self, list: &ListId) -> Result<Vec<Listing>> {
        let mut listings = Vec::new();
        self.each_listing(list, |listing| {
            listings.push(listing);
            Ok(())
        })?;
        Ok(listings)
    }

    /// Gives the entries of a list to `take`, sorted by kind, text and source.
    pub(crate) fn each_listing(
        &self,
        list: &ListId,
        mut take: impl FnMut(Listing) -> Result<()>,
    ) -> Result<()> {
        let query = format!(
            "SELECT {ENTRY_COLUMNS} {ENTRY_ROWS} WHERE list = ?1 ORDER BY kind, text, source"
        );
        let mut statement = self.0.prepare(&query)?;
        let mut rows = statement.query([list.as_str()])?;
        let mut unreadable = 0_usize;
        while let Some(row) = rows.next()? {
            match listing(row)? {
                Some(listing) => take(listing)?,
                None => unreadable = unreadable.saturating_add(1),
            }
        }
        if unreadable > 0 {
            return Err(PublisherError::RegisterEntries { count: unreadable });
        }
        Ok(())
    }
}

impl Change<'_> {
    /// Writes an entry over one of the same list, identifier and source.
    pub(crate) fn put_entry(&self, list: &ListId, entry: &Entry, now: Time) -> Result<Put> {
        let seller = entry
            .group
            .as_deref()
            .map(|group| self.seller(group))
            .transpose()?;
        let row = params![
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
            now.seconds(),
            entry.handling.map(Handling::name),
        ];
        // Most are new, or all are known: either way, no row is looked up twice.
        if self.0.prepare_cached(ADD)?.execute(row)? > 0 {
            return Ok(Put::Added);
        }
        match self.0.prepare_cached(UPDATE)?.execute(row)? {
            0 => Ok(Put::Unchanged),
            _ => Ok(Put::Updated),
        }
    }

    /// What a source says about an identifier, if it has an entry on it.
    pub(crate) fn entry(
        &self,
        list: &ListId,
        identifier: &Identifier,
        source: &str,
    ) -> Result<Option<Entry>> {
        let known = find(&self.0, list, identifier, source)?;
        Ok(known.map(|known| known.entry))
    }

    /// Whether the register has an entry on an identifier, or a statement that waits.
    pub(crate) fn is_known(&self, list: &ListId, identifier: &Identifier) -> Result<bool> {
        let mut statement = self.0.prepare_cached(
            "SELECT 1 FROM entry WHERE list = ?1 AND kind = ?2 AND text = ?3 UNION ALL
             SELECT 1 FROM quarantine WHERE list = ?1 AND kind = ?2 AND text = ?3",
        )?;
        let (kind, text) = (identifier.kind().name(), identifier.text());
        Ok(statement.exists([list.as_str(), kind, text])?)
    }

    /// How many entries a list has, of all sources.
    pub(crate) fn entry_count(&self, list: &ListId) -> Result<u64> {
        let query = "SELECT count(*) FROM entry WHERE list = ?1";
        let count: i64 = self.0.query_row(query, [list.as_str()], |row| row.get(0))?;
        u64::try_from(count).map_err(|_| PublisherError::RegisterContent)
    }

    /// What will become of an entry that is in the register.
    pub(crate) fn state(&self, list: &ListId, entry: &Entry) -> Result<State> {
        let mut statement = self.0.prepare_cached(
            "SELECT state FROM entry_state
             WHERE list = ?1 AND kind = ?2 AND text = ?3 AND source = ?4",
        )?;
        let (kind, text) = (entry.identifier.kind().name(), entry.identifier.text());
        let key = [list.as_str(), kind, text, entry.source.as_str()];
        let state: Option<String> = statement.query_row(key, |row| row.get(0)).optional()?;
        state
            .and_then(|state| State::from_name(&state))
            .ok_or(PublisherError::RegisterContent)
    }

    /// Every statement on an identifier.
    pub(crate) fn statements(
        &self,
        list: &ListId,
        identifier: &Identifier,
    ) -> Result<Vec<Listing>> {
        let query = format!(
            "SELECT {ENTRY_COLUMNS} {ENTRY_ROWS} WHERE list = ?1 AND kind = ?2 AND text = ?3"
        );
        let mut statement = self.0.prepare_cached(&query)?;
        let mut rows = statement.query(params![
            list.as_str(),
            identifier.kind().name(),
            identifier.text()
        ])?;
        let mut statements = Vec::new();
        while let Some(row) = rows.next()? {
            statements.push(listing(row)?.ok_or(PublisherError::RegisterContent)?);
        }
        Ok(statements)
    }

    /// Whether a list would still answer for an identifier.
    pub(crate) fn is_covered(
        &self,
        list: &ListId,
        identifier: &Identifier,
        now: Time,
    ) -> Result<bool> {
        for look_up in identifier.look_ups() {
            let mut statement = self.0.prepare_cached(
                "SELECT 1 FROM entry_state WHERE list = ?1 AND kind = ?2 AND text = ?3
                 AND valid_until > ?4 AND state <> 'withheld'
                 AND (NOT ?5 OR (scope = 'domain' AND state = 'listed'))",
            )?;
            if statement.exists(params![
                list.as_str(),
                look_up.kind.name(),
                look_up.text,
                now.seconds(),
                look_up.relation == Relation::Parent
            ])? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The stable number of a group of listings, given at its first use, from 1 up.
    pub(super) fn seller(&self, name: &str) -> Result<u32> {
        let known = self
            .0
            .prepare_cached("SELECT number FROM seller WHERE name = ?1")?
            .query_row([name], |row| row.get(0))
            .optional()?;
        if let Some(number) = known {
            return Ok(number);
        }
        self.0
            .prepare_cached("INSERT INTO seller (name) VALUES (?1)")?
            .execute([name])?;
        u32::try_from(self.0.last_insert_rowid()).map_err(|_| PublisherError::Exhausted)
    }
}

/// One entry by its key.
fn find(
    connection: &Connection,
    list: &ListId,
    identifier: &Identifier,
    source: &str,
) -> Result<Option<Listing>> {
    let query = format!(
        "SELECT {ENTRY_COLUMNS} {ENTRY_ROWS}
         WHERE list = ?1 AND kind = ?2 AND text = ?3 AND source = ?4"
    );
    let mut statement = connection.prepare_cached(&query)?;
    let mut rows = statement.query(params![
        list.as_str(),
        identifier.kind().name(),
        identifier.text(),
        source
    ])?;
    rows.next()?.map_or(Ok(None), listing)
}

pub(super) fn listing(row: &Row<'_>) -> Result<Option<Listing>> {
    let Some(entry) = entry(row)? else {
        return Ok(None);
    };
    let state = State::from_name(row.get_ref(11)?.as_str().map_err(rusqlite::Error::from)?);
    Ok(Some(Listing {
        entry,
        group: row.get(10)?,
        state: state.ok_or(PublisherError::RegisterContent)?,
        disclosed: row.get(13)?,
        blocked_since: row.get::<_, Option<u32>>(14)?.map(Time::from_seconds),
    }))
}

/// The statement in the first columns of a row, and its handling in column 12; `None` for an identifier
/// that is not valid today.
pub(super) fn entry(row: &Row<'_>) -> Result<Option<Entry>> {
    let text = |index: usize| row.get_ref(index)?.as_str().map_err(rusqlite::Error::from);
    let Some(identifier) = identifier(text(0)?, text(1)?) else {
        return Ok(None);
    };
    let read = || {
        Ok::<_, rusqlite::Error>((
            Action::from_name(text(3)?),
            Category::from_name(text(4)?),
            Scope::from_name(text(8)?),
        ))
    };
    let (Some(action), Some(category), Some(scope)) = read()? else {
        return Err(PublisherError::RegisterContent);
    };
    let handling = row.get::<_, Option<String>>(12)?;
    let handling =
        handling.map(|name| Handling::from_name(&name).ok_or(PublisherError::RegisterContent));
    let handling = handling.transpose()?;
    Ok(Some(Entry {
        identifier,
        source: text(2)?.to_owned(),
        action,
        category,
        confidence: row.get(5)?,
        valid_until: Time::from_seconds(row.get(6)?).min(NO_END),
        group: row.get(7)?,
        scope,
        flags: Flags(row.get(9)?),
        handling,
    }))
}
