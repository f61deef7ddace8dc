use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use interdict_host::{Action, Answer, Gateway};

use super::words;
use crate::Common;

/// Lines for one call: beyond this a call's own cost no longer shows.
const BATCH_LINES: usize = 1_000;
/// Bytes for one call; the module takes 16 MiB.
const BATCH_BYTES: usize = 4 << 20;
/// The module reads 64 KiB of a line; one byte more and it refuses it.
const LINE_BYTES: usize = (64 << 10) + 1;

/// Screen newline-delimited JSON requests, a verdict for each line
///
/// Each line is a request as docs/abi.md has it; line n of the output answers line n of the input.
/// A refused line is answered by a line with `error`, and is not a verdict.
#[derive(Args)]
#[command(after_help = "\
Examples:
  interdict screen merchants.ndjson > verdicts.ndjson
  echo '{\"flow\":\"payout\",\"identifiers\":[{\"kind\":\"domain\",\"value\":\"shop.example\"}]}' | interdict screen

Exit code: 0 every line was answered, even if some were refused; 2 the run broke off.")]
pub(crate) struct Options {
    /// The requests; standard input if not given.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Options {
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<ExitCode> {
        let gateway = common.gateway()?;
        let warnings = gateway.warnings();
        words::warn(&warnings);
        let mut size = None;
        let source: Box<dyn Read> = match &self.file {
            Some(path) => {
                let file = File::open(path).with_context(|| path.display().to_string())?;
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
        loop {
            let batch = Batch::read(&mut input).context("the requests cannot be read")?;
            if batch.lines == 0 {
                break;
            }
            answer(&gateway, &batch, common.now()?, &mut output, &mut tally)
                .with_context(|| format!("broke off after {} lines", tally.lines))?;
            progress.inc(batch.consumed);
        }
        progress.finish_and_clear();
        tally.print(started.elapsed().as_secs_f64(), gateway.traps());
        let mut since = gateway.warnings();
        since.retain(|warning| !warnings.contains(warning));
        words::warn(&since);
        Ok(ExitCode::SUCCESS)
    }
}

fn answer(
    gateway: &Gateway,
    batch: &Batch,
    now: u32,
    output: &mut impl Write,
    tally: &mut Tally,
) -> Result<()> {
    for line in gateway.batch(&batch.bytes, now)? {
        // An answer this host does not understand must not be passed on as if it were one.
        tally.count(&Answer::read(&line)?);
        output.write_all(&line)?;
        output.write_all(b"\n")?;
    }
    // Whoever feeds line by line waits for this.
    output.flush()?;
    Ok(())
}

/// Whole lines for one call.
#[derive(Debug, Default)]
struct Batch {
    bytes: Vec<u8>,
    lines: usize,
    consumed: u64,
}

impl Batch {
    /// Reads until the batch is full or the next line would have to be waited for.
    fn read(input: &mut BufReader<Box<dyn Read>>) -> std::io::Result<Self> {
        let mut batch = Self::default();
        while batch.lines < BATCH_LINES && batch.bytes.len() < BATCH_BYTES {
            let waits = batch.lines > 0 && input.buffer().is_empty();
            if waits || !batch.read_line(input)? {
                break;
            }
        }
        Ok(batch)
    }

    /// Takes one line, cut where the module would refuse it; `false` at the end of the input.
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

/// What came out, for a person.
#[derive(Debug, Default)]
struct Tally {
    lines: u64,
    actions: BTreeMap<Action, u64>,
    degraded: u64,
    refused: BTreeMap<String, u64>,
}

impl Tally {
    fn count(&mut self, answer: &Answer) {
        self.lines += 1;
        match answer {
            Answer::Verdict(verdict) => {
                *self.actions.entry(verdict.action).or_default() += 1;
                self.degraded += u64::from(verdict.degraded);
            }
            Answer::Refused(refusal) => {
                *self
                    .refused
                    .entry(words::plain(&refusal.name).into_owned())
                    .or_default() += 1;
            }
        }
    }

    fn print(&self, seconds: f64, traps: u64) {
        let lines = words::plural(self.lines, "line");
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
                words::plural(traps, "time")
            );
        }
    }
}

/// On a terminal only, beside the output.
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
        assert_eq!(batches(b"{}\n{}".to_vec()), [(2, 6)]);
        assert_eq!(batches(b"{}\n\n{}\n".to_vec()), [(3, 7)]);
        assert_eq!(batches(Vec::new()), []);
        let many = b"{}\n".repeat(2_500);
        let lines: Vec<usize> = batches(many).into_iter().map(|(lines, _)| lines).collect();
        assert_eq!(lines, [1_000, 1_000, 500]);
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
