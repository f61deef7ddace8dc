use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Read, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use interdict::Gateway;
use interdict_host::{Action, Answer, CallError, Receipts};

use crate::terminal::at::At as _;
use crate::terminal::common::Common;
use crate::terminal::exit::Exit;
use crate::terminal::text;

/// How often to look whether another process has fetched newer lists, while there is work.
const LOOK: Duration = Duration::from_millis(500);
/// Lines for one call: with more, a call's own cost is no smaller a part.
const BATCH_LINES: usize = 1_000;
/// Bytes for one call; the module takes 16 MiB.
const BATCH_BYTES: usize = 4 << 20;
/// The module reads 64 KiB of a line; one byte more and it refuses it.
const LINE_BYTES: usize = (64 << 10) + 1;

/// Screen newline-delimited JSON requests, one verdict a line
///
/// Each line is a request of docs/abi.md; line n of the output answers line n of the input.
/// A refused line is answered by a line with `error`, and is not a verdict.
#[derive(Args)]
#[command(after_help = "\
Examples:
  interdict screen merchants.ndjson > verdicts.ndjson
  interdict screen merchants.ndjson --audit audit.ndjson > verdicts.ndjson
  echo '{\"flow\":\"payout\",\"identifiers\":[{\"kind\":\"domain\",\"value\":\"shop.example\"}]}' | interdict screen")]
pub(crate) struct Options {
    /// The requests; standard input if not given.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Append the receipt of each verdict and refusal to this file before it is written, one a line; interdict
    /// report reads it. If it cannot be opened, nothing is screened.
    #[arg(long, value_name = "FILE")]
    audit: Option<PathBuf>,
}

impl Options {
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let mut audit = self.audit.as_deref().map(Audit::open).transpose()?;
        let gateway = common.gateway()?;
        let warnings = gateway.warnings();
        text::warn(&warnings);
        if self.audit.is_some() {
            if gateway.config().receipts_in_force() == Receipts::Never {
                bail!("gateway.toml says receipts = \"never\", so --audit would keep nothing");
            }
            text::notice_of_receipts(gateway.config());
        }
        let mut size = None;
        let source: Box<dyn Read> = match &self.file {
            Some(path) => {
                let file = File::open(path).at(path)?;
                size = file.metadata().ok().map(|metadata| metadata.len());
                Box::new(file)
            }
            None => Box::new(std::io::stdin()),
        };
        let mut input = BufReader::with_capacity(1 << 20, source);
        let progress = progress(size);
        let mut tally = Tally::default();
        let mut output = BufWriter::new(out);
        let started = Instant::now();
        let mut exit = Exit::of_warnings(&warnings);
        let mut looked = started;
        loop {
            let batch = Batch::read(&mut input).context("the requests cannot be read")?;
            if batch.lines == 0 {
                break;
            }
            let now = common.now()?;
            if looked.elapsed() >= LOOK {
                looked = Instant::now();
                exit = exit.max(follow(&gateway, now));
            }
            let answers = gateway.host().batch(&batch.bytes, now);
            answers
                .map_err(anyhow::Error::from)
                .and_then(|answers| pass_on(&answers, audit.as_mut(), &mut output, &mut tally))
                .with_context(|| format!("broke off after {} lines", tally.lines))?;
            progress.inc(batch.consumed);
        }
        progress.finish_and_clear();
        tally.print(started.elapsed().as_secs_f64(), gateway.host().traps());
        let mut since = gateway.warnings();
        since.retain(|warning| !warnings.contains(warning));
        text::warn(&since);
        Ok(exit.max(tally.exit).max(Exit::of_warnings(&since)))
    }
}

/// Loads what another process has fetched since. If that fails, the lists before it answer, and a person must
/// know.
fn follow(gateway: &Gateway, now: u32) -> Exit {
    match gateway.host().reload_if_changed(now) {
        Ok(()) => Exit::Done,
        Err(error) => {
            let error = error.to_string();
            eprintln!(
                "warning: newer lists are not loaded, the last ones answer: {}",
                text::plain(&error)
            );
            Exit::Doubt
        }
    }
}

/// Writes receipts before verdicts, so that no verdict is printed without its proof.
fn pass_on(
    answers: &[Vec<u8>],
    audit: Option<&mut Audit>,
    output: &mut impl Write,
    tally: &mut Tally,
) -> Result<()> {
    // Never prints an answer as a verdict that this version does not understand.
    let read: Vec<Answer> = answers
        .iter()
        .map(|line| Answer::read(line).ok_or(CallError::Answer))
        .collect::<Result<_, _>>()?;
    if let Some(audit) = audit {
        audit.append(&read)?;
    }
    for (line, answer) in answers.iter().zip(&read) {
        tally.count(answer);
        output.write_all(line)?;
        output.write_all(b"\n")?;
    }
    // Flushed, because a program that sends one line at a time waits for its answer.
    output.flush()?;
    Ok(())
}

