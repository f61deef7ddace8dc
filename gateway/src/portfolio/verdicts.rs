use std::collections::BTreeSet;
use std::sync::Arc;

use interdict_core::policy::Flow;
use interdict_core::wire::owned::PrintedReceipt;
use interdict_host::{Action, Answer, Gateway, ListUsed, Reason, Snapshot, Verdict};

use super::merchant::request;
use super::standing::Standing;
use crate::error::Error;
use crate::portfolio_problem::PortfolioError;

/// Merchants for one call. Each takes microseconds, and a payment that waits for the same instance waits no longer than
/// for the rest of them.
pub(super) const BATCH: usize = 1_000;

/// The word of `because` where lists that must answer do not, and the reason that sums up why.
const UNAVAILABLE: &str = "unavailable";
const DEGRADED: &str = "degraded";

/// What is needed to screen a merchant.
pub(super) struct Question {
    pub(super) flow: Flow,
    pub(super) fields: String,
}

/// What a screening gave.
pub(super) enum Outcome {
    /// Most merchants of a portfolio share one.
    Verdict(Arc<Found>),
    /// The code of the refusal, which is no verdict.
    Refused(String),
}

/// A verdict as far as the portfolio keeps it.
pub(super) struct Found {
    pub(super) standing: Standing,
    /// The standing, as it is stored.
    pub(super) text: String,
    pub(super) degraded: bool,
    /// The mac of the receipt.
    pub(super) receipt: Option<String>,
    /// The receipt of a verdict above `allow`.
    pub(super) proof: Option<PrintedReceipt>,
    pub(super) lists: Vec<ListUsed>,
    /// If the action is above `allow` because lists that must answer do not: their coalitions, and an empty name for what
    /// is in doubt in the gateway itself.
    pub(super) silent: BTreeSet<String>,
}

/// Who answers.
pub(super) enum Asked<'g> {
    /// An instance that payments ask too.
    Live(&'g Gateway),
    Snapshot(Box<Snapshot<'g>>),
}

/// Screens merchants, one call after the other.
pub(super) struct Screener<'g> {
    asked: Asked<'g>,
    now: u32,
    /// The last answer and what it says. Of merchants that no list knows, all answers without a receipt are the same.
    last: Option<(Vec<u8>, Arc<Found>)>,
}

impl<'g> Screener<'g> {
    pub(super) const fn new(asked: Asked<'g>, now: u32) -> Self {
        Self {
            asked,
            now,
            last: None,
        }
    }

    /// Screens merchants, in order.
    pub(super) fn screen(&mut self, questions: &[&Question]) -> Result<Vec<Outcome>, Error> {
        let lines = questions.iter().map(|question| question.line(View::System));
        let answers = self.ask(lines)?;
        if answers.len() != questions.len() {
            return Err(Error::ANSWER);
        }
        let outcomes = answers.into_iter().map(|answer| self.read(answer));
        let mut outcomes: Vec<Outcome> = outcomes.collect::<Result<_, _>>()?;
        let above: Vec<usize> = (0..outcomes.len())
            .filter(|place| outcomes.get(*place).is_some_and(Outcome::is_above_allow))
            .collect();
        let again = above.iter().filter_map(|place| questions.get(*place));
        let whole = self.ask(again.map(|question| question.line(View::Analyst)))?;
        if whole.len() != above.len() {
            return Err(Error::ANSWER);
        }
        for (place, answer) in above.into_iter().zip(whole) {
            let slot = outcomes.get_mut(place).ok_or(Error::ANSWER)?;
            *slot = self.read(answer)?;
        }
        Ok(outcomes)
    }

    fn ask(&mut self, lines: impl Iterator<Item = String>) -> Result<Vec<Vec<u8>>, Error> {
        let lines: String = lines.collect();
        Ok(match &mut self.asked {
            Asked::Live(gateway) => gateway.batch(lines.as_bytes(), self.now)?,
            Asked::Snapshot(snapshot) => snapshot.batch(lines.as_bytes(), self.now)?,
        })
    }

    fn read(&mut self, answer: Vec<u8>) -> Result<Outcome, Error> {
        if let Some((last, found)) = &self.last
            && *last == answer
        {
            return Ok(Outcome::Verdict(Arc::clone(found)));
        }
        match Answer::read(&answer).ok_or(Error::ANSWER)? {
            Answer::Refused { error } => Ok(Outcome::Refused(error.name)),
            Answer::Verdict(verdict) => {
                let found = Arc::new(Found::of(*verdict)?);
                self.last = Some((answer, Arc::clone(&found)));
                Ok(Outcome::Verdict(found))
            }
        }
    }
}

/// How much of a verdict is asked for.
#[derive(Clone, Copy)]
enum View {
    /// Four reasons at most.
    System,
    /// All reasons.
    Analyst,
}

impl Question {
    /// The message of `screen` with the end of its line.
    fn line(&self, view: View) -> String {
        let mut line = request(self.flow, &self.fields);
        if let (View::Analyst, Some(members)) = (view, line.strip_prefix('{')) {
            line = format!("{{\"view\":\"analyst\",{members}");
        }
        line.push('\n');
        line
    }
}

impl Outcome {
    fn is_above_allow(&self) -> bool {
        matches!(self, Self::Verdict(found) if found.standing.action != Action::Allow)
    }
}

impl Found {
    fn of(verdict: Verdict) -> Result<Self, Error> {
        let standing = Standing::of(&verdict);
        let is_kept = verdict.action != Action::Allow;
        let proof = verdict.receipt.filter(|_| is_kept);
        let silent = match verdict.degraded && verdict.because.as_deref() == Some(UNAVAILABLE) {
            true => silent(&verdict.reasons),
            false => BTreeSet::new(),
        };
        Ok(Self {
            text: text(&standing)?,
            standing,
            silent,
            degraded: verdict.degraded,
            receipt: proof.as_ref().and_then(|receipt| receipt.read()?.mac),
            proof,
            lists: verdict.lists,
        })
    }

    /// What is known of a merchant after this; `None` if that is what was known before, because lists were silent.
    pub(super) fn after(&self, before: &Standing) -> Option<Standing> {
        match self.degraded {
            true => before.taught_by(&self.standing),
            false => Some(self.standing.clone()),
        }
    }
}

/// The coalitions that gave the action: their reasons come before the one that sums them up, and what comes after it
/// changes no action.
fn silent(reasons: &[Reason]) -> BTreeSet<String> {
    let gave = reasons.iter().take_while(|one| one.code != DEGRADED);
    let gave = gave.filter(|one| one.identifier.is_none() && one.rule.is_none());
    gave.map(|one| one.coalition.clone().unwrap_or_default())
        .collect()
}

pub(super) fn text(standing: &Standing) -> Result<String, Error> {
    Ok(serde_json::to_string(standing).map_err(|_| PortfolioError::Damaged)?)
}
