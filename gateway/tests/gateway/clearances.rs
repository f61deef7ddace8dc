//! Clearances, from the command to the verdict, the archive and the replay.

use std::fs;
use std::process::{Command, Output};

use interdict::Replayed;
use interdict_core::list::Flags;
use interdict_helpers::{NOW, Release};
use serde_json::{Value, json};

use crate::replay::{RELEASE, REQUEST, Room, files, receipt};

const AT: &str = "2026-11-22T01:02:03Z";
const UNTIL: &str = "2027-04-01T00:00:00Z";
const DOCUMENT: &str = "state/clearances/case.json";

fn run(room: &Room, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_interdict"))
        .current_dir(room.path())
        .args(arguments)
        .args(["--now", AT])
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8([&output.stdout[..], &output.stderr].concat()).unwrap()
}

/// A gateway with two analysts' keys, whose coalition lists `shop.example` with these flags.
fn gateway(flags: Flags) -> Room {
    let room = Room::new(&[1]);
    let mut release = RELEASE;
    release[0].flags = flags.0;
    room.release(1, &release, NOW);
    for name in ["analyst", "second analyst"] {
        let made = run(&room, &["clearance", "key", name, "--out", "keys"]);
        assert_eq!(made.status.code(), Some(0), "{}", text(&made));
        room.say(&String::from_utf8(made.stdout).unwrap());
    }
    room
}

/// One whose record leads to a review: a victim may run the account.
fn at_review() -> Room {
    gateway(Flags::POSSIBLY_VICTIM_CONTROLLED)
}

fn draft(room: &Room, about: &[&str]) -> Output {
    let arguments = [
        "--until",
        UNTIL,
        "--reference",
        "case 17",
        "--out",
        DOCUMENT,
    ];
    let about = [&["clearance", "draft"], about, &arguments].concat();
    run(room, &about)
}

fn sign(room: &Room, key: &str) {
    let key = format!("keys/{key}.key");
    let signed = run(room, &["clearance", "sign", DOCUMENT, "--key", &key]);
    assert_eq!(signed.status.code(), Some(0), "{}", text(&signed));
}

fn action(room: &Room) -> String {
    let verdict = room.gateway(NOW).host().screen(REQUEST, NOW).unwrap();
    verdict.action.name().to_owned()
}

#[test]
fn a_case_that_two_people_cleared_is_monitored_archived_and_replayed() {
    let room = at_review();
    assert_eq!(action(&room), "review");
    let drafted = draft(&room, &["shop.example"]);
    assert_eq!(drafted.status.code(), Some(0), "{}", text(&drafted));
    for part in ["drafted for: Listed on se/merchants", "two of the policy's"] {
        assert!(text(&drafted).contains(part), "{}", text(&drafted));
    }
    // A document in force is never written over.
    assert_eq!(draft(&room, &["shop.example"]).status.code(), Some(3));
    sign(&room, "analyst");
    sign(&room, "analyst");
    assert_eq!(action(&room), "review");
    assert_eq!(run(&room, &["clearance", "list"]).status.code(), Some(2));
    sign(&room, "second-analyst");
    assert_eq!(room.gateway(NOW).warnings(), []);
    assert_eq!(action(&room), "monitor");
    let listed = run(&room, &["clearance", "list"]);
    assert_eq!(listed.status.code(), Some(0), "{}", text(&listed));
    for part in [
        "in force",
        "1 reason,",
        "analyst, second analyst",
        UNTIL,
        "case 17",
    ] {
        assert!(text(&listed).contains(part), "{}", text(&listed));
    }
    let printed = receipt(&room.gateway(NOW), NOW);
    let read: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(
        (&read["action"], &read["natural"]),
        (&json!("monitor"), &json!("review"))
    );
    let archived = files(&room.archive().join("clearances"));
    let named = archived
        .iter()
        .map(|file| file.file_name().unwrap().to_str());
    let named: Vec<_> = named.map(Option::unwrap).collect();
    assert_eq!(json!(named), read["clearances"]);
    // The replay needs the archive alone.
    fs::remove_dir_all(room.path().join("state/clearances")).unwrap();
    assert_eq!(action(&room), "review");
    assert_eq!(room.replay(&printed), Replayed::Same);
    fs::remove_dir_all(room.archive().join("clearances")).unwrap();
    let Replayed::Missing(missing) = room.replay(&printed) else {
        panic!("the document is missing");
    };
    assert!(missing[0].starts_with("clearance "), "{missing:?}");
}

