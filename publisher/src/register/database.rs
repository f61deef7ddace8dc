use std::fmt;
use std::path::Path;
use std::time::Duration;

use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::ListId;
use rusqlite::{Connection, OptionalExtension as _, Params, Transaction, TransactionBehavior};

use super::file::{
    FileLock, Opened, PATIENCE, Waiting, connect, connect_alone, create_beside, make_tables,
    pragma, put_in_place,
};
use super::history::{
    Chain, Deed, MIGRATE, PastDeed, Position, Table, apply_all, apply_missing, captured_tables,
    note_all_rows, past_deeds, prepare_capture, schema_digest, sum_of_all_rows, undo_deed,
};
use super::schema::{
    FROM_1, FROM_2, FROM_4, SCHEMA_2, SCHEMA_3, SCHEMA_4, SCHEMA_5, SCHEMA_6, SCHEMA_VERSION,
    SCHEMAS_7,
};
use super::settings::{Settings, TestKeys};
use crate::directory::{history_path, remove};
use crate::error::{PublisherError, Result};
use crate::tuf::Root;

/// The epoch a coalition starts with.
pub(crate) const FIRST_EPOCH: u32 = 1;

/// Every root that was made while the schema had version 1 lived as long.
const ROOT_LIFE_IN_1: u32 = 365 * 86_400;

/// Everything a coalition knows: an SQLite file, and the history that it is an index of. The only places where
/// identifiers stand in clear.
pub(crate) struct Register(
    pub(super) Connection,
    pub(super) Chain,
    pub(super) Vec<Table>,
    /// `None` for a copy, which nobody changes.
    pub(super) Option<Opened>,
);

/// A change of the register: nothing of it stays unless [`Change::commit`] is reached.
/// It has the history with its tables, where that stands before the change, and what keeps the register's
/// file in its place.
pub(crate) struct Change<'r>(
    pub(super) Transaction<'r>,
    pub(super) &'r Chain,
    pub(super) &'r [Table],
    pub(super) Position,
    pub(super) Option<FileLock>,
);

