use std::io::Write;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use interdict::{Config, write_evidence};

use crate::terminal::common::Common;
use crate::terminal::exit::Exit;
use crate::terminal::text;

/// Bundle what proves one answer: its line of the journal, the signatures around it, and what a replay needs
///
/// The file has the receipt, the part of the journal from the signature before the line to the one after it,
/// everything of the archive that was in force, and a page in plain words. It holds no identifier; the lines around
/// this one are other receipts, whose digests only the gateway can read.
#[derive(Args)]
#[command(after_help = "\
Examples:
  interdict evidence 019abcde-f012-7345-8678-9abcdef01234 --out case-17.zip
  unzip -d case-17 case-17.zip
  interdict audit verify --part --key case-17/journal.pub case-17/chain")]
pub(crate) struct Options {
    /// The id that the answer names, or interdict audit find.
    id: String,
    /// The file to write.
    #[arg(long, value_name = "FILE.zip")]
    out: PathBuf,
    /// The journal; that of gateway.toml if not given.
    #[arg(long, value_name = "DIR")]
    journal: Vec<PathBuf>,
}

impl Options {
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let config = Config::read(&common.config)?;
        let mut journals = self.journal;
        if journals.is_empty() {
            journals.extend(config.journal().map(|settings| settings.directory));
        }
        if journals.is_empty() {
            bail!("gateway.toml has no table [journal]; name one with --journal");
        }
        let archive = config.archive();
        let evidence = write_evidence(&journals, archive.as_deref(), &self.id, &self.out)?;
        for what in &evidence.missing {
            eprintln!("warning: missing for a replay: {}", text::plain(what));
        }
        if !evidence.is_signed {
            eprintln!("warning: the line is not signed yet; the journal signs every hour");
        }
        writeln!(out, "{}: begin with README.html in it", self.out.display())?;
        Ok(if evidence.is_signed {
            Exit::of_warnings(&evidence.missing)
        } else {
            Exit::Doubt
        })
    }
}
