//! The exit codes of every command, as `docs/commands.md` promises them.

use std::fs;
use std::path::Path;
use std::process::Command;

use interdict_helpers::{Coalition, Release};
use serde_json::json;

use crate::enrolment::enrol_file;

const NOW: &str = "2026-11-22T01:02:03Z";
const LATER: &str = "2027-03-22T01:02:03Z";

/// The exit code and all that was printed.
fn run(room: &Path, now: &str, line: &str) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_interdict"))
        .current_dir(room)
        .args(line.split(' '))
        .args(["--now", now])
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    (output.status.code().unwrap(), text)
}

/// A gateway whose coalition lists `shop.example`, and files to ask with.
fn gateway() -> tempfile::TempDir {
    let room = tempfile::tempdir().unwrap();
    let coalition = Coalition::new(room.path());
    let enrolment = coalition.enrolment("repository", &[1]);
    enrol_file(room.path(), &enrolment);
    coalition.publish(1, &[Release::base(1, 1, &["shop.example"])]);
    let text = fs::read_to_string(room.path().join("gateway.toml")).unwrap();
    let text = text + "archive = \"archive\"\n";
    fs::write(room.path().join("gateway.toml"), text).unwrap();
    fs::write(room.path().join("se.json"), enrolment).unwrap();
    let ask = |name: &str| {
        let identifier = json!({"kind": "domain", "value": name});
        format!(
            "{}\n",
            json!({"flow": "payout", "identifiers": [identifier]})
        )
    };
    let (allowed, blocked) = (ask("flowers.example"), ask("shop.example"));
    for (name, text) in [
        ("clean", allowed.clone()),
        ("found", format!("{allowed}{blocked}")),
        ("refused", format!("{blocked}{{}}\n{allowed}")),
        (
            "same.toml",
            "required = { se = [\"se/merchants\"] }\n".to_owned(),
        ),
        ("stricter.toml", "without_lists = true\n".to_owned()),
        ("bad.toml", "no_such_field = 1\n".to_owned()),
        ("lines", "rubbish\n".to_owned()),
        (
            "unused",
            allowed
                .replace("domain", "iban")
                .replace("flowers.example", "SE00"),
        ),
    ] {
        fs::write(room.path().join(name), text).unwrap();
    }
    room
}

fn assert_codes(room: &Path, table: &[(&str, &str, i32)]) {
    for (now, line, code) in table {
        let (ended, told) = run(room, now, line);
        assert_eq!(ended, *code, "{line}: {told}");
    }
}

#[test]
fn every_command_tells_by_its_exit_code_how_it_ended() {
    let room = gateway();
    assert_codes(
        room.path(),
        &[
            // Nothing was fetched yet.
            (NOW, "describe", 2),
            (NOW, "screen clean", 2),
            (NOW, "check flowers.example", 2),
            (NOW, "refresh", 0),
            (NOW, "describe", 0),
            (NOW, "screen clean", 0),
            (NOW, "screen found --audit audit", 1),
            (NOW, "screen refused", 2),
            (NOW, "screen none", 3),
            (NOW, "screen clean --audit no/such/place", 3),
            (LATER, "screen clean", 2),
            (NOW, "check flowers.example", 0),
            (NOW, "check flowers.example shop.example", 1),
            (NOW, "check --kind iban SE00", 2),
            (LATER, "check flowers.example", 2),
            (LATER, "describe", 2),
            (LATER, "refresh", 2),
            (NOW, "member-key", 0),
            (NOW, "enrol se.json", 0),
            (NOW, "enrol none.json", 3),
            (NOW, "explain-rules", 0),
            (NOW, "override list", 0),
            (NOW, "override sign none.json --key none.key", 3),
            (NOW, "policy check same.toml", 0),
            (NOW, "policy check bad.toml", 2),
            (NOW, "policy check none.toml", 3),
            (NOW, "replay --audit audit --requests found", 0),
            (NOW, "replay --audit audit --requests refused", 3),
            (NOW, "replay --audit audit --requests none", 3),
            (NOW, "report audit", 0),
            (NOW, "report lines", 2),
            (NOW, "report none", 3),
            (NOW, "shadow same.toml found", 0),
            (NOW, "shadow stricter.toml clean", 1),
            (NOW, "shadow stricter.toml refused", 2),
            (NOW, "shadow same.toml unused", 2),
            (LATER, "shadow same.toml clean", 2),
            (NOW, "shadow none.toml found", 3),
            (NOW, "audit silent none", 3),
            (NOW, "audit verify none", 3),
            (NOW, "evidence none --out none.zip", 3),
            (NOW, "clearance list", 0),
            (NOW, "clearance sign none.json --key none.key", 3),
            (NOW, "clock reset", 0),
            (NOW, "state accept", 0),
            (NOW, "tune lines", 2),
            (NOW, "tune none", 3),
        ],
    );
    fs::rename(room.path().join("repository"), room.path().join("gone")).unwrap();
    assert_codes(
        room.path(),
        &[(NOW, "refresh", 2), (NOW, "screen clean", 0)],
    );
    let requests = fs::read_to_string(room.path().join("found")).unwrap();
    let other = requests.replace("flowers.example", "bread.example");
    fs::write(room.path().join("other"), other).unwrap();
    fs::rename(room.path().join("archive/files"), room.path().join("files")).unwrap();
    assert_codes(
        room.path(),
        &[(NOW, "replay --audit audit --requests found", 2)],
    );
    fs::rename(room.path().join("files"), room.path().join("archive/files")).unwrap();
    assert_codes(
        room.path(),
        &[(NOW, "replay --audit audit --requests other", 1)],
    );
}

#[test]
fn whatever_cannot_run_ends_with_three_and_help_with_none() {
    let room = tempfile::tempdir().unwrap();
    for command in [
        "member-key",
        "enrol",
        "refresh",
        "screen",
        "check",
        "describe",
        "explain-rules",
        "override",
        "policy",
        "replay",
        "report",
        "shadow",
        "tune",
    ] {
        assert_eq!(
            run(room.path(), NOW, &format!("{command} --no-such-option")).0,
            3,
            "{command}"
        );
        let (code, help) = run(room.path(), NOW, &format!("{command} --help"));
        assert!(code == 0 && help.contains("Exit code"), "{command}: {help}");
    }
    for line in [
        "no-such-command",
        "refresh",
        "screen",
        "check shop.example",
        "describe",
        "explain-rules",
        "override list",
        "replay --audit a --requests b",
        "shadow policy.toml requests",
        "tune labelled",
    ] {
        assert_eq!(run(room.path(), NOW, line).0, 3, "{line}");
    }
    fs::create_dir(room.path().join("gateway.toml")).unwrap();
    let (code, told) = run(room.path(), NOW, "member-key");
    assert!(
        code == 3 && told.contains("gateway.toml: not a regular file"),
        "{told}"
    );
}

#[test]
fn a_warning_about_the_state_directory_shows_in_the_exit_code() {
    let room = gateway();
    assert_codes(room.path(), &[(NOW, "refresh", 0)]);
    fs::write(room.path().join("state/se/current"), "x").unwrap();
    for line in ["describe", "check flowers.example", "screen clean"] {
        let (code, told) = run(room.path(), NOW, line);
        assert!(
            code == 2 && told.contains("state/se/current"),
            "{line}: {told}"
        );
    }
}
