use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;
use interdict::{Config, Replayed, Replayer, is_decision, receipt_in};

use super::sent_requests::SentRequests;
use crate::terminal::at::At as _;
use crate::terminal::common::Common;
use crate::terminal::exit::Exit;
use crate::terminal::lines::{self, Line};
use crate::terminal::text;

/// More bytes than any receipt or request has.
const MAX_FILE: u64 = 4 << 20;

/// Compute a receipt again from the archive, and compare its bytes
///
/// Screens the request again at the receipt's time, with the module and the archived files that the receipt
/// names and the keys of this gateway. The request's reference, view and language do not matter. A request that names
/// a merchant by its id is completed from the portfolio, as it is now.
#[derive(Args)]
#[command(after_help = "\
Examples:
  interdict replay --receipt receipt.json --request request.json
  interdict replay --audit audit.ndjson --requests requests.ndjson
  interdict portfolio show m_123 --request > request.json

The archive is written by a gateway whose gateway.toml says archive = \"archive\".")]
pub(crate) struct Options {
    /// The receipt, as the module printed it.
    #[arg(long, value_name = "FILE", requires = "request")]
    receipt: Option<PathBuf>,
    /// The request it answered.
    #[arg(long, value_name = "FILE", requires = "receipt")]
    request: Option<PathBuf>,
    /// Receipts, one a line, or a file of a journal.
    #[arg(
        long,
        value_name = "FILE",
        requires = "requests",
        conflicts_with = "receipt",
        required_unless_present = "receipt"
    )]
    audit: Option<PathBuf>,
    /// The requests they answered, line by line.
    #[arg(long, value_name = "FILE", requires = "audit")]
    requests: Option<PathBuf>,
    /// The archive; the one that gateway.toml names if not given.
    #[arg(long, value_name = "DIR")]
    archive: Option<PathBuf>,
}

impl Options {
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let config = Config::read(&common.config)?;
        let Some(archive) = self.archive.clone().or_else(|| config.archive()) else {
            bail!("gateway.toml names no archive; name one with --archive");
        };
        if !archive.is_dir() {
            bail!("{}: there is no archive here", archive.display());
        }
        let mut replayer = Replayer::new(&config.state(), &archive)?;
        let mut sent = SentRequests::of(&config);
        match (&self.receipt, &self.request, &self.audit, &self.requests) {
            (Some(receipt), Some(request), ..) => {
                let (receipt, request) = (read(receipt)?, sent.complete(read(request)?)?);
                // The file may end with a newline; anything else is part of the receipt.
                let receipt = receipt.strip_suffix(b"\n").unwrap_or(&receipt);
                let replayed = replayer.replay(receipt, &request)?;
                tell(out, "", &replayed)?;
                Ok(exit(&replayed))
            }
            (_, _, Some(audit), Some(requests)) => {
                text::notice_of_receipts(&config);
                each(&mut replayer, &mut sent, (audit, requests), out)
            }
            _ => bail!("name a receipt and its request"),
        }
    }
}

/// Replays line by line; lines that give the same bytes are only counted.
fn each(
    replayer: &mut Replayer,
    sent: &mut SentRequests<'_>,
    (audit, requests): (&Path, &Path),
    out: &mut dyn Write,
) -> Result<Exit> {
    let open = |path: &Path| File::open(path).at(path).map(BufReader::new);
    let (mut audit, mut requests) = (open(audit)?, open(requests)?);
    let (mut lines, mut same, mut worst) = (0_u64, 0_u64, Exit::Done);
    loop {
        let pair = (next_receipt(&mut audit)?, lines::next(&mut requests)?);
        lines += 1;
        let (receipt, request) = match pair {
            (Some(Line::Whole(receipt)), Some(Line::Whole(request))) => (receipt, request),
            (Some(_), Some(_)) => bail!("line {lines} is too long"),
            (None, None) => break,
            _ => bail!(
                "there are not as many receipts as requests; give only requests that have one"
            ),
        };
        let replayed = sent
            .complete(request)
            .and_then(|request| Ok(replayer.replay(&receipt, &request)?));
        match replayed {
            Ok(Replayed::Same) => same += 1,
            Ok(replayed) => {
                tell(out, &format!("line {lines}: "), &replayed)?;
                worst = worst.max(exit(&replayed));
            }
            Err(error) => {
                writeln!(out, "line {lines}: {}", text::plain(&format!("{error:#}")))?;
                worst = Exit::Doubt;
            }
        }
    }
    writeln!(out, "{same} of {} the same", lines - 1)?;
    Ok(worst)
}

/// The next receipt, past what people decided and what a journal signed.
fn next_receipt(audit: &mut dyn BufRead) -> Result<Option<Line>> {
    loop {
        match lines::next(audit)? {
            Some(Line::Whole(line)) if is_decision(&line) => {}
            Some(Line::Whole(line)) => {
                if let Some(receipt) = receipt_in(&line) {
                    return Ok(Some(Line::Whole(receipt.to_owned())));
                }
            }
            line => return Ok(line),
        }
    }
}

fn tell(out: &mut dyn Write, place: &str, replayed: &Replayed) -> Result<()> {
    match replayed {
        Replayed::Same => writeln!(out, "{place}same")?,
        Replayed::Different(member) => {
            let hint = match member.as_str() {
                "mac" => "; the receipt was changed",
                "request" => {
                    "; another request, another ReceiptKey, or the portfolio's merchant was changed since"
                }
                _ => "",
            };
            writeln!(out, "{place}different: {}{hint}", text::plain(member))?;
        }
        Replayed::Missing(missing) => {
            for what in missing {
                writeln!(out, "{place}missing: {}", text::plain(what))?;
            }
        }
    }
    Ok(())
}

fn exit(replayed: &Replayed) -> Exit {
    match replayed {
        Replayed::Same => Exit::Done,
        Replayed::Different(_) => Exit::Found,
        Replayed::Missing(_) => Exit::Doubt,
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let size = fs::metadata(path).at(path)?.len();
    if size > MAX_FILE {
        bail!("{}: too large", path.display());
    }
    Ok(fs::read(path).at(path)?)
}
