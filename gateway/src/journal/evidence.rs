//! Evidence of one line, for whoever was not there: a file that proves the line, says it in plain words, and has
//! what a replay needs.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use interdict_core::common::hex;
use interdict_core::wire::owned::{Receipt, RefusalReceipt};
use interdict_host::StoreError;
use serde_json::value::RawValue;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::envelope::Envelope;
use super::error::JournalError;
use super::files::FileName;
use super::find::FoundLine;
use super::forks::GoodLines;
use super::page;
use crate::archive::extract;
use crate::error::Error;

/// What a file of evidence lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Whether a head after the line signs it. Without one, it is proved an hour later.
    pub is_signed: bool,
    /// What a replay needs and the archive does not have.
    pub missing: Vec<String>,
}

/// A line, and the part of the chain from the head before it to the head after it.
pub(super) struct Part {
    pub(super) line: FoundLine,
    files: Vec<(FileName, Vec<u8>)>,
    pub(super) is_signed: bool,
    pub(super) key: String,
}

/// Writes evidence of the line with this id into a new file.
///
/// # Errors
/// [`JournalError::NoSuchLine`], or a file that cannot be read or written.
pub fn write_evidence(
    journals: &[PathBuf],
    archive: Option<&Path>,
    id: &str,
    out: &Path,
) -> Result<Evidence, Error> {
    let part = journals
        .iter()
        .find_map(|directory| part_of(directory, id).transpose());
    let part = part.ok_or(JournalError::NoSuchLine)??;
    let content = Written::read(&part.line.text);
    let file = File::create_new(out).map_err(StoreError::at(out))?;
    let mut zip = Zip {
        writer: ZipWriter::new(file),
        path: out,
    };
    zip.add("line.json", part.line.text.as_bytes())?;
    zip.add("journal.pub", format!("{}\n", part.key).as_bytes())?;
    for (name, bytes) in &part.files {
        zip.add(&format!("chain/{name}"), bytes)?;
    }
    if let Some(receipt) = &content.text {
        zip.add("receipt.json", receipt.as_bytes())?;
    }
    let missing = match (&content.receipt, archive) {
        (Some(receipt), Some(archive)) => extract(archive, receipt, |name, bytes| {
            zip.add(&format!("archive/{name}"), bytes)
        })?,
        (Some(_), None) => vec!["the archive: gateway.toml names none".to_owned()],
        (None, _) => Vec::new(),
    };
    let page = page::page(&part, &content, &missing);
    zip.add("README.html", page.as_bytes())?;
    let file = zip.writer.finish().map_err(told(out))?;
    file.sync_all().map_err(StoreError::at(out))?;
    Ok(Evidence {
        is_signed: part.is_signed,
        missing,
    })
}

/// The content of a line, as far as the page speaks of it.
pub(super) struct Written {
    text: Option<String>,
    pub(super) receipt: Option<Receipt>,
    pub(super) refusal: Option<RefusalReceipt>,
}

impl Written {
    fn read(line: &str) -> Self {
        let envelope = Envelope::read(line.as_bytes());
        let text = |json: Option<&RawValue>| json.map(|json| json.get().to_owned());
        let (receipt, refusal) = match &envelope {
            Some(envelope) => (text(envelope.receipt), text(envelope.refusal)),
            None => (None, None),
        };
        let read = |text: &Option<String>| serde_json::from_str(text.as_deref()?).ok();
        Self {
            receipt: read(&receipt),
            refusal: refusal
                .as_deref()
                .and_then(|text| serde_json::from_str(text).ok()),
            text: receipt.or(refusal),
        }
    }
}

/// The part of a directory's chain around a line; `None` if it has no such line.
fn part_of(directory: &Path, id: &str) -> Result<Option<Part>, Error> {
    let mut lines = GoodLines::open(directory)?;
    let mut files: Vec<(FileName, Vec<u8>)> = Vec::new();
    let mut found: Option<FoundLine> = None;
    let (mut last, mut key) = (None, String::new());
    while let Some((file, line)) = lines.next_raw()? {
        let envelope = Envelope::read(&line.bytes).filter(|_| line.is_ended);
        let head = envelope
            .as_ref()
            .and_then(|one| Some((one, one.head.as_ref()?)));
        if let Some((envelope, head)) = head {
            if found.is_none() {
                files.clear();
                head.key.clone_into(&mut key);
            }
            if files.is_empty() || last != Some(file) {
                let name = FileName {
                    number: envelope.number,
                    start: envelope.time,
                };
                files.push((name, Vec::new()));
            }
        }
        last = Some(file);
        if let Some((_, bytes)) = files.last_mut() {
            bytes.extend_from_slice(&line.bytes);
            bytes.extend_from_slice(if line.is_ended { b"\n" } else { b"" });
        }
        let is_after = found.is_some() && head.is_some();
        if let Some(envelope) = envelope.as_ref().filter(|one| one.id == id) {
            found = Some(FoundLine::of(directory, file, envelope, &line.bytes));
        }
        if is_after {
            return Ok(found.map(|line| Part {
                line,
                files,
                is_signed: true,
                key,
            }));
        }
    }
    Ok(found.map(|line| Part {
        line,
        files,
        is_signed: false,
        key,
    }))
}

struct Zip<'p> {
    writer: ZipWriter<File>,
    path: &'p Path,
}

impl Zip<'_> {
    fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let options = SimpleFileOptions::default();
        self.writer
            .start_file(name, options)
            .map_err(told(self.path))?;
        let written = self.writer.write_all(bytes);
        Ok(written.map_err(StoreError::at(self.path))?)
    }
}

fn told(path: &Path) -> impl FnOnce(zip::result::ZipError) -> Error {
    move |error| StoreError::at(path)(error.into()).into()
}

/// The SHA-256 of a line, as the line after it names it.
pub(super) fn line_digest(part: &Part) -> String {
    hex::text(&super::envelope::digest(part.line.text.as_bytes()))
}
