use std::fmt;
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use interdict_host::{StoreError, files};
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::error::Error;
use crate::portfolio_problem::PortfolioError;

/// "IPor", so that another program's database is not taken for a portfolio.
const APPLICATION_ID: u32 = 0x4950_6f72;
/// Raised with every change of the tables.
const SCHEMA_VERSION: u32 = 1;
/// How long a writer waits for another: a re-screening of a large portfolio takes seconds.
const PATIENCE: Duration = Duration::from_secs(60);

const SCHEMA: &str = "
CREATE TABLE merchants (
    id TEXT PRIMARY KEY,
    flow TEXT NOT NULL,
    -- A JSON object, the members of a request but flow.
    fields TEXT NOT NULL,
    added INTEGER NOT NULL,
    -- Whether it must be screened whatever was live when the others were.
    is_due INTEGER NOT NULL,
    -- The last verdict that a list could answer for, as JSON; NULL before the first.
    standing TEXT,
    -- When that verdict began.
    since INTEGER,
    -- The mac of its receipt.
    receipt TEXT,
    -- The code of the refusal, while the module refuses the request.
    refusal TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX merchants_due ON merchants (id) WHERE is_due = 1;
CREATE TABLE lists (
    coalition TEXT NOT NULL,
    list TEXT NOT NULL,
    freshness TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (coalition, list)
) STRICT, WITHOUT ROWID;
-- In the order of delivery.
CREATE TABLE outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    event TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    retry_at INTEGER NOT NULL DEFAULT 0,
    delivered INTEGER
) STRICT;
CREATE INDEX outbox_waiting ON outbox (number) WHERE delivered IS NULL;
-- One for each merchant that was ever at review or above. It outlives its merchant.
CREATE TABLE cases (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    merchant TEXT NOT NULL UNIQUE,
    is_open INTEGER NOT NULL,
    opened INTEGER NOT NULL,
    closed INTEGER,
    assignee TEXT
) STRICT;
CREATE TABLE case_steps (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    case_number INTEGER NOT NULL,
    time INTEGER NOT NULL,
    step TEXT NOT NULL,
    person TEXT,
    text TEXT,
    -- The verdict from then on, as JSON.
    standing TEXT,
    receipt TEXT
) STRICT;
CREATE INDEX steps_of_case ON case_steps (case_number);
-- What the whole portfolio was screened against last, and when.
CREATE TABLE screened (
    basis TEXT NOT NULL,
    time INTEGER NOT NULL
) STRICT;
";

/// What was added since: an older program passes it over.
const ADDED: &str = "
-- What somebody was told of that still holds, so that it is told once.
CREATE TABLE IF NOT EXISTS alarms (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;
-- Whom lists hold that do not answer, as counted when all were screened last.
CREATE TABLE IF NOT EXISTS held (
    coalition TEXT PRIMARY KEY,
    merchants INTEGER NOT NULL,
    of_all INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS outbox_ready ON outbox (attempts, number) WHERE delivered IS NULL;
";

/// The gateway's merchants, their last verdicts, and the alerts that are still to be delivered: one SQLite file. One
/// thread uses it at a time; others open the file again.
pub struct Portfolio(pub(super) Connection);

impl Portfolio {
    /// Opens the file, or makes one that only its owner can read.
    ///
    /// # Errors
    /// [`PortfolioError::OpenToOthers`], a file of another program or of a newer version, or the system refuses.
    pub fn open(path: &Path) -> Result<Self, Error> {
        create(path).map_err(StoreError::at(path))?;
        // What SQLite writes beside the file has the file's own permissions.
        if files::is_open_to_others(path) {
            return Err(PortfolioError::OpenToOthers(path.to_owned()).into());
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(PATIENCE)?;
        prepare(&mut connection, path)?;
        Ok(Self(connection))
    }

    /// Lets changes wait for another writer only so long, for a caller who waits for an answer.
    pub(crate) fn wait_at_most(&self, patience: Duration) -> Result<(), Error> {
        Ok(self.0.busy_timeout(patience)?)
    }

    /// A change, of which all happens or nothing.
    pub(super) fn change(&mut self) -> Result<Transaction<'_>, Error> {
        let behavior = TransactionBehavior::Immediate;
        Ok(self.0.transaction_with_behavior(behavior)?)
    }
}

/// Makes an empty file that only its owner can read, unless there is a file.
fn create(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Makes the tables in an empty file, and checks that any other has them.
fn prepare(connection: &mut Connection, path: &Path) -> Result<(), Error> {
    let not_ours = |_: rusqlite::Error| PortfolioError::NotAPortfolio(path.to_owned());
    connection
        .pragma_update(None, "journal_mode", "WAL")
        .map_err(not_ours)?;
    // A commit that was acknowledged survives a loss of power, and what was removed is overwritten.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "secure_delete", "ON")?;
    let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let number = |name: &str| change.pragma_query_value(None, name, |row| row.get::<_, u32>(0));
    let tables: u32 =
        change.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let (application, version) = (number("application_id")?, number("user_version")?);
    match (application, version) {
        (0, 0) if tables == 0 => {
            change.execute_batch(SCHEMA)?;
            change.pragma_update(None, "application_id", APPLICATION_ID)?;
            change.pragma_update(None, "user_version", SCHEMA_VERSION)?;
        }
        (APPLICATION_ID, SCHEMA_VERSION) => {}
        (APPLICATION_ID, version) => {
            let path = path.to_owned();
            return Err(PortfolioError::Newer { path, version }.into());
        }
        _ => return Err(PortfolioError::NotAPortfolio(path.to_owned()).into()),
    }
    change.execute_batch(ADDED)?;
    Ok(change.commit()?)
}

impl fmt::Debug for Portfolio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Portfolio")
    }
}
