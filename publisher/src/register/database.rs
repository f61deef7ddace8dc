use std::fmt;
use std::path::Path;

use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::ListId;
use rusqlite::{
    Connection, OpenFlags, OptionalExtension as _, Params, Transaction, TransactionBehavior,
};

use super::schema::{
    APPLICATION_ID, FROM_1, FROM_2, FROM_4, SCHEMA, SCHEMA_2, SCHEMA_3, SCHEMA_4, SCHEMA_5,
    SCHEMA_6, SCHEMA_7_RECOVERED, SCHEMA_VERSION,
};
use super::settings::{Settings, TestKeys};
use crate::directory::{Readers, write_new};
use crate::error::{PublisherError, Result};
use crate::tuf::Root;

/// The epoch a coalition starts with.
pub(crate) const FIRST_EPOCH: u32 = 1;

/// Every root that was made while the schema had version 1 lived as long.
const ROOT_LIFE_IN_1: u32 = 365 * 86_400;

/// Everything a coalition knows, in one SQLite file: the only place where identifiers stand in
/// clear.
pub(crate) struct Register(pub(super) Connection);

/// A change of the register: nothing of it stays unless [`Change::commit`] is reached.
pub(crate) struct Change<'r>(pub(super) Transaction<'r>);

impl Register {
    pub(crate) fn create(
        path: &Path,
        settings: &Settings,
        lists: &[ListId],
        kinds: &[Kind],
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
        change.execute_batch(SCHEMA_5)?;
        change.execute_batch(SCHEMA_6)?;
        change.execute_batch(SCHEMA_7_RECOVERED)?;
        let first = "INSERT INTO epoch (number, since, announced) VALUES (?1, ?2, ?2)";
        change.execute(first, [FIRST_EPOCH, now.seconds()])?;
        for (name, value) in [
            ("coalition", settings.coalition.as_str()),
            ("test_keys", settings.test.name()),
        ] {
            change.execute("INSERT INTO setting VALUES (?1, ?2)", (name, value))?;
        }
        for list in lists {
            change.execute("INSERT INTO list VALUES (?1)", [list.as_str()])?;
        }
        let change = Change(change);
        for list in lists {
            change.declare(list, kinds)?;
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
            1..=6 => {
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
        let lists = self.lists()?;
        let change = self.change()?;
        // Another command may have done it since.
        let found = pragma(&change.0, "user_version")?;
        if found == 1 {
            // Its only epoch began with the first root.
            let first = roots.first().and_then(|root| Root::read(&root.bytes));
            let since = first
                .map(|root| root.expires.seconds().saturating_sub(ROOT_LIFE_IN_1))
                .ok_or(PublisherError::RegisterContent)?;
            change.0.execute_batch(FROM_1)?;
            change.0.execute_batch(SCHEMA_2)?;
            let first = "INSERT INTO epoch VALUES (?1, ?2, NULL)";
            change.0.execute(first, [FIRST_EPOCH, since])?;
        }
        if found < 3 {
            change.0.execute_batch(FROM_2)?;
            change.0.execute_batch(SCHEMA_3)?;
            change.put_all_protected_above()?;
        }
        if found < 4 {
            change.0.execute_batch(SCHEMA_4)?;
        }
        if found < 5 {
            change.0.execute_batch(SCHEMA_5)?;
            change.0.execute_batch(FROM_4)?;
            // Every list covered every kind.
            for list in &lists {
                change.declare(list, Kind::ALL)?;
            }
        }
        if found < 6 {
            change.0.execute_batch(SCHEMA_6)?;
        }
        if found < SCHEMA_VERSION {
            change.0.execute_batch(SCHEMA_7_RECOVERED)?;
            change
                .0
                .pragma_update(None, "user_version", SCHEMA_VERSION)?;
        }
        change.commit()
    }

    /// Starts a change: all of it happens, or nothing.
    pub(crate) fn change(&mut self) -> Result<Change<'_>> {
        Ok(Change(self.0.transaction_with_behavior(
            TransactionBehavior::Immediate,
        )?))
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

    /// The value of a setting, if it was ever put.
    pub(super) fn setting(&self, name: &str) -> Result<Option<String>> {
        let query = "SELECT value FROM setting WHERE name = ?1";
        let value = self.0.query_row(query, [name], |row| row.get(0));
        Ok(value.optional()?)
    }

    pub(crate) fn settings(&self) -> Result<Settings> {
        let setting = |name| -> Result<String> {
            let value = self.setting(name)?;
            Ok(value.ok_or(rusqlite::Error::QueryReturnedNoRows)?)
        };
        let test = TestKeys::from_name(&setting("test_keys")?);
        Ok(Settings {
            coalition: setting("coalition")?,
            test: test.ok_or(PublisherError::RegisterContent)?,
        })
    }

    /// All lists, sorted.
    pub(crate) fn lists(&self) -> Result<Vec<ListId>> {
        let mut statement = self.0.prepare("SELECT id FROM list ORDER BY id")?;
        let ids = statement.query_map([], |row| row.get::<_, String>(0))?;
        ids.map(|id| ListId::parse(&id?).map_err(|_| PublisherError::RegisterContent))
            .collect()
    }

    pub(super) fn identifiers(
        &self,
        query: &str,
        parameters: impl Params,
    ) -> Result<Vec<Identifier>> {
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
}

impl Change<'_> {
    /// Puts a setting in the place of the one before.
    pub(super) fn put_setting(&self, name: &str, value: &str) -> Result<()> {
        let query = "INSERT INTO setting VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2";
        self.0.execute(query, (name, value))?;
        Ok(())
    }

    pub(crate) fn commit(self) -> Result<()> {
        Ok(self.0.commit()?)
    }
}

impl fmt::Debug for Register {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Register")
    }
}

pub(super) fn connect(path: &Path) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

fn pragma(connection: &Connection, name: &str) -> Result<i64> {
    Ok(connection.pragma_query_value(None, name, |row| row.get(0))?)
}

pub(super) fn identifier(kind: &str, text: &str) -> Option<Identifier> {
    Identifier::stored(Kind::from_name(kind)?, text).ok()
}
