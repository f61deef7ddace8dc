//! The rows of one file: what is recognised of it first, and then one row after the other.

use std::borrow::Cow;
use std::io::{BufRead, Read};
use std::path::Path;

use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind};

use super::super::rule::Rule;
use super::column::{Columns, Meaning};
use super::csv_file::Shape;
use super::encoding::Encoding;
use super::feeds::{Markings, each_attribute, each_domain, each_host, each_indicator, each_url};
use super::format::Format;
use super::json_file;
use super::mapping::{Names, is_card_field};
use super::options::ReadOptions;
use super::recognised::Recognised;
use super::row::{Field, Fields, LineRow, URL};
use super::spool::Spool;
use crate::error::{FileError, Result};

/// How people spell a web address that nobody is to follow, and what is meant.
const DEFANGED: [(&str, &str); 4] = [("[.]", "."), ("(.)", "."), ("[:]", ":"), ("[://]", "://")];

/// Who is told how far a file has been read.
pub trait Progress {
    /// Rows are going to be read, from a file of so many bytes.
    fn begin(&mut self, bytes: u64);
    /// So many bytes were read.
    fn at(&mut self, byte: u64);
}

/// Nobody is told.
#[derive(Debug)]
pub(crate) struct NoProgress;

/// How a file is to be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'r> {
    pub(crate) format: Format,
    pub(crate) options: &'r ReadOptions,
    /// The fields that rows may have.
    pub(crate) known: &'static [Field],
    /// How many of these, from the first on, every CSV file has.
    pub(crate) required: usize,
    pub(crate) now: Time,
}

/// The rows of one file, each still to be judged.
#[derive(Debug)]
pub(crate) struct Rows<'r> {
    /// SHA-256 of the file, in hexadecimal; empty where there was none.
    pub(crate) file: String,
    source: Source<'r>,
}

#[derive(Debug)]
enum Source<'r> {
    One(Box<Fields>),
    File(Box<Copied<'r>>),
}

#[derive(Debug)]
struct Copied<'r> {
    spool: Spool,
    reading: Reading<'r>,
    encoding: Encoding,
    shape: Option<Shape>,
    columns: Columns,
    meaning: Meaning,
    markings: Markings,
}

impl<'r> Rows<'r> {
    /// Copies a file, into a folder that only the register's owner reads if it is large, and recognises
    /// how it is written.
    pub(crate) fn open(file: &mut dyn Read, folder: &Path, reading: Reading<'r>) -> Result<Self> {
        let spool = Spool::take(file, folder)?;
        let encoding = match reading.options.encoding {
            Some(encoding) => encoding,
            None if reading.format.is_text() => {
                spool.survey.encoding().map_err(FileError::Doubt)?
            }
            None => spool.survey.unicode(),
        };
        let mut copied = Copied {
            spool,
            reading,
            encoding,
            shape: None,
            columns: Columns::default(),
            meaning: Meaning::default(),
            markings: Markings::default(),
        };
        copied.recognise()?;
        Ok(Self {
            file: copied.spool.digest.clone(),
            source: Source::File(Box::new(copied)),
        })
    }

    /// One identifier that was not in a file; reports call it line 1.
    pub(crate) fn one(kind: &str, value: &str) -> Self {
        Self {
            file: String::new(),
            source: Source::One(Box::new(Fields::of(kind, value))),
        }
    }

    /// Every row in order, and then how the file was written.
    ///
    /// # Errors
    /// [`FileError::Empty`] if there is none, and what `act` gives.
    pub(crate) fn each(
        &mut self,
        progress: &mut dyn Progress,
        act: &mut dyn FnMut(&LineRow) -> Result<()>,
    ) -> Result<Recognised> {
        match &mut self.source {
            Source::One(fields) => {
                let mut recognised = Recognised::new(Format::Text, Encoding::Utf8);
                let mut row = LineRow::new(1, Ok(Fields::clone(fields)));
                finish(&mut row, Meaning::default(), None, &mut recognised);
                act(&row)?;
                Ok(recognised)
            }
            Source::File(copied) => copied.each(progress, act),
        }
    }
}

