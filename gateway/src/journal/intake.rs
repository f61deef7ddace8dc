use std::path::Path;

use super::entry::{Content, Entry};
use super::files as journal_files;
use super::inbox::{Inbox, Waiting};
use super::lines::Lines;
use super::writer::Journal;
use crate::decision_refusal::DecisionRefusal;
use crate::error::Error;
use crate::signed::People;
use interdict_host::StoreError;

/// Decisions that are taken in at once, so that the rest of the desk's work goes on.
const ROUND: usize = 1_000;

/// What became of the decisions that waited.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TakenIn {
    /// How many became lines.
    pub lines: u64,
    /// Those that were refused now: the name without its end, and why.
    pub refused: Vec<(String, DecisionRefusal)>,
    /// How many refused ones lie in the inbox until a person removes them.
    pub lying: usize,
}

impl Journal {
    /// Makes a line of every decision that people handed in, each exactly once, whenever this or an earlier process
    /// was killed. To be called every second.
    ///
    /// 1. The decision's file is marked with the number that its line will have at least.
    /// 2. The line is written and synced. It has the id that the person signed.
    /// 3. The file is removed.
    ///
    /// Of a file that is marked, the line is looked for from that number on.
    ///
    /// # Errors
    /// What the disk refuses. What was handed in and is no line yet stays where it is.
    pub fn take_in(&self, people: &People, now: u32) -> Result<TakenIn, Error> {
        let _turn = self.intake();
        let inbox = Inbox::of(self.directory());
        let mut done = TakenIn::default();
        let (waiting, lying) = inbox.list()?;
        done.lying = lying;
        for one in waiting.into_iter().take(ROUND) {
            if let Some(number) = one.mark
                && holds(self.directory(), &one.id, number)?
            {
                self.sync_now(now)?;
                inbox.remove(&one)?;
                continue;
            }
            match inbox.read(&one, people) {
                Ok((id, text)) => {
                    self.take(&inbox, &one, &text, now)?;
                    tracing::info!(%id, "a decision is a line of the journal");
                    done.lines = done.lines.saturating_add(1);
                }
                Err(refusal) => {
                    inbox.refuse(&one)?;
                    done.lying = done.lying.saturating_add(1);
                    done.refused.push((one.id, refusal));
                }
            }
        }
        Ok(done)
    }

    /// What a person should know: that the journal is nearly full, and that decisions were refused.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut all = Vec::new();
        if let Some(alarm) = self.alarm() {
            let (used, bound) = (alarm.used, alarm.bound);
            all.push(format!(
                "the journal is nearly full: it holds {used} of {bound} bytes"
            ));
        }
        if let Some(failure) = self.stamping().failure {
            all.push(format!(
                "the journal's newest head has no time stamp: {failure}"
            ));
        }
        match Inbox::of(self.directory()).list() {
            Ok((_, 0)) => {}
            Ok((_, lying)) => all.push(format!(
                "{lying} decisions were refused as not a person's: look at *.refused in the journal's inbox"
            )),
            Err(error) => all.push(error.to_string()),
        }
        all
    }

    fn take(&self, inbox: &Inbox, one: &Waiting, text: &str, now: u32) -> Result<(), Error> {
        let marked = match one.mark {
            Some(_) => one.clone(),
            None => inbox.mark(one, self.next_number())?,
        };
        self.append(&Entry::of(Content::Decision(text)), now)?;
        self.sync_now(now)?;
        inbox.remove(&marked)
    }
}

/// Whether a journal has a line of this id with this number or a later one.
fn holds(directory: &Path, id: &str, from: u64) -> Result<bool, Error> {
    let beginning = format!("{{\"format\":1,\"id\":\"{id}\"");
    let (names, _) = journal_files::list(directory)?;
    for (index, name) in names.iter().enumerate() {
        let next = names.get(index.saturating_add(1));
        if next.is_some_and(|next| next.number <= from) {
            continue;
        }
        let path = name.path(directory);
        let at = || StoreError::at(&path);
        let mut lines = Lines::open(&path).map_err(at())?;
        while let Some(line) = lines.next().map_err(at())? {
            if line.is_ended && line.bytes.starts_with(beginning.as_bytes()) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
