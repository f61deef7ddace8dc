//! The commands of an unattended machine, and what every command has in common.

use std::fs;
use std::process::{Command, Output};

use serde_json::Value;

use crate::command::Room;

fn at(room: &Room, time: &str, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_interdict-publish"))
        .args(["--clock", time])
        .args(arguments)
        .current_dir(room.path())
        .output()
        .unwrap()
}

fn released() -> Room {
    let room = Room::new();
    room.write("list.csv", "kind,value,source\ndomain,a.example,x\n");
    assert!(room.said(&["import", "se", "list.csv", "--source", "x"]).0);
    assert!(room.said(&["release", "se"]).0);
    room
}

fn object(output: &Output) -> Value {
    let out = std::str::from_utf8(&output.stdout).unwrap();
    let value: Value = serde_json::from_str(out).unwrap_or_else(|_| panic!("{out}"));
    assert!(value.is_object(), "{out}");
    value
}

#[test]
fn every_command_prints_one_object_with_its_exit_code() {
    let room = Room::new();
    room.write(
        "list.csv",
        "kind,value,source\ndomain,a.example,x\ndomain,b.example,x\ndomain,,x\n",
    );
    room.write("never.txt", "bank.example\n");
    let member = ["member", "add", "se", "bank-a"];
    let cases: &[(&[&str], i32, &str)] = &[
        (
            &["init", "dk", "--coalition", "dk", "--test-keys"],
            0,
            "cron",
        ),
        (&["kinds", "se"], 0, "lists"),
        (
            &["import", "se", "list.csv", "--source", "x"],
            7,
            "accepted",
        ),
        (&["protect", "se", "never.txt"], 0, "added"),
        (&["plan", "se"], 0, "changes"),
        (&["release", "se"], 0, "versions"),
        (&["renew", "se"], 0, "renew_before"),
        (&["status", "se"], 0, "published"),
        (&["source", "list", "se"], 0, "sources"),
        (
            &["inspect", "se/repository/metadata/timestamp.json"],
            0,
            "messages",
        ),
        (&["typologies", "se", "--standard"], 0, "messages"),
        (&["upload", "se", "--to", "mirror"], 0, "written"),
        (&["schedule", "se"], 0, "cron"),
        (&["release", "se", "--to", "staged"], 0, "files"),
        (&["publish", "se", "staged"], 0, "versions"),
        (&member, 0, "messages"),
        (&["member", "remove", "se", "bank-a"], 0, "messages"),
        (&["epoch", "start", "se"], 0, "messages"),
        (&["public", "settings", "se"], 0, "messages"),
        (&["rotate-root", "se"], 0, "replaced"),
        (
            &["disclose", "se", "--kind", "domain", "--value", "a.example"],
            0,
            "changed",
        ),
        (
            &["delist", "se", "--kind", "domain", "--value", "a.example"],
            0,
            "delisted",
        ),
        (&["release", "nowhere"], 1, "error"),
        (&["renew", "nowhere"], 1, "error"),
        (&["epoch", "retire", "se", "7"], 1, "error"),
    ];
    for (arguments, code, member) in cases {
        let output = room.run(&[arguments, &["--json"][..]].concat());
        let value = object(&output);
        assert_eq!(output.status.code(), Some(*code), "{arguments:?}: {value}");
        assert_eq!(value["exit"], *code, "{arguments:?}");
        assert!(value.get(member).is_some(), "{arguments:?}: {value}");
        assert_eq!(value.get("error").is_some(), *code == 1, "{arguments:?}");
    }
}

