//! What every peer does, the questions, and how those in this process are timed.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

pub(super) const ENTRIES: u32 = 1_000_000;
/// Questions of each round, one of six of which is listed.
pub(super) const ASKED: u32 = 3_000;
/// Names that one update lists, and as many that it removes.
pub(super) const CHANGES: u32 = 100;

/// Nanoseconds of a question in one round.
pub(super) struct Round {
    pub(super) median: f64,
    pub(super) p99: f64,
    pub(super) in_hundreds: f64,
}

/// Something that holds a list.
pub(super) trait Peer {
    /// Loads all names, and returns what it is and how long it took from the form in which they are handed on.
    fn load(&mut self, names: &[String]) -> Result<(String, Duration)>;
    /// Fails if an answer is wrong.
    fn ask(&mut self, questions: &[Question]) -> Result<Round>;
    /// Until a change is seen.
    fn update(&mut self, number: u32) -> Result<Duration>;
    /// Bytes that hold the list, wherever they are.
    fn memory(&mut self) -> Result<u64>;
}

/// A name, and whether it is listed.
pub(super) struct Question {
    pub(super) name: String,
    pub(super) is_listed: bool,
}

pub(super) fn listed(number: u32) -> String {
    format!("m{number}.example")
}

/// The name `index` that update `number` lists.
pub(super) fn new(number: u32, index: u32) -> String {
    format!("n{index}.u{number}.example")
}

/// The names that update `number` removes.
pub(super) fn removed(number: u32) -> impl Iterator<Item = String> {
    (0..CHANGES).map(move |index| listed(ENTRIES - 1 - index - number * CHANGES))
}

/// Of names that no update removes.
pub(super) fn questions() -> Vec<Question> {
    let asked = (0..ASKED).map(|number| {
        let is_listed = number % 6 == 0;
        // A prime step, so that neighbours in the list are not asked together.
        let name = match is_listed {
            true => listed(number * 7_919 % (ENTRIES / 2)),
            false => format!("x{number}.example"),
        };
        Question { name, is_listed }
    });
    asked.collect()
}

/// Times something that says which of some names are listed.
pub(super) fn timed(
    questions: &[Question],
    mut found: impl FnMut(&[Question]) -> Result<Vec<bool>>,
) -> Result<Round> {
    let mut took = Vec::new();
    for question in questions {
        let one = std::slice::from_ref(question);
        let begun = Instant::now();
        let answers = found(one)?;
        took.push(begun.elapsed().as_secs_f64() * 1e9);
        all_right(one, &answers)?;
    }
    took.sort_by(f64::total_cmp);
    let at = |index: usize| took.get(index).copied().unwrap_or(f64::NAN);
    let mut spent = Duration::ZERO;
    for hundred in questions.chunks(100) {
        let begun = Instant::now();
        let answers = found(hundred)?;
        spent += begun.elapsed();
        all_right(hundred, &answers)?;
    }
    Ok(Round {
        median: at(took.len() / 2),
        p99: at(took.len() * 99 / 100),
        in_hundreds: spent.as_secs_f64() * 1e9 / f64::from(ASKED),
    })
}

pub(super) fn all_right(questions: &[Question], answers: &[bool]) -> Result<()> {
    ensure!(questions.len() == answers.len(), "answers are missing");
    for (question, answer) in questions.iter().zip(answers) {
        ensure!(question.is_listed == *answer, "{}: {answer}", question.name);
    }
    Ok(())
}
