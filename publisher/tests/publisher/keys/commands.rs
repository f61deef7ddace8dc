//! Clocks, keys and members at the command line.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// A folder in which commands run by a clock of their own.
pub(super) struct Desk(tempfile::TempDir);

impl Desk {
    /// With a coalition `se` that lists one name.
    pub(super) fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        desk.well(TODAY, &["init", "se", "--coalition", "se", "--test-keys"]);
        fs::write(
            desk.path().join("list.csv"),
            "kind,value\ndomain,a.example\n",
        )
        .unwrap();
        desk.well(TODAY, &["import", "se", "list.csv", "--source", "se"]);
        desk
    }

    /// Empty.
    pub(super) fn bare() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn run(&self, day: &str, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_interdict-publish"))
            .args(["--clock", &format!("{day}T12:00:00Z")])
            .args(arguments)
            .current_dir(self.path())
            .output()
            .unwrap()
    }

    pub(super) fn well(&self, day: &str, arguments: &[&str]) -> String {
        let output = self.run(day, arguments);
        let said = said(&output);
        assert!(output.status.success(), "{arguments:?}: {said}");
        said
    }

    pub(super) fn refused(&self, day: &str, arguments: &[&str]) -> String {
        let output = self.run(day, arguments);
        let said = said(&output);
        assert!(!output.status.success(), "{arguments:?}: {said}");
        said
    }
}

pub(super) const TODAY: &str = "2026-11-22";

pub(super) fn said(output: &Output) -> String {
    let parts = [&output.stdout, &output.stderr];
    parts
        .map(|part| String::from_utf8_lossy(part).into_owned())
        .concat()
}

#[test]
fn every_command_that_signs_asks_for_the_day_after_more_than_14_days() {
    let desk = Desk::new();
    desk.well(TODAY, &["release", "se"]);
    let late = "2026-12-07";
    let signing = [
        &["renew", "se"][..],
        &["release", "se"],
        &["rotate-root", "se"],
        &["epoch", "start", "se", "--now"],
        &["epoch", "retire", "se", "1", "--now"],
        &["public", "start", "se"],
    ];
    for command in signing {
        let refused = desk.refused(late, command);
        for part in ["2026-12-07T12:00:00Z", "2026-11-22T12:00:00Z", "--today"] {
            assert!(refused.contains(part), "{command:?}: {refused}");
        }
        let other = desk.refused(late, &[command, &["--today", "2026-12-05"]].concat());
        assert!(other.contains("not the day that --today states"), "{other}");
        let odd = desk.refused(late, &[command, &["--today", "7.12.2026"]].concat());
        assert!(odd.contains("a day is written as 2026-11-22"), "{odd}");
    }
    desk.well("2026-12-06", &["renew", "se"]);
    desk.well("2026-12-20", &["renew", "se"]);
    let late = "2027-01-04";
    desk.refused(late, &["renew", "se"]);
    desk.well(late, &["renew", "se", "--today", late]);
    desk.well("2027-01-05", &["release", "se"]);
}

#[test]
fn a_clock_that_ran_ahead_is_recovered_as_the_messages_say() {
    let desk = Desk::new();
    desk.well(TODAY, &["release", "se"]);
    let ahead = "2027-06-01";
    desk.well(ahead, &["release", "se", "--today", ahead]);
    let refused = desk.refused("2026-11-23", &["release", "se"]);
    assert!(
        refused.contains("interdict-publish recover clock"),
        "{refused}"
    );
    for part in ["2026-11-23T12:00:00Z", "2027-06-01T12:00:00Z"] {
        assert!(refused.contains(part), "{refused}");
    }
    let refused = desk.refused("2026-11-23", &["recover", "clock", "se"]);
    assert!(refused.contains("--today"), "{refused}");
    let today = ["recover", "clock", "se", "--today", "2026-11-23"];
    let done = desk.well("2026-11-23", &today);
    for part in [
        "2027-06-01T12:00:00Z was published and no longer counts",
        "interdict-publish release se",
        "interdict-publish rotate-root se --revoke-online",
    ] {
        assert!(done.contains(part), "{done}");
    }
    desk.well("2026-11-23", &["rotate-root", "se", "--revoke-online"]);
    let released = desk.well("2026-11-23", &["release", "se"]);
    assert!(released.contains("new base"), "{released}");
    let done = desk.well("2026-11-23", &today);
    assert!(
        done.contains("nothing that was published is ahead"),
        "{done}"
    );
}