impl Register {
    /// Makes a register, with whatever `fill` puts into it.
    pub(crate) fn create(
        path: &Path,
        by: &str,
        now: Time,
        fill: impl FnOnce(&Change<'_>) -> Result<()>,
    ) -> Result<Self> {
        let chain = Chain::new(history_path(path), by.to_owned());
        // Of an `init` that was cut off before its register was there.
        remove(chain.path())?;
        chain.create()?;
        build(path, &chain, |change| {
            fill(change)?;
            let connection = &change.0;
            let tables = captured_tables(connection)?;
            prepare_capture(connection, &tables, &chain.log)?;
            note_all_rows(connection, &tables)?;
            let deed = Deed::new("init", now);
            let reset = Some(SCHEMA_VERSION);
            let after = chain.append(&tables, &deed, &Position::START, reset)?;
            after
                .ok_or(PublisherError::RegisterContent)?
                .note(connection)
        })?;
        Self::open(path, by)
    }

    /// Opens a register. One that lacks what its history has takes it over.
    pub(crate) fn open(path: &Path, by: &str) -> Result<Self> {
        let chain = Chain::new(history_path(path), by.to_owned());
        let (connection, opened) = connect(path)?;
        match pragma(&connection, "user_version")? {
            SCHEMA_VERSION if is_recorded(&connection)? => {}
            1..=SCHEMA_VERSION => {
                drop(connection);
                Self::begin(path, &chain)?;
                return Self::open(path, by);
            }
            found => {
                return Err(PublisherError::RegisterVersion {
                    found,
                    known: SCHEMA_VERSION,
                });
            }
        }
        let expected = Connection::open_in_memory()?;
        make_tables(&expected)?;
        if schema_digest(&connection)? != schema_digest(&expected)? {
            return Err(PublisherError::RegisterDamaged);
        }
        let tables = captured_tables(&connection)?;
        prepare_capture(&connection, &tables, &chain.log)?;
        let mut register = Self(connection, chain, tables, Some(opened));
        let noted = Position::noted(&register.0)?;
        if register.1.beyond(&noted)? > 0 {
            register.take_over()?;
        }
        Ok(register)
    }

    /// Brings a register of an older version, which had no history, to this one with a history.
    fn begin(path: &Path, chain: &Chain) -> Result<()> {
        let _alone = FileLock::alone(path)?;
        let (connection, opened) = connect_alone(path)?;
        // Another command may have done it since.
        if pragma(&connection, "user_version")? == SCHEMA_VERSION && is_recorded(&connection)? {
            return Ok(());
        }
        // It had a history, so that no migration was cut off here: the history has all of it.
        if !chain.may_begin()? {
            return Err(PublisherError::RegisterDamaged);
        }
        let mut old = Self(connection, chain.clone(), Vec::new(), Some(opened));
        old.migrate()?;
        old.begin_history()?;
        drop(old);
        replay(path, chain)
    }

    /// Makes a register again from its history; one that is there is replaced.
    ///
    /// # Errors
    /// [`PublisherError::RegisterBusy`] if another command keeps writing.
    pub(crate) fn rebuild(path: &Path, by: &str) -> Result<Self> {
        let alone = FileLock::alone(path)?;
        replay(path, &Chain::new(history_path(path), by.to_owned()))?;
        drop(alone);
        Self::open(path, by)
    }

    /// Waits while another command puts a register in place of one that it took away.
    pub(crate) fn wait_for_file(path: &Path) -> Result<()> {
        FileLock::shared(path, PATIENCE).map(drop)
    }

    /// Whether there is a history with any deed. One without was left by an `init` that was stopped.
    pub(crate) fn has_history(path: &Path) -> Result<bool> {
        Chain::new(history_path(path), String::new()).has_deeds()
    }

    /// What a killed command left in the history, unless another command is writing right now.
    fn take_over(&mut self) -> Result<()> {
        self.0.busy_timeout(Duration::ZERO)?;
        let taken = self.change_within(Duration::ZERO);
        let taken = taken.and_then(|change| Ok(change.0.commit()?));
        self.0.busy_timeout(PATIENCE)?;
        match taken {
            Err(PublisherError::RegisterBusy) => Ok(()),
            taken => taken,
        }
    }

    /// The history of a register that had none: all it holds now.
    ///
    /// # Errors
    /// [`PublisherError::RegisterDamaged`] if there is one that says more.
    fn begin_history(&mut self) -> Result<()> {
        let at = self.newest_issue()?.unwrap_or(Time::from_seconds(0));
        if !self.1.may_begin()? {
            return Err(PublisherError::RegisterDamaged);
        }
        remove(self.1.path())?;
        self.1.create()?;
        let tables = captured_tables(&self.0)?;
        prepare_capture(&self.0, &tables, &self.1.log)?;
        note_all_rows(&self.0, &tables)?;
        let deed = Deed::new(MIGRATE, at);
        let reset = Some(SCHEMA_VERSION);
        self.1.append(&tables, &deed, &Position::START, reset)?;
        Ok(())
    }

    /// Names who changes the register from now on.
    pub(crate) fn set_actor(&mut self, name: &str) {
        name.clone_into(&mut self.1.by);
    }

    /// The newest link of the history, which a release names.
    pub(crate) fn head(&self) -> Result<[u8; 32]> {
        Ok(Position::noted(&self.0)?.head)
    }

    /// Gives each deed of the history to `take`, the oldest first; of their rows those about an identifier.
    pub(crate) fn past_deeds(
        &self,
        about: Option<&Identifier>,
        take: impl FnMut(PastDeed) -> Result<()>,
    ) -> Result<()> {
        past_deeds(&self.1, &self.2, about, take)
    }

    /// Reads the register and the whole of its history, and compares them. The links, oldest first.
    ///
    /// # Errors
    /// [`PublisherError::RegisterDamaged`], [`PublisherError::HistoryDamaged`].
    pub(crate) fn check_intact(&self) -> Result<Vec<[u8; 32]>> {
        let _snapshot = self.snapshot()?;
        let noted = Position::noted(&self.0)?;
        let mut checks = vec!["PRAGMA quick_check(1)".to_owned()];
        // Look-ups go by the indexes beside small tables, which the quick check leaves out.
        let indexed = self.2.iter().filter(|table| table.has_index());
        checks.extend(indexed.map(|table| format!("PRAGMA integrity_check('{}')", table.name())));
        for check in checks {
            let found: String = self.0.query_row(&check, [], |row| row.get(0))?;
            if found != "ok" {
                return Err(PublisherError::RegisterDamaged);
            }
        }
        if sum_of_all_rows(&self.0, &self.2)? != noted.rows {
            return Err(PublisherError::RegisterDamaged);
        }
        self.1.links(&noted)
    }

    /// From an older version.
    fn migrate(&mut self) -> Result<()> {
        let roots = self.roots()?;
        let lists = self.lists()?;
        let change = self.migration()?;
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
            for schema in SCHEMAS_7 {
                change.0.execute_batch(schema)?;
            }
            let version = SCHEMA_VERSION;
            change.0.pragma_update(None, "user_version", version)?;
        }
        Ok(change.0.commit()?)
    }

