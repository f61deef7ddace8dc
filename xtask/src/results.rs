//! What the runners of each language print about their tests: those of cargo, Go, Node (TAP), Maven, CTest and
//! `PHPUnit`, and this project's own programs, which print `skipped: NAME` and `N passed, N failed`.

/// The results in the output of one runner, read line by line.
#[derive(Default)]
pub(crate) struct Results {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    /// Tests that did not run, by name where the runner gives one.
    pub(crate) skipped: Vec<String>,
    /// CTest counts a test that says itself that it is skipped among those that passed.
    skipped_and_passed: u64,
    /// Whether the lines are in `PHPUnit`'s list of tests that did not run, and how many it has named.
    lists_skipped: bool,
    named: u64,
}

impl Results {
    /// Adds what a line says.
    pub(crate) fn read(&mut self, line: &str) {
        let words = words_of(line);
        if let Some((passed, failed)) = counts(line, &words) {
            let counted_twice = std::mem::take(&mut self.skipped_and_passed);
            let passed = passed.saturating_sub(counted_twice);
            self.passed = self.passed.saturating_add(passed);
            self.failed = self.failed.saturating_add(failed);
        }
        if words.get(1) == Some(&"Test") {
            self.read_ctest(line);
        }
        self.read_phpunit(line, &words);
        self.skipped.extend(skipped(line, &words));
    }

    fn read_ctest(&mut self, line: &str) {
        let Some((test, outcome)) = line.split_once("***") else {
            return;
        };
        if outcome.starts_with("Skipped") {
            self.skipped_and_passed = self.skipped_and_passed.saturating_add(1);
        } else if !outcome.starts_with("Not Run (Disabled)") {
            return;
        }
        let name = test.split_once(": ").map_or(test, |(_, name)| name);
        let name = name.trim_end_matches(['.', ' ']);
        self.skipped.push(name.to_owned());
    }

    /// The names stand below a heading; how many there are stands at the end in any case.
    fn read_phpunit(&mut self, line: &str, words: &[&str]) {
        match words {
            ["There", "was" | "were", _, outcome, ..] => {
                self.lists_skipped = matches!(*outcome, "skipped" | "incomplete");
            }
            ["Tests:", _, "Assertions:", ..] => {
                let all = after(words, "Skipped:").saturating_add(after(words, "Incomplete:"));
                let unnamed = all.saturating_sub(std::mem::take(&mut self.named));
                if unnamed > 0 {
                    self.skipped.push(format!("{unnamed} tests of PHPUnit"));
                }
                self.lists_skipped = false;
            }
            _ if self.lists_skipped => {
                let Some((number, name)) = line.split_once(") ") else {
                    return;
                };
                if number.parse::<u64>().is_ok() {
                    self.skipped.push(name.to_owned());
                    self.named = self.named.saturating_add(1);
                }
            }
            _ => {}
        }
    }
}

fn words_of(line: &str) -> Vec<&str> {
    line.split([' ', ',', ';', '.', '%', '('])
        .filter(|word| !word.is_empty())
        .collect()
}

