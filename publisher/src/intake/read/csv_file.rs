//! Separated values. A row is one line, for a quoted line break is most often a quote that is never
//! closed and would swallow the lines after it.

use std::io::BufRead;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::super::rule::Rule;
use super::super::spreadsheet::unguarded;
use super::lines::Lines;
use super::mapping::{Column, Names};
use super::options::Delimiter;
use super::row::{Field, Fields, LineRow};
use crate::error::Doubt;
use crate::error::{FileError, Result};

/// The form of a file, by its header.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) delimiter: Delimiter,
    columns: Vec<Column>,
}

/// Splits one line.
struct Splitter {
    reader: Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Shape {
    /// Reads the header. `required` columns must be there or be constants.
    pub(super) fn read(
        text: impl BufRead,
        delimiter: Option<Delimiter>,
        names: Names<'_>,
        required: &[Field],
    ) -> Result<Self> {
        let mut lines = Lines::new(text);
        let header = loop {
            match lines.next()? {
                Some((_, b"")) => {}
                Some((line, text)) => break Some((line, text.to_vec())),
                None => break None,
            }
        };
        let (line, header) = header.unwrap_or((1, Vec::new()));
        let delimiter = match delimiter {
            Some(delimiter) => delimiter,
            None => recognise(&header, names)?,
        };
        let columns = columns(&header, line, delimiter, names)?;
        check(&columns, names, required)?;
        Ok(Self { delimiter, columns })
    }

    pub(super) fn has(&self, field: Field) -> bool {
        self.columns.contains(&Column::Field(field))
    }

    pub(super) fn ignored(&self) -> usize {
        let ignored = |column: &&Column| **column == Column::Ignored;
        self.columns.iter().filter(ignored).count()
    }

    /// Every row below the header.
    pub(super) fn each(
        &self,
        text: impl BufRead,
        act: &mut dyn FnMut(LineRow) -> Result<()>,
    ) -> Result<()> {
        let mut splitter = Splitter::new(self.delimiter);
        let mut lines = Lines::new(text);
        let mut header = true;
        while let Some((line, text)) = lines.next()? {
            if text.is_empty() || std::mem::take(&mut header) {
                continue;
            }
            let fields = match splitter.split(text, line)? {
                record if record.len() == self.columns.len() => self.fields(&record),
                _ => Err(Rule::FieldCount),
            };
            act(LineRow::new(line, fields))?;
        }
        Ok(())
    }

    fn fields(&self, record: &[&[u8]]) -> Result<Fields, Rule> {
        let mut fields = Fields::default();
        for (column, text) in self.columns.iter().zip(record) {
            let text = std::str::from_utf8(text).map_err(|_| Rule::Encoding)?;
            if let Column::Field(field) = column {
                fields.set(*field, &unguarded(text));
            }
        }
        Ok(fields)
    }
}

/// The delimiter with which the header has the most known columns.
fn recognise(header: &[u8], names: Names<'_>) -> Result<Delimiter> {
    let mut best = (0, 1, Delimiter::Comma);
    let mut tie = false;
    for delimiter in Delimiter::ALL {
        let mut splitter = Splitter::new(delimiter);
        // What does not split with this delimiter may with another.
        let Ok(parts) = splitter.split(header, 1) else {
            continue;
        };
        let known = parts.iter().filter(|part| {
            let name = std::str::from_utf8(part).unwrap_or_default();
            names.find(name.trim()) != Column::Unknown
        });
        let found = (known.count(), parts.len(), delimiter);
        match found.0.cmp(&best.0) {
            std::cmp::Ordering::Greater => (best, tie) = (found, false),
            std::cmp::Ordering::Equal => tie |= found.0 > 0 && best.1.max(found.1) > 1,
            std::cmp::Ordering::Less => {}
        }
    }
    if tie {
        return Err(FileError::Doubt(Doubt::Delimiter).into());
    }
    Ok(best.2)
}

fn columns(
    header: &[u8],
    line: u64,
    delimiter: Delimiter,
    names: Names<'_>,
) -> Result<Vec<Column>> {
    let mut splitter = Splitter::new(delimiter);
    let mut columns = Vec::new();
    for (number, name) in (1..).zip(splitter.split(header, line)?) {
        let name = std::str::from_utf8(name).map_err(|_| FileError::Header)?;
        let column = match names.find(name.trim()) {
            Column::Unknown => return Err(FileError::UnknownColumn(number).into()),
            Column::Card => return Err(FileError::CardColumn(number).into()),
            column => column,
        };
        if column != Column::Ignored && columns.contains(&column) {
            return Err(FileError::DuplicateColumn(number).into());
        }
        columns.push(column);
    }
    Ok(columns)
}

fn check(columns: &[Column], names: Names<'_>, required: &[Field]) -> Result<()> {
    for field in required {
        if !columns.contains(&Column::Field(*field)) && !names.has_constant(*field) {
            return Err(FileError::MissingColumn(field.name()).into());
        }
    }
    Ok(())
}

impl Splitter {
    fn new(delimiter: Delimiter) -> Self {
        let mut builder = ReaderBuilder::new();
        Self {
            reader: builder.delimiter(delimiter.byte()).build(),
            text: Vec::new(),
            ends: vec![0; 64],
        }
    }

    /// The values of a line, without their quotes.
    fn split(&mut self, line: &[u8], number: u64) -> Result<Vec<&[u8]>> {
        self.reader.reset();
        // Values are never longer than the line, and have no more ends than it has bytes.
        self.text.resize(line.len().saturating_add(1), 0);
        if self.ends.len() < line.len().saturating_add(2) {
            self.ends.resize(line.len().saturating_add(2), 0);
        }
        let (mut written, mut count) = (0_usize, 0_usize);
        for part in [line, b"\n"] {
            let mut rest = part;
            while !rest.is_empty() {
                let text = self.text.get_mut(written..).unwrap_or_default();
                let ends = self.ends.get_mut(count..).unwrap_or_default();
                let (result, read, wrote, ended) = self.reader.read_record(rest, text, ends);
                written = written.saturating_add(wrote);
                count = count.saturating_add(ended);
                if result == ReadRecordResult::Record {
                    return Ok(self.parts(count));
                }
                if read == 0 {
                    break;
                }
                rest = rest.get(read..).unwrap_or_default();
            }
        }
        if line.is_empty() {
            return Ok(Vec::new());
        }
        Err(FileError::LineBreak { line: number }.into())
    }

    fn parts(&self, count: usize) -> Vec<&[u8]> {
        let mut start = 0;
        let ends = self.ends.iter().take(count);
        ends.map(|end| {
            let part = self.text.get(start..*end).unwrap_or_default();
            start = *end;
            part
        })
        .collect()
    }
}
