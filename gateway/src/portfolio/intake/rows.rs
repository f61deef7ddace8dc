use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use csv::ByteRecord;
use interdict_core::common::schema;
use interdict_core::wire::MAX_MESSAGE;
use interdict_host::StoreError;
use serde_json::{Map, Value};

use super::column::Column;
use super::map::MerchantMap;
use crate::error::Error;
use crate::portfolio_problem::RowProblem;

/// How a file of merchants is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// Comma-separated, with a header.
    Csv,
    /// One JSON object a line.
    Ndjson,
}

/// A file of merchants. Without a map, a column is called `id`, `flow`, or as what it holds: a kind, a field such as
/// `iso8583.de42`, or a signal; and a line of JSON is a request of `docs/abi.md` with a member `id`.
pub struct MerchantFile {
    path: PathBuf,
    lines: Lines,
    map: Option<MerchantMap>,
}

enum Lines {
    Csv {
        reader: Box<csv::Reader<File>>,
        columns: Vec<Option<NamedColumn>>,
    },
    Ndjson {
        input: BufReader<File>,
        line: u64,
    },
}

/// A column or member by the name that the file gives it.
type NamedColumn = (String, Column);

/// One row of a file.
pub(super) struct SourceRow {
    /// The line it begins in, from 1.
    pub(super) line: u64,
    /// Which places of the request came from which column.
    places: Vec<(String, String)>,
    pub(super) id: Option<String>,
    /// The request, or why there is none.
    pub(super) request: Result<Value, RowProblem>,
    /// Cells that were left out.
    pub(super) left_out: Vec<RowProblem>,
}

impl FileFormat {
    /// By a file's extension.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            _ => None,
        }
    }
}

impl MerchantFile {
    /// Opens a file.
    ///
    /// # Errors
    /// It cannot be read, or its header lacks a column that is needed or, without a map, has another.
    pub fn open(path: &Path, format: FileFormat, map: Option<MerchantMap>) -> Result<Self, Error> {
        let file = File::open(path).map_err(StoreError::at(path))?;
        let lines = match format {
            FileFormat::Ndjson => Lines::Ndjson {
                input: BufReader::new(file),
                line: 0,
            },
            FileFormat::Csv => {
                let delimiter = map.as_ref().map_or(b',', |map| map.delimiter);
                let mut builder = csv::ReaderBuilder::new();
                let mut reader = builder.delimiter(delimiter).from_reader(file);
                let columns = reader.byte_headers().map_err(|error| broken(path, error));
                let columns = columns_of(columns?, map.as_ref());
                let columns = columns.map_err(|problem| Error::Config {
                    path: path.to_owned(),
                    problem,
                })?;
                let reader = Box::new(reader);
                Lines::Csv { reader, columns }
            }
        };
        let path = path.to_owned();
        Ok(Self { path, lines, map })
    }

    /// The next row; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<SourceRow>, Error> {
        let map = self.map.as_ref();
        let row = match &mut self.lines {
            Lines::Csv { reader, columns } => {
                let mut record = ByteRecord::new();
                match reader.read_byte_record(&mut record) {
                    Ok(false) => return Ok(None),
                    Ok(true) => csv_row(&record, columns, map),
                    Err(error) => match (error.kind(), error.position()) {
                        (
                            csv::ErrorKind::UnequalLengths {
                                len, expected_len, ..
                            },
                            Some(position),
                        ) => {
                            let cells = RowProblem::Cells {
                                has: *len,
                                header: *expected_len,
                            };
                            SourceRow::broken(position.line(), cells)
                        }
                        _ => return Err(broken(&self.path, error)),
                    },
                }
            }
            Lines::Ndjson { input, line } => {
                let text = next_line(input).map_err(StoreError::at(&self.path))?;
                let Some(text) = text else {
                    return Ok(None);
                };
                *line = line.saturating_add(1);
                json_row(*line, &text, map)
            }
        };
        Ok(Some(row))
    }
}

impl SourceRow {
    const fn broken(line: u64, problem: RowProblem) -> Self {
        Self {
            line,
            places: Vec::new(),
            id: None,
            request: Err(problem),
            left_out: Vec::new(),
        }
    }

    /// The column that a place of the request came from.
    pub(super) fn column_of(&self, path: &str) -> Option<String> {
        let is_in = |place: &str| {
            let rest = path.strip_prefix(place);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        let mut places = self.places.iter();
        let found = places.find(|(place, _)| is_in(place));
        found.map(|(_, column)| column.clone())
    }

    /// A row of cells, each with what it holds.
    fn of<'c>(
        line: u64,
        cells: impl Iterator<Item = (&'c NamedColumn, &'c str)>,
        map: Option<&MerchantMap>,
    ) -> Self {
        let mut row = Self::broken(line, RowProblem::Form);
        let mut request = Map::new();
        if let Some(flow) = map.and_then(|map| map.flow) {
            request.insert("flow".to_owned(), flow.name().into());
        }
        for ((name, column), text) in cells {
            row.places.push((column.place(&request), name.clone()));
            match column {
                Column::Id => row.id = Some(text.to_owned()),
                Column::Flow => {
                    request.insert("flow".to_owned(), text.into());
                }
                column => row.left_out.extend(column.add(&mut request, text).err()),
            }
        }
        row.request = Ok(Value::Object(request));
        row
    }
}

