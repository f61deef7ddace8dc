//! Overrides and shadow policies, from the command to the verdict.

use std::fs;
use std::process::{Command, Output};

use interdict_core::list::Flags;
use interdict_helpers::NOW;
use serde_json::{Value, json};

use crate::replay::{RELEASE, REQUEST, Room};

const AT: &str = "2026-11-22T01:02:03Z";
const UNTIL: &str = "2026-11-23T00:00:00Z";

fn run(room: &Room, arguments: &[&str], now: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_interdict"))
        .current_dir(room.path())
        .args(arguments)
        .args(["--now", now])
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8([&output.stdout[..], &output.stderr].concat()).unwrap()
}

/// A gateway with two people's keys, whose coalition lists `shop.example`.
fn gateway() -> Room {
    let room = Room::new(&[1]);
    room.release(1, &RELEASE, NOW);
    for name in ["risk lead", "compliance"] {
        let made = run(&room, &["override", "key", name, "--out", "keys"], AT);
        assert_eq!(made.status.code(), Some(0), "{}", text(&made));
        room.say(&String::from_utf8(made.stdout).unwrap());
    }
    room
}

fn draft(room: &Room, value: &str, list: &str) -> Output {
    let arguments = [
        "override",
        "draft",
        value,
        "--coalition",
        "se",
        "--list",
        list,
        "--until",
        UNTIL,
        "--reference",
        "case 17",
        "--out",
        "state/overrides/case.json",
    ];
    run(room, &arguments, AT)
}

fn sign(room: &Room, key: &str) {
    let key = format!("keys/{key}.key");
    let document = "state/overrides/case.json";
    let signed = run(room, &["override", "sign", document, "--key", &key], AT);
    assert_eq!(signed.status.code(), Some(0), "{}", text(&signed));
}

fn verdict(room: &Room, now: u32) -> Value {
    let gateway = room.gateway(now);
    serde_json::from_slice(
        &gateway
            .host()
            .call("screen", REQUEST.as_bytes(), now)
            .unwrap(),
    )
    .unwrap()
}

#[test]
fn a_printed_key_fits_gateway_toml_and_as_its_comment_says_a_policy_file() {
    let room = Room::new(&[1]);
    let made = run(
        &room,
        &["override", "key", "risk lead", "--out", "keys"],
        AT,
    );
    let printed = String::from_utf8(made.stdout).unwrap();
    let (comment, table) = printed.split_once('\n').unwrap();
    assert!(comment.starts_with("# For gateway.toml"), "{comment}");
    let (_, head) = comment.rsplit_once(' ').unwrap();
    let policy = table.replacen("[[policy.override_keys]]", head, 1);
    assert_ne!(policy, table);

    let before = fs::read_to_string(&room.config).unwrap();
    let (required, rest) = before.split_once('\n').unwrap();
    let required = required.strip_prefix("policy.").unwrap();
    let policy = format!("{required}\n{policy}");
    fs::write(room.path().join("policy.toml"), &policy).unwrap();
    let named = format!("policy = \"policy.toml\"\n{rest}");
    for config in [format!("{before}{printed}"), named] {
        fs::write(&room.config, config).unwrap();
        let checked = run(&room, &["policy", "json"], AT);
        assert_eq!(checked.status.code(), Some(0), "{}", text(&checked));
        assert!(text(&checked).contains("risk lead"), "{}", text(&checked));
    }
}

