use interdict_core::common::time::Time;
use interdict_core::engine::Language;
use interdict_host::Action;

use crate::portfolio::{Standing, Step};

/// A time with how it is read.
#[derive(Debug, Clone)]
pub(crate) struct Moment {
    /// For programs.
    pub(crate) exact: String,
    /// For people.
    pub(crate) text: String,
}

impl Moment {
    pub(crate) fn of(seconds: u32) -> Self {
        let exact = Time::from_seconds(seconds).to_string();
        let day = exact.get(..10).unwrap_or_default();
        let minute = exact.get(11..16).unwrap_or_default();
        Self {
            text: format!("{day} {minute} UTC"),
            exact,
        }
    }
}

/// An action as people say it.
pub(crate) const fn action(action: Action) -> &'static str {
    match action {
        Action::Allow => "Allow",
        Action::Monitor => "Monitor",
        Action::Review => "Review",
        Action::HoldPayout => "Hold payout",
        Action::Block => "Block",
    }
}

/// What `because` of `docs/scoring.md` says. A word that this version does not know is shown as it is.
pub(crate) fn because(word: &str) -> &str {
    match word {
        "record" => "a record on a list asks for it",
        "candidate" => "the filter of a compact list was hit",
        "score" => "the score reached the threshold of the flow",
        "unavailable" => "a list that must answer could not",
        "late" => "a list that must answer is late",
        "fields" => "a field that says who is paid could not be used",
        "public_only" => "only public editions answered",
        other => other,
    }
}

/// A word of an answer as people write it.
pub(crate) fn spoken(word: &str) -> String {
    word.replace('_', " ")
}

/// What happened to a case, as people say it.
pub(crate) const fn step(step: Step) -> &'static str {
    match step {
        Step::Opened => "Opened",
        Step::Changed => "Verdict changed",
        Step::Reopened => "Opened again",
        Step::Settled => "Settled: below review again",
        Step::Removed => "Merchant removed",
        Step::Assigned => "Assigned",
        Step::Noted => "Note",
        Step::Signed => "Clearance signed",
        Step::Closed => "Closed",
    }
}

/// The reasons of a standing, a sentence each.
pub(crate) fn sentences(standing: &Standing) -> Vec<String> {
    let reasons = standing.reasons.iter();
    let told = reasons.map(|reason| {
        let sentence = reason.reason().sentence(Language::En);
        sentence.unwrap_or_else(|| reason.code.clone())
    });
    told.collect()
}
