//! The result of a run of tests: counts over all parts, minutes, and the closing lines.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::budget::{Budget, Part, Spent};
use crate::demo::title;
use crate::results::Results;
use crate::shell::root;

/// How much of each part runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As much as fits into the automatic run.
    Short,
    /// More random cases, every fuzz target, every mutant, and the documents' slow commands. The hosts
    /// and the npm package run the same as in the short form.
    Long,
}

/// How to count a part, or a test of a part, that cannot run on this machine.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Absent {
    Skipped,
    Failed,
}

/// Counts results and time.
pub(crate) struct Tally {
    passed: u64,
    failed: u64,
    /// Parts, and tests of parts, that did not run.
    skipped: Vec<String>,
    failures: Vec<String>,
    /// The name of the part that runs.
    step: String,
    started: Instant,
    /// Time spent before this program started.
    before: Duration,
    spent: Spent,
}

impl Tally {
    /// Starts the clock; `before` was spent already.
    pub(crate) fn new(before: Duration) -> Self {
        Self {
            passed: 0,
            failed: 0,
            skipped: Vec::new(),
            failures: Vec::new(),
            step: String::new(),
            started: Instant::now(),
            before,
            spent: Spent::default(),
        }
    }

    /// Runs the body and adds its time to that of a part.
    pub(crate) fn timed<T>(&mut self, part: Part, body: impl FnOnce(&mut Self) -> T) -> T {
        let started = Instant::now();
        let value = body(self);
        self.spent.add(part, started.elapsed());
        value
    }

    /// Runs tests. If they fail, the run continues.
    pub(crate) fn step(
        &mut self,
        part: Part,
        name: &str,
        body: impl FnOnce(&mut Self) -> Result<()>,
    ) {
        title(name);
        name.clone_into(&mut self.step);
        if let Err(error) = self.timed(part, body) {
            println!("FAILED: {error:#}");
            self.failures.push(name.to_owned());
            self.failed = self.failed.max(1);
        }
    }

    pub(crate) fn skip(&mut self, what: &str) {
        title(&format!("skipped: {what}"));
        self.skipped.push(what.to_owned());
    }

    pub(crate) const fn pass(&mut self, tests: u64) {
        self.passed = self.passed.saturating_add(tests);
    }

    /// Runs a command, shows its output, and adds up the results in it.
    pub(crate) fn counted(&mut self, command: &mut Command) -> Result<()> {
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .context("could not start")?;
        let printed = child.stdout.take().context("no standard output")?;
        let mut results = Results::default();
        for line in BufReader::new(printed).lines() {
            let line = line?;
            println!("{line}");
            results.read(&line);
        }
        self.add(&results);
        if !child.wait()?.success() {
            bail!("the command failed");
        }
        if results.passed == 0 {
            bail!("the command ran no test");
        }
        Ok(())
    }

    /// A test that its runner skipped counts as a part that did not run.
    fn add(&mut self, results: &Results) {
        self.passed = self.passed.saturating_add(results.passed);
        self.failed = self.failed.saturating_add(results.failed);
        let step = &self.step;
        let skipped = results.skipped.iter();
        self.skipped
            .extend(skipped.map(|name| format!("{step}: {name}")));
    }

    /// Prints the minutes of each part. In the automatic run, a part above its budget is a failure.
    pub(crate) fn print_minutes(&mut self, above: Above) -> Result<()> {
        let text = std::fs::read_to_string(root().join("xtask/budget.toml"))?;
        let budget = Budget::parse(&text)?;
        let whole = self.before.saturating_add(self.started.elapsed());
        self.spent.rest = whole.saturating_sub(self.spent.of_parts());
        title("Minutes");
        for line in self.spent.table(&budget) {
            println!("{line}");
        }
        if above == Above::Fails {
            for over in self.spent.over(&budget) {
                self.failures.push(over);
                self.failed = self.failed.saturating_add(1);
            }
        }
        Ok(())
    }

    /// Prints the closing lines.
    pub(crate) fn close(self, absent: Absent) -> Result<()> {
        title("Result");
        for failure in &self.failures {
            println!("failed: {failure}");
        }
        for skipped in &self.skipped {
            println!("skipped: {skipped}");
        }
        let (passed, failed, skipped) = (self.passed, self.failed, self.skipped.len());
        println!("{passed} passed, {failed} failed, {skipped} skipped");
        if failed > 0 || !self.failures.is_empty() {
            bail!("tests failed");
        }
        if absent == Absent::Failed && skipped > 0 {
            bail!("{skipped} parts or tests were skipped and every one is required here");
        }
        Ok(())
    }
}

/// What happens if a part takes longer than its budget.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Above {
    /// It is only shown: on a person's machine, or in the long form.
    Shown,
    Fails,
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_test_that_its_runner_skips_fails_the_run_that_requires_every_part() {
        use super::{Absent, Tally};
        use crate::budget::Part;
        use std::process::Command;
        use std::time::Duration;

        for (output, absent, fails) in [
            ("4 passed, 0 failed", Absent::Failed, false),
            ("skipped: one\n4 passed, 0 failed", Absent::Skipped, false),
            ("skipped: one\n4 passed, 0 failed", Absent::Failed, true),
        ] {
            let mut tally = Tally::new(Duration::ZERO);
            tally.step(Part::Hosts, "a host", |tally| {
                tally.counted(Command::new("echo").arg(output))
            });
            let named: &[_] = if output.starts_with("skipped") {
                &["a host: one".to_owned()]
            } else {
                &[]
            };
            assert_eq!(tally.skipped, named);
            assert_eq!(tally.close(absent).is_err(), fails, "{output}");
        }
    }

    #[test]
    fn a_part_above_its_budget_fails_the_automatic_run_only() {
        use super::{Above, Absent, Tally};
        use crate::budget::Part;
        use std::time::Duration;

        for (above, fails) in [(Above::Fails, true), (Above::Shown, false)] {
            let mut tally = Tally::new(Duration::ZERO);
            tally.spent.add(Part::Hosts, Duration::from_secs(1140));
            tally.print_minutes(above).unwrap();
            assert_eq!(tally.close(Absent::Failed).is_err(), fails);
        }
    }
}
