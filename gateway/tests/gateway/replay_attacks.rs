//! Archives and receipts that somebody changed, cut short or made up.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use interdict::{Error, Replayed};
use interdict_core::common::hex;
use interdict_helpers::NOW;
use serde_json::{Value, json};

use crate::replay::{RELEASE, REQUEST, Room, files, receipt};

fn run(room: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_interdict"))
        .current_dir(room)
        .args(arguments)
        .output()
        .unwrap()
}

/// The command's output about a receipt, with its exit code.
fn command(room: &Room, receipt: &[u8]) -> (i32, String) {
    fs::write(room.path().join("receipt"), receipt).unwrap();
    fs::write(room.path().join("request"), REQUEST).unwrap();
    let arguments = ["replay", "--receipt", "receipt", "--request", "request"];
    let output = run(room.path(), &arguments);
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8(said).unwrap(),
    )
}

#[test]
fn a_receipt_with_any_byte_changed_is_never_the_same() {
    let room = Room::new(&[1]);
    let good = room.release(1, &RELEASE, NOW);
    let mut replayer = room.replayer();
    let request = REQUEST.as_bytes();
    assert_eq!(
        replayer.replay(good.as_bytes(), request).unwrap(),
        Replayed::Same
    );
    for (place, flip) in (0..good.len()).zip([1, 2, 0x20, 0x80].iter().cycle()) {
        let mut changed = good.clone().into_bytes();
        changed[place] ^= flip;
        let replayed = replayer.replay(&changed, request);
        assert!(!matches!(replayed, Ok(Replayed::Same)), "byte {place}");
    }
    for length in [0, 1, good.len() / 2, good.len() - 1] {
        let replayed = replayer.replay(&good.as_bytes()[..length], request);
        assert!(!matches!(replayed, Ok(Replayed::Same)), "{length} bytes");
    }
}

#[test]
fn the_command_says_same_different_or_what_is_missing_by_its_exit_code() {
    let room = Room::new(&[1]);
    let good = room.release(1, &RELEASE, NOW);
    assert_eq!(command(&room, good.as_bytes()), (0, "same\n".into()));
    let line = format!("{good}\n");
    assert_eq!(command(&room, line.as_bytes()).0, 0);
    let longer = command(&room, format!("{line}\n").as_bytes());
    assert_eq!(longer.0, 1, "{}", longer.1);
    let changed = good.replace("\"action\":\"block\"", "\"action\":\"allow\"");
    let (code, said) = command(&room, changed.as_bytes());
    assert_eq!((code, said.as_str()), (1, "different: action\n"));
    let later = good.replace(&format!("\"time\":{NOW}"), &format!("\"time\":{}", NOW + 1));
    let (code, said) = command(&room, later.as_bytes());
    assert!(code == 1 && said.starts_with("different: mac"), "{said}");
    for garbage in ["", "{}", "[]", "null", "\u{1}", "{\"format\":2}", "same"] {
        let (code, said) = command(&room, garbage.as_bytes());
        assert!(code == 3 && said.contains("no receipt"), "{said}");
    }
    let audit = format!("{good}\n{changed}\n{good}\n");
    fs::write(room.path().join("audit"), audit).unwrap();
    fs::write(
        room.path().join("requests"),
        format!("{REQUEST}\n").repeat(3),
    )
    .unwrap();
    let each = ["replay", "--audit", "audit", "--requests", "requests"];
    let output = run(room.path(), &each);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "line 2: different: action\n2 of 3 the same\n"
    );
    fs::write(room.path().join("requests"), REQUEST).unwrap();
    assert_eq!(run(room.path(), &each).status.code(), Some(3));
}

#[test]
fn whatever_is_missing_from_an_archive_is_named_and_what_is_damaged_is_not_used() {
    let room = Room::new(&[1]);
    let good = room.release(1, &RELEASE, NOW);
    let parsed: Value = serde_json::from_str(&good).unwrap();
    let module = parsed["module"]["sha256"].as_str().unwrap();
    let mut named = 0;
    for path in files(&room.archive()) {
        let name = path.file_name().unwrap().to_str().unwrap();
        // The built-in module is not archived, and neither is the state before the first release.
        if name == "lock" || name.starts_with(module) {
            continue;
        }
        let kept = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        match room.replay(&good) {
            Replayed::Missing(missing) => {
                let digest = name.trim_end_matches(".json");
                assert!(
                    missing.iter().any(|one| one.contains(digest)),
                    "{missing:?}"
                );
                named += 1;
            }
            other => assert_eq!(other, Replayed::Same, "{name}"),
        }
        let mut damaged = kept.clone();
        damaged[kept.len() / 2] ^= 1;
        fs::write(&path, damaged).unwrap();
        let replayed = room.replayer().replay(good.as_bytes(), REQUEST.as_bytes());
        if path.parent().unwrap().ends_with("files") {
            assert!(!matches!(replayed, Ok(Replayed::Different(_))), "{name}");
        }
        fs::write(&path, kept).unwrap();
    }
    assert!(named >= 7, "{named}");
    assert_eq!(room.replay(&good), Replayed::Same);
}

