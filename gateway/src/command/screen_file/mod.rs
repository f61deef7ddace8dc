//! `interdict screen-file`: a whole file of merchants, in a run that may be stopped and goes on where it was.

mod begun;
mod verdict_line;
mod verdicts;

use std::fs::File;
use std::io::{Read as _, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use interdict::{
    FileFormat, Gateway, InForce, MerchantFile, MerchantMap, MerchantReader, RowToScreen,
};
use interdict_core::common::hex;
use interdict_host::{Answer, CallError, DocumentKind, Flow};
use sha2::{Digest as _, Sha256};

use self::begun::Begun;
use self::verdict_line::VerdictLine;
use self::verdicts::Verdicts;
use crate::terminal::at::At as _;
use crate::terminal::common::Common;
use crate::terminal::exit::Exit;
use crate::terminal::text;

/// Rows for one call, and for one write.
const ROWS: usize = 1_000;
/// Bytes for one call; the module takes 16 MiB.
const BYTES: usize = 4 << 20;

/// Screen a file of merchants, one verdict a row, and go on where an earlier run was stopped
///
/// The file and --map are those of interdict portfolio import, and nothing is put into the portfolio. Each line of the
/// output has the row's line and the merchant's id, and no identifier. A run that was stopped, however it was, goes on
/// after its last whole line, unless the file, the map, the flow, the policy or the lists have changed since.
#[derive(Args)]
#[command(after_help = "\
Examples:
  interdict screen-file merchants.csv --out verdicts.ndjson
  interdict screen-file merchants.csv --map map.toml --flow payout --out verdicts.ndjson
  interdict screen-file merchants.csv --out verdicts.ndjson --again")]
pub(crate) struct Options {
    /// A file .csv, .ndjson or .jsonl.
    file: PathBuf,
    /// Where the verdicts go; FILE.begun beside it says what they come from.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// What its columns or members mean.
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// The flow of every row that names none: onboarding, authorisation, checkout or payout.
    #[arg(long, value_parser = flow)]
    flow: Option<Flow>,
    /// Start over, and throw away what an earlier run wrote.
    #[arg(long)]
    again: bool,
}

fn flow(name: &str) -> Result<Flow, &'static str> {
    Flow::from_name(name).ok_or("a flow is onboarding, authorisation, checkout or payout")
}

impl Options {
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let format = FileFormat::of(&self.file)
            .context("the name of the file does not end with .csv, .ndjson or .jsonl")?;
        let now = common.now()?;
        let gateway = common.gateway()?;
        let warnings = gateway.warnings();
        text::warn(&warnings);
        let (digest, lines) = digest(&self.file)?;
        let begun = self.begun(&gateway, digest, now)?;
        let mut verdicts = Verdicts::open(&self.out, &begun, self.again)?;
        let map = self.map.as_deref().map(MerchantMap::read).transpose()?;
        let file = MerchantFile::open(&self.file, format, map)?;
        let reader = MerchantReader::new(gateway.config().policy(), now);
        let reader = reader.context("the policy is refused; see interdict policy check")?;
        let mut rows = Rows {
            file,
            reader,
            flow: self.flow,
        };
        let progress = progress(lines);
        rows.skip(&verdicts)?;
        progress.inc(verdicts.lines());
        while let Some(batch) = rows.next_batch()? {
            let answered = answer(&gateway, &batch, now)?;
            verdicts.write(&answered)?;
            progress.inc(u64::try_from(batch.len()).unwrap_or(0));
        }
        progress.finish_and_clear();
        if digest != self::digest(&self.file)?.0 {
            bail!(
                "{} has changed while it was read: start over with --again",
                self.file.display()
            );
        }
        let exit = verdicts.tally().print(out)?;
        Ok(exit.max(Exit::of_warnings(&warnings)))
    }

    /// What the verdicts of this run come from.
    fn begun(&self, gateway: &Gateway, file: [u8; 32], now: u32) -> Result<Begun> {
        let kinds = [DocumentKind::Override, DocumentKind::Clearance];
        let documents = kinds.map(|kind| gateway.config().signed(kind));
        let map = self.map.as_deref().map(digest).transpose()?;
        Ok(Begun {
            format: 1,
            file: hex::text(&file),
            map: map.map(|(digest, _)| hex::text(&digest)),
            flow: self.flow.map(|flow| flow.name().to_owned()),
            policy: gateway.host().screen(begun::PROBE, now)?.policy,
            in_force: InForce::of(gateway.host(), &documents, now)?,
        })
    }
}

/// The rows of a file.
struct Rows {
    file: MerchantFile,
    reader: MerchantReader,
    flow: Option<Flow>,
}

impl Rows {
    /// Leaves out those that have their verdict.
    fn skip(&mut self, verdicts: &Verdicts) -> Result<()> {
        let mut last = None;
        for _ in 0..verdicts.lines() {
            let row = self.file.next_to_screen(&mut self.reader, self.flow)?;
            last = Some(row.map(|row| row.line));
        }
        match last {
            Some(line) if line != verdicts.last_line() => {
                bail!("the verdicts are not those of this file: start over with --again")
            }
            _ => Ok(()),
        }
    }

    fn next_batch(&mut self) -> Result<Option<Vec<RowToScreen>>> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        while batch.len() < ROWS && bytes < BYTES {
            let Some(row) = self.file.next_to_screen(&mut self.reader, self.flow)? else {
                break;
            };
            bytes += row.request.as_ref().map_or(0, String::len);
            batch.push(row);
        }
        Ok((!batch.is_empty()).then_some(batch))
    }
}

/// A line for each row, in order.
fn answer(gateway: &Gateway, rows: &[RowToScreen], now: u32) -> Result<Vec<VerdictLine>> {
    let requests = rows.iter().filter_map(|row| row.request.as_ref().ok());
    let lines: String = requests.map(|request| format!("{request}\n")).collect();
    let answers = match lines.is_empty() {
        true => Vec::new(),
        false => gateway.host().screen_batch(lines.as_bytes(), now)?,
    };
    let mut answers = answers.into_iter();
    let mut told = Vec::new();
    for row in rows {
        told.push(match &row.request {
            Err(problem) => VerdictLine::unread(row, problem.to_string()),
            Ok(request) => match answers.next().ok_or(CallError::Answer)? {
                Answer::Refused { error } => VerdictLine::unread(row, error.name),
                Answer::Verdict(verdict) => {
                    let flow = begun::flow_of(request).ok_or(CallError::Answer)?;
                    VerdictLine::of(row, &verdict, flow)?
                }
            },
        });
    }
    Ok(told)
}

/// The SHA-256 of a file, and how many lines it has.
fn digest(path: &Path) -> Result<([u8; 32], u64)> {
    let mut file = File::open(path).at(path)?;
    let mut hasher = Sha256::new();
    let mut lines = 0_u64;
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut buffer).at(path)?;
        let bytes = buffer.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            return Ok((hasher.finalize().into(), lines));
        }
        hasher.update(bytes);
        let ends = bytes.iter().filter(|byte| **byte == b'\n').count();
        lines += u64::try_from(ends).unwrap_or(0);
    }
}

/// Shown on a terminal only.
fn progress(lines: u64) -> ProgressBar {
    let bar = ProgressBar::new(lines);
    bar.set_draw_target(ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos} of {len} lines, {eta} left") {
        bar.set_style(style);
    }
    bar
}
