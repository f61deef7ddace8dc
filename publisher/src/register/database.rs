use std::fmt;
use std::path::Path;

use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{Action, Category, Flags, ListId, Scope};
use interdict_core::trust::RoleName;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Params, Row, params};

use crate::directory::{Readers, write_new};
use crate::error::{PublisherError, Result};
use crate::intake::typologies::PackBuild;
use crate::keys::epoch::Epoch;
use crate::keys::files::TestKeys;
use crate::keys::root::ROOT_LIFE;
use crate::public::epoch::{DICTIONARY, PublicEpoch, PublicRelease, PublicSettings, SHARE};
use crate::register::change::Change;
use crate::register::entry::{Entry, Listing, NO_END, State};
use crate::register::schema::{
    APPLICATION_ID, FROM_1, FROM_2, SCHEMA, SCHEMA_2, SCHEMA_3, SCHEMA_4, SCHEMA_VERSION,
};
use crate::tuf::Root;

const ENTRY_COLUMNS: &str = "kind, text, source, action, category, confidence, valid_until, \
     seller.name, scope, flags, coalesce(seller, 0), state, handling, \
     EXISTS (SELECT 1 FROM disclosed d WHERE d.list = entry_state.list \
         AND d.kind = entry_state.kind AND d.text = entry_state.text) \
     FROM entry_state LEFT JOIN seller ON seller.number = entry_state.seller";

/// Everything a coalition knows, in one SQLite file: the only place where identifiers stand in
/// clear.
pub(crate) struct Register(Connection);

/// What holds for the whole coalition.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) coalition: String,
    pub(crate) test: TestKeys,
}

/// The newest metadata file of a role.
#[derive(Debug, Clone)]
pub(crate) struct Published {
    pub(crate) version: u32,
    pub(crate) bytes: Vec<u8>,
}

impl Register {
    pub(crate) fn create(
        path: &Path,
        settings: &Settings,
        lists: &[ListId],
        now: Time,
    ) -> Result<Self> {
        // Made first, so that SQLite and its journals take over the owner-only permission.
        write_new(path, &[], Readers::Owner).map_err(PublisherError::at(path))?;
        let mut register = Self(connect(path)?);
        let change = register.0.transaction()?;
        change.pragma_update(None, "application_id", APPLICATION_ID)?;
        change.pragma_update(None, "user_version", SCHEMA_VERSION)?;
        change.execute_batch(SCHEMA)?;
        change.execute_batch(SCHEMA_2)?;
        change.execute_batch(SCHEMA_3)?;
        change.execute_batch(SCHEMA_4)?;
        let first = "INSERT INTO epoch VALUES (1, ?1, NULL)";
        change.execute(first, [now.seconds()])?;
        let test = match settings.test {
            TestKeys::No => "no",
            TestKeys::Yes => "yes",
        };
        for (name, value) in [
            ("coalition", settings.coalition.as_str()),
            ("test_keys", test),
        ] {
            change.execute("INSERT INTO setting VALUES (?1, ?2)", (name, value))?;
        }
        for list in lists {
            change.execute("INSERT INTO list VALUES (?1)", [list.as_str()])?;
        }
        change.commit()?;
        Ok(register)
    }

    pub(crate) fn open(path: &Path) -> Result<Self> {
        let mut register = Self(connect(path)?);
        if pragma(&register.0, "application_id")? != APPLICATION_ID {
            return Err(PublisherError::RegisterContent);
        }
        match pragma(&register.0, "user_version")? {
            SCHEMA_VERSION => Ok(register),
            1..=3 => {
                register.migrate()?;
                Ok(register)
            }
            found => Err(PublisherError::RegisterVersion {
                found,
                known: SCHEMA_VERSION,
            }),
        }
    }

