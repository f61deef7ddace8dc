//! A card number that is sent by mistake, in any spelling and any field, is in no file or output afterwards.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use interdict_core::identifier::Kind;
use interdict_helpers::{Coalition, Release};
use serde_json::{Value, json};

use crate::enrolment::enrol_file;

/// Numbers that the schemes publish for testing, one or two of each.
const CARDS: [&str; 14] = [
    "4111111111111111",
    "4012888888881881",
    "4000000000000000006",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "30569309025904",
    "6011111111111117",
    "3530111333300000",
    "6200000000000005",
    "6759649826438453",
    "2201382000000013",
    "5066991111111118",
    "9792030394440796",
];

/// The number in the groups in which it is printed, with this between them.
fn printed(card: &str, between: &str) -> String {
    let lengths: &[usize] = match card.len() {
        14 => &[4, 6, 4],
        15 => &[4, 6, 5],
        19 => &[4, 4, 4, 4, 3],
        _ => &[4, 4, 4, 4],
    };
    let mut rest = card;
    let groups = lengths.iter().map(|length| {
        let (group, after) = rest.split_at(*length);
        rest = after;
        group
    });
    groups.collect::<Vec<_>>().join(between)
}

/// The number in the digits that begin at `zero`.
fn in_digits(card: &str, zero: char) -> String {
    let digits = card.chars().filter_map(|c| c.to_digit(10));
    let digits = digits.filter_map(|digit| char::from_u32(u32::from(zero) + digit));
    digits.collect()
}

/// The number by itself, as people and programs write it.
fn spellings(card: &str) -> Vec<String> {
    let separators = [
        " ", "-", ".", "/", "_", ",", "*", "|", ":", ";", "+", "  ", " - ", "\u{a0}", "\u{2009}",
        "\u{2011}", "\u{2013}", "\u{b7}", "\t", "\n", "\u{3000}", "%20", "\u{200b}", "\u{ad}",
        "\u{2060}",
    ];
    let mut all: Vec<_> = separators
        .iter()
        .map(|between| printed(card, between))
        .collect();
    let zeros = ['\u{ff10}', '\u{660}', '\u{966}', '\u{1d7ce}', '\u{2080}'];
    all.extend(zeros.map(|zero| in_digits(card, zero)));
    let circled: String = card
        .chars()
        .map(|c| match c.to_digit(10) {
            Some(digit @ 1..) => char::from_u32(0x245f + digit).unwrap_or(c),
            _ => '\u{24ea}',
        })
        .collect();
    let raised = card.chars().map(|c| {
        let digits = [
            '\u{2070}', '\u{b9}', '\u{b2}', '\u{b3}', '\u{2074}', '\u{2075}', '\u{2076}',
            '\u{2077}', '\u{2078}', '\u{2079}',
        ];
        c.to_digit(10)
            .and_then(|digit| digits.get(digit as usize))
            .copied()
            .unwrap_or(c)
    });
    all.extend([
        card.to_owned(),
        circled,
        raised.collect(),
        card.chars()
            .map(|c| format!("{c}\u{fe0f}\u{20e3}"))
            .collect(),
        card.chars()
            .map(|c| format!("%{:02X}", u32::from(c)))
            .collect(),
        format!("{card} 12/27"),
        format!("{card}/1227"),
        format!("order {card} of today"),
        format!("({card})"),
        format!("\"{card}\""),
        format!("_{card}_"),
        format!(";{card}=29125011000012345678?"),
        format!("%B{card}^PAYER/TEST^2912501000000?"),
        format!("{card}\u{0}"),
        format!("\u{feff}{card}"),
    ]);
    all
}

/// Every place of a request that holds text.
fn requests(card: &str) -> Vec<Value> {
    let with = |member: &str, value: Value| json!({"flow": "payout", "identifiers": [{"kind": "domain", "value": "shop.example"}], member: value});
    let mut requests = vec![
        with("url", json!(format!("https://shop.example/{card}"))),
        with("url", json!(format!("https://shop.example/?q={card}#x"))),
        with("url", json!(card)),
        with("reference", json!(card)),
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

/// Neither the digits of a number nor any of its spellings.
fn assert_silent(text: &[u8], place: &str) {
    let digits = String::from_utf8(digits(text)).unwrap();
    for card in CARDS {
        assert!(!digits.contains(card), "{card} in {place}");
    }
    assert_no_spelling(text, place);
}

fn assert_no_spelling(text: &[u8], place: &str) {
    let text = String::from_utf8_lossy(text);
    for card in CARDS {
        for spelling in spellings(card) {
            assert!(!text.contains(&spelling), "{spelling:?} in {place}");
        }
    }
}

fn assert_files_silent(directory: &Path, sent: &Path) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            assert_files_silent(&path, sent);
        } else if path != sent {
            let place = path.display().to_string();
            let bytes = fs::read(&path).unwrap();
            // In a megabyte of compiled code, any digits follow each other by chance.
            match place.ends_with(".code") {
                true => assert_no_spelling(&bytes, &place),
                false => assert_silent(&bytes, &place),
            }
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
    let every = CARDS.iter().flat_map(|card| spellings(card));
    assert!(every.clone().count() >= 40 * CARDS.len());
    let requests: Vec<_> = every.flat_map(|card| requests(&card)).collect();
    let file = room.path().join("requests.ndjson");
    let lines: String = requests
        .iter()
        .map(|request| format!("{request}\n"))
        .collect();
    fs::write(&file, lines).unwrap();

    let screened = run(&config, &["screen", file.to_str().unwrap()]);
    let answers = String::from_utf8(screened.stdout).unwrap();
    assert_eq!(answers.lines().count(), requests.len());
    for answer in answers.lines() {
        let answer: Value = serde_json::from_str(answer).unwrap();
        let refused = answer.get("error").is_some();
        assert!(refused || answer.get("action").is_some());
    }
    assert_silent(answers.as_bytes(), "answers");
    assert_silent(&screened.stderr, "standard error");

    let kinds = Kind::ALL.iter().map(|kind| kind.name()).chain(["url"]);
    for (kind, card) in kinds.zip(CARDS.iter().cycle()) {
        let checked = run(&config, &["check", "--kind", kind, card]);
        assert_silent(&checked.stdout, "check");
        assert_silent(&checked.stderr, "check, standard error");
    }
    assert_files_silent(room.path(), &file);
}
