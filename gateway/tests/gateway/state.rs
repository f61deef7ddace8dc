//! A state directory or a clock that is not what it was: what the command says of it, and what a person can do.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use interdict_core::common::time::Time;
use interdict_core::engine::History;
use interdict_helpers::{Coalition, NOW, Release, base, change};
use interdict_host::Action;
use serde_json::Value;

use crate::enrolment::enrol_file;

const HOUR: u32 = 3_600;
const DAY: u32 = 24 * HOUR;

/// A gateway that saw the release `base` an hour ago and `change` now.
struct Room {
    folder: tempfile::TempDir,
    coalition: Coalition,
    config: PathBuf,
}

/// What the command said about one domain.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    action: Action,
    doubts: Vec<String>,
    freshness: Vec<String>,
}

impl Room {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let coalition = Coalition::new(folder.path());
        let config = enrol_file(folder.path(), &coalition.enrolment("repository", &[1]));
        let room = Self {
            folder,
            coalition,
            config,
        };
        room.coalition.publish(1, &[base()]);
        room.good(&["refresh"], NOW - HOUR);
        room.coalition.publish(2, &[change()]);
        room.good(&["refresh"], NOW);
        room
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn shelf(&self) -> PathBuf {
        self.path("state/se")
    }

    fn say(&self, text: &str) {
        let before = fs::read_to_string(&self.config).unwrap();
        fs::write(&self.config, before + text).unwrap();
    }

    /// The exit code of a command, and all that it printed.
    fn run(&self, arguments: &[&str], now: u32) -> (i32, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_interdict"))
            .args(arguments)
            .args(["--now", &Time::from_seconds(now).to_string(), "--config"])
            .arg(&self.config)
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (
            output.status.code().unwrap(),
            String::from_utf8(text).unwrap(),
        )
    }

    fn good(&self, arguments: &[&str], now: u32) -> String {
        let (code, text) = self.run(arguments, now);
        assert_eq!(code, 0, "{arguments:?}: {text}");
        text
    }

    fn ask(&self, domain: &str, now: u32) -> Told {
        let request = format!(
            r#"{{"flow":"payout","identifiers":[{{"kind":"domain","value":"{domain}"}}]}}"#
        );
        let requests = self.path("requests.ndjson");
        fs::write(&requests, request + "\n").unwrap();
        let (_, text) = self.run(&["screen", "requests.ndjson"], now);
        let line = text.lines().find(|line| line.starts_with('{')).unwrap();
        let verdict: Value = serde_json::from_str(line).unwrap();
        let texts = |list: &Value, member: Option<&str>| {
            let items = list.as_array().into_iter().flatten();
            let text = |item: &Value| {
                member
                    .map_or(item, |name| &item[name])
                    .as_str()
                    .map(str::to_owned)
            };
            items.filter_map(text).collect::<Vec<_>>()
        };
        Told {
            action: action(&verdict),
            doubts: texts(&verdict["doubts"], None),
            freshness: texts(&verdict["lists"], Some("freshness")),
        }
    }

    /// What a command printed that had something to complain of.
    fn complaint(&self, arguments: &[&str], now: u32) -> String {
        let (code, text) = self.run(arguments, now);
        assert_eq!(code, 2, "{arguments:?}: {text}");
        text
    }

    /// Nothing is in doubt: a listed name is blocked, and another one is clean.
    fn is_whole(&self, now: u32) {
        let (listed, other) = (
            self.ask("shop.example", now),
            self.ask("other.example", now),
        );
        assert_eq!((listed.action, listed.doubts), (Action::Block, vec![]));
        assert_eq!((other.action, other.doubts), (Action::Allow, vec![]));
        self.good(&["check", "other.example"], now);
        self.good(&["describe"], now);
    }

    /// A name that is not listed is not clean, the command ends with another code than 0, and a name that is
    /// listed stays blocked. Returns the doubts.
    fn is_in_doubt(&self, now: u32) -> Vec<String> {
        let (listed, other) = (
            self.ask("shop.example", now),
            self.ask("other.example", now),
        );
        assert_eq!(listed.action, Action::Block, "{listed:?}");
        assert_ne!(other.action, Action::Allow, "{other:?}");
        assert_eq!(listed.doubts, other.doubts);
        self.complaint(&["check", "other.example", "--flow", "payout"], now);
        other.doubts
    }