    /// A change of a register that has no history yet.
    fn migration(&mut self) -> Result<Change<'_>> {
        let transaction = self
            .0
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        Ok(Change(transaction, &self.1, &self.2, Position::START, None))
    }

    /// Starts a change: all of it happens, or nothing.
    ///
    /// # Errors
    /// [`PublisherError::RegisterBusy`] if another command keeps writing.
    pub(crate) fn change(&mut self) -> Result<Change<'_>> {
        let waiting = Waiting::show(self.1.path())?;
        let change = self.change_within(PATIENCE);
        drop(waiting);
        change
    }

    /// Starts a change that takes seconds, once all others that wait have had their turn. Its owner drops it
    /// if [`Change::holds_up`] says so.
    ///
    /// # Errors
    /// [`PublisherError::RegisterBusy`] if another command keeps writing.
    pub(crate) fn long_change(&mut self) -> Result<Change<'_>> {
        Waiting::let_pass(self.1.path())?;
        self.change_within(PATIENCE)
    }

    fn change_within(&mut self, patience: Duration) -> Result<Change<'_>> {
        let opened = self.3.as_ref().ok_or(PublisherError::RegisterContent)?;
        let lock = FileLock::shared(opened.path(), patience)?;
        if !opened.is_in_place() {
            // It was made again since.
            *self = Self::open(opened.path(), &self.1.by)?;
        }
        let Self(connection, chain, tables, _) = self;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Of a change that was not made.
        chain.log.clear();
        let mut from = Position::noted(&transaction)?;
        if chain.beyond(&from)? > 0 {
            from = apply_missing(&transaction, chain, tables, &from)?;
        }
        Ok(Change(transaction, chain, tables, from, Some(lock)))
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
        ids.map(|id| list_id(&id?)).collect()
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
    /// Whether another command waits for this change to end.
    pub(crate) fn holds_up(&self) -> Result<bool> {
        Waiting::is_shown(self.1.path())
    }

    /// Takes back what the import with this number did; `None` if no deed with it is an import. How many rows
    /// got their earlier values again, and how many have changed since and stay.
    pub(crate) fn undo_import(&self, number: u64) -> Result<Option<(u64, u64)>> {
        let undone = undo_deed(&self.0, self.1, self.2, number, "import")?;
        Ok(undone.map(|undone| (undone.restored, undone.changed_since)))
    }

    /// Keeps the lists of a new coalition, and the kinds that each declares.
    pub(crate) fn put_lists(&self, lists: &[ListId], kinds: &[Kind]) -> Result<()> {
        for list in lists {
            self.0
                .execute("INSERT INTO list VALUES (?1)", [list.as_str()])?;
            self.declare(list, kinds)?;
        }
        Ok(())
    }

    /// Keeps what holds for the whole coalition.
    pub(crate) fn put_settings(&self, settings: &Settings) -> Result<()> {
        self.put_setting("coalition", &settings.coalition)?;
        self.put_setting("test_keys", settings.test.name())
    }

    /// Puts a setting in the place of the one before.
    pub(super) fn put_setting(&self, name: &str, value: &str) -> Result<()> {
        let query = "INSERT INTO setting VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2";
        self.0.execute(query, (name, value))?;
        Ok(())
    }

    /// Writes what has changed to the history, then keeps it.
    ///
    /// # Errors
    /// [`PublisherError::Unfinished`] if it is in the history and the register lacks it still. After any other
    /// but [`PublisherError::HalfWritten`], nothing was changed.
    pub(crate) fn commit(self, deed: &Deed<'_>) -> Result<()> {
        let Self(transaction, chain, tables, from, _lock) = self;
        let Some(after) = chain.append(tables, deed, &from, None)? else {
            return Ok(transaction.commit()?);
        };
        let noted = after.note(&transaction);
        noted.map_err(|error| chain.take_back(&from, error))?;
        // The deed stays: a commit that fails may still be found when SQLite recovers its log, and the
        // register would then be ahead of its history.
        let committed = transaction.commit().map_err(PublisherError::from);
        committed.map_err(|error| PublisherError::Unfinished(Box::new(error)))
    }
}

impl fmt::Debug for Register {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Register")
    }
}

/// Makes a register beside its place, in one transaction, and puts it there whole.
fn build(path: &Path, chain: &Chain, fill: impl FnOnce(&Change<'_>) -> Result<()>) -> Result<()> {
    let mut connection = create_beside(path)?;
    {
        let change = Change(connection.transaction()?, chain, &[], Position::START, None);
        make_tables(&change.0)?;
        fill(&change)?;
        let Change(change, ..) = change;
        change.commit()?;
    }
    connection.close().map_err(|(_, error)| error)?;
    put_in_place(path)
}

/// Fills a new register with what the history says, and puts it in place. The caller has the lock.
fn replay(path: &Path, chain: &Chain) -> Result<()> {
    build(path, chain, |change| {
        let connection = &change.0;
        let tables = captured_tables(connection)?;
        let after = apply_all(connection, chain, &tables, SCHEMA_VERSION)?;
        match sum_of_all_rows(connection, &tables)? == after.rows {
            true => Ok(()),
            false => Err(PublisherError::HistoryDamaged),
        }
    })
}

/// Whether the register notes where its history stands.
fn is_recorded(connection: &Connection) -> Result<bool> {
    let mut statement = connection.prepare("SELECT 1 FROM history")?;
    Ok(statement.exists([])?)
}

pub(super) fn list_id(text: &str) -> Result<ListId> {
    ListId::parse(text).map_err(|_| PublisherError::RegisterContent)
}

pub(super) fn identifier(kind: &str, text: &str) -> Option<Identifier> {
    Identifier::stored(Kind::from_name(kind)?, text).ok()
}
