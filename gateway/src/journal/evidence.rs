//! Evidence of one line, for whoever was not there: a file that proves the line, says it in plain words, and has
//! what a replay needs.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use interdict_host::StoreError;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::excerpt::{Written, part_of};
use super::page;
use crate::archive::extract;
use crate::error::Error;
use crate::journal_error::JournalError;

/// What a file of evidence lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Whether a head after the line signs it. Without one, it is proved an hour later.
    pub is_signed: bool,
    /// What a replay needs and the archive does not have.
    pub missing: Vec<String>,
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
