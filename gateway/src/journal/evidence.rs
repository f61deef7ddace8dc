//! Evidence of one line, for whoever was not there: a file that proves the line, says it in plain words, and has
//! what a replay needs.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use interdict_core::wire::owned::Receipt;
use interdict_host::StoreError;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::about::{DOCUMENT, POLICY};
use super::decision::ReadDecision;
use super::excerpt::{Part, Written, part_of};
use super::find::each;
use super::page;
use super::stamps;
use crate::archive::{documents, extract};
use crate::error::Error;
use crate::journal_error::JournalError;
use crate::signed::document_digest;

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
    zip.add_chain("chain", &part)?;
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
    let mut decisions = Vec::new();
    if let Some(receipt) = &content.receipt {
        for (directory, id) in belonging(journals, receipt, archive)? {
            if let Some(decision) = part_of(&directory, &id)? {
                zip.add_decision(&decision)?;
                decisions.push(decision.line);
            }
        }
    }
    let page = page::page(&part, &content, &decisions, &missing);
    zip.add("README.html", page.as_bytes())?;
    let file = zip.writer.finish().map_err(told(out))?;
    file.sync_all().map_err(StoreError::at(out))?;
    Ok(Evidence {
        is_signed: part.is_signed,
        missing,
    })
}

/// The decisions by which an answer came about, each with its directory and id: the signatures below its overrides and
/// clearances, and those who changed to its policy.
fn belonging(
    journals: &[PathBuf],
    receipt: &Receipt,
    archive: Option<&Path>,
) -> Result<Vec<(PathBuf, String)>, Error> {
    let mut wanted = vec![(POLICY, receipt.policy.clone())];
    if let Some(archive) = archive {
        for document in documents(archive, receipt)? {
            wanted.extend(document_digest(&document).map(|digest| (DOCUMENT, digest)));
        }
    }
    let mut all = Vec::new();
    for directory in journals {
        each(directory, |_, envelope, _| {
            let decision = envelope.decision;
            let decision = decision.and_then(|json| ReadDecision::read(json.get()));
            let belongs = decision.is_some_and(|decision| {
                let mut wanted = wanted.iter();
                wanted.any(|(name, digest)| decision.about.get(*name) == Some(digest))
            });
            if belongs {
                all.push((directory.clone(), envelope.id.to_owned()));
            }
        })?;
    }
    Ok(all)
}

struct Zip<'p> {
    writer: ZipWriter<File>,
    path: &'p Path,
}

impl Zip<'_> {
    /// Adds a person's decision with its own part of the chain.
    fn add_decision(&mut self, decision: &Part) -> Result<(), Error> {
        let folder = format!("decisions/{}", decision.line.id);
        self.add(
            &format!("{folder}/line.json"),
            decision.line.text.as_bytes(),
        )?;
        let key = format!("{}\n", decision.key);
        self.add(&format!("{folder}/journal.pub"), key.as_bytes())?;
        self.add_chain(&format!("{folder}/chain"), decision)
    }

    /// Adds a part of the chain and the time stamp of its last head, as a directory that `audit verify` reads.
    fn add_chain(&mut self, folder: &str, part: &Part) -> Result<(), Error> {
        for (name, bytes) in &part.files {
            self.add(&format!("{folder}/{name}"), bytes)?;
        }
        if let Some((number, token)) = &part.stamp {
            self.add(&format!("{folder}/{}", stamps::place(*number)), token)?;
        }
        Ok(())
    }

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