#[test]
fn each_exit_code_is_met_and_all_are_documented() {
    let room = released();
    let code = |time: &str, arguments: &[&str]| at(&room, time, arguments).status.code();
    let status = ["status", "se"];
    assert_eq!(code("2026-11-22T00:00:00Z", &status), Some(0));
    assert_eq!(code("2026-11-21T00:00:00Z", &["renew", "se"]), Some(1));
    assert_eq!(code("2026-11-22T00:00:00Z", &["renew"]), Some(2));
    assert_eq!(code("2026-11-23T00:00:01Z", &status), Some(3));
    assert_eq!(code("2026-11-25T00:00:00Z", &status), Some(4));
    // What the targets keys signed has ended.
    let ended = ["renew", "se", "--today", "2027-02-20"];
    assert_eq!(code("2027-02-20T00:00:00Z", &ended), Some(4));
    let lock = fs::File::create(room.path().join("se/lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(code("2026-11-22T00:00:00Z", &["renew", "se"]), Some(5));
    assert_eq!(
        code("2026-11-22T00:00:00Z", &status),
        Some(0),
        "looking never waits"
    );
    drop(lock);
    let targets = room.path().join("se/repository/metadata/1.targets.json");
    let bytes = fs::read(&targets).unwrap();
    fs::write(&targets, "{").unwrap();
    assert_eq!(code("2026-11-22T00:00:00Z", &status), Some(6));
    fs::write(&targets, bytes).unwrap();
    let register = room.path().join("se/register.sqlite");
    fs::write(register, "no register").unwrap();
    let output = at(&room, "2026-11-22T00:00:00Z", &["status", "se", "--json"]);
    assert_eq!(output.status.code(), Some(6));
    let value = object(&output);
    assert_eq!(value["published"]["versions"]["targets"], 1);
    assert!(value["register"]["error"].is_string(), "{value}");
    let (_, help) = room.said(&["--help"]);
    for line in [
        "  0  well",
        "  1  refused",
        "  2  the command line",
        "  3  something published ends soon",
        "  4  something published has ended",
        "  5  another command",
        "  6  a file",
        "  7  some lines",
        "  8  a guard",
    ] {
        assert!(help.contains(line), "{line}: {help}");
    }
}

#[test]
fn status_without_a_register_says_what_it_cannot_see() {
    let room = released();
    fs::create_dir_all(room.path().join("online/keys")).unwrap();
    super::copy(
        &room.path().join("se/repository"),
        &room.path().join("online/repository"),
    );
    let (ended, said) = room.said(&["status", "online"]);
    assert!(ended, "{said}");
    assert!(
        said.contains("timestamp ends 2026-11-25T00:00:00Z, in 3 days"),
        "{said}"
    );
    assert!(
        said.contains("there is no register here, so this cannot be seen"),
        "{said}"
    );
    let value = object(&room.run(&["status", "online", "--json"]));
    assert!(
        value["register"].is_null() && value["unseen"].is_array(),
        "{value}"
    );
    // With one, what waits is counted and nothing is named.
    room.write("more.csv", "kind,value,source\ndomain,b.example,x\n");
    assert!(room.said(&["import", "se", "more.csv", "--source", "x"]).0);
    let (_, said) = room.said(&["status", "se"]);
    assert!(said.contains("se/merchants: not published yet: 1 added, 0 changed, 0 removed"));
    assert!(!said.contains("b.example"), "{said}");
}

#[test]
fn init_and_release_end_with_the_line_that_renews() {
    let room = Room::new();
    let init = room.run(&["init", "dk", "--coalition", "dk", "--test-keys"]);
    room.write("list.csv", "kind,value,source\ndomain,a.example,x\n");
    assert!(room.said(&["import", "se", "list.csv", "--source", "x"]).0);
    let release = room.run(&["release", "se"]);
    for (output, name) in [(init, "dk"), (release, "se")] {
        let said = String::from_utf8(output.stdout).unwrap();
        let directory = fs::canonicalize(room.path().join(name)).unwrap();
        let end = format!(
            " renew {0}\nor as systemd units: interdict-publish schedule {0}\n",
            directory.display()
        );
        assert!(said.ends_with(&end), "{said}");
        let line = said.lines().rev().nth(1).unwrap();
        assert!(line.starts_with("  17 */6 * * * /"), "{said}");
    }
    // The line does what it says.
    let (_, said) = room.said(&["release", "se"]);
    let line = said.lines().find(|line| line.contains("*/6")).unwrap();
    let command = line.trim().strip_prefix("17 */6 * * * ").unwrap();
    let command = format!("{command} --clock 2026-11-23T00:00:00Z");
    let done = Command::new("sh").args(["-c", &command]).output().unwrap();
    assert!(done.status.success(), "{done:?}");
    let said = String::from_utf8(done.stdout).unwrap();
    assert!(
        said.contains("renew or release before 2026-11-26"),
        "{said}"
    );
}

#[test]
fn schedule_writes_units_that_systemd_takes() {
    let room = released();
    let (ended, said) = room.said(&["schedule", "se", "--to", "the mirror"]);
    assert!(ended, "{said}");
    let read = |name: &str| fs::read_to_string(room.path().join(name)).unwrap();
    let (service, timer) = ("interdict-renew-se.service", "interdict-renew-se.timer");
    let directory = fs::canonicalize(room.path()).unwrap();
    let directory = directory.display();
    let text = read(service);
    assert!(
        text.contains(&format!("\" \"renew\" \"{directory}/se\"\n")),
        "{text}"
    );
    let upload = format!("\" \"upload\" \"{directory}/se\" \"--to\" \"{directory}/the mirror\"\n");
    assert!(text.contains(&upload), "{text}");
    let text = read(timer);
    assert!(text.contains("OnCalendar=*-*-* 00/6:17:00\n") && text.contains("Persistent=true\n"));
    assert!(said.contains("&& "), "{said}");
    // Nothing is overwritten.
    assert!(!room.said(&["schedule", "se"]).0);
    let verify = Command::new("systemd-analyze")
        .args(["verify", "--man=no", service, timer])
        .current_dir(room.path())
        .output();
    // Not every system has it.
    if let Ok(verify) = verify {
        let said = String::from_utf8(verify.stderr).unwrap();
        assert!(
            verify.status.success() && !said.contains("interdict-renew"),
            "{said}"
        );
    }
}

#[test]
fn a_metrics_file_says_when_everything_ends() {
    let room = released();
    let files = [
        ("status", vec!["status", "se"]),
        ("renew", vec!["renew", "se"]),
        ("release", vec!["release", "se"]),
    ];
    for (command, arguments) in files {
        let file = room.path().join("out/interdict.prom");
        let all = [&arguments[..], &["--metrics", "out/interdict.prom"]].concat();
        assert!(room.said(&all).0, "{command}");
        let text = fs::read_to_string(&file).unwrap();
        // 2026-11-22, and 3 and 30 days later.
        for line in [
            "interdict_publisher_expiry_seconds{of=\"timestamp\"} 1795564800\n",
            "interdict_publisher_expiry_seconds{of=\"list\",list=\"se/merchants\"} 1797897600\n",
            "interdict_publisher_days_left{of=\"timestamp\"} 3\n",
            "interdict_publisher_days_left{of=\"epoch\",list=\"se/merchants\",epoch=\"1\"} 90\n",
            "interdict_publisher_damaged_files 0\n",
            &format!(
                "interdict_publisher_last_success_seconds{{command=\"{command}\"}} 1795305600\n"
            ),
        ] {
            assert!(text.contains(line), "{line}: {text}");
        }
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (_, value) = line.rsplit_once(' ').unwrap();
            assert!(value.parse::<i64>().is_ok(), "{line}");
        }
        let left: Vec<_> = fs::read_dir(room.path().join("out")).unwrap().collect();
        assert_eq!(left.len(), 1, "half-written files are gone");
    }
    // A command that failed leaves the time as it was.
    let before = fs::read(room.path().join("out/interdict.prom")).unwrap();
    let failed = at(
        &room,
        "2026-11-21T00:00:00Z",
        &["renew", "se", "--metrics", "out/interdict.prom"],
    );
    assert!(!failed.status.success());
    let after = fs::read(room.path().join("out/interdict.prom")).unwrap();
    assert!(before == after);
}

#[test]
fn what_a_release_held_back_is_let_go_by_the_line_that_it_prints() {
    let room = Room::new();
    let row = |index: u32| format!("domain,shop-{index}.example\n");
    let rows: String = (0..20).map(row).collect();
    room.write("list.csv", &format!("kind,value\n{rows}"));
    assert!(room.said(&["import", "se", "list.csv", "--source", "x"]).0);
    assert!(room.said(&["release", "se", "--first"]).0);
    assert!(room.said(&["delist", "se", "list.csv"]).0);
    let planned = object(&room.run(&["plan", "se", "--allow-empty", "--json"]));
    assert_eq!(planned["changes"][0]["held"].as_array().unwrap().len(), 15);
    let output = room.run(&["release", "se", "--json"]);
    assert_eq!(output.status.code(), Some(8));
    let value = object(&output);
    assert_eq!(value["proposal"]["entries"], 15, "{value}");
    assert_eq!(value["proposal"]["until"], "2026-11-29T00:00:00Z");
    assert_eq!(value["lists"][0]["held"][0]["count"], 15);
    let line = value["confirm"].as_str().unwrap();
    let digest = value["proposal"]["digest"].as_str().unwrap();
    assert_eq!(
        line,
        format!("interdict-publish release se --confirm {digest}")
    );
    let (ended, said) = room.said(&["release", "se"]);
    assert!(!ended && said.contains(&format!("\n  {line}\n")), "{said}");
    assert!(said.contains("until 2026-11-29T00:00:00Z"), "{said}");
    let status = object(&room.run(&["status", "se", "--json"]));
    assert_eq!(status["register"]["proposal"], value["proposal"]);
    let words: Vec<&str> = line.split(' ').skip(1).collect();
    let (ended, said) = room.said(&[&words[..], &["--allow-empty"]].concat());
    assert!(ended, "{said}");
    let status = object(&room.run(&["status", "se", "--json"]));
    assert!(status["register"]["proposal"].is_null(), "{status}");
}

#[test]
fn the_history_says_who_acted() {
    let room = Room::new();
    room.write("names.txt", "bank.example\n");
    assert!(
        room.said(&["protect", "se", "names.txt", "--by", "an analyst"])
            .0
    );
    let history = fs::read_to_string(room.path().join("se/history.jsonl")).unwrap();
    assert!(
        history.contains("\"by\":\"an analyst\",\"command\":\"protect\""),
        "{history}"
    );
}
