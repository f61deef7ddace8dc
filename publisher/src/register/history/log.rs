//! Notes every row that changes, in the form in which the history will say it: a function that the triggers of
//! the connection call. The rows of an import would cost twice as much by way of a table of SQLite.

use std::convert::Infallible;
use std::fmt;
use std::io::{self, BufWriter, Read as _, Seek as _, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use interdict_core::common::hex;
use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use tempfile::SpooledTempFile;

use super::capture::Table;
use super::rows::{RowBytes, RowSum};
use crate::error::{PublisherError, Result};

/// The function of triggers: the number of the table, what happened, and the row.
const FUNCTION: &str = "note_row";

/// How much stays in memory before it goes to a temporary file, without a name, beside the history.
const IN_MEMORY: usize = 8 << 20;

const BLOCK: usize = 64 << 10;

/// What happened to a row; a function gets the old one, the new one, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Event {
    Insert = 0,
    Update = 1,
    Delete = 2,
}

/// How a sum takes a row in or out.
type Follow = fn(&mut RowSum, &[u8; 32]);

/// What a connection has changed since the last deed. Clones are the same log.
#[derive(Clone)]
pub(in crate::register) struct Log(Arc<Mutex<Noted>>);

struct Noted {
    folder: PathBuf,
    tables: Vec<Table>,
    lines: Option<BufWriter<SpooledTempFile>>,
    count: u64,
    /// What the changes add to the digest over all rows.
    sum: RowSum,
    line: Vec<u8>,
    bytes: RowBytes,
    /// Why something could not be noted; no deed can be made of the rest.
    failed: Option<PublisherError>,
}

/// Makes the triggers, which last as long as the connection, and note what they see in the log.
pub(in crate::register) fn prepare_capture(
    connection: &Connection,
    tables: &[Table],
    log: &Log,
) -> Result<()> {
    log.listen(connection, tables)?;
    for (number, table) in tables.iter().enumerate() {
        for event in Event::ALL {
            let rows: &[&str] = match event {
                Event::Insert => &["NEW"],
                Event::Update => &["OLD", "NEW"],
                Event::Delete => &["OLD"],
            };
            let (name, call) = (&table.name, call(table, number, event, rows));
            let event = event.name();
            connection.execute_batch(&format!(
                "DROP TRIGGER IF EXISTS temp.\"log {name} {event}\";
                 CREATE TEMP TRIGGER \"log {name} {event}\" AFTER {event} ON main.\"{name}\" BEGIN
                 SELECT {call}; END;"
            ))?;
        }
    }
    Ok(())
}

/// Notes every row there is as a change: what a reset says.
pub(in crate::register) fn note_all_rows(connection: &Connection, tables: &[Table]) -> Result<()> {
    for (number, table) in tables.iter().enumerate() {
        let name = format!("\"{}\"", table.name);
        let call = call(table, number, Event::Insert, &[&name]);
        let mut statement = connection.prepare(&format!("SELECT {call} FROM main.{name}"))?;
        let mut rows = statement.query([])?;
        while rows.next()?.is_some() {}
    }
    Ok(())
}

/// SQL that has the log note rows of this table, which has this number.
fn call(table: &Table, number: usize, event: Event, rows: &[&str]) -> String {
    let columns = table.columns.iter().map(|column| &column.name);
    let values = rows.iter().flat_map(|row| {
        columns
            .clone()
            .map(move |name| format!(", {row}.\"{name}\""))
    });
    let values: String = values.collect();
    format!("{FUNCTION}({number}, {}{values})", event as u8)
}

impl Event {
    const ALL: [Self; 3] = [Self::Insert, Self::Update, Self::Delete];

    const fn name(self) -> &'static str {
        match self {
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
        }
    }

    fn from_number(number: i64) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|event| i64::from(*event as u8) == number)
    }
}

impl Log {
    /// An empty log for the history in this folder.
    pub(super) fn new(folder: &Path) -> Self {
        Self(Arc::new(Mutex::new(Noted {
            folder: folder.to_owned(),
            tables: Vec::new(),
            lines: None,
            count: 0,
            sum: RowSum::default(),
            line: Vec::new(),
            bytes: RowBytes::default(),
            failed: None,
        })))
    }

    /// Gives a connection the function, for these tables.
    fn listen(&self, connection: &Connection, tables: &[Table]) -> Result<()> {
        self.noted().tables = tables.to_vec();
        let log = self.clone();
        connection.create_scalar_function(
            FUNCTION,
            -1,
            FunctionFlags::SQLITE_UTF8,
            move |row| {
                log.noted().see(row);
                Ok(0)
            },
        )?;
        self.clear();
        Ok(())
    }

    /// Forgets what was noted: of a change that was not made.
    pub(in crate::register) fn clear(&self) {
        let mut noted = self.noted();
        (noted.lines, noted.count, noted.failed) = (None, 0, None);
        noted.sum = RowSum::default();
    }

