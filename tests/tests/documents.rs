//! Compares facts that both the code and a document state.

use interdict_core::engine::{Because, ReasonCode};
use interdict_core::trust::LIMITS;
use interdict_core::wire::Code;
use interdict_tests::{scores, workspace};

fn document(name: &str) -> String {
    std::fs::read_to_string(workspace().join("docs").join(name)).unwrap()
}

/// The cells of every table row that starts like `first`.
fn rows(text: &str, starts: impl Fn(&str) -> bool) -> Vec<Vec<&str>> {
    text.lines()
        .filter(|line| starts(line))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect()
}

#[test]
fn the_table_of_codes_is_the_one_in_the_code() {
    let text = document("abi.md");
    let documented: Vec<(i32, String)> = rows(&text, |line| line.starts_with("| -"))
        .into_iter()
        .filter_map(|row| Some((row[0].parse().ok()?, row[1].trim_matches('`').to_owned())))
        .collect();
    let known: Vec<_> = Code::ALL
        .iter()
        .map(|code| (code.number(), code.name().to_owned()))
        .collect();
    assert_eq!(documented, known);
}

#[test]
fn the_table_of_reasons_is_the_one_in_the_code() {
    let text = document("scoring.md");
    let reasons = text.split("## Reasons").nth(1).unwrap();
    let reasons = reasons.split("\n## ").next().unwrap();
    let documented: Vec<_> = rows(reasons, |line| line.starts_with("| `"))
        .into_iter()
        .map(|row| row[0].trim_matches('`').to_owned())
        .collect();
    let known: Vec<_> = ReasonCode::ALL
        .iter()
        .map(|code| code.name().to_owned())
        .collect();
    assert_eq!(documented, known);
}

#[test]
fn the_table_of_because_is_the_one_in_the_code() {
    let text = document("scoring.md");
    let words = text.split("\n## Because\n").nth(1).unwrap();
    let words = words.split("\n## ").next().unwrap();
    let documented = rows(words, |line| line.starts_with("| `"));
    let documented = documented.iter().map(|row| row[0].trim_matches('`'));
    assert!(documented.eq(Because::ALL.map(Because::name)));
}

#[test]
fn screening_gives_what_the_worked_examples_compute() {
    let mut compared = 0;
    for mut example in scores::examples() {
        assert_eq!(example.screened(), example.computed(), "{}", example.case);
        compared += 1;
    }
    assert_eq!(compared, 28);
}

#[test]
fn the_worked_examples_are_the_computed_ones() {
    let text = document("scoring.md");
    let examples = text.split("\n## Worked examples\n\n").nth(1).unwrap();
    let (documented, _) = examples.split_once("\n## ").unwrap();
    assert_eq!(documented, scores::markdown());
}

#[test]
fn every_test_the_threat_model_names_exists() {
    let text = document("threat-model.md");
    let (mut files, mut named) = (0, 0);
    for row in rows(&text, |line| line.starts_with("| ")) {
        let shown = row.last().unwrap();
        let mut source = String::new();
        for word in shown.split('`').skip(1).step_by(2) {
            if word.contains('/') {
                source = std::fs::read_to_string(workspace().join(word)).unwrap();
                files += 1;
            } else if !word.contains(' ') && word.contains('_') {
                assert!(source.contains(&format!("fn {word}(")), "{word}");
                named += 1;
            }
        }
    }
    assert!(files > 30 && named > 25, "{files} files, {named} tests");
}

/// A number with a comma between groups of three digits.
fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[test]
fn the_bounds_of_metadata_are_the_ones_in_the_code() {
    let text = document("trust.md");
    let section = text.split("## What is read").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let documented: Vec<_> = section
        .lines()
        .filter(|line| line.starts_with("| "))
        .collect();
    let known: Vec<_> = LIMITS
        .iter()
        .map(|limit| {
            let value = grouped(limit.value);
            format!(
                "| {} | {value} | {} | {} |",
                limit.subject, limit.unit, limit.source
            )
        })
        .collect();
    assert_eq!(documented[2..].join("\n"), known.join("\n"));
}

/// What happens with and without `renew` is shown in `renewal.rs`.
#[test]
fn the_first_hour_tells_a_publisher_to_renew_and_how_often() {
    let text = document("first-hour.md");
    let section = text.split("\n## As a publisher\n").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let commands = section.split("```").nth(1).unwrap();
    let renew = commands
        .lines()
        .find(|line| line.starts_with("interdict-publish renew coalition"));
    assert!(renew.is_some(), "{commands}");
    let prose = section.rsplit("```").next().unwrap().replace('\n', " ");
    for fact in [
        "`renew`",
        "6 hours",
        "3 days",
        "30 days",
        "90 days",
        "`degraded`",
    ] {
        assert!(prose.contains(fact), "{fact}: {prose}");
    }
}
