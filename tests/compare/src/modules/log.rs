//! Counts what was compared and what differed, and whether it was enough to mean anything.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::Value;

use super::mask::{Sentences, masked};
use interdict_tests::subject::Answer;

/// Differences that are printed whole; the rest are only counted.
const SHOWN: u64 = 5;

/// Bytes of a message that are printed.
const SHOWN_MESSAGE: usize = 2_000;

/// Bytes of an answer that are printed.
const SHOWN_ANSWER: usize = 6_000;

/// Every action a verdict can have.
const ACTIONS: [&str; 5] = ["allow", "monitor", "review", "hold_payout", "block"];

/// The log that all pairs of a run write to.
pub type SharedLog = Rc<RefCell<Log>>;

/// Counts of one run.
#[derive(Debug)]
pub struct Log {
    sentences: Sentences,
    place: String,
    calls: BTreeMap<String, u64>,
    differing: BTreeMap<String, u64>,
    actions: BTreeMap<String, u64>,
    reasons: BTreeMap<String, u64>,
    refusals: BTreeMap<i64, u64>,
    policies: BTreeSet<String>,
    verdicts: u64,
    refused: u64,
    receipts: u64,
    pub(super) walks: u64,
    pub(super) steps: u64,
    pub(super) cases: u64,
    pub(super) failed_cases: u64,
}

impl Log {
    /// An empty one.
    #[must_use]
    pub const fn new(sentences: Sentences) -> Self {
        Self {
            sentences,
            place: String::new(),
            calls: BTreeMap::new(),
            differing: BTreeMap::new(),
            actions: BTreeMap::new(),
            reasons: BTreeMap::new(),
            refusals: BTreeMap::new(),
            policies: BTreeSet::new(),
            verdicts: 0,
            refused: 0,
            receipts: 0,
            walks: 0,
            steps: 0,
            cases: 0,
            failed_cases: 0,
        }
    }

    /// Names the origin of the following calls, for the report of a difference.
    pub(super) fn at(&mut self, place: impl Into<String>) {
        self.place = place.into();
    }

    /// How many calls were answered differently.
    #[must_use]
    pub fn differences(&self) -> u64 {
        self.differing.values().sum()
    }

    /// Notes one call and its two answers.
    pub(super) fn note(&mut self, operation: &str, message: &[u8], old: &Answer, new: &Answer) {
        *self.calls.entry(operation.to_owned()).or_default() += 1;
        if self.shown(operation, old) != self.shown(operation, new) {
            let differing = self.differing.entry(operation.to_owned()).or_default();
            *differing += 1;
            if *differing <= SHOWN {
                self.print(operation, message, old, new);
            }
        }
        match (operation, old) {
            ("screen", Ok(answer)) => self.count(answer),
            ("screen", Err((code, _))) => self.count_refusal(i64::from(*code)),
            ("screen_batch", Ok(answers)) => answers.lines().for_each(|line| self.count(line)),
            ("configure", Ok(answer)) => {
                let answer: Value = serde_json::from_str(answer).unwrap_or_default();
                let digests = [&answer["policy"], &answer["shadow"]];
                let digests = digests.into_iter().filter_map(Value::as_str);
                self.policies.extend(digests.map(str::to_owned));
            }
            _ => {}
        }
    }

    /// Notes a call that one of the modules did not answer at all, and says which call it was.
    pub(super) fn note_broken(&mut self, operation: &str, message: &[u8]) -> String {
        *self.differing.entry(operation.to_owned()).or_default() += 1;
        let message = String::from_utf8_lossy(message);
        let message = cut(&message, SHOWN_MESSAGE);
        format!("no answer, {}: {operation} {message}", self.place)
    }

    fn shown(&self, operation: &str, answer: &Answer) -> Answer {
        match (self.sentences, answer) {
            (Sentences::Compared, answer) => answer.clone(),
            (Sentences::Masked, Ok(answer)) => Ok(masked(operation, answer)),
            (Sentences::Masked, Err((code, _))) => Err((*code, String::new())),
        }
    }

    fn count(&mut self, answer: &str) {
        let answer: Value = serde_json::from_str(answer).unwrap_or_default();
        if let Some(code) = answer["error"]["code"].as_i64() {
            return self.count_refusal(code);
        }
        let Some(action) = answer["action"].as_str() else {
            return;
        };
        self.verdicts += 1;
        *self.actions.entry(action.to_owned()).or_default() += 1;
        self.receipts += u64::from(answer["receipt"].is_object());
        let told = [&answer["reasons"], &answer["receipt"]["reasons"]];
        let codes = told.into_iter().filter_map(Value::as_array).flatten();
        let codes: BTreeSet<_> = codes.filter_map(|reason| reason["code"].as_str()).collect();
        for code in codes {
            *self.reasons.entry(code.to_owned()).or_default() += 1;
        }
    }

