//! A card number that is sent by mistake is refused, and no file or output contains it afterwards.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use interdict_core::identifier::Kind;
use interdict_helpers::{Coalition, Release};
use serde_json::{Value, json};

use crate::enrolment::enrol_file;

/// Test numbers of the schemes, as people and programs write them.
const CARDS: [&str; 5] = [
    "4111111111111111",
    "5555 5555 5555 4444",
    "3782-822463-10005",
    "6011.1111.1111.1117",
    ";4012888888881881=29125011000012345678?",
];

/// Every place of a request that holds text.
fn requests(card: &str) -> Vec<Value> {
    let with = |member: &str, value: Value| json!({"flow": "payout", "identifiers": [{"kind": "domain", "value": "shop.example"}], member: value});
    let mut requests = vec![
        with("url", json!(format!("https://shop.example/{card}"))),
        with("url", json!(format!("https://shop.example/?q={card}#x"))),
        with("url", json!(card)),
        with("reference", json!(card)),
        with("reference", json!(format!("order {card} of today"))),
        with("signals", json!({card: 1})),
        with(card, json!(1)),
        with("cvv", json!(card)),
        with("track2", json!(card)),
        json!({"flow": card, "url": "https://shop.example"}),
        json!({"flow": "payout", "identifiers": [{"kind": card, "value": "x"}]}),
        json!({"flow": "payout", "identifiers": [{"kind": "domain", "value": "shop.example", card: 1}]}),
    ];
    for kind in Kind::ALL {
        for value in [
            card.to_owned(),
            format!("412345/{card}"),
            format!("x:{card}"),
            format!("+{card}"),
        ] {
            let identifier = json!({"kind": kind.name(), "value": value});
            requests.push(json!({"flow": "payout", "identifiers": [identifier]}));
        }
    }
    for (block, fields) in [
        ("iso8583", &["de2", "de32", "de35", "de42"][..]),
        (
            "iso20022",
            &[
                "cdtr_acct_iban",
                "cdtr_lei",
                "ultmt_cdtr_lei",
                "acqrr_id",
                "mrchnt_id",
            ],
        ),
        (
            "facilitator",
            &[
                "facilitator_id",
                "sub_merchant_id",
                "lei",
                "url",
                "phone",
                "country",
                "registration",
            ],
        ),
    ] {
        requests.extend(
            fields
                .iter()
                .map(|field| with(block, json!({*field: card}))),
        );
    }
    requests
}

fn run(config: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_interdict"))
        .args(arguments)
        .args(["--now", "2026-11-22T01:02:03Z", "--config"])
        .arg(config)
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "full")
        .output()
        .unwrap()
}

/// Compares only digits, so that no spelling hides a number.
fn digits(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(u8::is_ascii_digit).collect()
}

fn assert_silent(text: &[u8], place: &str) {
    for card in CARDS {
        let card = digits(card.as_bytes());
        let held = |text: &[u8]| text.windows(card.len()).any(|window| window == card);
        assert!(!held(text) && !held(&digits(text)), "{place}");
    }
}

fn assert_files_silent(directory: &Path, sent: &Path) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            assert_files_silent(&path, sent);
        } else if path != sent {
            assert_silent(&fs::read(&path).unwrap(), &path.display().to_string());
        }
    }
}

#[test]
fn a_card_number_is_in_no_answer_no_error_no_log_and_no_file() {
    let room = tempfile::tempdir().unwrap();
    let coalition = Coalition::new(room.path());
    let config = enrol_file(room.path(), &coalition.enrolment("repository", &[1]));
    coalition.publish(1, &[Release::base(1, 1, &["shop.example"])]);
    assert!(run(&config, &["refresh"]).status.success());
    let requests: Vec<_> = CARDS.iter().flat_map(|card| requests(card)).collect();
    let file = room.path().join("requests.ndjson");
    let lines: String = requests
        .iter()
        .map(|request| format!("{request}\n"))
        .collect();
    fs::write(&file, lines).unwrap();

    let screened = run(&config, &["screen", file.to_str().unwrap()]);
    let answers = String::from_utf8(screened.stdout).unwrap();
    assert_eq!(answers.lines().count(), requests.len());
    for (answer, request) in answers.lines().zip(&requests) {
        let answer: Value = serde_json::from_str(answer).unwrap();
        assert!(answer.get("error").is_some(), "{request} was answered");
    }
    assert_silent(answers.as_bytes(), "answers");
    assert_silent(&screened.stderr, "standard error");

    let kinds = Kind::ALL.iter().map(|kind| kind.name()).chain(["url"]);
    for (kind, card) in kinds.zip(CARDS.iter().cycle()) {
        let checked = run(&config, &["check", "--kind", kind, card]);
        assert!(!checked.status.success(), "{kind}");
        assert_silent(&checked.stdout, "check");
        assert_silent(&checked.stderr, "check, standard error");
    }
    assert_files_silent(room.path(), &file);
}
