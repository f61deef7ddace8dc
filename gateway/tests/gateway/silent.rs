//! Silent records, as the command shows them: to nobody but the holder of the SilentKey.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use interdict_core::list::Flags;
use interdict_helpers::{NOW, Release};
use serde_json::{Value, json};

use crate::replay::{Room, files};

const AT: &str = "2026-11-22T01:02:03Z";
const INTERDICT: &str = env!("CARGO_BIN_EXE_interdict");

fn run(room: &Path, arguments: &[&str]) -> Output {
    traced(room, &[], arguments)
}

/// Runs the command below another.
fn traced(room: &Path, tracer: &[&str], arguments: &[&str]) -> Output {
    let line = [tracer, &[INTERDICT], arguments, &["--now", AT]].concat();
    let (program, arguments) = line.split_first().unwrap();
    let mut command = Command::new(program);
    let run = command.current_dir(room).args(arguments).output();
    run.unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8([&output.stdout[..], &output.stderr].concat()).unwrap()
}

/// A gateway that keeps a SilentKey, whose list holds these domains silently.
fn gateway(silent: &'static [&'static str]) -> Room {
    let room = Room::new(&[1]);
    let made = run(room.path(), &["audit", "key", "silent.key"]);
    assert_eq!(made.status.code(), Some(0), "{}", text(&made));
    room.say("silent_key = \"silent.key\"\n");
    let listed = Release {
        flags: Flags::SILENT.0,
        ..Release::base(1, 1, silent)
    };
    room.release(1, &[listed], NOW);
    room
}

fn request(names: &[&str]) -> String {
    let identifiers: Vec<Value> = names
        .iter()
        .map(|name| json!({"kind": "domain", "value": name}))
        .collect();
    json!({"flow": "payout", "identifiers": identifiers}).to_string()
}

/// The domains that are asked about, one request each; every fifth is one of `watched`.
fn requests(watched: &[&str]) -> String {
    let names = (0..50).map(|index| match watched.get(index / 5) {
        Some(name) if index % 5 == 0 => request(&[name]),
        _ => request(&[&format!("shop-{index}.example")]),
    });
    names.collect::<Vec<_>>().join("\n") + "\n{}\n"
}

#[test]
fn the_holder_of_the_key_reads_exactly_the_silent_hits_in_the_audit_file() {
    let room = gateway(&["watched.example", "second.example"]);
    let asked = requests(&["watched.example", "pay.second.example"])
        + &request(&["watched.example", "good.example", "second.example"])
        + "\n";
    fs::write(room.path().join("requests"), asked).unwrap();
    let screen = ["screen", "requests", "--audit", "audit.ndjson"];
    let screened = run(room.path(), &screen);
    assert!(!text(&screened).contains("silent"), "{}", text(&screened));
    let read = run(room.path(), &["audit", "silent", "audit.ndjson"]);
    assert_eq!(read.status.code(), Some(0), "{}", text(&read));
    let told = String::from_utf8(read.stdout).unwrap();
    let places = told.lines().map(|line| line.split_once(": ").unwrap().0);
    let places: Vec<_> = places.collect();
    let at = |line: u32| format!("audit.ndjson:{line}");
    assert_eq!(places, [at(1), at(6), at(52), at(52)], "{told}");
    let audit = fs::read_to_string(room.path().join("audit.ndjson")).unwrap();
    for (line, told) in [1, 6, 52].into_iter().zip(told.lines()) {
        let receipt: Value = serde_json::from_str(audit.lines().nth(line - 1).unwrap()).unwrap();
        let digest = receipt["asked"][0]["digest"].as_str().unwrap();
        let hit = format!("domain {digest}, listed on se/merchants of se, csae");
        assert!(told.contains(AT) && told.ends_with(&hit), "{told}");
    }
    // Another key opens nothing, and says so.
    run(room.path(), &["audit", "key", "other.key"]);
    let with_other = ["audit", "silent", "audit.ndjson", "--key", "other.key"];
    let refused = run(room.path(), &with_other);
    assert_eq!(
        (refused.status.code(), refused.stdout),
        (Some(2), Vec::new())
    );
    // Nor does a receipt that was changed.
    let changed = audit.replacen("\"score\":201", "\"score\":202", 1);
    assert_ne!(changed, audit);
    fs::write(room.path().join("audit.ndjson"), changed).unwrap();
    let read = run(room.path(), &["audit", "silent", "audit.ndjson"]);
    assert_eq!(read.status.code(), Some(2));
    assert_eq!(String::from_utf8(read.stdout).unwrap().lines().count(), 3);
}