    /// Writes what was noted, a line a row, follows it in the sum, and forgets it. How many rows.
    pub(super) fn take(&self, sum: &mut RowSum, out: &mut impl Write) -> Result<u64> {
        let mut noted = self.noted();
        let (lines, failed) = (noted.lines.take(), noted.failed.take());
        let (count, change) = (noted.count, noted.sum);
        drop(noted);
        self.clear();
        if let Some(error) = failed {
            return Err(error);
        }
        if let Some(lines) = lines {
            copy(lines, out).map_err(PublisherError::at("history".as_ref()))?;
        }
        sum.add(change.bytes());
        Ok(count)
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn copy(lines: BufWriter<SpooledTempFile>, out: &mut impl Write) -> io::Result<()> {
    let mut lines = lines.into_inner().map_err(io::IntoInnerError::into_error)?;
    lines.rewind()?;
    let mut block = vec![0; BLOCK];
    loop {
        match lines.read(&mut block)? {
            0 => return Ok(()),
            read => out.write_all(block.get(..read).unwrap_or_default())?,
        }
    }
}

impl Noted {
    fn see(&mut self, row: &Context<'_>) {
        if self.failed.is_none()
            && let Err(error) = self.note(row)
        {
            self.failed = Some(error);
        }
    }

    fn note(&mut self, row: &Context<'_>) -> Result<()> {
        let Self {
            tables,
            line,
            bytes,
            sum,
            ..
        } = self;
        let number = |place| match (place < row.len()).then(|| row.get_raw(place)) {
            Some(ValueRef::Integer(number)) => Ok(number),
            _ => Err(PublisherError::RegisterContent),
        };
        let table = usize::try_from(number(0)?).ok();
        let table = table.and_then(|table| tables.get(table));
        let table = table.ok_or(PublisherError::RegisterContent)?;
        let event = Event::from_number(number(1)?).ok_or(PublisherError::RegisterContent)?;
        let width = table.columns.len();
        let middle = width.saturating_add(2);
        let (before, after, end) = match event {
            Event::Insert => (None, Some(2..middle), middle),
            Event::Update => {
                let end = middle.saturating_add(width);
                (Some(2..middle), Some(middle..end), end)
            }
            Event::Delete => (Some(2..middle), None, middle),
        };
        if row.len() != end {
            return Err(PublisherError::RegisterContent);
        }
        let values = |places: &Range<usize>| places.clone().map(|place| row.get_raw(place));
        if let (Some(before), Some(after)) = (&before, &after)
            && values(before).eq(values(after))
        {
            return Ok(());
        }
        line.clear();
        line.extend_from_slice(b"[\"");
        line.extend_from_slice(table.name().as_bytes());
        line.push(b'"');
        for (places, follow) in [(before, RowSum::remove as Follow), (after, RowSum::add)] {
            line.push(b',');
            match places {
                None => line.extend_from_slice(b"null"),
                Some(places) => {
                    write(line, values(&places))?;
                    let read = values(&places).map(Ok::<_, Infallible>);
                    let Ok(digest) = bytes.digest_of(table.name(), read);
                    follow(sum, &digest);
                }
            }
        }
        line.extend_from_slice(b"]\n");
        self.keep()
    }

    /// Keeps the line that was made.
    fn keep(&mut self) -> Result<()> {
        let lines = self.lines.get_or_insert_with(|| {
            let file = tempfile::spooled_tempfile_in(IN_MEMORY, &self.folder);
            BufWriter::with_capacity(BLOCK, file)
        });
        let kept = lines.write_all(&self.line);
        kept.map_err(PublisherError::at(&self.folder))?;
        self.count = self.count.saturating_add(1);
        Ok(())
    }
}

/// Writes a row as a JSON array.
fn write<'v>(line: &mut Vec<u8>, row: impl Iterator<Item = ValueRef<'v>>) -> Result<()> {
    for (place, value) in row.enumerate() {
        line.push(if place == 0 { b'[' } else { b',' });
        let wrong = PublisherError::RegisterContent;
        match value {
            ValueRef::Null => line.extend_from_slice(b"null"),
            ValueRef::Integer(number) => {
                serde_json::to_writer(&mut *line, &number).map_err(|_| wrong)?;
            }
            ValueRef::Text(text) => {
                let text = std::str::from_utf8(text).ok();
                let written = text.map(|text| serde_json::to_writer(&mut *line, text));
                written.and_then(Result::ok).ok_or(wrong)?;
            }
            ValueRef::Blob(blob) => {
                line.push(b'"');
                line.extend_from_slice(hex::text(blob).as_bytes());
                line.push(b'"');
            }
            ValueRef::Real(_) => return Err(wrong),
        }
    }
    line.push(b']');
    Ok(())
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Log")
    }
}