    fn history(&self) -> History {
        let text = fs::read_to_string(self.shelf().join("history")).unwrap();
        History::read(&text, "se").unwrap()
    }

    fn set_history(&self, history: &History) {
        fs::write(self.shelf().join("history"), history.to_string()).unwrap();
    }

    fn audit(&self, name: &str) -> Vec<Value> {
        let text = fs::read_to_string(self.path(name)).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.collect()
    }
}

fn action(verdict: &Value) -> Action {
    let mut actions = Action::ALL.into_iter();
    let action = actions.find(|action| verdict["action"] == action.name());
    action.unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy(&path, &to),
            false => drop(fs::copy(&path, to).unwrap()),
        }
    }
}

#[test]
fn a_newest_time_of_2099_lets_blocks_stand_and_ends_with_one_refresh() {
    let room = Room::new();
    let poisoned = History {
        verified: Time::parse("2099-01-01T00:00:00Z"),
        ..room.history()
    };
    room.set_history(&poisoned);
    assert_eq!(room.is_in_doubt(NOW), ["clock_behind"]);
    let told = room.complaint(&["describe"], NOW);
    assert!(
        told.contains("it was verified at 2099-01-01T00:00:00Z"),
        "{told}"
    );
    room.good(&["refresh"], NOW + HOUR);
    assert_eq!(
        room.history().verified,
        Some(Time::from_seconds(NOW + HOUR))
    );
    room.is_whole(NOW + HOUR);
}

/// The time that a refresh left behind while the clock was two days ahead could be true.
#[test]
fn a_clock_that_ran_ahead_is_reset_by_a_person_and_recorded() {
    let room = Room::new();
    room.good(&["refresh"], NOW + 2 * DAY);
    assert_eq!(room.is_in_doubt(NOW), ["clock_behind"]);
    room.complaint(&["refresh"], NOW);
    assert_eq!(room.is_in_doubt(NOW), ["clock_behind"], "no poll lowers it");
    let before = room.history();
    let told = room.good(&["clock", "reset", "--audit", "audit.ndjson"], NOW);
    assert!(
        told.contains("coalition se: a later time is forgotten"),
        "{told}"
    );
    let after = room.history();
    assert_eq!((after.verified, after.versions), (None, before.versions));
    let [line] = &room.audit("audit.ndjson")[..] else {
        panic!()
    };
    assert_eq!(line["decision"], "clock_reset");
    assert_eq!(line["before"], before.to_string());
    assert_eq!(line["after"], after.to_string());
    room.good(&["refresh"], NOW);
    room.is_whole(NOW);
    let told = room.good(&["clock", "reset", "--audit", "audit.ndjson"], NOW);
    assert!(told.contains("nothing was changed"), "{told}");
    assert_eq!(room.audit("audit.ndjson").len(), 1);
}

#[test]
fn a_clock_that_is_two_years_behind_is_a_doubt_and_one_that_is_38_days_ahead_makes_lists_old() {
    let room = Room::new();
    assert_eq!(room.is_in_doubt(NOW - 730 * DAY), ["clock_behind"]);
    let ahead = NOW + 38 * DAY;
    let other = room.ask("other.example", ahead);
    assert_ne!(other.action, Action::Allow);
    assert_eq!(other.freshness, ["expired"]);
    room.complaint(&["refresh"], ahead);
    // Nothing of it is left once the clock is right.
    room.is_whole(NOW);
}

#[test]
fn a_directory_that_was_swapped_for_an_older_copy_shows_by_its_age_or_by_the_floor_outside_it() {
    let room = Room::new();
    let copied = room.path("copy");
    copy(&room.path("state"), &copied);
    let later = NOW + 3 * DAY;
    room.coalition.publish(3, &[change()]);
    room.good(&["refresh"], later);
    let floor = room.good(&["describe", "--floor"], later);
    fs::remove_dir_all(room.path("state")).unwrap();
    copy(&copied, &room.path("state"));
    let other = room.ask("other.example", later);
    assert_ne!(
        (other.action, &other.freshness[..]),
        (Action::Allow, &["fresh".to_owned()][..])
    );
    room.say(&floor);
    assert_eq!(room.is_in_doubt(later), ["rolled_back"]);
    room.good(&["refresh"], later);
    room.is_whole(later);
}

