//! Commands that read and write audit files and labelled cases, whatever those contain.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use interdict_helpers::{Coalition, Release};
use serde_json::{Value, json};

use crate::enrolment::enrol_file;

fn run(room: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_interdict"))
        .current_dir(room)
        .args(arguments)
        .args(["--now", "2026-11-22T01:02:03Z"])
        .output()
        .unwrap()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// A gateway whose coalition lists `shop.example`.
fn enrolled(room: &Path) {
    let coalition = Coalition::new(room);
    enrol_file(room, &coalition.enrolment("repository", &[1]));
    coalition.publish(1, &[Release::base(1, 1, &["shop.example"])]);
    assert!(run(room, &["refresh"]).status.success());
}

fn request(name: &str) -> Value {
    json!({"flow": "payout", "identifiers": [{"kind": "domain", "value": name}], "reference": "DISTINCT-REFERENCE"})
}

#[test]
fn a_report_survives_whatever_lies_in_an_audit_file() {
    let room = tempfile::tempdir().unwrap();
    let good = r#"{"format":1,"module":{"version":"0.2.0","build":"full"},"policy":"00","time":1795309323,"flow":"payout","request":"00","asked":[],"coalitions":[],"overrides":[],"clearances":[],"doubts":[],"action":"allow","natural":"allow","score":0,"degraded":false,"odds":{"prior":0,"typologies":0,"agreement":0,"total":0},"reasons":[],"unchecked":[],"sealed":"00","mac":"00"}"#;
    let files: [(&str, i32, Vec<u8>); 7] = [
        ("empty", 0, Vec::new()),
        ("newline", 2, b"\n".to_vec()),
        ("one", 0, good.into()),
        ("twice", 0, format!("{good}\n{good}\n").into()),
        ("utf8", 2, b"\xff\xfe\n{\"format\":\xc3}\n".to_vec()),
        ("endless", 2, vec![b'{'; 3 << 20]),
        (
            "huge",
            2,
            format!("{good}\n{}\n", good.replace("1795309323", "1e400")).into(),
        ),
    ];
    let mut arguments = vec!["report"];
    for (name, code, bytes) in &files {
        fs::write(room.path().join(name), bytes).unwrap();
        assert_eq!(
            run(room.path(), &["report", name]).status.code(),
            Some(*code),
            "{name}"
        );
        arguments.push(name);
    }
    arguments.extend(["--json", "out.json", "--plot", "out.svg"]);
    let all = run(room.path(), &arguments);
    assert_eq!(all.status.code(), Some(2));
    let told = text(all.stdout);
    // Only one receipt, repeated three times; a count of one is not shown.
    assert!(told.contains("<5 screenings"), "{told}");
    assert!(
        told.contains("no receipts: 5; lines that were there before: 3"),
        "{told}"
    );
    let json: Value =
        serde_json::from_slice(&fs::read(room.path().join("out.json")).unwrap()).unwrap();
    assert_eq!(json["screenings"], "<5");
    assert!(
        fs::read_to_string(room.path().join("out.svg"))
            .unwrap()
            .starts_with("<svg")
    );
    assert_eq!(run(room.path(), &["report", "none"]).status.code(), Some(3));
    assert_eq!(
        run(room.path(), &["report", "one", "--json", "no/such/place"])
            .status
            .code(),
        Some(3)
    );
}

#[test]
fn an_audit_holds_each_receipt_as_the_module_printed_it_and_a_report_of_it_tells_nothing_of_them() {
    let room = tempfile::tempdir().unwrap();
    enrolled(room.path());
    let names = (0..30).map(|index| format!("distinct-{index}.example"));
    let names = names.chain((0..3).map(|_| "shop.example".to_owned()));
    let lines: String = names.map(|name| format!("{}\n", request(&name))).collect();
    fs::write(room.path().join("requests"), format!("{lines}{{}}\n")).unwrap();
    let screened = run(
        room.path(),
        &["screen", "requests", "--audit", "audit.ndjson"],
    );
    assert_eq!(screened.status.code(), Some(2));
    let answers = text(screened.stdout);
    let audit = fs::read_to_string(room.path().join("audit.ndjson")).unwrap();
    assert_eq!((answers.lines().count(), audit.lines().count()), (34, 34));
    for (answer, receipt) in answers.lines().zip(audit.lines()) {
        assert!(answer.contains(receipt), "{answer}");
        let receipt: Value = serde_json::from_str(receipt).unwrap();
        assert_eq!(receipt["format"], 1);
    }
    // Appended, never written over.
    run(
        room.path(),
        &["screen", "requests", "--audit", "audit.ndjson"],
    );
    let longer = fs::read_to_string(room.path().join("audit.ndjson")).unwrap();
    assert!(longer.starts_with(&audit) && longer.len() > audit.len());

    let report = run(
        room.path(),
        &[
            "report",
            "audit.ndjson",
            "--json",
            "out.json",
            "--plot",
            "out.svg",
        ],
    );
    let told = text(report.stdout)
        + &fs::read_to_string(room.path().join("out.json")).unwrap()
        + &fs::read_to_string(room.path().join("out.svg")).unwrap();
    assert!(
        !told.contains("distinct") && !told.contains("DISTINCT") && !told.contains("shop.example")
    );
    for receipt in audit.lines() {
        let receipt: Value = serde_json::from_str(receipt).unwrap();
        let mut texts = Vec::new();
        hexadecimal(&receipt, &mut texts);
        // The receipt of the refused line has only its mac and the module.
        let least = if receipt["code"].is_null() { 4 } else { 2 };
        assert!(texts.len() >= least, "{receipt}");
        assert!(
            texts.iter().all(|text| !told.contains(text.as_str())),
            "{receipt}"
        );
    }
}

/// Every digest in a receipt.
fn hexadecimal(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) if text.len() >= 32 => texts.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| hexadecimal(item, texts)),
        Value::Object(members) => members.values().for_each(|item| hexadecimal(item, texts)),
        _ => {}
    }
}