#[test]
fn without_the_keys_of_the_gateway_nothing_is_replayed() {
    let room = Room::new(&[1]);
    let good = room.release(1, &RELEASE, NOW);
    let state = room.path().join("state");
    let key = state.join("receipt.key");
    let kept = fs::read(&key).unwrap();
    fs::write(&key, format!("{}\n", hex::text(&[9; 32]))).unwrap();
    assert_eq!(room.replay(&good), Replayed::Different("request".into()));
    fs::remove_file(&key).unwrap();
    assert!(
        matches!(room.replay(&good), Replayed::Missing(what) if what[0].contains("receipt.key"))
    );
    fs::write(&key, kept).unwrap();
    let enrolment = state.join("se/enrolment.json");
    let text = fs::read_to_string(&enrolment).unwrap();
    fs::write(&enrolment, text.replace("0101", "0102")).unwrap();
    assert!(matches!(room.replay(&good), Replayed::Missing(what) if what[0].starts_with("key ")));
    fs::remove_file(&enrolment).unwrap();
    assert!(matches!(room.replay(&good), Replayed::Missing(what) if what[0].starts_with("key ")));
}

#[test]
fn names_in_receipts_and_manifests_lead_nowhere_else() {
    let room = Room::new(&[1]);
    let good = room.release(1, &RELEASE, NOW);
    let parsed: Value = serde_json::from_str(&good).unwrap();
    let mut replayer = room.replayer();
    for pointer in [
        "/policy",
        "/module/sha256",
        "/coalitions/0/metadata",
        "/coalitions/0/name",
    ] {
        for name in [
            "../../state/receipt.key",
            "/etc/passwd",
            "",
            ".",
            "..",
            "a\0b",
        ] {
            let mut receipt = parsed.clone();
            *receipt.pointer_mut(pointer).unwrap() = json!(name);
            let replayed = replayer.replay(receipt.to_string().as_bytes(), REQUEST.as_bytes());
            assert!(matches!(replayed, Err(Error::Receipt)), "{pointer} {name}");
        }
    }
    let digest = parsed["coalitions"][0]["metadata"].as_str().unwrap();
    let path = room.archive().join(format!("states/{digest}.json"));
    let manifest: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    for sha256 in ["../../state/receipt.key", "../states/x", "", "/etc/passwd"] {
        let mut changed = manifest.clone();
        changed["stores"][0]["timestamp.json"] = json!(sha256);
        fs::write(&path, changed.to_string()).unwrap();
        assert!(
            matches!(room.replay(&good), Replayed::Missing(_)),
            "{sha256}"
        );
    }
    // Another root: what hangs below it is another state.
    let mut changed = manifest.clone();
    changed["root"] = json!("e30=");
    fs::write(&path, changed.to_string()).unwrap();
    let replayed = replayer.replay(good.as_bytes(), REQUEST.as_bytes());
    assert!(!matches!(replayed, Ok(Replayed::Same)));
}

#[test]
fn an_archive_that_cannot_be_written_warns_and_stops_nothing() {
    let room = Room::new(&[1]);
    fs::write(room.archive(), "a file where the directory should be").unwrap();
    room.coalition.publish(1, &RELEASE);
    let gateway = room.gateway(NOW);
    assert!(gateway.host().refresh(NOW).unwrap()[0].succeeded());
    assert!(receipt(&gateway, NOW).contains("\"action\":\"block\""));
    let warned = gateway.warnings();
    assert!(
        warned
            .iter()
            .any(|one| one.text.starts_with("NOT ARCHIVED")),
        "{warned:?}"
    );
    // Once there is room, everything is archived without a warning.
    fs::remove_file(room.archive()).unwrap();
    gateway.host().reload(NOW).unwrap();
    assert_eq!(gateway.warnings(), []);
    assert_eq!(room.replay(&receipt(&gateway, NOW)), Replayed::Same);
}

#[test]
fn no_key_lies_in_an_archive() {
    let room = Room::new(&[1]);
    room.release(1, &RELEASE, NOW);
    let receipt_key = fs::read_to_string(room.path().join("state/receipt.key")).unwrap();
    let secrets = [[1; 32], hex::array::<32>(receipt_key.trim()).unwrap()];
    let archived = files(&room.archive());
    assert!(archived.len() > 8);
    for path in archived {
        // A test key is 32 equal bytes, and the module contains tables of such bytes.
        if path.parent().unwrap().ends_with("modules") {
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        for secret in &secrets {
            let text = hex::text(secret);
            let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
            assert!(
                !holds(secret) && !holds(text.as_bytes()),
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn a_host_killed_while_it_archives_leaves_whole_files_and_the_next_one_finishes() {
    let room = Room::new(&[1]);
    room.coalition.publish(1, &RELEASE);
    let good = {
        let gateway = room.gateway(NOW);
        gateway.host().refresh(NOW).unwrap();
        receipt(&gateway, NOW)
    };
    for pause in [0, 1, 4, 12] {
        fs::remove_dir_all(room.archive()).unwrap();
        let mut host = Command::new(env!("CARGO_BIN_EXE_interdict"))
            .current_dir(room.path())
            .args(["check", "shop.example", "--now", "2026-11-22T01:02:03Z"])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let lock = room.archive().join("lock");
        while !lock.exists() && host.try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_micros(200));
        }
        thread::sleep(Duration::from_millis(pause));
        host.kill().unwrap();
        host.wait().unwrap();
        for path in files(&room.archive().join("files")) {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if !name.starts_with('.') {
                assert_eq!(name, digest(&fs::read(&path).unwrap()));
            }
        }
        let replayed = room.replay(&good);
        assert!(
            matches!(replayed, Replayed::Same | Replayed::Missing(_)),
            "{replayed:?}"
        );
        fs::write(room.archive().join("files/.staged-half"), "ha").unwrap();
        assert_eq!(room.gateway(NOW).warnings(), []);
        assert_eq!(room.replay(&good), Replayed::Same);
        assert!(!room.archive().join("files/.staged-half").exists());
    }
}

fn digest(bytes: &[u8]) -> String {
    use sha2::{Digest as _, Sha256};
    hex::text(&Sha256::digest(bytes))
}