#[test]
fn files_that_no_repository_can_renew_are_accepted_by_a_person_and_recorded() {
    let room = Room::new();
    let newest = room.history();
    let higher = History {
        versions: interdict_core::trust::Floor {
            timestamp: 9,
            ..newest.versions
        },
        ..newest.clone()
    };
    room.set_history(&higher);
    assert_eq!(room.is_in_doubt(NOW), ["rolled_back"]);
    let told = room.complaint(&["describe"], NOW);
    assert!(told.contains("doubts      rolled_back"), "{told}");
    room.complaint(&["refresh"], NOW);
    assert_eq!(room.is_in_doubt(NOW), ["rolled_back"]);
    let config = fs::read_to_string(&room.config).unwrap();
    fs::write(
        &room.config,
        format!("audit = \"decisions.ndjson\"\n{config}"),
    )
    .unwrap();
    let told = room.good(&["state", "accept"], NOW);
    assert!(
        told.contains("coalition se: what is loaded now is the least"),
        "{told}"
    );
    assert_eq!(room.history(), newest);
    let [line] = &room.audit("decisions.ndjson")[..] else {
        panic!()
    };
    assert_eq!(line["decision"], "state_accepted");
    assert_eq!(line["before"], higher.to_string());
    assert_eq!(line["after"], newest.to_string());
    room.is_whole(NOW);
    // What lies outside the directory is not for this command to lower.
    room.say("[at_least.se]\ntargets = 9\n");
    let told = room.complaint(&["state", "accept"], NOW);
    assert!(told.contains("still older than at_least.se"), "{told}");
    assert_eq!(room.is_in_doubt(NOW), ["rolled_back"]);
}

#[test]
fn a_receipt_key_that_is_gone_shows_at_every_start_and_in_every_verdict_until_there_is_another() {
    let room = Room::new();
    let key = room.path("state/receipt.key");
    let first = fs::read_to_string(&key).unwrap();
    for enrol in [true, false] {
        fs::remove_file(&key).unwrap();
        assert_eq!(room.is_in_doubt(NOW), ["state_lost"]);
        for command in [&["describe"][..], &["refresh"], &["check", "other.example"]] {
            let told = room.complaint(command, NOW);
            assert!(told.contains("receipt.key is gone"), "{told}");
        }
        if enrol {
            let file = room.coalition.enrolment("repository", &[1]);
            enrol_file(room.folder.path(), &file);
        } else {
            let told = room.good(&["state", "accept"], NOW);
            assert!(told.contains("receipt.key: made anew"), "{told}");
            // The room has no audit file.
            let decided = room.audit("state/decisions.ndjson");
            assert_eq!(decided[0]["lost"][0], "receipt.key");
        }
        assert_ne!(fs::read_to_string(&key).unwrap(), first);
        room.is_whole(NOW);
    }
    // One that is damaged keeps the gateway from starting: receipts must not stop quietly.
    fs::write(&key, "").unwrap();
    let (code, told) = room.run(&["check", "other.example"], NOW);
    assert!(code == 3 && told.contains("receipt.key"), "{told}");
    room.good(&["state", "accept"], NOW);
    room.is_whole(NOW);
}

/// A gateway with coalition `nl` beside `se`, whose list no policy requires.
fn with_another() -> Room {
    let room = Room::new();
    let mut other: Value =
        serde_json::from_slice(&room.coalition.enrolment("repository", &[1])).unwrap();
    other["coalition"] = "nl".into();
    other["lists"] = serde_json::json!(["nl/merchants"]);
    other["repository"] = "nl/repository".into();
    let release = Release {
        list: "nl/merchants",
        ..base()
    };
    Coalition::new(&room.path("nl")).publish(1, &[release]);
    enrol_file(room.folder.path(), other.to_string().as_bytes());
    room.good(&["refresh"], NOW);
    room.is_whole(NOW);
    room
}