#[test]
fn nothing_is_screened_if_the_audit_cannot_be_kept() {
    let room = tempfile::tempdir().unwrap();
    enrolled(room.path());
    fs::write(
        room.path().join("requests"),
        request("shop.example").to_string(),
    )
    .unwrap();
    for place in ["no/such/place", "."] {
        let refused = run(room.path(), &["screen", "requests", "--audit", place]);
        assert_eq!(refused.status.code(), Some(3), "{place}");
        assert!(refused.stdout.is_empty());
    }
    // If the disk is full, the verdict is not printed either.
    if Path::new("/dev/full").exists() {
        let refused = run(room.path(), &["screen", "requests", "--audit", "/dev/full"]);
        assert_eq!(refused.status.code(), Some(3));
        assert!(refused.stdout.is_empty());
    }
}

#[test]
fn labelled_cases_are_screened_and_told_by_class() {
    let room = tempfile::tempdir().unwrap();
    enrolled(room.path());
    let case = |label: &str, name: &str| json!({"label": label, "request": request(name)});
    let mut lines = vec![b"rubbish".to_vec(), b"\xff".to_vec(), Vec::new()];
    for index in 0..12 {
        lines.push(case("bad", "shop.example").to_string().into());
        lines.push(
            case("good", &format!("good-{index}.example"))
                .to_string()
                .into(),
        );
    }
    lines.push(json!({"label": "good", "request": {}}).to_string().into());
    fs::write(room.path().join("labelled"), lines.join(&b'\n')).unwrap();
    let arguments = [
        "tune", "labelled", "--json", "out.json", "--plot", "out.svg",
    ];
    let tuned = run(room.path(), &arguments);
    let told = text(tuned.stdout);
    assert_eq!(tuned.status.code(), Some(2), "{told}{}", text(tuned.stderr));
    assert!(told.contains("12 bad and 12 good cases screened"), "{told}");
    assert!(told.contains("3 lines are no labelled request"), "{told}");
    assert!(told.contains("1 were refused (missing_field)"), "{told}");
    let json: Value =
        serde_json::from_slice(&fs::read(room.path().join("out.json")).unwrap()).unwrap();
    let at = |score: u16| {
        let thresholds = json["thresholds"].as_array().unwrap().iter();
        thresholds
            .clone()
            .find(|one| one["score"] == score)
            .unwrap()
            .clone()
    };
    assert_eq!(
        (&at(700)["true_positives"], &at(700)["false_positives"]),
        (&json!(12), &json!(0))
    );
    assert_eq!(at(400)["policy"].as_array().unwrap().len(), 2);
    assert!(
        fs::read_to_string(room.path().join("out.svg"))
            .unwrap()
            .contains("<circle")
    );

    fs::write(
        room.path().join("few"),
        case("bad", "shop.example").to_string(),
    )
    .unwrap();
    let few = run(room.path(), &["tune", "few"]);
    let told = text(few.stdout);
    assert!(
        few.status.code() == Some(2) && told.contains("TOO FEW LABELS"),
        "{told}"
    );
    assert_eq!(run(room.path(), &["tune", "none"]).status.code(), Some(3));
}

