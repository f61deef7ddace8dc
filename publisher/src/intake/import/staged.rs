//! The rows of a file, judged as far as the file and its source tell. What the register has to say is asked
//! later, in one short change: nobody waits for a file to be read.
//!
//! Rows are kept in a temporary file without a name. Those of a file of more than [`RUN`] bytes are sorted in runs
//! of that size: sorted rows meet the register's pages in order, which spares the change most of its reading and
//! writing. Runs follow each other as the file has them and rows of one name keep their order, so that the latest
//! line wins.

use std::io::{BufReader, BufWriter, Read, Seek as _, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;

use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind, NumericIds};
use interdict_core::list::{Action, Category, Flags, Handling, Scope};
use tempfile::SpooledTempFile;

use super::super::line::Terms;
use super::super::read::{Field, Fields, LineRow, Progress, Recognised, Rows};
use super::super::report::RefusedLine;
use super::super::rule::Rule;
use super::options::{ImportMode, ImportOptions};
use crate::error::{PublisherError, Result};
use crate::register::Entry;

/// How much stays in memory before it goes to a temporary file.
const IN_MEMORY: usize = 8 << 20;

/// How many bytes of rows are sorted at once.
const RUN: usize = if cfg!(test) { 400 } else { 24 << 20 };

const BLOCK: usize = 64 << 10;

/// How many rows are handed on together.
const BATCH: usize = 512;

/// How many batches are read ahead.
const BATCHES: usize = 4;

/// Between the kind and the text of a row's name.
const END: u8 = 0;

/// All rows of one file.
pub(super) struct Staged {
    folder: PathBuf,
    rows: BufReader<SpooledTempFile>,
    /// Lines that break a rule which needs no register, in order.
    pub(super) refused: Vec<RefusedLine>,
    pub(super) recognised: Recognised,
}

/// A row to be held against the register.
pub(super) enum StagedRow {
    /// A line that follows, or that was refused, names this.
    Named(Identifier),
    Entry(Box<StagedEntry>),
}

/// A line that breaks no rule which needs no register.
pub(super) struct StagedEntry {
    pub(super) line: u64,
    pub(super) entry: Entry,
    /// The name that it is written under, if that is `www.` and the entry's.
    pub(super) written: Option<Identifier>,
    /// It is written otherwise than it is listed.
    pub(super) respelled: bool,
    /// It says when it ends.
    pub(super) ends: bool,
}

/// Rows on their way to the temporary file.
struct Run {
    bytes: Vec<u8>,
    /// Of each row where it begins, where its name ends and where it ends.
    rows: Vec<[usize; 3]>,
    out: BufWriter<SpooledTempFile>,
    /// There is more than one run.
    sorted: bool,
}

impl Staged {
    /// Judges every row.
    pub(super) fn read(
        rows: &mut Rows<'_>,
        folder: &Path,
        terms: Terms<'_>,
        options: &ImportOptions,
        progress: &mut dyn Progress,
    ) -> Result<Self> {
        let mut run = Run {
            bytes: Vec::new(),
            rows: Vec::new(),
            out: BufWriter::with_capacity(BLOCK, tempfile::spooled_tempfile_in(IN_MEMORY, folder)),
            sorted: false,
        };
        let numeric = NumericIds::Named {
            schemes: &options.numeric,
            facilitators: &options.numeric,
        };
        let mut refused = Vec::new();
        let recognised = rows.each(progress, &mut |row| {
            if let (ImportMode::Sync { .. }, Ok(fields)) = (options.mode, row.fields()) {
                for name in fields.named(numeric) {
                    run.name(&name);
                }
            }
            match judge(row, terms, numeric, options) {
                Ok(entry) => run.entry(&entry),
                Err(rule) => refused.push(RefusedLine::of(row, rule)),
            }
            run.write_if_full().map_err(PublisherError::at(folder))
        })?;
        let rows = run.end().map_err(PublisherError::at(folder))?;
        Ok(Self {
            folder: folder.to_owned(),
            rows: BufReader::with_capacity(BLOCK, rows),
            refused,
            recognised,
        })
    }

