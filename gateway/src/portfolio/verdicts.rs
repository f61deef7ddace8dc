use std::collections::BTreeSet;
use std::thread;

use interdict_core::policy::Flow;
use interdict_core::wire::owned::PrintedReceipt;
use interdict_host::{Action, Answer, Gateway, ListUsed, Reason, Verdict};

use super::merchant::request;
use super::standing::Standing;
use crate::error::Error;
use crate::portfolio_problem::PortfolioError;

/// Merchants for one call. Each takes microseconds, and a payment that waits for the same instance takes no longer than
/// the rest of them.
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
    Verdict(Box<Found>),
    /// The code of the refusal, which is no verdict.
    Refused(String),
}

/// A verdict as far as the portfolio keeps it.
pub(super) struct Found {
    pub(super) standing: Standing,
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

/// Screens merchants, in order, on as many threads as there are instances.
pub(super) fn screen(
    gateway: &Gateway,
    questions: &[&Question],
    now: u32,
) -> Result<Vec<Outcome>, Error> {
    let workers = gateway.settings().workers.max(1);
    let share = questions.len().div_ceil(workers).max(1);
    let answered: Vec<Result<Vec<Outcome>, Error>> = thread::scope(|scope| {
        let threads: Vec<_> = questions
            .chunks(share)
            .map(|part| scope.spawn(move || screen_part(gateway, part, now)))
            .collect();
        let joined = threads.into_iter().map(thread::ScopedJoinHandle::join);
        joined
            .map(|part| part.unwrap_or(Err(Error::ANSWER)))
            .collect()
    });
    let mut outcomes = Vec::with_capacity(questions.len());
    for part in answered {
        outcomes.extend(part?);
    }
    Ok(outcomes)
}

fn screen_part(
    gateway: &Gateway,
    questions: &[&Question],
    now: u32,
) -> Result<Vec<Outcome>, Error> {
    let ask = |questions: &mut dyn Iterator<Item = &Question>, is_analyst| {
        let mut lines = String::new();
        for question in questions {
            let line = request(question.flow, &question.fields);
            match line.strip_prefix('{') {
                // Four reasons are not all.
                Some(members) if is_analyst => {
                    lines.push_str("{\"view\":\"analyst\",");
                    lines.push_str(members);
                }
                _ => lines.push_str(&line),
            }
            lines.push('\n');
        }
        gateway.screen_batch(lines.as_bytes(), now)
    };
    let mut answers = ask(&mut questions.iter().copied(), false)?;
    let above: Vec<bool> = answers.iter().map(is_above_allow).collect();
    let again = questions.iter().zip(&above);
    let mut again = again.filter(|(_, above)| **above).map(|(one, _)| *one);
    let mut whole = ask(&mut again, true)?.into_iter();
    let slots = answers.iter_mut().zip(&above);
    for (answer, _) in slots.filter(|(_, above)| **above) {
        *answer = whole.next().ok_or(Error::ANSWER)?;
    }
    if answers.len() != questions.len() {
        return Err(Error::ANSWER);
    }
    Ok(answers.into_iter().map(Outcome::of).collect())
}

fn is_above_allow(answer: &Answer) -> bool {
    matches!(answer, Answer::Verdict(verdict) if verdict.action != Action::Allow)
}

impl Outcome {
    fn of(answer: Answer) -> Self {
        match answer {
            Answer::Verdict(verdict) => Self::Verdict(Box::new(Found::of(*verdict))),
            Answer::Refused { error } => Self::Refused(error.name),
        }
    }
}

impl Found {
    fn of(verdict: Verdict) -> Self {
        let standing = Standing::of(&verdict);
        let is_kept = verdict.action != Action::Allow;
        let proof = verdict.receipt.filter(|_| is_kept);
        let silent = match verdict.degraded && verdict.because.as_deref() == Some(UNAVAILABLE) {
            true => silent(&verdict.reasons),
            false => BTreeSet::new(),
        };
        Self {
            standing,
            silent,
            degraded: verdict.degraded,
            receipt: proof.as_ref().and_then(|receipt| receipt.read()?.mac),
            proof,
            lists: verdict.lists,
        }
    }

    /// What is known of a merchant after this; `None` if that is what was known before, because lists were silent.
    pub(super) fn after(&self, before: &Standing) -> Option<Standing> {
        match self.degraded {
            true => before.taught_by(&self.standing),
            false => Some(self.standing.clone()),
        }
    }

    pub(super) fn text(&self) -> Result<String, Error> {
        text(&self.standing)
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