#[test]
fn members_are_listed_for_people_and_for_programs() {
    let desk = Desk::new();
    let recipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
    let none = desk.well(TODAY, &["member", "list", "se"]);
    assert!(none.contains("no members yet"), "{none}");
    let json = |desk: &Desk| -> serde_json::Value {
        let output = desk.run(TODAY, &["member", "list", "se", "--json"]);
        let object: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        object["members"].clone()
    };
    assert_eq!(json(&desk), serde_json::json!([]));
    let at = ["--repository", "https://lists.example/se"];
    desk.well(
        TODAY,
        &[&["member", "add", "se", "bank-a"][..], &at].concat(),
    );
    let sealed = ["member", "add", "se", "bank-b", "--recipient", recipient];
    desk.well(TODAY, &[&sealed[..], &at].concat());
    desk.well(TODAY, &["epoch", "start", "se"]);
    let listed = desk.well(TODAY, &["member", "list", "se"]);
    for line in [
        "bank-a: member edition, keys by hand up to epoch 1, without the newest; https://lists.example/se\n",
        &format!("bank-b: member edition, keys sealed to {recipient}; https://lists.example/se\n"),
    ] {
        assert!(listed.contains(line), "{listed}");
    }
    let expected = serde_json::json!([
        {"name": "bank-a", "edition": "member", "repository": "https://lists.example/se",
         "recipient": null, "epoch": 1, "lacks_newest_key": true},
        {"name": "bank-b", "edition": "member", "repository": "https://lists.example/se",
         "recipient": recipient, "epoch": null, "lacks_newest_key": false},
    ]);
    assert_eq!(json(&desk), expected);
    desk.well(TODAY, &["member", "remove", "se", "bank-a"]);
    assert_eq!(json(&desk).as_array().unwrap().len(), 1);
}

#[test]
fn retiring_an_epoch_by_command_needs_a_confirmation_for_named_members() {
    let desk = Desk::new();
    desk.well(TODAY, &["member", "add", "se", "bank-a"]);
    desk.well(TODAY, &["epoch", "start", "se", "--now"]);
    desk.well(TODAY, &["release", "se"]);
    let retire = ["epoch", "retire", "se", "1", "--now"];
    let refused = desk.refused(TODAY, &retire);
    assert!(
        refused.contains("bank-a") && refused.contains("--confirm"),
        "{refused}"
    );
    let done = desk.well(TODAY, &[&retire[..], &["--confirm"]].concat());
    assert!(done.contains("epoch 1 is retired"), "{done}");
}

#[test]
fn files_in_keys_that_are_no_keys_are_warned_about() {
    let desk = Desk::new();
    fs::write(desk.path().join("se/keys/notes.txt"), "x").unwrap();
    let key = desk.path().join("se/keys/TEST-targets-1-3.pem");
    fs::write(&key, "").unwrap();
    let done = desk.well(TODAY, &["release", "se"]);
    for part in [
        "notes.txt is no file of this program",
        "TEST-targets-1-3.pem is not a private key, or is damaged",
    ] {
        assert!(done.contains(part), "{done}");
    }
}

#[test]
fn init_says_how_many_keys_sign() {
    let desk = Desk::bare();
    let said = desk.well(TODAY, &["init", "se", "--coalition", "se"]);
    for part in ["any 2 of 3 root keys", "any 2 of 3 targets keys"] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn no_report_and_no_enrolment_is_written_over_a_file() {
    let desk = Desk::new();
    fs::write(desk.path().join("names.txt"), "bank.example\n").unwrap();
    fs::write(desk.path().join("there"), "mine").unwrap();
    let status = |desk: &Desk| desk.well(TODAY, &["status", "se"]);
    let before = status(&desk);
    for command in [
        &[
            "import", "se", "list.csv", "--source", "se", "--report", "there",
        ][..],
        &["protect", "se", "names.txt", "--report", "there"],
        &[
            "delist",
            "se",
            "--kind",
            "domain",
            "--value",
            "a.example",
            "--report",
            "there",
        ],
        &["disclose", "se", "list.csv", "--report", "there"],
        &["member", "add", "se", "bank-a", "--out", "there"],
    ] {
        let refused = desk.refused(TODAY, command);
        assert!(
            refused.contains("there is there already"),
            "{command:?}: {refused}"
        );
        assert_eq!(fs::read(desk.path().join("there")).unwrap(), b"mine");
        assert_eq!(status(&desk), before, "{command:?}");
    }
    desk.well(TODAY, &["protect", "se", "names.txt", "--report", "new"]);
    assert!(desk.path().join("new").exists());
}

#[test]
fn commands_that_change_anything_wait_for_no_other_and_say_so() {
    let desk = Desk::new();
    fs::write(desk.path().join("names.txt"), "bank.example\n").unwrap();
    desk.well(TODAY, &["release", "se"]);
    let lock = fs::File::open(desk.path().join("se/lock")).unwrap();
    lock.lock().unwrap();
    for command in [
        &["release", "se"][..],
        &["renew", "se"],
        &["rotate-root", "se"],
        &["epoch", "start", "se"],
        &["epoch", "retire", "se", "1"],
        &["public", "start", "se"],
        &["public", "settings", "se", "--share", "7"],
        &["protect", "se", "names.txt"],
        &["disclose", "se", "--kind", "domain", "--value", "a.example"],
        &["typologies", "se", "--standard"],
        &["typologies", "se", "--remove"],
        &["kinds", "se", "--declare", "domain"],
        &["source", "add", "se", "y", "--class", "bank"],
        &["member", "add", "se", "bank-a"],
        &["member", "remove", "se", "bank-a"],
        &["recover", "clock", "se", "--today", TODAY],
    ] {
        let refused = desk.refused(TODAY, command);
        assert!(
            refused.contains("another command is working on se"),
            "{command:?}: {refused}"
        );
    }
    // What only looks goes on.
    desk.well(TODAY, &["status", "se"]);
    desk.well(TODAY, &["member", "list", "se"]);
    drop(lock);
    desk.well(TODAY, &["renew", "se"]);
}