    fn count_refusal(&mut self, code: i64) {
        self.refused += 1;
        *self.refusals.entry(code).or_default() += 1;
    }

    fn print(&self, operation: &str, message: &[u8], old: &Answer, new: &Answer) {
        let text = |answer: &Answer| match answer {
            Ok(answer) => answer.clone(),
            Err((code, sentence)) => format!("refused with {code}: {sentence}"),
        };
        let (old, new) = (text(old), text(new));
        let bytes = old.bytes().zip(new.bytes());
        let same = bytes.take_while(|(old, new)| old == new).count();
        let message = String::from_utf8_lossy(message);
        println!("DIFFERENT after {same} bytes, {}", self.place);
        println!("  operation  {operation}");
        println!("  message    {}", cut(&message, SHOWN_MESSAGE));
        println!("  old there  {}", around(&old, same));
        println!("  new there  {}", around(&new, same));
        println!("  old        {}", cut(&old, SHOWN_ANSWER));
        println!("  new        {}", cut(&new, SHOWN_ANSWER));
    }

    /// Prints the counts, the last line being the sum.
    pub fn report(&self) {
        let counts = |counts: &BTreeMap<String, u64>| {
            let counts = counts.iter();
            let counts = counts.map(|(name, count)| format!("{name} {count}"));
            counts.collect::<Vec<_>>().join(", ")
        };
        println!("calls: {}", counts(&self.calls));
        println!("actions: {}", counts(&self.actions));
        println!("reasons: {}", counts(&self.reasons));
        let codes = self.refusals.iter();
        let codes = codes.map(|(code, count)| (code.to_string(), *count));
        println!("refusals of screen: {}", counts(&codes.collect()));
        println!(
            "cases: {}, of which the old module answers {} otherwise than the corpus says",
            self.cases, self.failed_cases
        );
        if self.differences() > 0 {
            println!("differences: {}", counts(&self.differing));
        }
        println!(
            "compared: {} requests ({} verdicts, {} refusals, {} % with receipt where verdict), \
             {} walks, {} walk steps, {} policies; {} differences",
            self.verdicts + self.refused,
            self.verdicts,
            self.refused,
            self.receipts * 100 / self.verdicts.max(1),
            self.walks,
            self.steps,
            self.policies.len(),
            self.differences()
        );
    }

    /// What occurred too seldom for the comparison to mean much, one sentence each. `requests` is the number
    /// of random requests, `reasons` has every code.
    #[must_use]
    pub fn gaps(&self, requests: u32, reasons: &[String]) -> Vec<String> {
        let least = u64::from(requests / 100).min(100);
        let mut gaps = Vec::new();
        for action in ACTIONS {
            let seen = self.actions.get(action).copied().unwrap_or(0);
            if seen < least {
                gaps.push(format!("{seen} verdicts {action}, fewer than {least}"));
            }
        }
        let unseen = reasons
            .iter()
            .filter(|code| !self.reasons.contains_key(*code));
        gaps.extend(unseen.map(|code| format!("no verdict with reason {code}")));
        let least = u64::from(requests / 2);
        if self.receipts <= least {
            let receipts = self.receipts;
            gaps.push(format!("{receipts} receipts, not more than {least}"));
        }
        gaps
    }
}

/// A text around one of its bytes.
fn around(text: &str, place: usize) -> &str {
    let start = text.floor_char_boundary(place.saturating_sub(60));
    let end = text.floor_char_boundary(place.saturating_add(100));
    text.get(start..end).unwrap_or_default()
}

/// The first bytes of a text, and how many were left out.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(most);
    let (shown, rest) = text.split_at(end);
    format!("{shown} ({} bytes more)", rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(verdicts: &[(&str, &str, bool)]) -> Log {
        let mut log = Log::new(Sentences::Compared);
        for (action, code, receipt) in verdicts {
            let receipt = if *receipt { ",\"receipt\":{}" } else { "" };
            let answer = format!(
                "{{\"action\":\"{action}\",\"reasons\":[{{\"code\":\"{code}\"}}]{receipt}}}"
            );
            let answer = Ok(answer);
            log.note("screen", b"{}", &answer, &answer);
        }
        log
    }

    #[test]
    fn a_run_that_saw_too_little_is_told() {
        let reasons = ["listed".to_owned(), "no_list".to_owned()];
        let all = ACTIONS.map(|action| (action, "listed", true));
        let mut enough = all.to_vec();
        enough.push(("allow", "no_list", false));
        assert_eq!(seen(&enough).gaps(4, &reasons), [""; 0]);
        assert_eq!(
            seen(&all).gaps(4, &reasons),
            ["no verdict with reason no_list"]
        );
        assert_eq!(
            seen(&enough).gaps(10, &reasons),
            ["5 receipts, not more than 5"]
        );
        let missing = seen(&enough[1..]).gaps(200, &reasons);
        assert_eq!(missing[0], "1 verdicts allow, fewer than 2");
    }
}
