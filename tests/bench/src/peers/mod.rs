//! What gateways ask today beside the Rust host: the same names, questions and changes, by turns in one run. Redis,
//! PostgreSQL and Open Policy Agent are asked by a program in Go, which speaks as `tests/bench/peers/main.go` says.

mod inside;
mod outside;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::rounds::Series;
use crate::table::{count, print, wide};

const ENTRIES: u32 = 1_000_000;
/// Questions of each round, one of six of which is listed.
const ASKED: u32 = 3_000;
const ROUNDS: u32 = 7;
/// Names that one update lists, and as many that it removes.
const CHANGES: u32 = 100;

/// Nanoseconds of a question in one round.
struct Round {
    median: f64,
    p99: f64,
    in_hundreds: f64,
}

/// Something that holds a list.
trait Peer {
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
struct Question {
    name: String,
    is_listed: bool,
}

struct Measured {
    name: String,
    load: Duration,
    median: Vec<f64>,
    p99: Vec<f64>,
    in_hundreds: Vec<f64>,
    update: Vec<f64>,
    memory: u64,
}

/// `program` is the one in Go; `None` if there is no Go.
pub(crate) fn run(program: Option<&Path>) -> Result<()> {
    println!(
        "{} names; {} questions one by one and in hundreds, in each of {ROUNDS} rounds; updates of {CHANGES} new names \
         and {CHANGES} removed ones. By the clock, from the side of who asks\n",
        count(ENTRIES),
        count(ASKED)
    );
    let room = tempfile::tempdir()?;
    let names: Vec<String> = (0..ENTRIES).map(listed).collect();
    let questions = questions();
    let mut peers = inside::all(room.path())?;
    peers.extend(outside::all(room.path(), program, &names, &questions)?);
    let mut measured = Vec::new();
    for peer in &mut peers {
        let (name, load) = peer.load(&names)?;
        eprintln!("loaded {name}");
        measured.push(Measured {
            name,
            load,
            median: Vec::new(),
            p99: Vec::new(),
            in_hundreds: Vec::new(),
            update: Vec::new(),
            memory: peer.memory()?,
        });
    }
    for round in 0..ROUNDS {
        for (peer, measured) in peers.iter_mut().zip(&mut measured) {
            let asked = peer.ask(&questions)?;
            measured.median.push(asked.median);
            measured.p99.push(asked.p99);
            measured.in_hundreds.push(asked.in_hundreds);
            let update = peer.update(round)?;
            measured.update.push(update.as_secs_f64() * 1e9);
        }
    }
    report(&measured)
}

fn report(measured: &[Measured]) -> Result<()> {
    let Some(ours) = measured.first() else {
        return Ok(());
    };
    ensure!(measured.len() > 2, "nothing to compare with");
    let median = |figures: &[f64]| Series::of(figures.to_vec()).median();
    let row = |peer: &Measured| {
        let own = Series::of(peer.median.clone());
        [
            peer.name.clone(),
            format!("{:.1}", own.median() / 1e3),
            format!("{:.2}", own.ratio(&Series::of(ours.median.clone()))),
            format!("{:.1}", median(&peer.p99) / 1e3),
            format!("{:.1}", median(&peer.in_hundreds) / 1e3),
            format!("{:.1}", median(&peer.update) / 1e6),
            format!("{:.2}", peer.load.as_secs_f64()),
            format!("{:.0}", wide(peer.memory) / 1e6),
        ]
    };
    print(
        [
            "asked",
            "median, us",
            "to ours",
            "p99, us",
            "in hundreds, us",
            "update, ms",
            "load, s",
            "memory, MB",
        ],
        measured.iter().map(row).collect(),
    );
    Ok(())
}

fn listed(number: u32) -> String {
    format!("m{number}.example")
}

/// The name `index` that update `number` lists.
fn new(number: u32, index: u32) -> String {
    format!("n{index}.u{number}.example")
}

/// The names that update `number` removes.
fn removed(number: u32) -> impl Iterator<Item = String> {
    (0..CHANGES).map(move |index| listed(ENTRIES - 1 - index - number * CHANGES))
}

/// Of names that no update removes.
fn questions() -> Vec<Question> {
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
fn timed(
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

fn all_right(questions: &[Question], answers: &[bool]) -> Result<()> {
    ensure!(questions.len() == answers.len(), "answers are missing");
    for (question, answer) in questions.iter().zip(answers) {
        ensure!(question.is_listed == *answer, "{}: {answer}", question.name);
    }
    Ok(())
}
