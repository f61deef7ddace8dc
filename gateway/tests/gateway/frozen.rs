//! What an earlier version left behind, with the commands of this one (`docs/compatibility.md`).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use interdict_helpers::fixtures;
use serde_json::Value;

const NOW: &str = "2026-11-28T06:00:00Z";

/// A copy of the frozen files, which are never written.
struct Room(tempfile::TempDir);

impl Room {
    fn new() -> Self {
        let room = tempfile::tempdir().unwrap();
        copy(&fixtures().join("compat/1"), room.path());
        Self(room)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The exit code of a command of this configuration, and all that it printed.
    fn run(&self, config: &str, arguments: &[&str]) -> (Option<i32>, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_interdict"))
            .args(arguments)
            .args(["--now", NOW, "--config", config])
            .current_dir(self.0.path())
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).unwrap())
    }

    /// What a command printed that must succeed.
    fn good(&self, config: &str, arguments: &[&str]) -> String {
        let (code, text) = self.run(config, arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {text}");
        text
    }
}

/// Copies a tree; what it holds is for its owner alone, as `interdict` writes it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let other = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &other);
        } else {
            fs::write(&other, fs::read(entry.path()).unwrap()).unwrap();
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt as _;
                fs::set_permissions(&other, fs::Permissions::from_mode(0o600)).unwrap();
            }
        }
    }
}

const CONFIG: &str = "gateway/gateway.toml";

#[test]
fn a_configuration_a_store_and_an_override_are_in_force_as_they_were() {
    let room = Room::new();
    let described: Value =
        serde_json::from_str(&room.good(CONFIG, &["describe", "--json"])).unwrap();
    let coalition = &described["coalitions"][0];
    assert_eq!(coalition["warnings"], serde_json::json!([]));
    assert_eq!(coalition["state"]["doubts"], serde_json::json!([]));
    assert_eq!(described["warnings"], serde_json::json!([]));
    room.good(CONFIG, &["policy", "check"]);
    let told = room.good(CONFIG, &["override", "list"]);
    assert!(told.contains("lowered.json: in force"), "{told}");
    for (value, code, action) in [
        ("block.example", 1, "block"),
        ("lowered.example", 1, "review"),
        ("unlisted.example", 0, "allow"),
    ] {
        let (ended, told) = room.run(CONFIG, &["check", value, "--flow", "payout"]);
        let expected = format!("{value} (domain): {action}, score");
        assert!(ended == Some(code) && told.contains(&expected), "{told}");
    }
}

#[test]
fn every_receipt_is_replayed_from_its_archive_to_the_same_bytes() {
    let room = Room::new();
    let replay = |requests: &str| {
        let arguments = [
            "replay",
            "--audit",
            "gateway/receipts.ndjson",
            "--requests",
            requests,
        ];
        room.run(CONFIG, &arguments)
    };
    let (code, told) = replay("gateway/requests.ndjson");
    assert_eq!(code, Some(0), "{told}");
    let other = room
        .read("gateway/requests.ndjson")
        .replace("block.example", "other.example");
    fs::write(room.path("other.ndjson"), other).unwrap();
    assert_ne!(replay("other.ndjson").0, Some(0));
}

#[test]
fn enrolments_by_hand_and_sealed_are_taken_and_lead_to_the_same_list() {
    let room = Room::new();
    for name in ["by-hand", "sealed"] {
        let config = format!("{name}/gateway.toml");
        let enrolment = format!("enrolments/{name}.json");
        fs::create_dir_all(room.path(name).join("state")).unwrap();
        if name == "sealed" {
            let key = room.path("enrolments/TEST-member.key");
            fs::copy(key, room.path(name).join("state/member.key")).unwrap();
        }
        room.good(
            &config,
            &["enrol", &enrolment, "--repository", "repository"],
        );
        room.good(&config, &["refresh"]);
        let (_, told) = room.run(&config, &["check", "block.example", "--flow", "payout"]);
        let blocked = told.contains("block.example (domain): block, score");
        assert!(blocked && !told.contains("DEGRADED"), "{name}: {told}");
    }
}