#[test]
fn a_clearance_that_waits_for_its_second_person_is_spoken_of_where_people_work_on_it_and_nowhere_else()
 {
    let room = at_review();
    draft(&room, &["shop.example"]);
    let waits =
        "clearance case.json has no effect until two people sign it: interdict clearance sign ";
    let told = room.gateway(NOW).unsigned(NOW);
    assert!(told.len() == 1 && told[0].starts_with(waits), "{told:?}");
    sign(&room, "analyst");
    assert_eq!(room.gateway(NOW).warnings(), []);
    let waits = "clearance case.json has no effect until one more person signs it: interdict clearance sign ";
    for (arguments, code, count) in [
        (&["check", "shop.example"][..], 1, 0),
        (&["explain-rules"], 0, 0),
        (&["describe"], 2, 1),
        (&["describe", "--json"], 2, 1),
        (&["clearance", "list"], 2, 1),
    ] {
        let ended = run(&room, arguments);
        let said = text(&ended);
        assert_eq!(
            (ended.status.code(), said.matches(waits).count()),
            (Some(code), count),
            "{arguments:?}: {said}"
        );
    }
    let listed = text(&run(&room, &["clearance", "list"]));
    assert!(
        listed.contains("case.json: waits for 1 more signature"),
        "{listed}"
    );
    // After its end nobody need sign it.
    let late = room.gateway(NOW).unsigned(1_806_537_600);
    assert!(
        late[0].contains("has expired before one more person signed it: delete "),
        "{late:?}"
    );
    sign(&room, "second-analyst");
    assert_eq!(room.gateway(NOW).unsigned(NOW), [""; 0]);
}

#[test]
fn a_signature_that_does_not_count_is_told_when_it_is_made_and_warned_of_everywhere() {
    let room = at_review();
    draft(&room, &["shop.example"]);
    sign(&room, "analyst");
    run(&room, &["clearance", "key", "stranger", "--out", "keys"]);
    let signed = run(
        &room,
        &["clearance", "sign", DOCUMENT, "--key", "keys/stranger.key"],
    );
    assert!(
        text(&signed).contains("warning: this signature does not count: the policy of gateway.toml has no clearance_keys"),
        "{}",
        text(&signed)
    );
    let warned = room.gateway(NOW).warnings();
    assert!(
        warned[0].text.starts_with("CLEARANCE LEFT OUT: case.json"),
        "{warned:?}"
    );
    assert_eq!(action(&room), "review");
}

#[test]
fn what_no_clearance_lowers_is_not_drafted() {
    for (flags, about) in [
        (Flags(0), ["shop.example"]),
        (Flags::POSSIBLY_VICTIM_CONTROLLED, ["other.example"]),
        (
            Flags::POSSIBLY_VICTIM_CONTROLLED.with(Flags::MANDATORY),
            ["shop.example"],
        ),
    ] {
        let room = gateway(flags);
        let drafted = draft(&room, &about);
        assert_eq!(drafted.status.code(), Some(2), "{}", text(&drafted));
        assert!(text(&drafted).contains("nothing to clear"));
        assert!(!room.path().join(DOCUMENT).exists());
    }
}

