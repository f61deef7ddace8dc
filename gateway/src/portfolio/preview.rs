use std::collections::{BTreeMap, BTreeSet};

use interdict_host::{Action, Gateway};

use super::benches::each_outcome;
use super::database::Portfolio;
use super::event::ChangeKind;
use super::known::{Known, Which};
use super::standing::Standing;
use super::verdicts::Outcome;
use crate::error::Error;

/// What a re-screening would change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preview {
    /// All merchants.
    pub merchants: u64,
    /// Merchants that the module refuses, which is no verdict.
    pub refused: u64,
    /// Merchants whose payouts would be held or payments refused, and are not now.
    pub stopped: u64,
    /// The alerts that it would send, by what they say.
    pub changes: BTreeMap<ChangeKind, u64>,
    /// Merchants whose action would differ, by what it was and what it would be.
    pub actions: BTreeMap<(Action, Action), u64>,
    /// Merchants that would get a reason, and that would lose it.
    pub reasons: BTreeMap<PreviewReason, (u64, u64)>,
}

/// A reason, without who is named by it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PreviewReason {
    /// The reason's code.
    pub code: String,
    /// The coalition.
    pub coalition: String,
    /// The list.
    pub list: String,
    /// The rule, if it is one.
    pub rule: String,
}

impl Portfolio {
    /// Compares what is kept with what the gateway gives now. Nothing is written.
    ///
    /// # Errors
    /// The gateway cannot screen, or the file not be read.
    pub fn preview(&self, gateway: &Gateway, now: u32) -> Result<Preview, Error> {
        let mut preview = Preview::default();
        each_outcome(&self.0, gateway, Which::All, now, &mut |known, outcome| {
            preview.add(known, &outcome)
        })?;
        Ok(preview)
    }
}

impl Preview {
    /// Which part of the portfolio would be stopped, in millionths, rounded up.
    #[must_use]
    pub fn stopped_per_million(&self) -> u64 {
        let stopped = self.stopped.saturating_mul(1_000_000);
        stopped.div_ceil(self.merchants.max(1))
    }

    fn add(&mut self, known: &Known, outcome: &Outcome) -> Result<(), Error> {
        increase(&mut self.merchants);
        let found = match outcome {
            Outcome::Refused(_) => {
                increase(&mut self.refused);
                return Ok(());
            }
            Outcome::Verdict(found) => found,
        };
        let before = known.standing()?.unwrap_or(Standing::none());
        let Some(after) = found.after(&before) else {
            return Ok(());
        };
        if let Some(kind) = ChangeKind::between(&before, &after) {
            increase(self.changes.entry(kind).or_default());
        }
        if before.action != after.action {
            increase(
                self.actions
                    .entry((before.action, after.action))
                    .or_default(),
            );
        }
        if before.action < Action::HoldPayout && after.action >= Action::HoldPayout {
            increase(&mut self.stopped);
        }
        let (lost, got) = (reasons(&before), reasons(&after));
        for reason in got.difference(&lost) {
            increase(&mut self.reasons.entry(reason.clone()).or_default().0);
        }
        for reason in lost.difference(&got) {
            increase(&mut self.reasons.entry(reason.clone()).or_default().1);
        }
        Ok(())
    }
}

fn increase(count: &mut u64) {
    *count = count.saturating_add(1);
}

fn reasons(standing: &Standing) -> BTreeSet<PreviewReason> {
    let reasons = standing.reasons.iter();
    let reasons = reasons.map(|reason| PreviewReason {
        code: reason.code.clone(),
        coalition: reason.coalition.clone().unwrap_or_default(),
        list: reason.list.clone().unwrap_or_default(),
        rule: reason.rule.clone().unwrap_or_default(),
    });
    reasons.collect()
}
