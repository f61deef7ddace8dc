//! From a file to rows of named fields. A file whose shape is unclear is refused whole; a row that
//! is unclear is refused alone.

use std::io::Read;
use std::path::Path;

use interdict_core::common::hex;
use interdict_core::common::json::{JsonError, Limits, Value, parse};

use super::rule::Rule;
use super::spreadsheet::unguarded;
use crate::digest::sha256;
use crate::error::{FileError, PublisherError, Result};

/// The largest file that is read: a million lines of 256 bytes.
const MAX_FILE: u64 = 256 << 20;

/// One line of JSON: an object, and in it one array of flags.
const LINE_LIMITS: Limits = Limits {
    depth: 2,
    nodes: 64,
};

/// One JSON array of a whole file.
const ARRAY_LIMITS: Limits = Limits {
    depth: 3,
    nodes: 4_000_000,
};

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values; the first row names the columns.
    Csv,
    /// One JSON object a line.
    JsonLines,
    /// One JSON array of objects, or of domains. For `protect`.
    Json,
    /// One domain a line, `#` starts a comment. For `protect`.
    Text,
}

/// What a row can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Kind,
    Value,
    Action,
    Category,
    Confidence,
    ValidUntil,
    Source,
    Group,
    Scope,
    Flags,
    Handling,
}

/// One line or array item, counted from 1.
#[derive(Debug)]
pub(crate) struct LineRow {
    pub(crate) line: u64,
    fields: Result<Fields, Rule>,
}

/// The rows of one file, each still to be judged.
#[derive(Debug)]
pub(crate) struct Rows {
    /// SHA-256 of the file, in hexadecimal; empty where there was none.
    pub(crate) file: String,
    pub(crate) rows: Vec<LineRow>,
}

/// The fields of a row that are there and not empty.
#[derive(Debug, Default)]
pub(crate) struct Fields([Option<String>; Field::ALL.len()]);

impl Format {
    /// Guesses by a file's extension.
    ///
    /// # Errors
    /// [`FileError::Format`].
    pub fn of(path: &Path) -> Result<Self, FileError> {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("csv") => Ok(Self::Csv),
            Some("jsonl" | "ndjson") => Ok(Self::JsonLines),
            Some("json") => Ok(Self::Json),
            Some("txt") => Ok(Self::Text),
            _ => Err(FileError::Format),
        }
    }
}

impl Field {
    pub(crate) const ALL: [Self; 11] = [
        Self::Kind,
        Self::Value,
        Self::Action,
        Self::Category,
        Self::Confidence,
        Self::ValidUntil,
        Self::Source,
        Self::Group,
        Self::Scope,
        Self::Flags,
        Self::Handling,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Value => "value",
            Self::Action => "action",
            Self::Category => "category",
            Self::Confidence => "confidence",
            Self::ValidUntil => "valid_until",
            Self::Source => "source",
            Self::Group => "group",
            Self::Scope => "scope",
            Self::Flags => "flags",
            Self::Handling => "handling",
        }
    }

    fn find(known: &[Self], name: &str) -> Option<Self> {
        known.iter().copied().find(|field| field.name() == name)
    }
}

impl Fields {
    /// A row that names an identifier and says nothing else.
    fn of(kind: &str, value: &str) -> Self {
        let mut fields = Self::default();
        fields.set(Field::Kind, kind);
        fields.set(Field::Value, value);
        fields
    }

    pub(crate) fn get(&self, field: Field) -> Option<&str> {
        self.0.get(Self::place(field)).and_then(Option::as_deref)
    }

    fn set(&mut self, field: Field, text: &str) {
        let text = text.trim();
        if let Some(place) = self
            .0
            .get_mut(Self::place(field))
            .filter(|_| !text.is_empty())
        {
            *place = Some(text.to_owned());
        }
    }

    fn place(field: Field) -> usize {
        Field::ALL
            .iter()
            .position(|other| *other == field)
            .unwrap_or(Field::ALL.len())
    }
}

impl Rows {
    /// Reads a file of rows with these fields, the first `required` of which every CSV file has.
    pub(crate) fn read(
        file: &mut dyn Read,
        format: Format,
        known: &[Field],
        required: usize,
    ) -> Result<Self> {
        let bytes = read_all(file)?;
        Ok(Self {
            file: hex::text(&sha256(&bytes)),
            rows: read(&bytes, format, known, required)?,
        })
    }

    /// One identifier that was not in a file; reports call it line 1.
    pub(super) fn one(kind: &str, value: &str) -> Self {
        let fields = Ok(Fields::of(kind, value));
        Self {
            file: String::new(),
            rows: vec![LineRow { line: 1, fields }],
        }
    }
}

impl LineRow {
    /// What the row says, if its form is right.
    pub(crate) fn fields(&self) -> Result<&Fields, Rule> {
        self.fields.as_ref().map_err(|rule| *rule)
    }
}

/// A whole file of at most 256 MiB.
fn read_all(file: &mut dyn Read) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(MAX_FILE.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(PublisherError::at(Path::new("the imported file")))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_FILE) {
        return Err(FileError::TooLarge.into());
    }
    Ok(bytes)
}

fn read(
    bytes: &[u8],
    format: Format,
    known: &[Field],
    required: usize,
) -> Result<Vec<LineRow>, FileError> {
    // Spreadsheets begin a UTF-8 file with a byte order mark.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match format {
        Format::Csv => read_csv(bytes, known, required),
        Format::JsonLines => Ok(read_json_lines(bytes, known)),
        Format::Json => read_json(bytes, known),
        Format::Text => Ok(read_text(bytes)),
    }
}

