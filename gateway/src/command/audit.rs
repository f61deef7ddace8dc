use std::fs::File;
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use interdict::{
    Config, SilentHit, SilentHits, SilentLine, SilentReader, create_silent_key, receipt_in,
};

use super::journal::{self, Directories, Find, Questions, Verify};
use crate::terminal::at::At as _;
use crate::terminal::common::Common;
use crate::terminal::exit::Exit;
use crate::terminal::lines::{self, Line};
use crate::terminal::text;

/// Verify and read the journal, and read what silent records say with the key that only few people hold
#[derive(Args)]
#[command(after_help = "\
Examples:
  interdict audit key silent.key             then add silent_key = \"silent.key\" to gateway.toml
  interdict audit silent audit.ndjson
  interdict audit silent audit.ndjson --key /media/stick/silent.key
  interdict audit journal-key                keep what it prints where the journal is not
  interdict audit verify journal replica/journal --key journal.pub --key replica.pub
  interdict audit find --reference 'order 17'
  interdict audit questions --from 2026-05-01T00:00:00Z --to 2026-06-01T00:00:00Z

The journal has every answer and every decision of a person as a line, linked to the line before
(docs/audit.md). Verifying it needs its files and the public key alone.

A silent record changes no verdict, no exit code and no count: it shows in the receipts that interdict
screen --audit keeps, and there only to the holder of the key. Make the key before the first receipt:
receipts from before it hold nothing to read.")]
pub(crate) struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Make a SilentKey in a new file, for the gateway and for whoever reads its audit files
    Key {
        /// The file to write. It must lie outside the state and the archive.
        file: PathBuf,
    },
    /// Print every silent record that matched, by the receipts of audit files
    ///
    /// A line for each: the place of the receipt, its time and flow, what was asked about, and who lists it.
    /// Of a merchant there is the digest under the gateway's ReceiptKey.
    Silent {
        /// Audit files, one receipt a line, or files of a journal.
        #[arg(required = true, value_name = "AUDIT")]
        files: Vec<PathBuf>,
        /// The file of the SilentKey; that of gateway.toml if not given.
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
    /// Verify journals: name changed, missing, cut and second lines, wrong signatures and cloned machines
    Verify(Verify),
    /// Print where the journal has a caller's reference
    ///
    /// The journal holds digests of references under a key in its directory, which this needs.
    Find(Find),
    /// Answer what an examiner asks: what was screened in a time, against which releases, and who decided what
    ///
    /// It names no merchant, not even by a digest.
    Questions(Questions),
    /// Print the public key with which a journal is verified
    JournalKey(Directories),
}

impl Options {
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        match self.what {
            What::Key { file } => {
                create_silent_key(&file)?;
                let file = file.display();
                eprintln!("{file}: secret; whoever has it reads what silent records say");
                Ok(Exit::Done)
            }
            What::Silent { files, key } => {
                let reader = SilentReader::open(&key_file(key, common)?)?;
                let mut found = Found::default();
                for path in &files {
                    found.read(&reader, path, out)?;
                }
                found.report();
                if let Ok(config) = Config::read(&common.config) {
                    text::notice_of_receipts(&config);
                }
                Ok(if found.is_whole() {
                    Exit::Done
                } else {
                    Exit::Doubt
                })
            }
            What::Verify(verify) => verify.run(common, out),
            What::Find(find) => find.run(common, out),
            What::Questions(questions) => questions.run(common, out),
            What::JournalKey(journals) => journal::print_key(journals, common, out),
        }
    }
}

fn key_file(given: Option<PathBuf>, common: &Common) -> Result<PathBuf> {
    if let Some(path) = given {
        return Ok(path);
    }
    match Config::read(&common.config)?.silent_key_file() {
        Some(path) => Ok(path),
        None => bail!("gateway.toml names no silent_key; name its file with --key"),
    }
}

/// Counts of lines, for a person.
#[derive(Default)]
struct Found {
    receipts: u64,
    with_hits: u64,
    not_sealed: u64,
    not_opened: u64,
    no_receipts: u64,
}

impl Found {
    fn read(&mut self, reader: &SilentReader, path: &Path, out: &mut dyn Write) -> Result<()> {
        let mut input = BufReader::new(File::open(path).at(path)?);
        let mut number = 0_u64;
        while let Some(line) = lines::next(&mut input).at(path)? {
            number += 1;
            let read = match &line {
                Line::Whole(line) => match receipt_in(line) {
                    Some(receipt) => reader.read(receipt),
                    None => continue,
                },
                Line::TooLong => SilentLine::NoReceipt,
            };
            match &read {
                SilentLine::Hits(hits) => {
                    self.with_hits += 1;
                    print(&format!("{}:{number}", path.display()), hits, out)?;
                }
                SilentLine::Nothing => {}
                SilentLine::NotSealed => self.not_sealed += 1,
                SilentLine::NotOpened => self.not_opened += 1,
                SilentLine::NoReceipt => self.no_receipts += 1,
            }
            self.receipts += u64::from(read != SilentLine::NoReceipt);
        }
        Ok(())
    }

    const fn is_whole(&self) -> bool {
        self.not_sealed == 0 && self.not_opened == 0 && self.no_receipts == 0
    }

    fn report(&self) {
        let receipts = text::plural(self.receipts, "receipt");
        eprintln!("{receipts}, {} with silent findings", self.with_hits);
        for (count, what) in [
            (
                self.not_sealed,
                "made without a SilentKey, so nothing is known",
            ),
            (
                self.not_opened,
                "sealed under another key, or changed since",
            ),
            (self.no_receipts, "no receipts"),
        ] {
            if count > 0 {
                eprintln!("warning: {}: {what}", text::plural(count, "line"));
            }
        }
    }
}

fn print(place: &str, hits: &SilentHits, out: &mut dyn Write) -> Result<()> {
    let (time, flow) = (text::date(hits.time), text::plain(&hits.flow));
    for hit in &hits.first {
        let SilentHit {
            kind,
            digest,
            coalition,
            list,
            category,
        } = hit;
        let words = [kind, digest, coalition, list].map(|word| text::plain(word));
        let [kind, digest, coalition, list] = words;
        writeln!(
            out,
            "{place}: {time} {flow}: {kind} {digest}, listed on {list} of {coalition}, {category}"
        )?;
    }
    let more = usize::from(hits.count) - hits.first.len().min(usize::from(hits.count));
    if more > 0 {
        let or_more = if hits.count == u8::MAX {
            " or more"
        } else {
            ""
        };
        writeln!(
            out,
            "{place}: {time} {flow}: and {more}{or_more} further records"
        )?;
    }
    Ok(())
}
