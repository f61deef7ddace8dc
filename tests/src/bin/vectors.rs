//! Runs the published vectors through the core and the committed module, and prints a table of the verdicts.
//!
//! `vectors NAME=COMMAND …` asks other subjects as well; each command is started once and answers the
//! protocol of `fixtures/README.md`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail};
use comfy_table::{CellAlignment, Table, presets};
use interdict_tests::corpus::Lines;
use interdict_tests::process::Process;
use interdict_tests::subjects::{InModule, InProcess, Native};
use interdict_tests::vectors::{Case, Vectors, Verdict, vectors};

/// How many failures are printed; usually one cause fails a whole source.
const SHOWN: usize = 20;

fn main() -> Result<()> {
    let fixtures = interdict_tests::fixtures();
    let mut native = InProcess(Native::default());
    let mut module = InProcess(InModule::new()?);
    let mut processes = Vec::new();
    for argument in std::env::args().skip(1) {
        let (_, command) = argument.split_once('=').context("NAME=COMMAND")?;
        processes.push(Process::start(command)?);
    }
    let mut subjects: Vec<&mut dyn Lines> = vec![&mut module];
    subjects.extend(
        processes
            .iter_mut()
            .map(|process| process as &mut dyn Lines),
    );

    let mut tables = Tables::new();
    let (mut cases, mut wrong) = (0, 0);
    for vectors in vectors(&fixtures)? {
        let mut refused: BTreeMap<&str, usize> = BTreeMap::new();
        let mut accepted = 0_usize;
        for (index, case) in vectors.cases.iter().enumerate() {
            cases += 1;
            match vectors.run(case, &mut native, &mut subjects) {
                Ok(Verdict::Accepted) => accepted += 1,
                Ok(Verdict::Refused(rule)) => *refused.entry(rule).or_default() += 1,
                Err(error) => {
                    wrong += 1;
                    if wrong <= SHOWN {
                        println!(
                            "FAILED {}[{index}] {:?}: {error:#}",
                            vectors.name,
                            case.input()
                        );
                    }
                }
            }
        }
        tables.add(&vectors, accepted, &refused);
    }
    tables.print();
    let sources = tables.sources;
    println!("{sources} sources, {cases} cases, {wrong} wrong");
    if wrong > 0 {
        bail!("{wrong} published vectors gave another verdict");
    }
    Ok(())
}

struct Tables {
    sources: usize,
    verdicts: Table,
    differences: Table,
}

impl Tables {
    fn new() -> Self {
        let table = |header: &[&str]| {
            let mut table = Table::new();
            table
                .load_preset(presets::ASCII_MARKDOWN)
                .set_header(header);
            table
        };
        let mut verdicts = table(&[
            "source", "kind", "cases", "accepted", "refused", "by rule", "differ",
        ]);
        for column in [2, 3, 4, 6] {
            if let Some(column) = verdicts.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        Self {
            sources: 0,
            verdicts,
            differences: table(&["source", "difference", "cases", "ours", "published"]),
        }
    }

    fn add(&mut self, vectors: &Vectors, accepted: usize, refused: &BTreeMap<&str, usize>) {
        self.sources += 1;
        let by_rule: Vec<_> = refused
            .iter()
            .map(|(rule, count)| format!("{rule} {count}"))
            .collect();
        let differ = vectors
            .cases
            .iter()
            .filter(|case| case.difference.is_some());
        self.verdicts.add_row([
            vectors.name.clone(),
            vectors.kind.clone(),
            vectors.cases.len().to_string(),
            accepted.to_string(),
            refused.values().sum::<usize>().to_string(),
            by_rule.join(", "),
            differ.count().to_string(),
        ]);
        for (name, class) in &vectors.differences {
            let of_class = |case: &&Case| case.is_of(name);
            let words = |words: &BTreeSet<String>| {
                words
                    .iter()
                    .map(String::as_str)
                    .collect::<Vec<_>>()
                    .join(" ")
            };
            self.differences.add_row([
                vectors.name.clone(),
                name.clone(),
                vectors.cases.iter().filter(of_class).count().to_string(),
                words(&class.ours),
                words(&class.published),
            ]);
        }
    }

    fn print(&self) {
        println!("{}\n\n{}\n", self.verdicts, self.differences);
    }
}