    /// Gives every row to `act`, until that breaks off: those of one name in the order of the file.
    pub(super) fn each(
        &mut self,
        act: &mut dyn FnMut(StagedRow) -> Result<ControlFlow<()>>,
    ) -> Result<ControlFlow<()>> {
        let rewound = self.rows.rewind();
        rewound.map_err(PublisherError::at(&self.folder))?;
        let (send, receive) = mpsc::sync_channel(BATCHES);
        thread::scope(|scope| {
            // Beside `act`, for others wait while rows are written.
            scope.spawn(move || {
                while let Some(batch) = self.batch().transpose() {
                    let is_last = batch.is_err();
                    if send.send(batch).is_err() || is_last {
                        return;
                    }
                }
            });
            for batch in receive {
                for row in batch? {
                    if act(row)?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
            }
            Ok(ControlFlow::Continue(()))
        })
    }

    /// The next rows; `None` at the end.
    fn batch(&mut self) -> Result<Option<Vec<StagedRow>>> {
        let (mut batch, mut name, mut rest) = (Vec::new(), Vec::new(), Vec::new());
        let rows = &mut self.rows;
        while batch.len() < BATCH {
            let read = read_part(rows, &mut name);
            if !read.map_err(PublisherError::at(&self.folder))? {
                break;
            }
            let read = read_part(rows, &mut rest);
            read.map_err(PublisherError::at(&self.folder))?;
            let row = identifier(&name).and_then(|name| Bytes(&rest).row(name));
            batch.push(row.ok_or(PublisherError::RegisterContent)?);
        }
        Ok((!batch.is_empty()).then_some(batch))
    }
}

/// Reads bytes that have their length before them; nothing at the end.
fn read_part(rows: &mut impl Read, part: &mut Vec<u8>) -> std::io::Result<bool> {
    let mut length = [0; 4];
    match rows.read_exact(&mut length) {
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(false),
        read => read?,
    }
    let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
    part.resize(length, 0);
    rows.read_exact(part)?;
    Ok(true)
}

fn judge(
    row: &LineRow,
    terms: Terms<'_>,
    numeric: NumericIds<'_>,
    options: &ImportOptions,
) -> Result<StagedEntry, Rule> {
    let fields = row.fields()?;
    let (entry, written) = fields.entry(&terms, numeric, options.www)?;
    let name = written.as_ref().unwrap_or(&entry.identifier);
    Ok(StagedEntry {
        line: row.line,
        respelled: name.kind() == Kind::Domain && Fields::value(fields) != Some(name.text()),
        ends: fields.get(Field::ValidUntil).is_some(),
        entry,
        written,
    })
}

impl Run {
    fn name(&mut self, name: &Identifier) {
        self.add(name, |_| {});
    }

    fn entry(&mut self, row: &StagedEntry) {
        let StagedEntry {
            line,
            entry,
            written,
            ..
        } = row;
        self.add(&entry.identifier, |bytes| {
            bytes.extend_from_slice(&line.to_le_bytes());
            bytes.push(u8::from(row.respelled));
            bytes.push(u8::from(row.ends));
            bytes.extend_from_slice(&entry.confidence.to_le_bytes());
            bytes.extend_from_slice(&entry.valid_until.seconds().to_le_bytes());
            bytes.push(entry.flags.0);
            for text in [
                Some(entry.action.name()),
                Some(entry.category.name()),
                Some(entry.scope.name()),
                entry.handling.map(Handling::name),
                entry.group.as_deref(),
                written.as_ref().map(Identifier::text),
            ] {
                put_text(bytes, text);
            }
        });
    }

    fn add(&mut self, name: &Identifier, fill: impl FnOnce(&mut Vec<u8>)) {
        let begin = self.bytes.len();
        self.bytes.extend_from_slice(name.kind().name().as_bytes());
        self.bytes.push(END);
        self.bytes.extend_from_slice(name.text().as_bytes());
        let middle = self.bytes.len();
        fill(&mut self.bytes);
        self.rows.push([begin, middle, self.bytes.len()]);
    }

    fn write_if_full(&mut self) -> std::io::Result<()> {
        if self.bytes.len() < RUN {
            return Ok(());
        }
        self.sort();
        self.write()
    }

    /// Sorts what was gathered by name; rows of one name keep their order.
    fn sort(&mut self) {
        let bytes = &self.bytes;
        let part = |from, to| bytes.get(from..to).unwrap_or_default();
        self.rows.sort_by(|[begin, middle, _], [other, end, _]| {
            part(*begin, *middle).cmp(part(*other, *end))
        });
        self.sorted = true;
    }

    fn write(&mut self) -> std::io::Result<()> {
        let bytes = &self.bytes;
        let part = |from, to| bytes.get(from..to).unwrap_or_default();
        for [begin, middle, end] in &self.rows {
            for part in [part(*begin, *middle), part(*middle, *end)] {
                let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
                self.out.write_all(&length.to_le_bytes())?;
                self.out.write_all(part)?;
            }
        }
        self.bytes.clear();
        self.rows.clear();
        Ok(())
    }