#[test]
fn one_document_holds_the_cases_of_a_whole_file() {
    let room = Room::new(&[1]);
    let listed = Release {
        flags: Flags::POSSIBLY_VICTIM_CONTROLLED.0,
        ..Release::base(1, 1, &["shop.example", "market.example"])
    };
    room.release(1, &[listed], NOW);
    let requests = [
        "shop.example",
        "market.example",
        "shop.example",
        "good.example",
    ]
    .map(|name| REQUEST.replace("shop.example", name))
    .join("\n");
    fs::write(room.path().join("cases"), &requests).unwrap();
    let drafted = draft(&room, &["--requests", "cases"]);
    assert_eq!(drafted.status.code(), Some(0), "{}", text(&drafted));
    assert!(text(&drafted).contains("line 4: its action is allow"));
    let document = fs::read(room.path().join(DOCUMENT)).unwrap();
    let document: Value = serde_json::from_slice(&document).unwrap();
    let clearances = document["signed"]["clearances"].as_array().unwrap();
    assert_eq!(clearances.len(), 2, "{document}");
    fs::remove_file(room.path().join(DOCUMENT)).unwrap();
    for bad in ["{}", "rubbish", "[]"] {
        fs::write(room.path().join("cases"), format!("{requests}\n{bad}\n")).unwrap();
        let refused = draft(&room, &["--requests", "cases"]);
        assert_eq!(refused.status.code(), Some(3), "{bad}");
        assert!(text(&refused).contains("line 5"), "{}", text(&refused));
        assert!(!room.path().join(DOCUMENT).exists());
    }
}

#[test]
fn whatever_lies_among_the_clearances_the_gateway_opens_and_says_so() {
    let room = at_review();
    draft(&room, &["shop.example"]);
    sign(&room, "analyst");
    sign(&room, "second-analyst");
    let directory = room.path().join("state/clearances");
    let good = fs::read_to_string(directory.join("case.json")).unwrap();
    let cleared = good.split_once("\"clearances\":[").unwrap().1;
    let cleared = cleared.split_once(']').unwrap().0;
    let many = good.replacen(cleared, &vec![cleared; 10_001].join(","), 1);
    for (name, bytes) in [
        ("empty.json", Vec::new()),
        ("far.json", good.replace("2027-04-01", "2028-04-01").into()),
        (
            "other.json",
            good.replace("se/merchants", "se/others").into(),
        ),
        ("garbage.json", b"\xff{".to_vec()),
        ("huge.json", vec![b' '; 3_000_001]),
        ("many.json", many.into()),
    ] {
        fs::write(directory.join(name), bytes).unwrap();
    }
    fs::create_dir(directory.join("directory.json")).unwrap();
    fs::write(directory.join("notes.txt"), "of no interest").unwrap();
    let warned = room.gateway(NOW).warnings();
    assert_eq!(warned.len(), 7, "{warned:?}");
    assert!(
        warned
            .iter()
            .all(|one| one.text.starts_with("CLEARANCE LEFT OUT"))
    );
    assert_eq!(action(&room), "monitor");
}

#[test]
fn documents_that_are_too_many_together_are_left_out_from_the_end() {
    let room = at_review();
    draft(&room, &["shop.example"]);
    let path = room.path().join(DOCUMENT);
    let good = fs::read_to_string(&path).unwrap();
    let cleared = good.split_once("\"clearances\":[").unwrap().1;
    let cleared = cleared.split_once(']').unwrap().0.to_owned();
    fs::write(
        &path,
        good.replacen(&cleared, &vec![&*cleared; 6_000].join(","), 1),
    )
    .unwrap();
    sign(&room, "analyst");
    sign(&room, "second-analyst");
    fs::copy(&path, room.path().join("state/clearances/later.json")).unwrap();
    let warned = room.gateway(NOW).warnings();
    let [warning] = &warned[..] else {
        panic!("{warned:?}")
    };
    assert!(
        warning.text.starts_with("CLEARANCE LEFT OUT: later.json"),
        "{warning}"
    );
    assert_eq!(action(&room), "monitor");
}

#[test]
fn a_key_of_an_override_signs_no_clearance_and_the_other_way_round() {
    let room = at_review();
    draft(&room, &["shop.example"]);
    let made = run(&room, &["override", "key", "risk lead", "--out", "keys"]);
    assert_eq!(made.status.code(), Some(0));
    for (command, key) in [("clearance", "risk-lead"), ("override", "analyst")] {
        let key = format!("keys/{key}.key");
        let refused = run(&room, &[command, "sign", DOCUMENT, "--key", &key]);
        assert_eq!(refused.status.code(), Some(3), "{}", text(&refused));
    }
    let refused = run(
        &room,
        &["override", "sign", DOCUMENT, "--key", "keys/risk-lead.key"],
    );
    assert!(
        text(&refused).contains("no override document"),
        "{}",
        text(&refused)
    );
}
