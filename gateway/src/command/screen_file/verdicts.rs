use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom, Write};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use interdict_host::{Action, files};

use super::begun::Begun;
use super::verdict_line::VerdictLine;
use crate::terminal::at::At as _;
use crate::terminal::exit::Exit;
use crate::terminal::text;

/// Many times what is written there.
const MAX_BEGUN: u64 = 1 << 16;
const AGAIN: &str = "start over with --again";

/// The file of verdicts: whole lines, one for each row from the first on.
pub(super) struct Verdicts {
    file: File,
    lines: u64,
    last_line: Option<u64>,
    tally: Tally,
}

/// Counts of all that stands there, for a person.
#[derive(Debug, Default)]
pub(super) struct Tally {
    rows: u64,
    actions: BTreeMap<String, u64>,
    decisions: BTreeMap<String, u64>,
    degraded: u64,
    unused: u64,
    unread: u64,
}

impl Verdicts {
    /// Opens the verdicts of an earlier run that came from the same, or begins anew.
    pub(super) fn open(out: &Path, begun: &Begun, again: bool) -> Result<Self> {
        let beside = Begun::beside(out);
        let mut options = File::options();
        let file = options.create(true).truncate(false).read(true).write(true);
        let file = file.open(out).at(out)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                bail!("{}: another run writes these verdicts", out.display())
            }
            Err(TryLockError::Error(error)) => Err(error).at(out)?,
        }
        if again {
            file.set_len(0).at(out)?;
        }
        let is_empty = file.metadata().at(out)?.len() == 0;
        let earlier = files::read(&beside, MAX_BEGUN)?;
        match earlier.filter(|_| !again) {
            Some(earlier) => {
                let earlier: Option<Begun> = serde_json::from_slice(&earlier).ok();
                let Some(earlier) = earlier else {
                    bail!("{} cannot be read: {AGAIN}", beside.display());
                };
                if let Some(changed) = begun.changed(&earlier) {
                    bail!("{changed} changed since this run began: {AGAIN}");
                }
            }
            None if is_empty => {
                let text = serde_json::to_vec(begun)?;
                // Whole before the first verdict, so that no verdict is of unknown origin.
                keep(&beside, &text)?;
            }
            None => bail!(
                "{} is there, and {} does not say what it comes from: {AGAIN}",
                out.display(),
                beside.display()
            ),
        }
        let mut verdicts = Self {
            file,
            lines: 0,
            last_line: None,
            tally: Tally::default(),
        };
        verdicts.take_whole_lines(out)?;
        Ok(verdicts)
    }

    /// Counts the whole lines, and cuts off what comes after them.
    fn take_whole_lines(&mut self, out: &Path) -> Result<()> {
        let mut whole = 0_u64;
        let mut input = BufReader::new(&self.file);
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = input.read_until(b'\n', &mut line).at(out)?;
            if read == 0 || line.last() != Some(&b'\n') {
                break;
            }
            let told: VerdictLine = serde_json::from_slice(&line)
                .ok()
                .with_context(|| format!("{} holds other lines: {AGAIN}", out.display()))?;
            whole += u64::try_from(read).unwrap_or(0);
            self.lines += 1;
            self.last_line = Some(told.line);
            self.tally.count(&told);
        }
        self.file.set_len(whole).at(out)?;
        self.file.seek(SeekFrom::Start(whole)).at(out)?;
        Ok(())
    }

    /// How many rows have their line.
    pub(super) const fn lines(&self) -> u64 {
        self.lines
    }

    /// The line of the last row that has one.
    pub(super) const fn last_line(&self) -> Option<u64> {
        self.last_line
    }

    pub(super) const fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Writes further lines.
    pub(super) fn write(&mut self, lines: &[VerdictLine]) -> Result<()> {
        let mut text = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut text, line)?;
            text.push(b'\n');
            self.tally.count(line);
        }
        self.file
            .write_all(&text)
            .context("a verdict cannot be written")?;
        Ok(())
    }
}

/// Writes a whole file in one step.
fn keep(path: &Path, bytes: &[u8]) -> Result<()> {
    let directory = path.parent().filter(|path| !path.as_os_str().is_empty());
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.context("the name of the output is no text")?;
    Ok(files::write(
        directory.unwrap_or(Path::new(".")),
        name,
        bytes,
    )?)
}

impl Tally {
    fn count(&mut self, line: &VerdictLine) {
        self.rows += 1;
        self.unread += u64::from(line.problem.is_some());
        self.degraded += u64::from(line.degraded == Some(true));
        self.unused += u64::from(line.unused > 0);
        for (counts, word) in [
            (&mut self.actions, &line.action),
            (&mut self.decisions, &line.decision),
        ] {
            if let Some(word) = word {
                *counts.entry(word.clone()).or_default() += 1;
            }
        }
    }

    /// Prints the counts, and says how the command ends.
    pub(super) fn print(&self, out: &mut dyn Write) -> Result<Exit> {
        writeln!(out, "{}", text::plural(self.rows, "row"))?;
        for action in Action::ALL {
            if let Some(count) = self.actions.get(action.name()) {
                writeln!(out, "  {:<12} {count}", action.name())?;
            }
        }
        for (decision, count) in &self.decisions {
            writeln!(out, "  {decision:<12} {count}")?;
        }
        for (count, what) in [
            (self.unread, "not screened"),
            (self.unused, "with a field that cannot be used"),
            (self.degraded, "degraded: not every list could answer"),
        ] {
            if count > 0 {
                writeln!(out, "  {}: {what}", text::plural(count, "row"))?;
            }
        }
        let is_found = self
            .actions
            .keys()
            .any(|action| action != Action::Allow.name());
        Ok(match self.unread + self.unused + self.degraded {
            0 if !is_found => Exit::Done,
            0 => Exit::Found,
            _ => Exit::Doubt,
        })
    }
}
