//! `interdict screen-file`: one line for each row, and a run that was stopped goes on.

use std::fmt::Write as _;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use interdict_helpers::{CARD, base, change, shows_card};
use serde_json::{Value, json};

use crate::portfolio_changes::Room;

const NOW: &str = "2026-11-22T01:02:03Z";

/// A gateway with a list that has `shop.example` and `market.example`.
fn room() -> Room {
    let (room, _) = Room::new().release_and_keep(1, base());
    room
}

fn command(room: &Room, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interdict"));
    command.arg("screen-file").args(arguments);
    command.args(["--now", NOW]).current_dir(room.path(""));
    command
}

/// The exit code, and all that was printed.
fn run(room: &Room, arguments: &[&str]) -> (Option<i32>, String) {
    let output = command(room, arguments).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

fn read(room: &Room, name: &str) -> String {
    fs::read_to_string(room.path(name)).unwrap()
}

fn verdicts(room: &Room) -> Vec<Value> {
    let text = read(room, "out");
    assert!(text.ends_with('\n'));
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn every_row_has_its_line_and_no_line_an_identifier() {
    let room = room();
    let number = CARD.replace(' ', "");
    let csv = format!(
        "id,flow,domain,iban\nm_1,payout,flowers.example,\nm_2,payout,shop.example,\nm_3,,shop.example,\n\
         m_4,payout,{number},\nm_5,payout\nm_6,,,\n,payout,flowers.example,\nm_8,payout,flowers.example,GB00PLANTED\n"
    );
    fs::write(room.path("own.csv"), csv).unwrap();
    let (code, told) = run(&room, &["own.csv", "--out", "out"]);
    assert_eq!(code, Some(2), "{told}");
    let lines = verdicts(&room);
    let numbers: Vec<u64> = lines
        .iter()
        .map(|line| line["line"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, [2, 3, 4, 5, 6, 7, 8, 9]);
    let clean = json!({"line": 2, "merchant": "m_1", "decision": "pass", "action": "allow", "degraded": false});
    assert_eq!(lines[0], clean);
    let listed = json!({"line": 3, "merchant": "m_2", "decision": "refuse", "action": "block", "because": "record",
        "degraded": false});
    assert_eq!(lines[1], listed);
    for line in &lines[2..7] {
        assert!(
            line["problem"].is_string() && line.get("decision").is_none(),
            "{line}"
        );
    }
    assert_eq!(lines[7]["unused"], 1, "{}", lines[7]);
    let text = read(&room, "out") + &read(&room, "out.begun") + &told;
    for kept in ["example", "PLANTED"] {
        assert!(!text.contains(kept), "{text}");
    }
    assert!(!shows_card(&text), "{text}");
    for counted in [
        "8 rows",
        "  block        1",
        "  refuse       1",
        "  5 rows: not screened",
    ] {
        assert!(told.contains(counted), "{counted}: {told}");
    }
    // The flow of the rows that name none.
    let (_, told) = run(
        &room,
        &["own.csv", "--out", "with-flow", "--flow", "payout"],
    );
    assert!(told.contains("  block        2"), "{told}");
}

#[test]
fn lines_of_json_and_maps_are_read_as_the_portfolio_reads_them() {
    let room = room();
    let rows = [
        json!({"id": "m_1", "flow": "payout", "identifiers": [{"kind": "domain", "value": "flowers.example"}]}),
        json!({"id": "m_2", "flow": "authorisation", "url": "https://shop.example/pay"}),
    ];
    let text: String = rows.iter().map(|row| format!("{row}\n")).collect();
    fs::write(room.path("own.ndjson"), text + "{\n").unwrap();
    let (code, told) = run(&room, &["own.ndjson", "--out", "out"]);
    assert_eq!(code, Some(2), "{told}");
    let lines = verdicts(&room);
    assert_eq!(
        (&lines[0]["action"], &lines[1]["action"]),
        (&json!("allow"), &json!("block"))
    );
    assert!(lines[2]["problem"].is_string() && lines[2].get("merchant").is_none());
    fs::write(
        room.path("map.toml"),
        "id = \"nr\"\nflow = \"payout\"\n[identifiers]\nweb = \"url\"\n",
    )
    .unwrap();
    fs::write(room.path("own.csv"), "nr,web,other\nm_1,shop.example,x\n").unwrap();
    let (code, told) = run(&room, &["own.csv", "--map", "map.toml", "--out", "mapped"]);
    assert_eq!(code, Some(1), "{told}");
}

/// So many merchants, every thousandth of them listed.
fn many(count: u32) -> String {
    let mut text = "id,flow,domain\n".to_owned();
    for number in 0..count {
        let domain = match number % 1_000 {
            0 => "shop.example".to_owned(),
            _ => format!("shop-{number}.example"),
        };
        writeln!(text, "m_{number},payout,{domain}").unwrap();
    }
    text
}

/// Ends a run without a word to it, once it has written so much.
fn kill_after(room: &Room, mut child: Child, bytes: u64) {
    for _ in 0..60_000 {
        let written = fs::metadata(room.path("out")).map_or(0, |file| file.len());
        if written >= bytes || child.try_wait().unwrap().is_some() {
            break;
        }
        thread::sleep(Duration::from_millis(1));
    }
    let _ = child.kill();
    child.wait().unwrap();
}

#[test]
fn a_run_that_was_killed_goes_on_and_leaves_the_bytes_of_one_run() {
    let room = room();
    fs::write(room.path("own.csv"), many(30_000)).unwrap();
    let (code, told) = run(&room, &["own.csv", "--out", "whole"]);
    assert_eq!(code, Some(1), "{told}");
    let whole = fs::read(room.path("whole")).unwrap();
    let mut stopped = 0;
    for round in 1..6 {
        let mut command = command(&room, &["own.csv", "--out", "out"]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let written = fs::metadata(room.path("out")).map_or(0, |file| file.len());
        kill_after(&room, child.unwrap(), written + 200_000 * round);
        let kept = fs::read(room.path("out")).unwrap();
        let whole_lines = kept.iter().rposition(|byte| *byte == b'\n').unwrap();
        assert_eq!(kept[..whole_lines], whole[..whole_lines]);
        stopped += u32::from(kept.len() < whole.len());
    }
    assert!(stopped > 0, "every run came to its end");
    let (code, told) = run(&room, &["own.csv", "--out", "out"]);
    assert_eq!(code, Some(1), "{told}");
    assert!(
        told.contains("30000 rows") && told.contains("  block        30"),
        "{told}"
    );
    assert!(fs::read(room.path("out")).unwrap() == whole);
    // At the end there is nothing to do, and a second run says the same.
    assert_eq!(run(&room, &["own.csv", "--out", "out"]), (code, told));
    assert!(fs::read(room.path("out")).unwrap() == whole);
}

#[test]
fn a_torn_line_is_cut_off_wherever_it_broke() {
    let room = room();
    fs::write(room.path("own.csv"), many(4)).unwrap();
    run(&room, &["own.csv", "--out", "out"]);
    let whole = fs::read(room.path("out")).unwrap();
    let longer = [&whole[..], b"{\"line\":"].concat();
    for end in (0..whole.len()).chain([longer.len()]) {
        fs::write(room.path("out"), &longer[..end]).unwrap();
        let (code, told) = run(&room, &["own.csv", "--out", "out"]);
        assert_eq!(code, Some(1), "{told}");
        assert_eq!(fs::read(room.path("out")).unwrap(), whole, "{end}");
    }
}

#[test]
fn a_run_does_not_go_on_from_anything_else() {
    let room = room();
    let start = || {
        fs::write(room.path("own.csv"), many(4)).unwrap();
        let (code, told) = run(&room, &["own.csv", "--out", "out", "--again"]);
        assert_eq!(code, Some(1), "{told}");
        let text = read(&room, "out");
        let (first, _) = text.split_once('\n').unwrap();
        fs::write(room.path("out"), format!("{first}\n")).unwrap();
    };
    let refused = |arguments: &[&str], what: &str| {
        let before = read(&room, "out");
        let (code, told) = run(&room, arguments);
        assert_eq!(code, Some(3), "{told}");
        assert!(told.contains(what) && told.contains("--again"), "{told}");
        assert_eq!(read(&room, "out"), before, "it is left as it was");
    };
    let plain: &[&str] = &["own.csv", "--out", "out"];
    start();
    fs::write(room.path("own.csv"), many(5)).unwrap();
    refused(plain, "the file of merchants changed");
    start();
    refused(
        &["own.csv", "--out", "out", "--flow", "payout"],
        "the flow changed",
    );
    fs::write(
        room.path("map.toml"),
        "id = \"id\"\n[identifiers]\ndomain = \"domain\"\n",
    )
    .unwrap();
    refused(
        &["own.csv", "--out", "out", "--map", "map.toml"],
        "the map changed",
    );
    fs::create_dir_all(room.path("state/overrides")).unwrap();
    fs::write(room.path("state/overrides/case.json"), "{}").unwrap();
    refused(plain, "an override or a clearance changed");
    fs::remove_file(room.path("state/overrides/case.json")).unwrap();
    // Long after, the same lists are too old.
    let later = ["own.csv", "--out", "out", "--now", "2027-11-22T01:02:03Z"];
    let mut other = Command::new(env!("CARGO_BIN_EXE_interdict"));
    let told = other
        .arg("screen-file")
        .args(later)
        .current_dir(room.path(""))
        .output()
        .unwrap();
    let told = String::from_utf8(told.stderr).unwrap();
    assert!(
        told.contains("the lists, or how fresh they are changed"),
        "{told}"
    );
    room.release(2, change());
    refused(plain, "the lists, or how fresh they are changed");
    start();
    room.say("[policy.flows.payout]\nreview_score = 650\n");
    refused(plain, "the policy changed");
    start();
    fs::remove_file(room.path("out.begun")).unwrap();
    refused(plain, "does not say what it comes from");
    start();
    fs::write(room.path("out"), "{\"line\":9,\"problem\":\"x\"}\n").unwrap();
    refused(plain, "not those of this file");
    fs::write(room.path("out"), "something else\n").unwrap();
    refused(plain, "holds other lines");
    let other = fs::File::open(room.path("out")).unwrap();
    other.lock().unwrap();
    let (code, told) = run(&room, &["own.csv", "--out", "out", "--again"]);
    assert_eq!(code, Some(3), "{told}");
    assert!(told.contains("another run writes"), "{told}");
    drop(other);
    let (code, told) = run(&room, &["own.csv", "--out", "out", "--again"]);
    assert_eq!(code, Some(1), "{told}");
    assert_eq!(verdicts(&room).len(), 4);
}