/// A file of receipts, one a line.
struct Audit {
    path: PathBuf,
    file: File,
    /// Whether the last run was stopped in the middle of a line.
    is_cut: bool,
}

impl Audit {
    fn open(path: &Path) -> Result<Self> {
        let mut options = File::options();
        let mut file = options
            .create(true)
            .read(true)
            .append(true)
            .open(path)
            .at(path)?;
        let mut last = [b'\n'];
        // A pipe cannot be read back, and has no last line.
        if file.seek(SeekFrom::End(-1)).is_ok() {
            file.read_exact(&mut last).at(path)?;
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            is_cut: last != [b'\n'],
        })
    }

    /// Appends each receipt exactly as the module printed it.
    fn append(&mut self, answers: &[Answer]) -> Result<()> {
        let mut lines = if std::mem::take(&mut self.is_cut) {
            b"\n".to_vec()
        } else {
            Vec::new()
        };
        for answer in answers {
            let receipt = match answer {
                Answer::Verdict(verdict) => &verdict.receipt,
                Answer::Refused { error } => &error.receipt,
            };
            if let Some(receipt) = receipt {
                lines.extend_from_slice(receipt.as_str().as_bytes());
                lines.push(b'\n');
            }
        }
        let written = self.file.write_all(&lines).and_then(|()| self.file.flush());
        Ok(written.at(&self.path)?)
    }
}

/// Whole lines for one call.
#[derive(Debug, Default)]
struct Batch {
    bytes: Vec<u8>,
    lines: usize,
    consumed: u64,
}

impl Batch {
    /// Reads until the batch is full, or until reading on could mean waiting.
    fn read(input: &mut BufReader<Box<dyn Read>>) -> std::io::Result<Self> {
        let mut batch = Self::default();
        while batch.lines < BATCH_LINES && batch.bytes.len() < BATCH_BYTES {
            // The end of a line that has only begun may be long in coming.
            let waits = !input.buffer().contains(&b'\n');
            if batch.lines > 0 && waits || !batch.read_line(input)? {
                break;
            }
        }
        Ok(batch)
    }

    /// Reads one line, cut where the module would refuse it; `false` at the end of the input.
    fn read_line(&mut self, input: &mut BufReader<Box<dyn Read>>) -> std::io::Result<bool> {
        let most = u64::try_from(LINE_BYTES).unwrap_or(u64::MAX);
        let read = input.take(most).read_until(b'\n', &mut self.bytes)?;
        self.count(read);
        if read == 0 {
            return Ok(false);
        }
        self.lines += 1;
        if self.bytes.last() != Some(&b'\n') {
            if read == LINE_BYTES {
                self.count(input.skip_until(b'\n')?);
            }
            self.bytes.push(b'\n');
        }
        Ok(true)
    }

    fn count(&mut self, bytes: usize) {
        self.consumed += u64::try_from(bytes).unwrap_or(0);
    }
}

/// Counts of what was answered, for a person.
#[derive(Debug, Default)]
struct Tally {
    lines: u64,
    actions: BTreeMap<Action, u64>,
    degraded: u64,
    refused: BTreeMap<String, u64>,
    exit: Exit,
}

impl Tally {
    fn count(&mut self, answer: &Answer) {
        self.lines += 1;
        self.exit = self.exit.max(Exit::of_answer(answer));
        match answer {
            Answer::Verdict(verdict) => {
                *self.actions.entry(verdict.action).or_default() += 1;
                self.degraded += u64::from(verdict.degraded);
            }
            Answer::Refused { error: refusal } => {
                *self
                    .refused
                    .entry(text::plain(&refusal.name).into_owned())
                    .or_default() += 1;
            }
        }
    }

    fn print(&self, seconds: f64, traps: u64) {
        let lines = text::plural(self.lines, "line");
        #[expect(clippy::cast_precision_loss, reason = "a rate for a person to read")]
        let rate = self.lines as f64 / seconds.max(1e-9);
        eprintln!("{lines} in {seconds:.1} s, {rate:.0} a second");
        for action in Action::ALL {
            if let Some(count) = self.actions.get(&action) {
                eprintln!("  {:<12} {count}", action.name());
            }
        }
        for (name, count) in &self.refused {
            eprintln!("  refused      {count} ({name})");
        }
        if self.degraded > 0 {
            eprintln!(
                "  DEGRADED     {}: not every list could answer; interdict describe says which",
                self.degraded
            );
        }
        if traps > 0 {
            eprintln!(
                "  the module trapped {}; report this",
                text::plural(traps, "time")
            );
        }
    }
}

