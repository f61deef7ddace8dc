//! Mutants of the core: each of its rules is removed once, and a test must fail.
//!
//! The patches are in `tests/mutants`. All of them are compiled into one copy of the project below the
//! target folder, each behind a switch. An environment variable sets the switch, so a mutant costs only
//! the tests that run under it and no build. The tests are those that need no module.

mod constants;
mod copy;
mod program;
mod switch;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use anyhow::{Result, anyhow, bail};
use clap::Args;

use self::copy::{Copy, packages};
use self::program::{Outcome, Program};
use self::table::Mutant;
use crate::demo::title;
use crate::parallel::on_every_processor;
use crate::shell::target;

pub(crate) use table::check;

#[derive(Args, Default)]
pub(crate) struct Options {
    /// Take only the mutants whose table, rule, section or file contains one of these words
    words: Vec<String>,
    /// Print the test that catches each mutant, as recorded in the tables, and run nothing
    #[arg(long)]
    list: bool,
    /// Write the test that catches each mutant into the tables
    #[arg(long)]
    record: bool,
    /// Run only the tests that the tables name: seconds for all mutants, once they are built. Those
    /// that survive or need a build of their own are left out
    #[arg(long)]
    named: bool,
}

impl Options {
    const fn depth(&self) -> Depth {
        match self.named {
            true => Depth::Named,
            false => Depth::All,
        }
    }
}

/// Which tests run under a mutant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// Only the test that its entry names.
    Named,
    /// The test that its entry names, then all others until one fails.
    All,
}

/// The results of the run so far.
#[derive(Default)]
struct Tally {
    /// By the number of the mutant.
    caught: BTreeMap<u64, String>,
    accepted: u32,
    findings: Vec<String>,
}

/// Runs every mutant, or those that the words select.
pub(crate) fn mutants(options: &Options) -> Result<()> {
    let all = table::read()?;
    let chosen = all.iter().filter(|mutant| mutant.is_among(&options.words));
    let chosen: Vec<_> = chosen.collect();
    if options.list {
        table::print(&chosen);
        return Ok(());
    }
    title("the tests, with all mutants switched off");
    let mut copy = Copy::new()?;
    let mut programs = copy.build(&all)?;
    let depth = options.depth();
    match depth {
        Depth::All => time(&mut programs)?,
        Depth::Named => pass(&programs, &chosen)?,
    }
    title(&format!("{} mutants", chosen.len()));
    let started = Instant::now();
    let tally = Mutex::new(Tally::default());
    let (mut apart, mut together): (Vec<&Mutant>, Vec<&Mutant>) = chosen
        .iter()
        .partition(|mutant| copy.apart.contains(&mutant.number()));
    if depth == Depth::Named {
        together.retain(|mutant| mutant.survives.is_none());
        apart.clear();
        println!("{} are left out", chosen.len() - together.len());
    }
    run_together(&together, &programs, depth, &copy, &tally)?;
    for mutant in apart {
        let fate = copy.run_apart(mutant, |programs| {
            let programs: Vec<_> = programs.iter().collect();
            tested(mutant, &programs, depth, 0, "apart")
        });
        note(&tally, mutant, fate);
    }
    let tally = tally.into_inner().map_err(|_| anyhow!("a thread failed"))?;
    if options.record {
        table::record(&tally.caught)?;
    }
    println!(
        "{} caught, {} survive for a recorded reason, {} findings, {} seconds",
        tally.caught.len(),
        tally.accepted,
        tally.findings.len(),
        started.elapsed().as_secs()
    );
    for finding in &tally.findings {
        println!("{finding}");
    }
    if !tally.findings.is_empty() {
        bail!("no test notices that a rule is missing, or an entry is wrong");
    }
    Ok(())
}

