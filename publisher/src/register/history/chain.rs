//! The file: what is appended to it, and whether it is what it was.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

use interdict_core::common::hex;
use rusqlite::{Connection, OptionalExtension as _};

use super::capture::Table;
use super::deed::{Deed, MIGRATE, Opening, Reset};
use super::log::Log;
use super::rows::RowSum;
use crate::directory::{Readers, write_new};
use crate::error::{PublisherError, Result};

/// Domain separation of links.
const LINK_CONTEXT: &str = "interdict 2026-11 link of a register's history";

/// Bytes of a closing line with its line feed: two digests and their names.
const CLOSING: u64 = 64 * 2 + 22;

/// How a closing line begins, and no other line.
const CLOSED: &[u8] = b"{\"rows\":";

/// Whether a reader wants the rows of each deed, or only its proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    Rows,
    Nothing,
}

/// Where a history stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::register) struct Position {
    /// Deeds so far.
    pub(in crate::register) deeds: u64,
    /// Bytes of the file up to the end of the newest.
    pub(in crate::register) length: u64,
    /// The newest link.
    pub(in crate::register) head: [u8; 32],
    pub(in crate::register) rows: RowSum,
}

/// A register's history file.
#[derive(Debug, Clone)]
pub(in crate::register) struct Chain {
    path: PathBuf,
    /// Who acts.
    pub(in crate::register) by: String,
    /// What the next deed will say.
    pub(in crate::register) log: Log,
}

/// A deed that was read back.
#[derive(Debug)]
pub(super) struct ReadDeed {
    pub(super) opening: Opening,
    /// The lines of its rows.
    pub(super) rows: Vec<u8>,
    /// Where it leaves the history.
    pub(super) after: Position,
}

impl Position {
    /// Before the first deed.
    pub(in crate::register) const START: Self = Self {
        deeds: 0,
        length: 0,
        head: [0; 32],
        rows: RowSum::of([0; 32]),
    };

    /// As the register notes it.
    pub(in crate::register) fn noted(connection: &Connection) -> Result<Self> {
        let query = "SELECT deeds, length, head, rows FROM history";
        let noted = connection.query_row(query, [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        });
        let noted: Option<(i64, i64, [u8; 32], [u8; 32])> = noted.optional()?;
        let (deeds, length, head, rows) = noted.ok_or(PublisherError::RegisterContent)?;
        let number = |number| u64::try_from(number).map_err(|_| PublisherError::RegisterContent);
        Ok(Self {
            deeds: number(deeds)?,
            length: number(length)?,
            head,
            rows: RowSum::of(rows),
        })
    }

    pub(in crate::register) fn note(&self, connection: &Connection) -> Result<()> {
        let number = |number| i64::try_from(number).map_err(|_| PublisherError::Exhausted);
        connection.execute(
            "INSERT INTO history VALUES (1, ?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET
             deeds = ?1, length = ?2, head = ?3, rows = ?4",
            (
                number(self.deeds)?,
                number(self.length)?,
                self.head,
                *self.rows.bytes(),
            ),
        )?;
        Ok(())
    }
}

impl Chain {
    pub(in crate::register) fn new(path: PathBuf, by: String) -> Self {
        let log = Log::new(path.parent().unwrap_or(&path));
        Self { path, by, log }
    }

    /// Makes an empty history.
    pub(in crate::register) fn create(&self) -> Result<()> {
        write_new(&self.path, &[], Readers::Owner)
    }

    pub(in crate::register) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the file ends where the register says, as far as one can tell without reading all of it.
    /// How many bytes it has beyond.
    ///
    /// # Errors
    /// [`PublisherError::HistoryDamaged`].
    pub(in crate::register) fn beyond(&self, noted: &Position) -> Result<u64> {
        let mut file = File::open(&self.path).map_err(self.at())?;
        let length = file.metadata().map_err(self.at())?.len();
        let beyond = length.checked_sub(noted.length);
        let start = noted.length.checked_sub(CLOSING);
        let (Some(beyond), Some(start)) = (beyond, start) else {
            return Err(PublisherError::HistoryDamaged);
        };
        file.seek(SeekFrom::Start(start)).map_err(self.at())?;
        let mut line = Vec::new();
        let read = file.take(CLOSING).read_to_end(&mut line);
        read.map_err(self.at())?;
        match line == closing(noted).into_bytes() {
            true => Ok(beyond),
            false => Err(PublisherError::HistoryDamaged),
        }
    }