#[test]
fn an_override_signed_by_two_lowers_a_block_to_review_until_its_day_and_is_replayed() {
    let room = gateway();
    // Asks about a name below the listed one; the entry is that of the listed name.
    let drafted = draft(&room, "pay.shop.example", "se/merchants");
    assert_eq!(drafted.status.code(), Some(0), "{}", text(&drafted));
    assert!(text(&drafted).contains("drafted for domain shop.example (parent)"));
    assert_eq!(
        draft(&room, "shop.example", "se/merchants").status.code(),
        Some(3)
    );
    sign(&room, "risk-lead");
    // One signature is not enough, nor are two of one person, and the command says so.
    sign(&room, "risk-lead");
    let unsigned = room.gateway(NOW).unsigned(NOW);
    let waits =
        "override case.json has no effect until one more person signs it: interdict override sign ";
    assert!(
        unsigned.len() == 1 && unsigned[0].starts_with(waits),
        "{unsigned:?}"
    );
    assert_eq!(room.gateway(NOW).warnings(), []);
    assert_eq!(verdict(&room, NOW)["action"], "block");
    assert_eq!(run(&room, &["override", "list"], AT).status.code(), Some(2));
    sign(&room, "compliance");
    assert_eq!(room.gateway(NOW).warnings(), []);
    let lowered = verdict(&room, NOW);
    assert_eq!(
        (&lowered["action"], &lowered["natural"]),
        (&json!("review"), &json!("block"))
    );
    let listed = run(&room, &["override", "list"], AT);
    assert_eq!(listed.status.code(), Some(0), "{}", text(&listed));
    for part in ["in force", "risk lead, compliance", UNTIL, "case 17"] {
        assert!(text(&listed).contains(part), "{}", text(&listed));
    }
    // Expired at the exact second.
    let end = 1_795_392_000;
    let gateway = room.gateway(end);
    assert!(
        gateway
            .warnings()
            .iter()
            .any(|one| one.text.contains("has expired"))
    );
    assert!(told(&verdict(&room, end - 1)), "still in force");
    assert!(!told(&verdict(&room, end)), "over");
    let archived = crate::replay::files(&room.archive().join("overrides"));
    let names: Vec<_> = archived
        .iter()
        .map(|file| file.file_name().unwrap())
        .collect();
    let named = lowered["receipt"]["overrides"].as_array().unwrap();
    assert_eq!(named.len(), 1, "{lowered}");
    assert_eq!(names, [named[0].as_str().unwrap()]);
    fs::remove_dir_all(room.path().join("state/overrides")).unwrap();
    assert_eq!(verdict(&room, NOW)["action"], "block");
    // As the module printed it.
    let replayed = room
        .replayer()
        .replay(as_printed(&room).as_bytes(), REQUEST.as_bytes());
    assert_eq!(replayed.unwrap(), interdict::Replayed::Same);
}

/// Whether a reason says that an override lowered the action.
fn told(verdict: &Value) -> bool {
    let mut reasons = verdict["reasons"].as_array().unwrap().iter();
    reasons.any(|reason| reason["code"] == "overridden")
}

/// The receipt of a verdict under an override that exists only while the question is asked.
fn as_printed(room: &Room) -> String {
    let archived = crate::replay::files(&room.archive().join("overrides"));
    assert_eq!(archived.len(), 1);
    let directory = room.path().join("state/overrides");
    fs::create_dir(&directory).unwrap();
    fs::copy(&archived[0], directory.join("case.json")).unwrap();
    let receipt = crate::replay::receipt(&room.gateway(NOW), NOW);
    fs::remove_dir_all(&directory).unwrap();
    assert!(
        receipt.contains("\"action\":\"review\",\"because\":\"record\",\"natural\":\"block\""),
        "{receipt}"
    );
    receipt
}

#[test]
fn what_is_not_listed_there_is_not_drafted() {
    let room = gateway();
    assert_eq!(
        draft(&room, "other.example", "se/merchants").status.code(),
        Some(2)
    );
    assert_eq!(
        draft(&room, "shop.example", "se/others").status.code(),
        Some(3)
    );
    assert!(!room.path().join("state/overrides/case.json").exists());
}