/// Runs every program without a mutant, and sorts them by time.
fn time(programs: &mut [Program]) -> Result<()> {
    for program in programs.iter_mut() {
        let started = Instant::now();
        let log = target().join("mutants/tests.log");
        if let Outcome::Failed(test) = program.run(&[], 0, &log)? {
            bail!("{test} fails without any mutant");
        }
        program.took = started.elapsed();
    }
    programs.sort_by_key(|program| program.took);
    Ok(())
}

/// Runs the tests that these mutants name without a mutant.
fn pass(programs: &[Program], mutants: &[&Mutant]) -> Result<()> {
    let named: BTreeSet<_> = mutants
        .iter()
        .filter_map(|one| one.test.as_deref())
        .collect();
    for program in programs {
        let own: Vec<_> = named.iter().filter_map(|test| program.own(test)).collect();
        let log = target().join("mutants/tests.log");
        if !own.is_empty()
            && let Outcome::Failed(test) = program.run(&own, 0, &log)?
        {
            bail!("{test} fails without any mutant");
        }
    }
    Ok(())
}

/// Runs these mutants, one on each processor at a time.
fn run_together(
    mutants: &[&Mutant],
    programs: &[Program],
    depth: Depth,
    copy: &Copy,
    tally: &Mutex<Tally>,
) -> Result<()> {
    on_every_processor(mutants, |worker, mutant| {
        let programs = testing(mutant, programs, &copy.folder);
        let number = mutant.number();
        let fate = tested(mutant, &programs, depth, number, &worker.to_string());
        note(tally, mutant, fate);
    })
}

/// The programs of the mutant's package and of the packages that depend on it.
fn testing<'a>(mutant: &Mutant, programs: &'a [Program], project: &Path) -> Vec<&'a Program> {
    let packages = packages(mutant);
    let tests = |program: &&Program| packages.iter().any(|(one, _)| program.is_of(project, one));
    programs.iter().filter(tests).collect()
}

/// Runs the named test, then all tests if it passes and the depth asks for them.
fn tested(
    mutant: &Mutant,
    programs: &[&Program],
    depth: Depth,
    number: u64,
    log: &str,
) -> Result<Outcome> {
    let log = target().join(format!("mutants/tests-{log}.log"));
    let named = mutant.test.iter().flat_map(|test| {
        let own = programs
            .iter()
            .map(move |program| (program, program.own(test)));
        own.filter_map(|(program, test)| Some((program, vec![test?])))
    });
    let others = programs.iter().filter(|_| depth == Depth::All);
    let others = others.map(|program| (program, Vec::new()));
    for (program, tests) in named.chain(others) {
        let outcome = program.run(&tests, number, &log)?;
        if matches!(outcome, Outcome::Failed(_)) {
            return Ok(outcome);
        }
    }
    Ok(Outcome::Passed)
}

/// Prints and counts the outcome of a mutant.
fn note(tally: &Mutex<Tally>, mutant: &Mutant, fate: Result<Outcome>) {
    let Ok(mut tally) = tally.lock() else {
        return;
    };
    let what = match (fate, &mutant.survives) {
        (Ok(Outcome::Failed(test)), None) => {
            tally.caught.insert(mutant.number(), test.clone());
            format!("caught by {test}")
        }
        (Ok(Outcome::Passed), Some(reason)) => {
            tally.accepted += 1;
            format!("survived: {reason}")
        }
        (Ok(Outcome::Passed), None) => {
            let finding = format!("no test fails: {}: {}", mutant.table, mutant.rule);
            tally.findings.push(finding);
            "SURVIVED".to_owned()
        }
        (Ok(Outcome::Failed(test)), Some(_)) => {
            let finding = format!(
                "is recorded as surviving, but {test} catches it: {}",
                mutant.rule
            );
            tally.findings.push(finding);
            format!("CAUGHT by {test}")
        }
        (Err(error), _) => {
            tally.findings.push(format!("{error:#}"));
            "DOES NOT RUN".to_owned()
        }
    };
    println!("{:<10} {:<72} {what}", mutant.table, mutant.rule);
}