impl<'r> Reading<'r> {
    fn names(self) -> Names<'r> {
        Names {
            known: self.known,
            mapping: self.options.mapping.as_ref(),
            member: self.options.member.as_deref(),
        }
    }
}

impl Copied<'_> {
    fn recognise(&mut self) -> Result<()> {
        let Reading {
            format,
            options,
            known,
            required,
            ..
        } = self.reading;
        let names = self.reading.names();
        if format == Format::Csv {
            let text = self.encoding.decode(self.spool.reader()?);
            let required = known.get(..required).unwrap_or_default();
            self.shape = Some(Shape::read(text, options.delimiter, names, required)?);
        }
        if format == Format::Stix {
            self.markings = Markings::read(self.encoding.decode(self.spool.reader()?))?;
        }
        let unclear = |field| self.shape.as_ref().is_none_or(|shape| shape.has(field));
        let unclear = unclear(Field::Confidence) || unclear(Field::ValidUntil);
        if unclear && matches!(format, Format::Csv | Format::JsonLines | Format::Json) {
            let text = self.encoding.decode(self.spool.reader()?);
            let columns = &mut self.columns;
            let mut see = |row: LineRow| {
                if let Ok(fields) = row.fields() {
                    columns.see(fields);
                }
                Ok(())
            };
            match &self.shape {
                Some(shape) => shape.each(text, &mut see)?,
                None if format == Format::Json => json_file::each_item(text, names, &mut see)?,
                None => json_file::each_line(text, names, &mut see)?,
            }
        }
        self.meaning = self.columns.meaning(options).map_err(FileError::Doubt)?;
        Ok(())
    }

    fn each(
        &mut self,
        progress: &mut dyn Progress,
        act: &mut dyn FnMut(&LineRow) -> Result<()>,
    ) -> Result<Recognised> {
        let mut recognised = self.recognised();
        let (meaning, mapping) = (self.meaning, self.reading.options.mapping.as_ref());
        let mut hand_on = |mut row: LineRow| {
            let fill = |fields: &mut Fields| {
                if let Some(mapping) = mapping {
                    mapping.fill(fields);
                }
            };
            finish(&mut row, meaning, Some(&fill), &mut recognised);
            act(&row)
        };
        let names = self.reading.names();
        let Reading { format, now, .. } = self.reading;
        progress.begin(self.spool.length);
        let watched = Watched {
            bytes: self.spool.reader()?,
            at: 0,
            progress,
        };
        let text = self.encoding.decode(watched);
        let skipped = read(
            text,
            format,
            self.shape.as_ref(),
            names,
            (&self.markings, now),
            &mut hand_on,
        )?;
        recognised.skipped = skipped;
        if recognised.rows == 0 {
            return Err(FileError::Empty.into());
        }
        Ok(recognised)
    }

    fn recognised(&self) -> Recognised {
        let ignored = self.shape.as_ref().map_or(0, Shape::ignored);
        Recognised {
            byte_order_mark: self.spool.survey.has_mark(self.encoding),
            delimiter: self.shape.as_ref().map(|shape| shape.delimiter),
            decimal_comma: self.columns.comma,
            dates: self.meaning.dates,
            confidence: self.meaning.confidence,
            columns_ignored: u64::try_from(ignored).unwrap_or(u64::MAX),
            ..Recognised::new(self.reading.format, self.encoding)
        }
    }
}

