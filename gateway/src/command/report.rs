use std::fs::{self, File};
use std::io::{BufReader, Write};
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use interdict::{Config, Progress, receipt_in};

use crate::terminal::at::At as _;
use crate::terminal::common::Common;
use crate::terminal::exit::Exit;
use crate::terminal::lines::{self, Line};
use crate::terminal::text;

/// Summarise audit files, without anything that could point at a merchant
///
/// Prints counts, ages and times for a coalition, from the receipts that `interdict screen --audit` keeps.
/// Counts of 1 to 4 are shown as <5, and no hidden count can be computed from a total. Nothing is
/// sent anywhere: a person reads the report and passes it on.
#[derive(Args)]
#[command(after_help = "\
Examples:
  interdict report audit-2026-10.ndjson audit-2026-11.ndjson > progress.md
  interdict report journal/*.jsonl > progress.md
  interdict report audit.ndjson --json progress.json --plot progress.svg")]
pub(crate) struct Options {
    /// Audit files, one receipt a line, or files of a journal.
    #[arg(required = true, value_name = "AUDIT")]
    files: Vec<PathBuf>,
    /// Write the report as JSON too.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Draw the report as SVG too.
    #[arg(long, value_name = "FILE.svg")]
    plot: Option<PathBuf>,
}

impl Options {
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let mut progress = Progress::default();
        for path in &self.files {
            let mut input = BufReader::new(File::open(path).at(path)?);
            while let Some(line) = lines::next(&mut input).at(path)? {
                match line {
                    Line::Whole(line) => {
                        if let Some(receipt) = receipt_in(&line) {
                            progress.add(receipt);
                        }
                    }
                    Line::TooLong => progress.add_unreadable(),
                }
            }
        }
        let report = progress.report();
        if let Some(path) = &self.json {
            let text = serde_json::to_string_pretty(&report.json())?;
            fs::write(path, text + "\n").at(path)?;
        }
        if let Some(path) = &self.plot {
            fs::write(path, report.svg()).at(path)?;
        }
        write!(out, "{}", report.markdown())?;
        if let Ok(config) = Config::read(&common.config) {
            text::notice_of_receipts(&config);
        }
        if report.unreadable > 0 {
            eprintln!("warning: {} lines are no receipts", report.unreadable);
            return Ok(Exit::Doubt);
        }
        Ok(Exit::Done)
    }
}