    fn end(mut self) -> std::io::Result<SpooledTempFile> {
        // The history of a small file reads like the file.
        if self.sorted {
            self.sort();
        }
        self.write()?;
        self.out
            .into_inner()
            .map_err(std::io::IntoInnerError::into_error)
    }
}

/// A text with its length before it; `None` by a length that no text has.
fn put_text(bytes: &mut Vec<u8>, text: Option<&str>) {
    let length = text.map_or(u16::MAX, |text| {
        u16::try_from(text.len()).unwrap_or(u16::MAX)
    });
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(text.unwrap_or_default().as_bytes());
}

fn identifier(name: &[u8]) -> Option<Identifier> {
    let (kind, text) = std::str::from_utf8(name)
        .ok()?
        .split_once(char::from(END))?;
    Identifier::stored(Kind::from_name(kind)?, text).ok()
}

/// What is left to read of a row.
struct Bytes<'r>(&'r [u8]);

impl<'r> Bytes<'r> {
    fn row(&mut self, identifier: Identifier) -> Option<StagedRow> {
        if self.0.is_empty() {
            return Some(StagedRow::Named(identifier));
        }
        let line = u64::from_le_bytes(self.array()?);
        let [respelled, ends] = self.array()?.map(|byte| byte != 0);
        let confidence = u16::from_le_bytes(self.array()?);
        let valid_until = u32::from_le_bytes(self.array()?);
        let [flags] = self.array()?;
        let entry = Entry {
            identifier,
            source: String::new(),
            confidence,
            valid_until: Time::from_seconds(valid_until),
            flags: Flags(flags),
            action: Action::from_name(self.text()??)?,
            category: Category::from_name(self.text()??)?,
            scope: Scope::from_name(self.text()??)?,
            handling: match self.text()? {
                Some(name) => Some(Handling::from_name(name)?),
                None => None,
            },
            group: self.text()?.map(str::to_owned),
        };
        let written = match self.text()? {
            Some(name) => Some(Identifier::parse(Kind::Domain, name).ok()?),
            None => None,
        };
        Some(StagedRow::Entry(Box::new(StagedEntry {
            line,
            entry,
            written,
            respelled,
            ends,
        })))
    }

    fn text(&mut self) -> Option<Option<&'r str>> {
        match u16::from_le_bytes(self.array()?) {
            u16::MAX => Some(None),
            length => Some(Some(
                std::str::from_utf8(self.take(usize::from(length))?).ok()?,
            )),
        }
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn take(&mut self, length: usize) -> Option<&'r [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Format, ImportMode, ImportOptions, InitOptions, Publisher, TestKeys};

    use super::*;

    #[test]
    fn rows_of_several_runs_are_applied_as_if_in_the_order_of_the_file() {
        let now = Time::parse("2026-11-22T00:00:00Z").unwrap();
        let room = tempfile::tempdir().unwrap();
        let init = InitOptions::new("se", TestKeys::Yes, now);
        let mut publisher = Publisher::init(&room.path().join("se"), &init).unwrap();
        let mut csv = "kind,value,group,scope,confidence\n".to_owned();
        for line in 0..60 {
            let name = ["www.b.example", "a.example", "c.example", "nothing"][line % 4];
            let group = ["", "first", "second"][line % 3];
            csv += &format!("domain,{name},{group},host,{}\n", 700 + line);
        }
        let options = ImportOptions {
            mode: ImportMode::Sync { confirmed: None },
            ..ImportOptions::new(Format::Csv, "se")
        };
        let report = publisher.import(csv.as_bytes(), &options, now).unwrap();
        assert!(csv.len() > 2 * RUN);
        let counts = (report.accepted, report.updated, report.unchanged);
        assert_eq!((counts, report.dropped), ((3, 42, 0), 0));
        let lines: Vec<u64> = report.refused.iter().map(|refused| refused.line).collect();
        assert_eq!(lines, (5..=61).step_by(4).collect::<Vec<u64>>());
        assert!(report.www.is_sorted() && report.www.len() == 15);
        let list = &publisher.lists().unwrap()[0];
        let last: Vec<_> = publisher
            .register()
            .listings(list)
            .unwrap()
            .into_iter()
            .map(|listing| {
                let entry = listing.entry;
                let name = entry.identifier.text().to_owned();
                (name, entry.confidence, entry.group.unwrap_or_default())
            })
            .collect();
        let expected = [
            ("a.example", 757, ""),
            ("b.example", 756, "second"),
            ("c.example", 758, "first"),
            ("www.b.example", 756, "second"),
        ];
        let expected =
            expected.map(|(name, sure, group)| (name.to_owned(), sure, group.to_owned()));
        assert_eq!(last, expected);
    }
}
