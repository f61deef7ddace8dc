use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Write};
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use interdict::PolicyFile;
use interdict_host::{Answer, CallError};
use serde_json::Value;

use crate::terminal::at::At as _;
use crate::terminal::common::Common;
use crate::terminal::exit::Exit;
use crate::terminal::lines::{self, Line};
use crate::terminal::text;

/// Lines for one call.
const BATCH_LINES: usize = 1_000;
/// Bytes for one call; the module takes 16 MiB.
const BATCH_BYTES: usize = 4 << 20;
/// The longest line that the module reads.
const LINE_BYTES: usize = 64 << 10;

/// Compare the policy in force with another one
///
/// Screens newline-delimited requests under both policies and prints each line on which they differ. The
/// other policy decides nothing.
#[derive(Args)]
#[command(after_help = "\
Examples:
  interdict shadow stricter.toml merchants.ndjson

gateway.toml takes a second policy too: with shadow = \"stricter.toml\", a verdict says in its member
shadow what that policy would have decided, where it differs.")]
pub(crate) struct Options {
    /// The second policy.
    policy: PathBuf,
    /// The requests.
    requests: PathBuf,
}

/// Flow, action now, action then.
type Change = (String, &'static str, &'static str);

#[derive(Default)]
struct Tally {
    lines: u64,
    refused: u64,
    /// Lines whose verdict is degraded, or a field of which was unused.
    doubtful: u64,
    /// Lines of each flow that were screened.
    flows: BTreeMap<String, u64>,
    changes: BTreeMap<Change, u64>,
    /// Lines that differ in the score alone, by flow.
    scores: BTreeMap<String, u64>,
}

impl Options {
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let policy = PolicyFile::read(&self.policy)?;
        let gateway = common.gateway()?;
        text::warn(&gateway.warnings());
        gateway.watch(&policy, common.now()?)?;
        let path = &self.requests;
        let mut input = BufReader::new(File::open(path).at(path)?);
        let mut tally = Tally::default();
        loop {
            let mut batch = Vec::new();
            let mut flows = Vec::new();
            while flows.len() < BATCH_LINES && batch.len() < BATCH_BYTES {
                let mut line = match lines::next(&mut input).at(path)? {
                    None => break,
                    Some(Line::Whole(line)) => line,
                    Some(Line::TooLong) => Vec::new(),
                };
                // A line that is too long is refused, whole or cut.
                line.truncate(LINE_BYTES + 1);
                flows.push(flow(&line));
                batch.extend(line);
                batch.push(b'\n');
            }
            if flows.is_empty() {
                break;
            }
            let answers = gateway.host().batch(&batch, common.now()?)?;
            if gateway.host().traps() > 0 {
                bail!("the module trapped, and the policy to compare went with it; report this");
            }
            for (flow, answer) in flows.into_iter().zip(answers) {
                tally.add(flow, &Answer::read(&answer).ok_or(CallError::Answer)?, out)?;
            }
        }
        tally.print(out)?;
        Ok(tally.exit())
    }
}

fn flow(line: &[u8]) -> String {
    let request: Value = serde_json::from_slice(line).unwrap_or_default();
    text::plain(request["flow"].as_str().unwrap_or("?")).into_owned()
}

impl Tally {
    fn add(&mut self, flow: String, answer: &Answer, out: &mut dyn Write) -> Result<()> {
        self.lines += 1;
        let verdict = match answer {
            Answer::Verdict(verdict) => verdict,
            Answer::Refused { .. } => {
                self.refused += 1;
                return Ok(());
            }
        };
        *self.flows.entry(flow.clone()).or_default() += 1;
        self.doubtful += u64::from(verdict.degraded || !verdict.unused.is_empty());
        let Some(shadow) = &verdict.shadow else {
            return Ok(());
        };
        let (now, then) = (verdict.action.name(), shadow.action.name());
        let (old, new) = (verdict.score, shadow.score);
        writeln!(out, "line {}: {now} {old} -> {then} {new}", self.lines)?;
        if now == then {
            *self.scores.entry(flow).or_default() += 1;
        } else {
            *self.changes.entry((flow, now, then)).or_default() += 1;
        }
        Ok(())
    }

    fn exit(&self) -> Exit {
        let differ = !(self.changes.is_empty() && self.scores.is_empty());
        match (self.refused + self.doubtful, differ) {
            (1.., _) => Exit::Doubt,
            (0, true) => Exit::Found,
            (0, false) => Exit::Done,
        }
    }

    fn print(&self, out: &mut dyn Write) -> Result<()> {
        let lines = text::plural(self.lines, "line");
        let (refused, doubtful) = (self.refused, self.doubtful);
        writeln!(
            out,
            "{lines}, {refused} refused, {doubtful} degraded or with an unused field"
        )?;
        for (flow, count) in &self.flows {
            writeln!(out, "{flow}: {count} screened")?;
            for ((of, now, then), count) in &self.changes {
                if of == flow {
                    writeln!(out, "  {now} -> {then}: {count}")?;
                }
            }
            if let Some(count) = self.scores.get(flow) {
                writeln!(out, "  another score alone: {count}")?;
            }
        }
        Ok(())
    }
}