    /// From an older version.
    fn migrate(&mut self) -> Result<()> {
        let roots = self.roots()?;
        let change = self.change()?;
        // Another command may have done it since.
        let found = pragma(&change.0, "user_version")?;
        if found == 1 {
            // Its only epoch began with the first root.
            let first = roots.first().and_then(|root| Root::read(&root.bytes));
            let since = first
                .map(|root| root.expires.seconds().saturating_sub(ROOT_LIFE))
                .ok_or(PublisherError::RegisterContent)?;
            change.0.execute_batch(FROM_1)?;
            change.0.execute_batch(SCHEMA_2)?;
            let first = "INSERT INTO epoch VALUES (1, ?1, NULL)";
            change.0.execute(first, [since])?;
        }
        if found < 3 {
            change.0.execute_batch(FROM_2)?;
            change.0.execute_batch(SCHEMA_3)?;
            change.put_all_protected_above()?;
        }
        if found < SCHEMA_VERSION {
            change.0.execute_batch(SCHEMA_4)?;
            change
                .0
                .pragma_update(None, "user_version", SCHEMA_VERSION)?;
        }
        change.commit()
    }

    /// Starts a change: all of it happens, or nothing.
    pub(crate) fn change(&mut self) -> Result<Change<'_>> {
        Ok(Change(self.0.transaction_with_behavior(
            rusqlite::TransactionBehavior::Immediate,
        )?))
    }

    pub(crate) fn settings(&self) -> Result<Settings> {
        let setting = |name: &str| {
            self.0
                .query_row("SELECT value FROM setting WHERE name = ?1", [name], |row| {
                    row.get::<_, String>(0)
                })
        };
        let test = match setting("test_keys")?.as_str() {
            "no" => TestKeys::No,
            "yes" => TestKeys::Yes,
            _ => return Err(PublisherError::RegisterContent),
        };
        Ok(Settings {
            coalition: setting("coalition")?,
            test,
        })
    }

    /// All lists, sorted.
    pub(crate) fn lists(&self) -> Result<Vec<ListId>> {
        let mut statement = self.0.prepare("SELECT id FROM list ORDER BY id")?;
        let ids = statement.query_map([], |row| row.get::<_, String>(0))?;
        ids.map(|id| ListId::parse(&id?).map_err(|_| PublisherError::RegisterContent))
            .collect()
    }

    /// The entries of a list, sorted by kind, text and source.
    pub(crate) fn listings(&self, list: &ListId) -> Result<Vec<Listing>> {
        let query = format!("SELECT {ENTRY_COLUMNS} WHERE list = ?1 ORDER BY kind, text, source");
        let mut statement = self.0.prepare(&query)?;
        let mut rows = statement.query([list.as_str()])?;
        let (mut listings, mut unreadable) = (Vec::new(), 0_usize);
        while let Some(row) = rows.next()? {
            match listing(row)? {
                Some(listing) => listings.push(listing),
                None => unreadable = unreadable.saturating_add(1),
            }
        }
        if unreadable > 0 {
            return Err(PublisherError::RegisterEntries { count: unreadable });
        }
        Ok(listings)
    }

    /// Every member epoch there ever was, oldest first.
    pub(crate) fn epochs(&self) -> Result<Vec<Epoch>> {
        let query = "SELECT number, since, retired_at FROM epoch ORDER BY number";
        let mut statement = self.0.prepare(query)?;
        let rows = statement.query_map([], |row| {
            Ok(Epoch {
                number: row.get(0)?,
                since: Time::from_seconds(row.get(1)?),
                retired_at: row.get::<_, Option<u32>>(2)?.map(Time::from_seconds),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A list's newest public epoch.
    pub(crate) fn public_epoch(&self, list: &ListId) -> Result<Option<PublicEpoch>> {
        let query = "SELECT number, since, rate, capacity FROM public_epoch WHERE list = ?1
             ORDER BY number DESC LIMIT 1";
        let epoch = self.0.query_row(query, [list.as_str()], |row| {
            Ok(PublicEpoch {
                list: list.clone(),
                number: row.get(0)?,
                since: Time::from_seconds(row.get(1)?),
                rate: row.get(2)?,
                capacity: row.get(3)?,
            })
        });
        Ok(epoch.optional()?)
    }

    /// Every public filter of a list that differs from the one before, oldest first.
    pub(crate) fn public_releases(&self, list: &ListId) -> Result<Vec<PublicRelease>> {
        let query =
            "SELECT epoch, names, filter FROM public_release WHERE list = ?1 ORDER BY sequence";
        let mut statement = self.0.prepare(query)?;
        let rows = statement.query_map([list.as_str()], |row| {
            let names = row.get_ref(1)?.as_str()?;
            Ok(PublicRelease {
                epoch: row.get(0)?,
                names: names.lines().map(str::to_owned).collect(),
                filter: row.get(2)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What a dictionary may tell of the public lists.
    pub(crate) fn public_settings(&self) -> Result<PublicSettings> {
        let setting = |name| -> Result<Option<u32>> {
            let query = "SELECT value FROM setting WHERE name = ?1";
            let value = self
                .0
                .query_row(query, [name], |row| row.get::<_, String>(0));
            let value = value.optional()?.map(|value| value.parse());
            value
                .transpose()
                .map_err(|_| PublisherError::RegisterContent)
        };
        let default = PublicSettings::default();
        let share = setting(SHARE)?.map(u16::try_from).transpose();
        let share = share.map_err(|_| PublisherError::RegisterContent)?;
        Ok(PublicSettings {
            dictionary: setting(DICTIONARY)?.unwrap_or(default.dictionary),
            share: share.unwrap_or(default.share),
        })
    }

    /// How many tombstones a list has.
    pub(crate) fn tombstones(&self, list: &ListId) -> Result<usize> {
        let query = "SELECT count(*) FROM delisted WHERE list = ?1";
        let count = self.0.query_row(query, [list.as_str()], |row| row.get(0))?;
        Ok(count)
    }

    /// What a list's tombstones stand for.
    pub(crate) fn delisted(&self, list: &ListId) -> Result<Vec<Identifier>> {
        let query = "SELECT DISTINCT kind, text FROM delisted WHERE list = ?1";
        self.identifiers(query, [list.as_str()])
    }

    /// What a list has statements on that were imported, newly or otherwise, at this time or later.
    pub(crate) fn changed_since(&self, list: &ListId, since: Time) -> Result<Vec<Identifier>> {
        let query = "SELECT DISTINCT kind, text FROM entry WHERE list = ?1 AND changed_at >= ?2";
        self.identifiers(query, params![list.as_str(), since.seconds()])
    }

    /// How many identifiers a list's newest release listed, 0 before the first.
    pub(crate) fn listed_last(&self, list: &ListId) -> Result<usize> {
        let query = "SELECT records FROM release WHERE list = ?1 ORDER BY sequence DESC LIMIT 1";
        let records = self.0.query_row(query, [list.as_str()], |row| row.get(0));
        Ok(records.optional()?.unwrap_or_default())
    }

    /// Reads the whole file as SQLite checks it: its trees, the order and types of its rows, and
    /// that each belongs to a list there is.
    ///
    /// # Errors
    /// [`PublisherError::RegisterDamaged`].
    pub(crate) fn check_intact(&self) -> Result<()> {
        let check = "PRAGMA integrity_check(1)";
        let found: String = self.0.query_row(check, [], |row| row.get(0))?;
        let mut foreign = self.0.prepare("PRAGMA foreign_key_check")?;
        if found != "ok" || foreign.exists([])? {
            return Err(PublisherError::RegisterDamaged);
        }
        Ok(())
    }

    /// The members, and the newest epoch each was given the key of.
    pub(crate) fn members(&self) -> Result<Vec<(String, u32)>> {
        let mut statement = self
            .0
            .prepare("SELECT name, epoch FROM member ORDER BY name")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The pack of red flags that a list's next release publishes.
    pub(crate) fn typologies(&self, list: &ListId) -> Result<Option<Vec<u8>>> {
        let query = "SELECT bytes FROM typologies WHERE list = ?1";
        let bytes = self.0.query_row(query, [list.as_str()], |row| row.get(0));
        Ok(bytes.optional()?)
    }

    /// The newest pack of a list that was made for publishing.
    pub(crate) fn typologies_published(&self, list: &ListId) -> Result<Option<PackBuild>> {
        let query = "SELECT version, bytes FROM typologies_release WHERE list = ?1
             ORDER BY version DESC LIMIT 1";
        let pack = self.0.query_row(query, [list.as_str()], |row| {
            Ok(PackBuild {
                version: row.get(0)?,
                bytes: row.get(1)?,
            })
        });
        Ok(pack.optional()?)
    }

    /// What must never be blocked.
    pub(crate) fn protected(&self) -> Result<Vec<Identifier>> {
        self.identifiers("SELECT kind, text FROM protected ORDER BY kind, text", [])
    }

    fn identifiers(&self, query: &str, parameters: impl Params) -> Result<Vec<Identifier>> {
        let mut statement = self.0.prepare(query)?;
        let rows = statement.query_map(parameters, |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })?;
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        let count = rows.len();
        let parsed: Vec<_> = rows
            .iter()
            .filter_map(|(kind, text)| identifier(kind, text))
            .collect();
        if parsed.len() < count {
            return Err(PublisherError::RegisterEntries {
                count: count.saturating_sub(parsed.len()),
            });
        }
        Ok(parsed)
    }

    /// The newest metadata of a role that was made for publishing.
    pub(crate) fn newest(&self, role: RoleName) -> Result<Option<Published>> {
        Ok(self.roots_or_newest(role)?.pop())
    }

    /// Every root, oldest first.
    pub(crate) fn roots(&self) -> Result<Vec<Published>> {
        self.roots_or_newest(RoleName::Root)
    }

    /// The sequence of a list's newest release, 0 before the first.
    pub(crate) fn sequence(&self, list: &ListId) -> Result<u64> {
        let query = "SELECT coalesce(max(sequence), 0) FROM release WHERE list = ?1";
        let sequence = self
            .0
            .query_row(query, [list.as_str()], |row| row.get::<_, i64>(0))?;
        u64::try_from(sequence).map_err(|_| PublisherError::RegisterContent)
    }

    /// When the newest release of any list was built.
    pub(crate) fn newest_issue(&self) -> Result<Option<Time>> {
        let newest = self
            .0
            .query_row("SELECT max(issued) FROM release", [], |row| {
                row.get::<_, Option<u32>>(0)
            })
            .optional()?;
        Ok(newest.flatten().map(Time::from_seconds))
    }

    fn roots_or_newest(&self, role: RoleName) -> Result<Vec<Published>> {
        let query = "SELECT version, bytes FROM metadata WHERE role = ?1 ORDER BY version";
        let mut statement = self.0.prepare(query)?;
        let rows = statement.query_map([role.as_str()], |row| {
            Ok(Published {
                version: row.get(0)?,
                bytes: row.get(1)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl fmt::Debug for Register {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Register")
    }
}

fn connect(path: &Path) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

fn listing(row: &Row<'_>) -> Result<Option<Listing>> {
    let text = |index: usize| row.get_ref(index)?.as_str().map_err(rusqlite::Error::from);
    let Some(identifier) = identifier(text(0)?, text(1)?) else {
        return Ok(None);
    };
    let read = || {
        Ok::<_, rusqlite::Error>((
            Action::from_name(text(3)?),
            Category::from_name(text(4)?),
            Scope::from_name(text(8)?),
            State::from_name(text(11)?),
        ))
    };
    let (Some(action), Some(category), Some(scope), Some(state)) = read()? else {
        return Err(PublisherError::RegisterContent);
    };
    let entry = Entry {
        identifier,
        source: text(2)?.to_owned(),
        action,
        category,
        confidence: row.get(5)?,
        valid_until: Time::from_seconds(row.get(6)?).min(NO_END),
        group: row.get(7)?,
        scope,
        flags: Flags(row.get(9)?),
        handling: row.get(12)?,
    };
    Ok(Some(Listing {
        entry,
        group: row.get(10)?,
        state,
        disclosed: row.get(13)?,
    }))
}

fn pragma(connection: &Connection, name: &str) -> Result<i64> {
    Ok(connection.pragma_query_value(None, name, |row| row.get(0))?)
}

fn identifier(kind: &str, text: &str) -> Option<Identifier> {
    Identifier::parse(Kind::from_name(kind)?, text).ok()
}

/// Every statement on an identifier, for [`Change`].
pub(crate) fn statements(
    connection: &Connection,
    list: &ListId,
    identifier: &Identifier,
) -> Result<Vec<Listing>> {
    let query = format!("SELECT {ENTRY_COLUMNS} WHERE list = ?1 AND kind = ?2 AND text = ?3");
    let mut statement = connection.prepare_cached(&query)?;
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

/// One entry by its key, for [`Change`].
pub(crate) fn find(
    connection: &Connection,
    list: &ListId,
    identifier: &Identifier,
    source: &str,
) -> Result<Option<Listing>> {
    let query = format!(
        "SELECT {ENTRY_COLUMNS} WHERE list = ?1 AND kind = ?2 AND text = ?3 AND source = ?4"
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