    /// Writes what the log noted as a deed, on the disk; `None` if nothing was changed.
    ///
    /// # Errors
    /// [`PublisherError::HistoryDamaged`] or [`PublisherError::RegisterBusy`] unless the file ends at `from`:
    /// it is left as it is. After any other error it ends there again; if not,
    /// [`PublisherError::HalfWritten`].
    pub(in crate::register) fn append(
        &self,
        tables: &[Table],
        deed: &Deed<'_>,
        from: &Position,
        reset: Option<i64>,
    ) -> Result<Option<Position>> {
        self.check_end(from)?;
        let mut file = OpenOptions::new();
        let mut file = file.write(true).open(&self.path).map_err(self.at())?;
        file.seek(SeekFrom::Start(from.length)).map_err(self.at())?;
        let mut writer = Linked::new(BufWriter::with_capacity(1 << 20, &file), from);
        let written = self.write_deed(&mut writer, tables, deed, from, reset);
        // Dropped whole, it would write what is left in it.
        drop(writer.out.into_parts());
        let kept = written.and_then(|after| {
            let end = after.as_ref().unwrap_or(from);
            file.set_len(end.length).map_err(self.at())?;
            if after.is_some() {
                file.sync_all().map_err(self.at())?;
            }
            Ok(after)
        });
        kept.map_err(|error| self.take_back(from, error))
    }

    /// Writes the lines of a deed; `None` if nothing was changed.
    fn write_deed(
        &self,
        writer: &mut Linked<impl Write>,
        tables: &[Table],
        deed: &Deed<'_>,
        from: &Position,
        reset: Option<i64>,
    ) -> Result<Option<Position>> {
        let number = from.deeds.saturating_add(1);
        let mut rows = match reset {
            Some(_) => RowSum::default(),
            None => from.rows,
        };
        let reset_line = reset.map(|version| Reset {
            version,
            tables: tables.to_vec(),
        });
        let is_reset = reset_line.is_some();
        let opening = deed.opening(number, &self.by, reset_line);
        let opening =
            serde_json::to_string(&opening).map_err(|_| PublisherError::RegisterContent)?;
        writeln!(writer, "{opening}").map_err(self.at())?;
        let count = self.log.take(&mut rows, writer)?;
        if count == 0 && !is_reset {
            return Ok(None);
        }
        let (head, length) = writer.link(&rows);
        let after = Position {
            deeds: number,
            length: length.saturating_add(CLOSING),
            head,
            rows,
        };
        let closed = writer.out.write_all(closing(&after).as_bytes());
        closed.map_err(self.at())?;
        writer.out.flush().map_err(self.at())?;
        Ok(Some(after))
    }

    /// Whether the file ends at a position, as far as one can tell without reading all of it.
    fn check_end(&self, at: &Position) -> Result<()> {
        let beyond = match at.length {
            0 => self.path.metadata().map_err(self.at())?.len(),
            _ => self.beyond(at)?,
        };
        match beyond {
            0 => Ok(()),
            _ => Err(PublisherError::RegisterBusy),
        }
    }

    /// Takes a deed back that could not be kept for this error. What to report.
    pub(in crate::register) fn take_back(
        &self,
        from: &Position,
        error: PublisherError,
    ) -> PublisherError {
        match self.cut(from) {
            Ok(()) => error,
            Err(_) => PublisherError::HalfWritten(Box::new(error)),
        }
    }

    /// Cuts off what lies beyond a position: a deed that was never completed.
    pub(in crate::register) fn cut(&self, at: &Position) -> Result<()> {
        let file = OpenOptions::new().write(true).open(&self.path);
        let file = file.map_err(self.at())?;
        file.set_len(at.length).map_err(self.at())?;
        file.sync_all().map_err(self.at())
    }

