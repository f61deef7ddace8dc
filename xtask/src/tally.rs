//! The result of a run of tests: counts over all parts, minutes, and the closing lines.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::budget::{Budget, Part, Spent};
use crate::demo::title;
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

/// How to count a part that cannot run on this machine.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Absent {
    Skipped,
    Failed,
}

/// Counts results and time.
pub(crate) struct Tally {
    passed: u64,
    failed: u64,
    skipped: Vec<String>,
    failures: Vec<String>,
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
        let before = self.passed;
        for line in BufReader::new(printed).lines() {
            let line = line?;
            println!("{line}");
            if let Some((passed, failed)) = results(&line) {
                self.passed = self.passed.saturating_add(passed);
                self.failed = self.failed.saturating_add(failed);
            }
        }
        if !child.wait()?.success() {
            bail!("the command failed");
        }
        if self.passed == before {
            bail!("the command ran no test");
        }
        Ok(())
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
            bail!("{skipped} parts were skipped and every part is required here");
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

/// How many tests passed and failed, from a runner's closing line: cargo's, `N passed, N failed`, that of the
/// corpus, and those of Go (a line a test), Node, JUnit, CTest and
/// PHPUnit.
fn results(line: &str) -> Option<(u64, u64)> {
    let words: Vec<_> = line
        .split([' ', ',', ';', '.', '%', '('])
        .filter(|word| !word.is_empty())
        .collect();
    let number = |index: usize| -> Option<u64> { words.get(index)?.parse().ok() };
    let before = |name: &str| -> Option<u64> {
        let index = words.iter().position(|word| *word == name)?;
        number(index.checked_sub(1)?)
    };
    match words.as_slice() {
        ["---", "PASS:", ..] => return Some((1, 0)),
        ["---", "FAIL:", ..] => return Some((0, 1)),
        ["#", "pass", _] => return Some((number(2)?, 0)),
        ["#", "fail", _] => return Some((0, number(2)?)),
        [.., "tests", "passed", _, "tests", "failed", "out", "of", _] => {
            let failed = number(words.len().checked_sub(6)?)?;
            return Some((
                number(words.len().checked_sub(1)?)?.checked_sub(failed)?,
                failed,
            ));
        }
        [
            "[INFO]",
            "Tests",
            "run:",
            _,
            "Failures:",
            _,
            "Errors:",
            _,
            "Skipped:",
            _,
        ] => {
            let failed = number(5)?.checked_add(number(7)?)?;
            let ran = number(3)?.checked_sub(number(9)?)?;
            return Some((ran.checked_sub(failed)?, failed));
        }
        ["OK", _, "tests", _, "assertions)"] => return Some((number(1)?, 0)),
        ["Tests:", _, "Assertions:", _, "Skipped:", _] => {
            return Some((number(1)?.checked_sub(number(5)?)?, 0));
        }
        _ => {}
    }
    if let (Some(cases), Some(wrong)) = (before("cases"), before("wrong")) {
        return Some((cases.saturating_sub(wrong), wrong));
    }
    let closing = line.starts_with("test result:") || words.get(1) == Some(&"passed");
    closing
        .then(|| Some((before("passed")?, before("failed")?)))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::results;

    #[test]
    fn closing_lines_of_every_runner_are_counted_and_others_are_not() {
        for (line, expected) in [
            (
                "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured",
                Some((12, 0)),
            ),
            ("4 passed, 1 failed", Some((4, 1))),
            ("native: 100 cases, 2 wrong", Some((98, 2))),
            ("--- PASS: TestDecision (0.01s)", Some((1, 0))),
            ("--- FAIL: TestDecision (0.01s)", Some((0, 1))),
            ("    --- PASS: TestDecision/block (0.00s)", Some((1, 0))),
            ("# pass 31", Some((31, 0))),
            ("# fail 2", Some((0, 2))),
            ("100% tests passed, 0 tests failed out of 12", Some((12, 0))),
            ("92% tests passed, 1 tests failed out of 12", Some((11, 1))),
            (
                "[INFO] Tests run: 40, Failures: 1, Errors: 2, Skipped: 3",
                Some((34, 3)),
            ),
            (
                "[INFO] Tests run: 40, Failures: 1, Errors: 2, Skipped: 3, Time elapsed: 1 s",
                None,
            ),
            ("OK (200 tests, 577 assertions)", Some((200, 0))),
            ("Tests: 200, Assertions: 577, Skipped: 2.", Some((198, 0))),
            ("running 12 tests", None),
            ("all passed and nothing failed", None),
        ] {
            assert_eq!(results(line), expected, "{line}");
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