/// What each column of a header holds.
fn columns_of(
    header: &ByteRecord,
    map: Option<&MerchantMap>,
) -> Result<Vec<Option<NamedColumn>>, String> {
    let mut columns = Vec::new();
    for (index, name) in header.iter().enumerate() {
        let name = std::str::from_utf8(name).unwrap_or_default().trim();
        let column = match map {
            Some(map) => map.columns.get(name).copied(),
            None => Some(Column::from_name(name).ok_or_else(|| {
                format!(
                    "column {} is none of id, flow, a kind, a field of a request and a signal; write a map, as \
                     interdict portfolio --help says",
                    index.saturating_add(1)
                )
            })?),
        };
        columns.push(column.map(|column| (name.to_owned(), column)));
    }
    let has = |wanted: Column| {
        columns
            .iter()
            .flatten()
            .any(|(_, column)| *column == wanted)
    };
    match map {
        Some(map) if let Some((name, _)) = map.columns.iter().find(|(_, one)| !has(**one)) => Err(
            format!("the header lacks the column {name:?}, which the map names"),
        ),
        _ if !has(Column::Id) => Err("the header has no column id".to_owned()),
        _ => Ok(columns),
    }
}

fn csv_row(
    record: &ByteRecord,
    columns: &[Option<NamedColumn>],
    map: Option<&MerchantMap>,
) -> SourceRow {
    let line = record.position().map_or(0, csv::Position::line);
    let mut cells = Vec::new();
    for (column, cell) in columns.iter().zip(record) {
        let Some(named) = column else {
            continue;
        };
        let Ok(text) = std::str::from_utf8(cell) else {
            return SourceRow {
                places: vec![(String::new(), named.0.clone())],
                ..SourceRow::broken(line, RowProblem::Form)
            };
        };
        cells.extend(values(named.1, text, map).map(|text| (named, text)));
    }
    SourceRow::of(line, cells.into_iter(), map)
}

/// The values in a cell, without the empty ones.
fn values<'c>(
    column: Column,
    text: &'c str,
    map: Option<&'c MerchantMap>,
) -> impl Iterator<Item = &'c str> {
    let separator = map.and_then(|map| map.separator.as_deref());
    let separator = separator.filter(|_| column.takes_several());
    let parts: Vec<&str> = match separator {
        Some(separator) => text.split(separator).collect(),
        None => vec![text],
    };
    parts
        .into_iter()
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

/// A line without its end; one that is too long is cut where the module would refuse it.
fn next_line(input: &mut BufReader<File>) -> std::io::Result<Option<Vec<u8>>> {
    let most = MAX_MESSAGE.saturating_add(2);
    let mut text = Vec::new();
    let read = input
        .take(u64::try_from(most).unwrap_or(u64::MAX))
        .read_until(b'\n', &mut text)?;
    if read == 0 {
        return Ok(None);
    }
    match text.last() {
        Some(b'\n') => {
            text.pop();
        }
        _ if read == most => {
            input.skip_until(b'\n')?;
        }
        _ => {}
    }
    Ok(Some(text))
}

fn json_row(line: u64, text: &[u8], map: Option<&MerchantMap>) -> SourceRow {
    // The module's reader refuses what it would refuse later, such as a member that is there twice.
    let is_whole = schema::read(text, MAX_MESSAGE).is_ok();
    let members = serde_json::from_slice(text).ok().filter(|_| is_whole);
    let Some(mut members): Option<Map<String, Value>> = members else {
        return SourceRow::broken(line, RowProblem::Form);
    };
    let Some(map) = map else {
        let id = members.remove("id");
        let id = id.as_ref().and_then(Value::as_str).map(str::to_owned);
        return SourceRow {
            id,
            request: Ok(Value::Object(members)),
            ..SourceRow::broken(line, RowProblem::Form)
        };
    };
    let mut cells = Vec::new();
    for (name, column) in &map.columns {
        let items = match members.get(name) {
            None | Some(Value::Null) => continue,
            Some(Value::Array(items)) => items.as_slice(),
            Some(value) => std::slice::from_ref(value),
        };
        for item in items {
            let Some(text) = cell(item) else {
                return SourceRow {
                    places: vec![(String::new(), name.clone())],
                    ..SourceRow::broken(line, RowProblem::Form)
                };
            };
            cells.push(((name.clone(), *column), text));
        }
    }
    let cells: Vec<(&NamedColumn, &str)> = cells
        .iter()
        .flat_map(|(named, text)| values(named.1, text, Some(map)).map(move |text| (named, text)))
        .collect();
    SourceRow::of(line, cells.into_iter(), Some(map))
}

/// A value as the text of a cell.
fn cell(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// An error of the CSV reader, without what it read.
fn broken(path: &Path, error: csv::Error) -> Error {
    let line = error.position().map(csv::Position::line);
    match error.into_kind() {
        csv::ErrorKind::Io(error) => StoreError::at(path)(error).into(),
        _ => Error::Config {
            path: path.to_owned(),
            problem: match line {
                Some(line) => format!("line {line}: this is no CSV"),
                None => "this is no CSV".to_owned(),
            },
        },
    }
}

impl std::fmt::Debug for MerchantFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut told = f.debug_struct("MerchantFile");
        told.field("path", &self.path).finish_non_exhaustive()
    }
}