    /// Reads the deeds after a position, each proved by its link, and gives each to `take`. Where the last
    /// complete one ends.
    ///
    /// # Errors
    /// [`PublisherError::HistoryDamaged`] for a deed with a closing line that its link does not prove. What
    /// has no closing line at the end of the file is passed over.
    pub(super) fn read(
        &self,
        from: Position,
        keep: Keep,
        mut take: impl FnMut(ReadDeed) -> Result<()>,
    ) -> Result<Position> {
        let mut file = File::open(&self.path).map_err(self.at())?;
        file.seek(SeekFrom::Start(from.length)).map_err(self.at())?;
        let mut reader = BufReader::with_capacity(1 << 20, file);
        let mut position = from;
        let (mut opening, mut rows, mut line) = (Vec::new(), Vec::new(), Vec::new());
        let mut linked = Linked::new(io::sink(), &position);
        loop {
            line.clear();
            reader.read_until(b'\n', &mut line).map_err(self.at())?;
            if !line.ends_with(b"\n") {
                return Ok(position);
            }
            if !line.starts_with(CLOSED) {
                linked.write_all(&line).map_err(self.at())?;
                if opening.is_empty() {
                    opening.extend_from_slice(&line);
                } else if keep == Keep::Rows {
                    rows.extend_from_slice(&line);
                }
                continue;
            }
            let after = linked.closed_by(&line, &position)?;
            let opening_line = std::mem::take(&mut opening);
            let opening: Opening = serde_json::from_slice(&opening_line)
                .map_err(|_| PublisherError::HistoryDamaged)?;
            if opening.deed != after.deeds {
                return Err(PublisherError::HistoryDamaged);
            }
            take(ReadDeed {
                opening,
                rows: std::mem::take(&mut rows),
                after,
            })?;
            position = after;
            linked = Linked::new(io::sink(), &position);
        }
    }

    /// Whether any deed was completed.
    pub(in crate::register) fn has_deeds(&self) -> Result<bool> {
        let end = self.read(Position::START, Keep::Nothing, |_| Ok(()))?;
        Ok(end.deeds > 0)
    }

    /// Whether a history may begin here: there is none, none of its deeds was completed, or it holds only what
    /// a migration wrote that was then cut off.
    ///
    /// # Errors
    /// [`PublisherError::HistoryDamaged`].
    pub(in crate::register) fn may_begin(&self) -> Result<bool> {
        if !self.path.try_exists().map_err(self.at())? {
            return Ok(true);
        }
        let mut may = true;
        self.read(Position::START, Keep::Nothing, |deed| {
            may = deed.after.deeds == 1 && deed.opening.command == MIGRATE;
            Ok(())
        })?;
        Ok(may)
    }

    /// Reads the whole history. Every link in it, in order.
    ///
    /// # Errors
    /// [`PublisherError::HistoryDamaged`] if it does not lead to `noted`.
    pub(in crate::register) fn links(&self, noted: &Position) -> Result<Vec<[u8; 32]>> {
        let mut links = Vec::new();
        let mut found = false;
        self.read(Position::START, Keep::Nothing, |deed| {
            found |= deed.after == *noted;
            links.push(deed.after.head);
            Ok(())
        })?;
        match found {
            true => Ok(links),
            false => Err(PublisherError::HistoryDamaged),
        }
    }

    pub(super) fn at(&self) -> impl Fn(io::Error) -> PublisherError + use<> {
        let path = self.path.clone();
        move |source| PublisherError::Io {
            path: path.clone(),
            source,
        }
    }
}

/// Hashes what it writes.
struct Linked<W> {
    out: W,
    hasher: blake3::Hasher,
    length: u64,
}

impl<W> Linked<W> {
    fn new(out: W, from: &Position) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(LINK_CONTEXT);
        hasher.update(&from.head);
        Self {
            out,
            hasher,
            length: from.length,
        }
    }

    /// The link of a deed that leaves these rows, and where its lines end.
    fn link(&mut self, rows: &RowSum) -> ([u8; 32], u64) {
        self.hasher.update(rows.bytes());
        (*self.hasher.finalize().as_bytes(), self.length)
    }

    /// Where a deed leaves the history, if this is the line that closes it.
    fn closed_by(&mut self, line: &[u8], before: &Position) -> Result<Position> {
        let rows = std::str::from_utf8(line).ok().and_then(closed_rows);
        let rows = rows.ok_or(PublisherError::HistoryDamaged)?;
        let (head, length) = self.link(&rows);
        let after = Position {
            deeds: before.deeds.saturating_add(1),
            length: length.saturating_add(CLOSING),
            head,
            rows,
        };
        match line == closing(&after).as_bytes() {
            true => Ok(after),
            false => Err(PublisherError::HistoryDamaged),
        }
    }
}

impl<W: Write> Write for Linked<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hasher.update(bytes.get(..written).unwrap_or_default());
        let added = u64::try_from(written).unwrap_or(u64::MAX);
        self.length = self.length.saturating_add(added);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn closing(at: &Position) -> String {
    let [rows, link] = [at.rows.bytes(), &at.head].map(|one| hex::text(one));
    format!("{{\"rows\":\"{rows}\",\"link\":\"{link}\"}}\n")
}

/// The first digest of a closing line; the second is worked out.
fn closed_rows(line: &str) -> Option<RowSum> {
    let rest = line.strip_prefix("{\"rows\":\"")?;
    Some(RowSum::of(hex::array(rest.get(..64)?)?))
}
