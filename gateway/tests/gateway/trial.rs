//! `interdict try`: a coalition that is built in, and never mistaken for a real one.

use std::fs;
use std::path::Path;
use std::process::Command;

use interdict::{Config, Error, TEST_MERCHANTS, Trial, self_test};
use interdict_helpers::{CARD, Coalition, NOW, shows_card};
use interdict_host::{Answer, Verdict};
use serde_json::Value;

use crate::enrolment::enrol_file;

const DAY: u32 = 86_400;

/// Name, action, because, whether degraded, and a reason that must be among those given.
const EXPECTED: &[(&str, &str, &str, bool, &str)] = &[
    ("clean.test", "allow", "", false, "no_finding"),
    ("monitor.listed.test", "monitor", "record", false, "listed"),
    ("review.listed.test", "review", "record", false, "listed"),
    (
        "hold-payout.listed.test",
        "hold_payout",
        "record",
        false,
        "listed",
    ),
    ("block.listed.test", "block", "record", false, "listed"),
    (
        "candidate.review.listed.test",
        "review",
        "candidate",
        false,
        "candidate",
    ),
    (
        "stale.clean.test",
        "review",
        "unavailable",
        true,
        "list_stale",
    ),
    (
        "stale.block.listed.test",
        "block",
        "record",
        true,
        "list_stale",
    ),
    (
        "expired.clean.test",
        "review",
        "unavailable",
        true,
        "list_expired",
    ),
    (
        "expired.block.listed.test",
        "review",
        "record",
        true,
        "lowered_expired",
    ),
    (
        "keyless.block.listed.test",
        "review",
        "unavailable",
        true,
        "no_key",
    ),
    (
        "untrusted.clean.test",
        "review",
        "unavailable",
        true,
        "list_untrusted",
    ),
    (
        "untrusted.block.listed.test",
        "review",
        "record",
        true,
        "lowered_untrusted",
    ),
    ("incomplete", "monitor", "fields", false, "incomplete"),
    ("unused", "review", "unavailable", false, "not_usable"),
];

/// A folder without a gateway, and the trial's room in it.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn config(&self) -> std::path::PathBuf {
        self.0.path().join("gateway.toml")
    }

    fn room(&self) -> std::path::PathBuf {
        self.0.path().join("room")
    }

    fn open(&self) -> Result<Trial, Error> {
        Trial::open(&self.config(), &self.room(), NOW)
    }
}

fn asked(trial: &Trial, request: &str, now: u32) -> Verdict {
    let answer = trial.screen(request, now).unwrap();
    assert!(answer.starts_with(b"{\"test\":true,\"action\":"));
    let json: Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(json["test"], true);
    match Answer::read(&answer) {
        Some(Answer::Verdict(verdict)) => *verdict,
        other => panic!("{other:?}"),
    }
}

fn assert_answers(trial: &Trial, now: u32) {
    let names: Vec<_> = TEST_MERCHANTS.iter().map(|one| one.name).collect();
    let expected: Vec<_> = EXPECTED.iter().map(|one| one.0).collect();
    assert_eq!(names, expected);
    for (merchant, (name, action, because, degraded, reason)) in TEST_MERCHANTS.iter().zip(EXPECTED)
    {
        let verdict = asked(trial, merchant.request, now);
        let told = (
            verdict.action.name(),
            verdict.because.as_deref().unwrap_or_default(),
            verdict.degraded,
        );
        assert_eq!(told, (*action, *because, *degraded), "{name}: {verdict:?}");
        let mut codes = verdict.reasons.iter().map(|reason| reason.code.as_str());
        assert!(codes.any(|code| code == *reason), "{name}: {verdict:?}");
    }
}

#[test]
fn every_test_merchant_gets_the_documented_answer_and_each_is_marked_as_a_test() {
    let place = Place::new();
    let trial = place.open().unwrap();
    assert_answers(&trial, NOW);
    // So does an answer about anybody else.
    let request = r#"{"flow":"checkout","url":"https://shop.example/x","reference":"order 7"}"#;
    let verdict = asked(&trial, request, NOW);
    assert_eq!(verdict.reference.as_deref(), Some("order 7"));
    assert!(verdict.receipt.is_some());
    assert!(trial.screen("{}", NOW).is_err());
    let test = self_test(&trial.host(NOW).unwrap(), NOW).unwrap();
    assert!(test.passed(), "{test:?}");
}