#[test]
fn a_coalition_that_is_gone_or_cannot_be_read_stops_no_other_though_gateway_toml_names_it() {
    let room = with_another();
    room.say("[[repository]]\ncoalition = \"nl\"\nmirrors = [\"nl/repository\"]\n");
    room.is_whole(NOW);
    let (shelf, enrolment) = (room.path("state/nl"), room.path("state/nl/enrolment.json"));
    let whole = fs::read(&enrolment).unwrap();
    let in_doubt = |hint: &str| {
        assert_eq!(room.is_in_doubt(NOW), ["state_lost"], "{hint}");
        let told = room.complaint(&["describe"], NOW);
        assert!(told.contains(hint), "{hint}: {told}");
        // The others are kept new.
        let (code, told) = room.run(&["refresh"], NOW);
        assert!(code < 3 && told.contains("se: nothing newer"), "{told}");
    };
    fs::write(&enrolment, "{").unwrap();
    in_doubt("restore it, or enrol again with --replace");
    fs::write(&enrolment, &whole).unwrap();
    fs::rename(&enrolment, room.path("kept")).unwrap();
    in_doubt("is gone, and the coalition's lists are still there");
    fs::rename(room.path("kept"), &enrolment).unwrap();
    room.is_whole(NOW);
    fs::remove_dir_all(&shelf).unwrap();
    in_doubt("the coalition nl is gone from");
    // One that was never there is a mistake in the file.
    room.say("[[repository]]\ncoalition = \"dk\"\nmirrors = [\"dk\"]\n");
    let (code, told) = room.run(&["describe"], NOW);
    assert!(
        code == 3 && told.contains("no coalition \"dk\" is enrolled"),
        "{told}"
    );
}

#[test]
fn a_coalition_that_vanishes_is_missed_though_no_policy_requires_its_list() {
    let room = with_another();
    fs::remove_dir_all(room.path("state/nl")).unwrap();
    assert_eq!(room.is_in_doubt(NOW), ["state_lost"]);
    let told = room.complaint(&["describe"], NOW);
    assert!(told.contains("the coalition nl is gone from"), "{told}");
    let told = room.good(&["state", "accept"], NOW);
    assert!(told.contains("nl: given up"), "{told}");
    room.is_whole(NOW);
}

/// The state directory of a container is made from mounted files; the floor in the configuration tells a mirror
/// that serves an older release.
#[test]
fn an_empty_container_behind_a_mirror_that_serves_an_older_release_says_so() {
    let room = Room::new();
    let floor = room.good(&["describe", "--floor"], NOW);
    let mounted = room.path("mounted");
    fs::create_dir(&mounted).unwrap();
    fs::copy(room.path("state/receipt.key"), mounted.join("receipt.key")).unwrap();
    fs::copy(room.shelf().join("enrolment.json"), mounted.join("se.json")).unwrap();
    fs::remove_dir_all(room.path("state")).unwrap();
    let (code, told) = room.run(&["refresh", "--stateless"], NOW);
    assert!(code == 3 && told.contains("[stateless]"), "{told}");
    let table =
        "[stateless]\nenrolments = [\"mounted/se.json\"]\nreceipt_key = \"mounted/receipt.key\"\n";
    room.say(table);
    let (code, told) = room.run(&["check", "other.example"], NOW);
    assert!(code == 3 && told.contains("no state directory"), "{told}");
    let old = fs::read_dir(room.path("repository/metadata")).unwrap();
    let old: Vec<_> = old.map(|entry| entry.unwrap().path()).collect();
    let newest: Vec<_> = old
        .iter()
        .map(|path| (path, fs::read(path).unwrap()))
        .collect();
    room.coalition.publish(1, &[base()]);

    // Without a floor nothing tells the older release from the newest, except the warning.
    room.complaint(&["refresh", "--stateless"], NOW);
    let told = room.complaint(&["check", "other.example", "--stateless"], NOW);
    assert!(told.contains("gateway.toml has no floor for it"), "{told}");
    assert!(told.contains("started without a history"), "{told}");
    assert!(!room.path("state/member.key").exists());

    room.say(&floor);
    fs::remove_dir_all(room.path("state")).unwrap();
    room.complaint(&["refresh", "--stateless"], NOW);
    assert_eq!(room.is_in_doubt(NOW), ["rolled_back"]);
    for (path, bytes) in newest {
        fs::write(path, bytes).unwrap();
    }
    room.good(&["refresh", "--stateless"], NOW);
    room.is_whole(NOW);
    let staged = fs::read_dir(room.folder.path()).unwrap();
    let mut staged = staged.map(|entry| entry.unwrap().file_name());
    assert!(!staged.any(|name| name.to_string_lossy().contains("staged")));
}