fn read_csv(bytes: &[u8], known: &[Field], required: usize) -> Result<Vec<LineRow>, FileError> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let header = reader.byte_headers().map_err(|_| FileError::Header)?;
    let mut columns = Vec::new();
    for (index, name) in header.iter().enumerate() {
        let number = index.saturating_add(1);
        let name = std::str::from_utf8(name).map_err(|_| FileError::Header)?;
        let field = Field::find(known, name.trim()).ok_or(FileError::UnknownColumn(number))?;
        if columns.contains(&field) {
            return Err(FileError::DuplicateColumn(number));
        }
        columns.push(field);
    }
    for field in known.iter().take(required) {
        if !columns.contains(field) {
            return Err(FileError::MissingColumn(field.name()));
        }
    }
    let mut rows = Vec::new();
    let mut record = csv::ByteRecord::new();
    let mut lines = LineCount {
        bytes,
        at: 0,
        line: 1,
    };
    // Reading from memory cannot fail, and a flexible reader refuses no record.
    while reader.read_byte_record(&mut record).unwrap_or(false) {
        let line = lines.at_row(record.position().map_or(0, csv::Position::byte));
        if record
            .iter()
            .flatten()
            .any(|byte| matches!(byte, b'\n' | b'\r'))
        {
            return Err(FileError::LineBreak { line });
        }
        rows.push(LineRow {
            line,
            fields: csv_fields(&record, &columns),
        });
    }
    Ok(rows)
}

/// Numbers rows as an editor does. The CSV reader's own count is one short after an empty line and
/// in files with CR LF.
struct LineCount<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl LineCount<'_> {
    /// The line of the first row at or after a byte; bytes must not go back.
    fn at_row(&mut self, byte: u64) -> u64 {
        let byte = usize::try_from(byte).unwrap_or(usize::MAX);
        while let Some(current) = self.bytes.get(self.at) {
            let next = self.at.saturating_add(1);
            let ends_line = match current {
                b'\n' => true,
                b'\r' => self.bytes.get(next) != Some(&b'\n'),
                _ if self.at >= byte => break,
                _ => false,
            };
            self.line = self.line.saturating_add(u64::from(ends_line));
            self.at = next;
        }
        self.line
    }
}

fn csv_fields(record: &csv::ByteRecord, columns: &[Field]) -> Result<Fields, Rule> {
    if record.len() != columns.len() {
        return Err(Rule::FieldCount);
    }
    let mut fields = Fields::default();
    for (field, text) in columns.iter().zip(record) {
        let text = std::str::from_utf8(text).map_err(|_| Rule::Encoding)?;
        fields.set(*field, &unguarded(text));
    }
    Ok(fields)
}

fn read_json_lines(bytes: &[u8], known: &[Field]) -> Vec<LineRow> {
    numbered(bytes)
        .filter(|(_, text)| !text.trim_ascii().is_empty())
        .map(|(line, text)| {
            let fields = parse(text, LINE_LIMITS)
                .map_err(rule_of)
                .and_then(|value| json_fields(&value, known));
            LineRow { line, fields }
        })
        .collect()
}

fn read_json(bytes: &[u8], known: &[Field]) -> Result<Vec<LineRow>, FileError> {
    let value = parse(bytes, ARRAY_LIMITS).map_err(FileError::Json)?;
    let items = value.as_array().ok_or(FileError::Json(JsonError::Syntax))?;
    let rows = (1..).zip(items).map(|(line, item)| {
        let fields = match item.as_str() {
            Some(domain) => Ok(domain_fields(domain)),
            None => json_fields(item, known),
        };
        LineRow { line, fields }
    });
    Ok(rows.collect())
}

fn json_fields(value: &Value<'_>, known: &[Field]) -> Result<Fields, Rule> {
    let object = value.as_object().ok_or(Rule::Syntax)?;
    let mut fields = Fields::default();
    for (name, value) in object.members() {
        let field = Field::find(known, name).ok_or(Rule::UnknownField)?;
        match (field, value) {
            (_, Value::String(text)) => fields.set(field, text),
            (Field::Confidence, Value::Integer(number)) => fields.set(field, &number.to_string()),
            (Field::Flags, Value::Array(flags)) => {
                let names: Option<Vec<&str>> = flags.iter().map(Value::as_str).collect();
                fields.set(field, &names.ok_or(Rule::FieldType)?.join(" "));
            }
            _ => return Err(Rule::FieldType),
        }
    }
    Ok(fields)
}

fn read_text(bytes: &[u8]) -> Vec<LineRow> {
    numbered(bytes)
        .filter_map(|(line, text)| {
            let Ok(text) = std::str::from_utf8(text) else {
                return Some(LineRow {
                    line,
                    fields: Err(Rule::Encoding),
                });
            };
            let domain = text.split('#').next().unwrap_or_default().trim();
            (!domain.is_empty()).then(|| LineRow {
                line,
                fields: Ok(domain_fields(domain)),
            })
        })
        .collect()
}

fn domain_fields(domain: &str) -> Fields {
    Fields::of("domain", domain)
}

fn numbered(bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    (1..).zip(bytes.split(|byte| *byte == b'\n'))
}

const fn rule_of(error: JsonError) -> Rule {
    match error {
        JsonError::DuplicateMember => Rule::DuplicateField,
        JsonError::NonInteger => Rule::FieldType,
        JsonError::Utf8 => Rule::Encoding,
        JsonError::Syntax | JsonError::TooDeep | JsonError::TooManyValues => Rule::Syntax,
    }
}