/// Hands on every row. How many things were no rows by design.
fn read(
    text: impl BufRead,
    format: Format,
    shape: Option<&Shape>,
    names: Names<'_>,
    (markings, now): (&Markings, Time),
    act: &mut dyn FnMut(LineRow) -> Result<()>,
) -> Result<u64> {
    match (format, shape) {
        (Format::Csv, Some(shape)) => shape.each(text, act)?,
        (Format::Csv, None) => {}
        (Format::JsonLines, _) => json_file::each_line(text, names, act)?,
        (Format::Json, _) => json_file::each_item(text, names, act)?,
        (Format::Text, _) => each_domain(text, act)?,
        (Format::Urls, _) => each_url(text, act)?,
        (Format::Hosts, _) => return each_host(text, act),
        (Format::Stix, _) => return each_indicator(text, markings, now, act),
        (Format::Misp, _) => return each_attribute(text, act),
    }
    Ok(0)
}

/// Brings a row into the documented forms.
fn finish(
    row: &mut LineRow,
    meaning: Meaning,
    fill: Option<&dyn Fn(&mut Fields)>,
    recognised: &mut Recognised,
) {
    recognised.rows = recognised.rows.saturating_add(1);
    let Some(fields) = row.fields_mut() else {
        return;
    };
    meaning.apply(fields);
    if let Some(fill) = fill {
        fill(fields);
    }
    let refused = match fields.get(Field::Kind) {
        Some(URL) => keep_host(fields, recognised).err(),
        Some(kind) => is_card_field(kind).then_some(Rule::CardNumber),
        None => None,
    };
    if let Some(rule) = refused {
        row.refuse(rule);
    }
}

/// What a web address names in the place of the address: its host, or whom a payment link pays.
fn keep_host(fields: &mut Fields, recognised: &mut Recognised) -> Result<(), Rule> {
    let written = fields.get(Field::Value).ok_or(Rule::ValueMissing)?;
    let address = &*refanged(written);
    recognised.defanged = recognised
        .defanged
        .saturating_add(u64::from(address != written));
    let named = Identifier::from_url(address).map_err(|error| {
        if error.is_card_number() {
            Rule::CardNumber
        } else {
            Rule::Identifier(error)
        }
    })?;
    if named.kind() == Kind::Domain {
        let dropped = u64::from(has_more_than_host(address));
        recognised.hosts_kept = recognised.hosts_kept.saturating_add(1);
        recognised.paths_dropped = recognised.paths_dropped.saturating_add(dropped);
    }
    fields.set(Field::Kind, named.kind().name());
    fields.set(Field::Value, named.text());
    Ok(())
}

/// A web address that somebody wrote so that nobody follows it by mistake, as `hxxps://shop[.]example`,
/// as it is.
fn refanged(address: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(address);
    if let Some((scheme, rest)) = address.split_at_checked(4)
        && scheme.eq_ignore_ascii_case("hxxp")
    {
        text = Cow::Owned(format!("http{rest}"));
    }
    for (written, meant) in DEFANGED {
        if text.contains(written) {
            text = Cow::Owned(text.replace(written, meant));
        }
    }
    text
}

/// Whether an address says more than a host: a user, a port, a path or a query.
fn has_more_than_host(address: &str) -> bool {
    let slashes = |rest: &str| rest.trim_start_matches(['/', '\\']).len();
    let scheme = address.find(':').filter(|end| {
        let after = address.get(end.saturating_add(1)..).unwrap_or_default();
        slashes(after) < after.len()
    });
    let rest = scheme.map_or(address, |end| {
        address.get(end.saturating_add(1)..).unwrap_or_default()
    });
    let rest = rest.trim_matches(['/', '\\']);
    let after_brackets = rest
        .rfind(']')
        .and_then(|end| rest.get(end..))
        .unwrap_or(rest);
    after_brackets.contains(['/', '\\', '?', '#', '@', ':'])
}

/// Tells how much was read.
struct Watched<'p, R> {
    bytes: R,
    at: u64,
    progress: &'p mut dyn Progress,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.bytes.read(buffer)?;
        self.at = self
            .at
            .saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        self.progress.at(self.at);
        Ok(count)
    }
}

impl Progress for NoProgress {
    fn begin(&mut self, _: u64) {}
    fn at(&mut self, _: u64) {}
}