#[test]
fn the_answers_are_the_same_after_hours_and_months_and_with_a_clock_that_went_back() {
    let place = Place::new();
    let trial = place.open().unwrap();
    for now in [
        NOW + DAY / 2 - 1,
        NOW + DAY,
        NOW + 400 * DAY,
        NOW - 30 * DAY,
    ] {
        assert_answers(&trial, now);
    }
    // What was made before is gone.
    assert_eq!(fs::read_dir(place.room()).unwrap().count(), 1);
}

#[test]
fn two_trials_have_no_key_in_common_and_leave_nothing_behind() {
    let (one, other) = (Place::new(), Place::new());
    let root = |place: &Place| {
        let path = place.room().join("0/test/state/test/enrolment.json");
        let text = fs::read_to_string(path).unwrap();
        let json: Value = serde_json::from_str(&text).unwrap();
        (json["root"].clone(), json["keys"].clone())
    };
    let trials = (one.open().unwrap(), other.open().unwrap());
    let (first, second) = (root(&one), root(&other));
    assert!(first.0 != second.0 && first.1 != second.1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(one.room()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
    drop(trials);
    assert!(!one.room().exists() && !other.room().exists());
}

#[test]
fn a_room_that_holds_something_is_refused_and_left_as_it_is() {
    let place = Place::new();
    fs::create_dir(place.room()).unwrap();
    fs::write(place.room().join("mine"), "mine").unwrap();
    assert!(matches!(place.open(), Err(Error::Trial(_))));
    assert_eq!(fs::read(place.room().join("mine")).unwrap(), b"mine");
}

fn run(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_interdict"))
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8(text).unwrap(),
    )
}

#[test]
fn a_trial_is_refused_beside_a_coalition_that_is_enrolled_mounted_or_lost() {
    let place = Place::new();
    let coalition = Coalition::new(place.0.path());
    enrol_file(place.0.path(), &coalition.enrolment("/nowhere", &[1]));
    assert!(matches!(place.open(), Err(Error::Trial(_))));
    assert!(!place.room().exists());
    let (code, text) = run(place.0.path(), &["try", "--screen", "clean.test"]);
    assert!(
        code == 3 && text.contains("a coalition is enrolled here"),
        "{text}"
    );
    // A coalition that the state directory has lost is still a real one.
    fs::remove_dir_all(place.0.path().join("state/se")).unwrap();
    assert!(place.open().is_err());
    // An enrolment that cannot be read may be one.
    fs::create_dir(place.0.path().join("state/nl")).unwrap();
    fs::write(place.0.path().join("state/nl/enrolment.json"), "{").unwrap();
    assert!(place.open().is_err());

    let mounted = Place::new();
    let text = "[stateless]\nenrolments = [\"se.json\"]\nreceipt_key = \"key\"\n";
    fs::write(mounted.config(), text).unwrap();
    assert!(matches!(mounted.open(), Err(Error::Trial(_))));
}

#[test]
fn a_trial_runs_beside_a_configuration_that_has_no_coalition_yet() {
    let place = Place::new();
    Config::create(&place.config(), &[]).unwrap();
    let (code, text) = run(place.0.path(), &["member-key"]);
    assert_eq!(code, 0, "{text}");
    assert!(place.open().is_ok());
}

#[test]
fn the_command_prints_what_was_answered_and_tells_a_verdict_by_its_exit_code() {
    let place = Place::new();
    let folder = place.0.path();
    let (code, text) = run(folder, &["try"]);
    assert_eq!(code, 0, "{text}");
    for (name, action, because, ..) in EXPECTED {
        let mut rows = text
            .lines()
            .filter(|line| line.split_whitespace().next() == Some(name));
        let row = rows.next().unwrap_or_else(|| panic!("{name}: {text}"));
        let cells: Vec<_> = row.split_whitespace().collect();
        let because = if because.is_empty() { "-" } else { because };
        assert_eq!(&cells[1..3], &[*action, because], "{row}");
    }
    for (name, code) in [
        ("clean.test", 0),
        ("block.listed.test", 1),
        ("999999/LISTED-REVIEW", 1),
        ("https://keyless.block.listed.test/x", 2),
        ("stale.clean.test", 2),
        ("shop.example", 0),
        ("unused", 2),
    ] {
        let (ended, text) = run(folder, &["try", "--screen", name]);
        assert_eq!(ended, code, "{name}: {text}");
        assert!(text.starts_with("{\"test\":true,"), "{name}: {text}");
        assert!(
            text.contains("\nasked: {\"flow\":\"payout\","),
            "{name}: {text}"
        );
    }
    let (code, text) = run(folder, &["try", "--screen", CARD]);
    assert!(code == 2 && !shows_card(&text), "{text}");
    // Nothing is written where the command runs.
    assert_eq!(fs::read_dir(folder).unwrap().count(), 0);
}