/// Shown on a terminal only, apart from the output.
fn progress(size: Option<u64>) -> ProgressBar {
    let bar = match size {
        Some(size) => ProgressBar::new(size),
        None => ProgressBar::new_spinner(),
    };
    bar.set_draw_target(ProgressDrawTarget::stderr());
    let template = "{bar:30} {bytes} of {total_bytes}, {eta} left";
    if let (Some(_), Ok(style)) = (size, ProgressStyle::with_template(template)) {
        bar.set_style(style);
    }
    bar
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn batches(text: Vec<u8>) -> Vec<(usize, usize)> {
        let mut input: BufReader<Box<dyn Read>> =
            BufReader::with_capacity(1 << 20, Box::new(Cursor::new(text)));
        let next = || Batch::read(&mut input).unwrap();
        std::iter::repeat_with(next)
            .map(|batch| (batch.lines, batch.bytes.len()))
            .take_while(|(lines, _)| *lines > 0)
            .collect()
    }

    #[test]
    fn lines_are_counted_with_and_without_a_last_newline() {
        // Whether the last line has ended is known only once the input has.
        assert_eq!(batches(b"{}\n{}".to_vec()), [(1, 3), (1, 3)]);
        assert_eq!(batches(b"{}\n\n{}\n".to_vec()), [(3, 7)]);
        assert_eq!(batches(Vec::new()), []);
        let many = b"{}\n".repeat(2_500);
        let lines: Vec<usize> = batches(many).into_iter().map(|(lines, _)| lines).collect();
        assert_eq!(lines, [1_000, 1_000, 500]);
    }

    /// A pipe on which one write came, and then nothing: reading on would wait for ever.
    struct Pipe(Option<&'static [u8]>);

    impl Read for Pipe {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let written = self.0.take().expect("it would wait");
            buffer[..written.len()].copy_from_slice(written);
            Ok(written.len())
        }
    }

    #[test]
    fn half_a_line_at_the_end_of_a_pipe_holds_back_no_complete_line() {
        for written in ["{}\n{}\n", "{}\n{}\n{\"flow\":", "{}\n{}\n{"] {
            let pipe: Box<dyn Read> = Box::new(Pipe(Some(written.as_bytes())));
            let batch = Batch::read(&mut BufReader::with_capacity(1 << 20, pipe)).unwrap();
            assert_eq!((batch.lines, batch.bytes.len()), (2, 6), "{written}");
        }
    }

    const RECEIPT: &str = r#"{"format":1,"mac":"00", "z":1.50}"#;

    fn verdict(receipt: &str) -> Vec<u8> {
        let head = r#"{"action":"allow","score":0,"reasons":[],"lists":[],"degraded":false,"#;
        format!("{head}\"receipt\":{receipt}}}").into_bytes()
    }

    #[test]
    fn receipts_are_kept_as_they_were_printed_and_a_cut_line_is_ended_first() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("audit.ndjson");
        let refused = br#"{"error":{"code":-17,"name":"x","path":"","message":"no"}}"#.to_vec();
        let proved = br#"{"error":{"code":-17,"name":"x","message":"no","receipt":{"code":-17, "mac":"1"}}}"#;
        let answers = [
            verdict(RECEIPT),
            refused,
            proved.to_vec(),
            verdict("null"),
            verdict(RECEIPT),
        ];
        let answers = answers.map(|answer| Answer::read(&answer).unwrap());
        Audit::open(&path).unwrap().append(&answers).unwrap();
        assert_eq!(
            std::fs::read_to_string(&path).unwrap(),
            format!("{RECEIPT}\n{{\"code\":-17, \"mac\":\"1\"}}\n{RECEIPT}\n")
        );
        std::fs::write(&path, "{\"format\":1,\"m").unwrap();
        Audit::open(&path).unwrap().append(&answers[..1]).unwrap();
        let kept = std::fs::read_to_string(&path).unwrap();
        assert_eq!(kept, format!("{{\"format\":1,\"m\n{RECEIPT}\n"));
        assert!(Audit::open(room.path()).is_err());
    }

    #[test]
    fn an_endless_line_is_cut_and_stays_one_line() {
        let mut text = vec![b'x'; 5 << 20];
        text.extend_from_slice(b"\n{}\n");
        let batches = batches(text);
        assert_eq!(batches.iter().map(|(lines, _)| lines).sum::<usize>(), 2);
        assert!(batches.iter().all(|(_, bytes)| *bytes <= LINE_BYTES + 4));
    }

    #[test]
    fn a_line_of_just_the_limit_is_not_joined_with_the_next() {
        let mut text = vec![b'x'; LINE_BYTES - 1];
        text.extend_from_slice(b"\n{}\n");
        assert_eq!(batches(text), [(2, LINE_BYTES + 3)]);
    }
}
