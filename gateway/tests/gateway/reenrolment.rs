//! A newer enrolment file that changes more than keys, and one whose repository is in a private network.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use interdict_helpers::{Coalition, Release, base};
use serde_json::{Value, json};

fn enrol(room: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_interdict"))
        .current_dir(room)
        .args(["enrol", "se.json", "--now", "2026-11-22T01:02:03Z"])
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8(text).unwrap(),
    )
}

fn saved(room: &Path) -> Value {
    serde_json::from_slice(&fs::read(room.join("state/se/enrolment.json")).unwrap()).unwrap()
}

#[test]
fn another_repository_or_other_lists_are_told_and_wait_for_a_person() {
    let room = tempfile::tempdir().unwrap();
    let file = Coalition::new(room.path()).enrolment("https://lists.example/se", &[1]);
    let path = room.path().join("se.json");
    fs::write(&path, &file).unwrap();
    assert_eq!(enrol(room.path(), &[]).0, 0);
    assert_eq!(enrol(room.path(), &[]).0, 0, "the same file again");
    let before = saved(room.path());
    let changed = |member: &str, value: Value| {
        let mut json: Value = serde_json::from_slice(&file).unwrap();
        json[member] = value;
        fs::write(&path, json.to_string()).unwrap();
    };
    for (member, value, told) in [
        (
            "repository",
            json!("https://elsewhere.example/se"),
            "its files come from https://elsewhere.example/se instead of https://lists.example/se",
        ),
        (
            "lists",
            json!(["se/other"]),
            "list se/merchants is no longer asked",
        ),
    ] {
        changed(member, value.clone());
        let (code, text) = enrol(room.path(), &[]);
        assert!(
            code == 3 && text.contains(told) && text.contains("--accept-changes"),
            "{text}"
        );
        assert_eq!(saved(room.path()), before, "nothing was changed");
    }
    let (code, text) = enrol(room.path(), &["--accept-changes"]);
    assert!(
        code == 0 && text.contains("list se/other is added"),
        "{text}"
    );
    assert_eq!(saved(room.path())["lists"], json!(["se/other"]));
}

#[test]
fn a_repository_in_a_private_network_is_enrolled_only_if_that_is_said() {
    for address in [
        "http://127.0.0.1:8000/se",
        "http://[fd00::7]/se",
        "https://localhost/se",
    ] {
        let room = tempfile::tempdir().unwrap();
        let coalition = Coalition::new(room.path());
        coalition.publish(1, &[base()]);
        fs::write(
            room.path().join("se.json"),
            coalition.enrolment(address, &[1]),
        )
        .unwrap();
        let (code, text) = enrol(room.path(), &[]);
        assert!(code == 3 && text.contains("--allow-private"), "{text}");
        assert!(!room.path().join("state").exists(), "nothing was changed");
        for arguments in [&["--allow-private"][..], &[]] {
            let (code, text) = enrol(room.path(), arguments);
            assert_eq!(code, 0, "{text}");
            let config = fs::read_to_string(room.path().join("gateway.toml")).unwrap();
            assert_eq!(
                config.matches("\nallow_private = true\n").count(),
                1,
                "{config}"
            );
        }
    }
}

#[test]
fn a_second_key_that_opens_nothing_is_told_when_it_is_given() {
    let told = "warning: the file's key for epoch 2 does not open se/merchants: ask the coalition for the file again";
    for is_right in [true, false] {
        let room = tempfile::tempdir().unwrap();
        let coalition = Coalition::new(room.path());
        let path = room.path().join("se.json");
        fs::write(&path, coalition.enrolment("repository", &[1])).unwrap();
        assert_eq!(enrol(room.path(), &[]).0, 0);
        coalition.publish(1, &[Release::base(2, 1, &["shop.example"])]);
        let refresh = Command::new(env!("CARGO_BIN_EXE_interdict"))
            .current_dir(room.path())
            .args(["refresh", "--clock", "2026-11-22T01:02:03Z"])
            .output()
            .unwrap();
        let shown = String::from_utf8(refresh.stdout).unwrap();
        assert!(shown.contains("KEY MISSING"), "{shown}");
        let mut file: Value =
            serde_json::from_slice(&coalition.enrolment("repository", &[1, 2])).unwrap();
        if !is_right {
            let key = &mut file["keys"][1]["key"];
            *key = json!("ab".repeat(key.as_str().unwrap().len() / 2));
        }
        fs::write(&path, file.to_string()).unwrap();
        let (code, text) = enrol(room.path(), &[]);
        assert_eq!((code, text.contains(told)), (0, !is_right), "{text}");
    }
}