/// How many tests passed and failed, from a runner's closing line, or from that of one test in Go.
fn counts(line: &str, words: &[&str]) -> Option<(u64, u64)> {
    let number = |index: usize| -> Option<u64> { words.get(index)?.parse().ok() };
    match words {
        ["---", "PASS:", ..] => return Some((1, 0)),
        ["---", "FAIL:", ..] => return Some((0, 1)),
        ["#", "pass", _] => return Some((number(2)?, 0)),
        ["#", "fail", _] => return Some((0, number(2)?)),
        [_, "tests", "passed", _, "tests", "failed", "out", "of", _] => {
            let failed = number(3)?;
            return Some((number(8)?.checked_sub(failed)?, failed));
        }
        [
            "[INFO]" | "[WARNING]" | "[ERROR]",
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
        ["OK", _, "test" | "tests", _, "assertion)" | "assertions)"] => {
            return Some((number(1)?, 0));
        }
        ["Tests:", _, "Assertions:", ..] => {
            let failed = after(words, "Errors:").checked_add(after(words, "Failures:"))?;
            let skipped = after(words, "Skipped:").checked_add(after(words, "Incomplete:"))?;
            let ran = number(1)?.checked_sub(skipped)?;
            return Some((ran.checked_sub(failed)?, failed));
        }
        _ => {}
    }
    if let (Some(cases), Some(wrong)) = (before(words, "cases"), before(words, "wrong")) {
        return Some((cases.saturating_sub(wrong), wrong));
    }
    let closing = line.starts_with("test result:") || words.get(1) == Some(&"passed");
    closing
        .then(|| Some((before(words, "passed")?, before(words, "failed")?)))
        .flatten()
}

/// What did not run, from a line that says all about it.
fn skipped(line: &str, words: &[&str]) -> Option<String> {
    let text = line.trim_start();
    if let Some(name) = line.strip_prefix("skipped: ") {
        return Some(name.to_owned());
    }
    if let Some(rest) = text.strip_prefix("--- SKIP: ") {
        let name = rest.split(' ').next()?;
        return Some(name.to_owned());
    }
    if let ["ok" | "not", ..] = words {
        let (test, reason) = [" # SKIP", " # TO\u{44}O"]
            .iter()
            .find_map(|mark| text.split_once(mark))?;
        let (_, name) = test.split_once(" - ")?;
        let reason = reason.trim();
        return Some(match reason {
            "" => name.to_owned(),
            _ => format!("{name} ({reason})"),
        });
    }
    if line.starts_with("test result:") {
        let ignored = before(words, "ignored").filter(|ignored| *ignored > 0)?;
        return Some(format!("{ignored} ignored tests of a crate"));
    }
    let (counts, class) = line.split_once(" -- in ")?;
    let skipped = after(words, "Skipped:");
    let is_surefire = counts.contains("] Tests run: ") && skipped > 0;
    is_surefire.then(|| format!("{skipped} tests of {class}"))
}

/// The number before a word.
fn before(words: &[&str], name: &str) -> Option<u64> {
    let index = words.iter().position(|word| *word == name)?;
    words.get(index.checked_sub(1)?)?.parse().ok()
}

/// The number after a word, 0 if there is none.
fn after(words: &[&str], name: &str) -> u64 {
    let mut words = words.iter().skip_while(|word| **word != name).skip(1);
    words.next().and_then(|word| word.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::Results;

    fn read(text: &str) -> (u64, u64, Vec<String>) {
        let mut results = Results::default();
        text.lines().for_each(|line| results.read(line));
        (results.passed, results.failed, results.skipped)
    }

    #[test]
    fn closing_lines_of_every_runner_are_counted_and_others_are_not() {
        for (line, passed, failed) in [
            (
                "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured",
                12,
                0,
            ),
            ("4 passed, 1 failed", 4, 1),
            ("native: 100 cases, 2 wrong", 98, 2),
            ("--- PASS: TestDecision (0.01s)", 1, 0),
            ("--- FAIL: TestDecision (0.01s)", 0, 1),
            ("    --- PASS: TestDecision/block (0.00s)", 1, 0),
            ("# pass 31", 31, 0),
            ("# fail 2", 0, 2),
            ("100% tests passed, 0 tests failed out of 12", 12, 0),
            ("92% tests passed, 1 tests failed out of 12", 11, 1),
            (
                "[ERROR] Tests run: 40, Failures: 1, Errors: 2, Skipped: 3",
                34,
                3,
            ),
            (
                "[INFO] Tests run: 40, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 1 s -- in A",
                0,
                0,
            ),
            ("OK (200 tests, 577 assertions)", 200, 0),
            ("OK (1 test, 1 assertion)", 1, 0),
            (
                "Tests: 200, Assertions: 577, Errors: 1, Failures: 2.",
                197,
                3,
            ),
            ("running 12 tests", 0, 0),
            ("all passed and nothing failed", 0, 0),
        ] {
            assert_eq!(read(line), (passed, failed, Vec::new()), "{line}");
        }
    }

    #[test]
    fn a_test_that_its_own_runner_skips_is_named_and_has_not_passed() {
        for (output, passed, names) in [
            (
                "--- PASS: TestA (0.01s)\n    a_test.go:5: why\n--- SKIP: TestB (0.00s)\n    --- SKIP: TestC/d (0.00s)",
                1,
                &["TestB", "TestC/d"][..],
            ),
            (
                "ok 1 - a\nok 2 - b # SKIP no compiler\n    ok 1 - c # SKIP\nok 4 - d # TO\u{44}O\n# pass 1\n# fail 0\n# skipped 2\n# todo 1",
                1,
                &["b (no compiler)", "c", "d"],
            ),
            (
                "[INFO] Tests run: 1, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.1 s -- in example.B\n\
                 [WARNING] Tests run: 4, Failures: 0, Errors: 0, Skipped: 2, Time elapsed: 0.1 s -- in example.A\n\
                 [WARNING] Tests run: 5, Failures: 0, Errors: 0, Skipped: 2",
                3,
                &["2 tests of example.A"],
            ),
            (
                "1/3 Test #1: good ......   Passed    0.01 sec\n\
                 2/3 Test #2: by_code ...***Skipped   0.01 sec\n\
                 \u{20}3/3 Test #3: off .......***Not Run (Disabled)   0.00 sec\n\
                 100% tests passed, 0 tests failed out of 2",
                1,
                &["by_code", "off"],
            ),
            (
                "There was 1 incomplete test:\n\n1) Lab\\ATest::testLater\nlater\n\n--\n\n\
                 There were 2 skipped tests:\n\n1) Lab\\ATest::testOff\nno fpm (really): here\n\n/lab/ATest.php:5\n\n\
                 2) Lab\\ATest::testData with data set #0 ('a b')\nno\n\nOK, but incomplete, skipped, or risky tests!\n\
                 Tests: 6, Assertions: 2, Skipped: 2, Incomplete: 1.",
                3,
                &[
                    "Lab\\ATest::testLater",
                    "Lab\\ATest::testOff",
                    "Lab\\ATest::testData with data set #0 ('a b')",
                ],
            ),
            (
                "Tests: 200, Assertions: 577, Skipped: 2.",
                198,
                &["2 tests of PHPUnit"],
            ),
            (
                "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured",
                12,
                &["1 ignored tests of a crate"],
            ),
            (
                "skipped: the README in Ruby (needs ruby)\n5 passed, 0 failed",
                5,
                &["the README in Ruby (needs ruby)"],
            ),
        ] {
            let (read_passed, failed, skipped) = read(output);
            assert_eq!((read_passed, failed), (passed, 0), "{output}");
            assert_eq!(skipped, names, "{output}");
        }
    }

    #[test]
    fn a_failure_below_the_list_of_skips_is_not_taken_for_one() {
        let output = "There was 1 failure:\n\n1) Lab\\ATest::testBad\nno\n\n--\n\nThere was 1 skipped test:\n\n\
                      1) Lab\\ATest::testOff\nno\n\nThere was 1 risky test:\n\n1) Lab\\ATest::testEmpty\nno\n\n\
                      FAILURES!\nTests: 4, Assertions: 2, Failures: 1, Skipped: 1, Risky: 1.";
        assert_eq!(read(output), (2, 1, vec!["Lab\\ATest::testOff".to_owned()]));
        assert_eq!(
            read("4/4 Test #4: gone ....***Not Run   0.00 sec").2,
            Vec::<String>::new()
        );
    }
}