#[test]
fn without_typologies_the_rules_in_force_are_none() {
    let room = tempfile::tempdir().unwrap();
    enrolled(room.path());
    let told = run(room.path(), &["explain-rules"]);
    assert_eq!(told.status.code(), Some(0), "{}", text(told.stderr));
    assert!(text(told.stdout).starts_with("no typology is in force"));
}

#[test]
fn receipts_are_kept_as_the_configuration_says_and_whoever_keeps_or_reads_them_is_told() {
    let room = tempfile::tempdir().unwrap();
    let room = room.path();
    enrolled(room);
    let config = fs::read_to_string(room.join("gateway.toml")).unwrap();
    let set =
        |lines: &str| fs::write(room.join("gateway.toml"), format!("{lines}\n{config}")).unwrap();
    let requests = ["shop.example", "clean.example"].map(|name| request(name).to_string());
    fs::write(room.join("requests"), requests.join("\n")).unwrap();
    let actions = |audit: &str| -> Vec<Value> {
        let kept = fs::read_to_string(room.join(audit)).unwrap();
        let kept = kept
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        kept.map(|receipt| receipt["action"].clone()).collect()
    };

    set("receipts = \"findings\"");
    let screened = run(room, &["screen", "requests", "--audit", "found"]);
    let told = text(screened.stderr);
    assert!(told.contains("a verdict allow leaves no receipt"), "{told}");
    assert_eq!(screened.status.code(), Some(1));
    assert_eq!(text(screened.stdout).lines().count(), 2);
    assert_eq!(actions("found"), ["block"]);
    let report = run(room, &["report", "found"]);
    assert!(text(report.stderr).contains("receipts = \"findings\""));
    assert!(text(report.stdout).contains("Answers without one are not counted"));
    let described = text(run(room, &["describe"]).stdout);
    assert!(described.contains("receipts    findings"), "{described}");

    set("receipts = \"never\"");
    let refused = run(room, &["screen", "requests", "--audit", "none"]);
    assert_eq!(
        (refused.status.code(), refused.stdout),
        (Some(3), Vec::new())
    );
    assert!(text(refused.stderr).contains("--audit would keep nothing"));
    let screened = run(room, &["screen", "requests"]);
    assert_eq!(screened.status.code(), Some(1));
    assert!(!text(screened.stdout).contains("receipt"));

    run(room, &["audit", "key", "silent.key"]);
    set("receipts = \"never\"\nsilent_key = \"silent.key\"");
    let screened = run(room, &["screen", "requests", "--audit", "all"]);
    let told = text(screened.stderr);
    assert!(told.contains("no effect beside silent_key"), "{told}");
    assert_eq!(actions("all"), ["block", "allow"]);
}