#[test]
fn whatever_lies_among_the_overrides_the_gateway_opens_and_says_so() {
    let room = gateway();
    draft(&room, "shop.example", "se/merchants");
    sign(&room, "risk-lead");
    sign(&room, "compliance");
    let directory = room.path().join("state/overrides");
    let good = fs::read_to_string(directory.join("case.json")).unwrap();
    let far = good.replace("2026-11-23", "2027-11-23");
    let foreign = good.replace("se/merchants", "se/others");
    for (name, bytes) in [
        ("empty.json", Vec::new()),
        ("far.json", far.into()),
        ("foreign.json", foreign.into()),
        ("garbage.json", b"\xff{".to_vec()),
        ("huge.json", vec![b' '; 100_000]),
    ] {
        fs::write(directory.join(name), bytes).unwrap();
    }
    fs::create_dir(directory.join("directory.json")).unwrap();
    fs::write(directory.join("notes.txt"), "of no interest").unwrap();
    let gateway = room.gateway(NOW);
    let warned = gateway.warnings();
    assert_eq!(warned.len(), 6, "{warned:?}");
    assert!(
        warned
            .iter()
            .all(|one| one.text.starts_with("OVERRIDE LEFT OUT"))
    );
    assert_eq!(verdict(&room, NOW)["action"], "review");
}

#[test]
fn a_mandatory_record_is_not_lowered() {
    let room = Room::new(&[1]);
    let mut keys = String::new();
    let mut release = RELEASE;
    release[0].flags = Flags::MANDATORY.0;
    room.coalition.publish(1, &release);
    room.gateway(NOW).host().refresh(NOW).unwrap();
    for name in ["risk lead", "compliance"] {
        let made = run(&room, &["override", "key", name, "--out", "keys"], AT);
        keys += &String::from_utf8(made.stdout).unwrap();
    }
    room.say(&keys);
    assert_eq!(
        draft(&room, "shop.example", "se/merchants").status.code(),
        Some(0)
    );
    sign(&room, "risk-lead");
    sign(&room, "compliance");
    assert_eq!(room.gateway(NOW).warnings(), []);
    assert_eq!(verdict(&room, NOW)["action"], "block");
}

#[test]
fn a_shadow_decides_nothing_and_only_lines_that_differ_are_told() {
    let room = Room::new(&[1]);
    room.release(1, &RELEASE, NOW);
    let stricter = "without_lists = true\n";
    fs::write(room.path().join("stricter.toml"), stricter).unwrap();
    let ask = |flow: &str, name: &str| {
        let identifier = json!({"kind": "domain", "value": name});
        json!({"flow": flow, "identifiers": [identifier]}).to_string()
    };
    let lines = [
        ask("payout", "good.example"),
        ask("payout", "shop.example"),
        "rubbish".to_owned(),
        ask("authorisation", "shop.example"),
        ask("payout", "fine.example"),
    ];
    fs::write(room.path().join("requests"), lines.join("\n")).unwrap();
    let told = run(&room, &["shadow", "stricter.toml", "requests"], AT);
    assert_eq!(told.status.code(), Some(2), "{}", text(&told));
    let told = String::from_utf8(told.stdout).unwrap();
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 6, "{told}");
    assert!(lines[0].starts_with("line 1: allow ") && lines[0].contains(" -> review "));
    assert!(lines[1].starts_with("line 5: "));
    assert_eq!(
        lines[2..],
        [
            "5 lines, 1 refused, 0 degraded or with an unused field",
            "authorisation: 1 screened",
            "payout: 3 screened",
            "  allow -> review: 2"
        ]
    );
    // If the configuration names it, it watches every verdict.
    room.say("shadow = \"stricter.toml\"\n");
    let gateway = room.gateway(NOW);
    let verdict = gateway
        .host()
        .screen(&ask("payout", "good.example"), NOW)
        .unwrap();
    assert_eq!(verdict.action.name(), "allow");
    assert_eq!(verdict.shadow.unwrap().action.name(), "review");
    // Its faults are reported like those of a policy.
    fs::write(room.path().join("stricter.toml"), "typology_cap = -1\n").unwrap();
    let refused = run(&room, &["shadow", "stricter.toml", "requests"], AT);
    assert_eq!(refused.status.code(), Some(3));
    assert!(text(&refused).contains("line 1"), "{}", text(&refused));
}