#[test]
fn the_key_lies_in_no_state_and_no_archive() {
    let room = gateway(&["watched.example"]);
    let secret = fs::read_to_string(room.path().join("silent.key")).unwrap();
    for directory in [room.path().join("state"), room.archive()] {
        for file in files(&directory) {
            let bytes = fs::read(&file).unwrap();
            let holds = String::from_utf8_lossy(&bytes).contains(secret.trim_end());
            assert!(!holds, "{}", file.display());
        }
    }
    let config = fs::read_to_string(&room.config).unwrap();
    for place in ["state/silent.key", "archive/silent.key"] {
        fs::copy(room.path().join("silent.key"), room.path().join(place)).unwrap();
        fs::write(
            &room.config,
            config.replace("\"silent.key\"", &format!("\"{place}\"")),
        )
        .unwrap();
        let refused = run(room.path(), &["check", "shop.example"]);
        assert_eq!(refused.status.code(), Some(3), "{}", text(&refused));
        assert!(
            text(&refused).contains("outside the state"),
            "{}",
            text(&refused)
        );
    }
}

/// What a command leaves that somebody else can see. What names the release, `sealed` and `mac` keep their
/// lengths.
#[derive(Debug, PartialEq)]
struct Left {
    code: Option<i32>,
    lines: Vec<String>,
    /// Files by name and length.
    files: Vec<(String, u64)>,
    /// The system calls that write or sync, where they can be traced.
    calls: String,
}

fn left(room: &Room, arguments: &[&str]) -> Left {
    let traced_calls = room.path().with_extension("calls");
    let output = traced_calls.to_str().unwrap();
    let calls = "trace=write,pwrite64,writev,fsync,fdatasync,rename,ftruncate,unlink,mkdir";
    let tracer = ["strace", "-f", "-qq", "-e", calls, "-o", output];
    let ran = match Command::new("strace").arg("-V").output() {
        Ok(_) => traced(room.path(), &tracer, arguments),
        Err(_) => run(room.path(), arguments),
    };
    let told = text(&ran);
    let lines = told.lines().filter(|line| !line.contains(" a second"));
    let lines = lines.map(masked).collect();
    let root = room.path();
    let mut files: Vec<_> = files(root)
        .iter()
        .map(|path| {
            let name = path.strip_prefix(root).unwrap().display().to_string();
            (masked_name(&name), fs::metadata(path).unwrap().len())
        })
        .collect();
    files.sort_unstable();
    let calls = fs::read_to_string(&traced_calls).unwrap_or_default();
    let _ = fs::remove_file(&traced_calls);
    Left {
        code: ran.status.code(),
        lines,
        files,
        calls: counted(&calls),
    }
}

/// The calls in their order, each with what it returned, which is how much was written. Standard error is
/// compared as text: the speed that is printed there differs from run to run.
fn counted(calls: &str) -> String {
    let calls = calls.lines().filter(|line| !line.contains("write(2, "));
    let calls = calls.filter_map(|line| {
        let (_, call) = line.trim_start().split_once(' ')?;
        let (name, _) = call.trim_start().split_once('(')?;
        let (_, returned) = call.rsplit_once(" = ")?;
        Some(format!("{name} {returned}\n"))
    });
    calls.collect()
}

/// A line without its hexadecimal digests.
fn masked(line: &str) -> String {
    let words = line.split_inclusive(['"', ' ']);
    words
        .map(|word| {
            let digest = word.trim_end_matches(['"', ' ']);
            match digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                true if digest.len() >= 32 => "*".repeat(word.len()),
                _ => word.to_owned(),
            }
        })
        .collect()
}

/// A file's name without its digest.
fn masked_name(name: &str) -> String {
    let parts = name.split(['/', '.']);
    let parts = parts.map(|part| match part.len() {
        32.. if part.bytes().all(|byte| byte.is_ascii_hexdigit()) => "*",
        _ => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

#[test]
fn no_output_exit_code_file_or_system_call_of_the_command_tells_of_a_silent_record() {
    let rooms = [&["watched.example"][..], &["nobody99.example"]].map(gateway);
    for room in &rooms {
        fs::write(room.path().join("requests"), requests(&["watched.example"])).unwrap();
        fs::write(room.path().join("request"), request(&["watched.example"])).unwrap();
    }
    for arguments in [
        &["check", "watched.example"][..],
        &["check", "watched.example", "--flow", "payout"],
        &["screen", "requests"],
        &["screen", "requests", "--audit", "audit.ndjson"],
        &["refresh"],
        &["screen", "requests", "--audit", "audit.ndjson"],
        &["report", "audit.ndjson", "--json", "report.json"],
    ] {
        let [one, other] = rooms.each_ref().map(|room| left(room, arguments));
        assert_eq!(one, other, "{arguments:?}");
    }
}
