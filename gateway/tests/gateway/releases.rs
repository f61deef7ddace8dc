//! The command while releases change below it.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;

use interdict::{Config, Gateway};
use interdict_helpers::{Coalition, LISTED, NOW, Release, base, change, reply_from, serve};
use interdict_host::{Action, Outcome};

use crate::enrolment::enrol_file;

/// Action, and whether it is final.
fn answer(gateway: &Gateway, domain: &str) -> (Action, bool) {
    let request =
        format!(r#"{{"flow":"payout","identifiers":[{{"kind":"domain","value":"{domain}"}}]}}"#);
    let verdict = gateway.host().screen(&request, NOW).unwrap();
    (verdict.action, !verdict.degraded)
}

#[cfg(unix)]
#[test]
fn a_refresh_killed_while_it_waits_for_the_stash_leaves_what_can_be_loaded() {
    let room = tempfile::tempdir().unwrap();
    let coalition = Coalition::new(room.path());
    let (reached, waits) = mpsc::channel();
    let directory = coalition.repository.clone();
    let base_url = serve(move |path, stream| {
        let whole = fs::exists(directory.join("open")).unwrap();
        if path.ends_with(".stash") && !whole {
            reached.send(()).unwrap();
            // Waits until the client is gone.
            let _ = std::io::copy(stream, &mut std::io::sink());
        } else {
            reply_from(&directory, path, stream);
        }
    });
    let config = enrol_file(room.path(), &coalition.enrolment(&base_url, &[1]));
    Config::allow_private(&config, "se").unwrap();
    coalition.publish(1, &[base()]);
    Gateway::open(&config, NOW)
        .unwrap()
        .host()
        .refresh(NOW)
        .unwrap();
    coalition.publish(2, &[change()]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_interdict"))
        .args(["refresh", "--now", "2026-11-22T01:02:03Z", "--config"])
        .arg(&config)
        .spawn()
        .unwrap();
    waits.recv().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();

    // Files that a kill during the writing of the next generation leaves as well.
    let half = room.path().join("state/se/generation-2");
    fs::create_dir(&half).unwrap();
    fs::write(half.join("timestamp.json"), b"{").unwrap();
    fs::write(room.path().join("state/se/pending/.staged-x"), b"half").unwrap();
    let gateway = Gateway::open(&config, NOW).unwrap();
    // The removed name is still listed, and the answer says that it is outdated.
    assert_eq!(answer(&gateway, "market.example"), (Action::Block, false));
    assert!(gateway.warnings().is_empty(), "{:?}", gateway.warnings());

    fs::write(coalition.repository.join("open"), b"").unwrap();
    let report = gateway.host().refresh(NOW).unwrap().remove(0);
    assert_eq!(
        (report.outcome, report.state.lists[0].changes),
        (Outcome::Updated, 2)
    );
    assert_eq!(answer(&gateway, "market.example"), (Action::Allow, true));
    let parts = fs::read_dir(room.path().join("state/se/generation-3")).unwrap();
    let names = parts.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|name| name.starts_with("se%2f")).count(), 3);
    assert!(!half.exists());
}

#[test]
fn a_list_that_has_gone_on_to_another_key_is_described_as_such_until_the_key_comes() {
    let room = tempfile::tempdir().unwrap();
    let coalition = Coalition::new(room.path());
    let config = enrol_file(room.path(), &coalition.enrolment("repository", &[1]));
    coalition.publish(1, &[base(), Release::base(2, 1, LISTED)]);
    let gateway = Gateway::open(&config, NOW).unwrap();
    gateway.host().refresh(NOW).unwrap();
    let (code, told) = run(&config, &["describe"]);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("epoch 1, release 1"), "{told}");
    assert!(
        told.contains("warning     se/merchants has gone on to epoch 2"),
        "{told}"
    );
    enrol_file(room.path(), &coalition.enrolment("repository", &[1, 2]));
    gateway.host().refresh(NOW).unwrap();
    let (code, told) = run(&config, &["describe"]);
    assert_eq!((code, told.contains("warning")), (Some(0), false), "{told}");
}

#[test]
fn a_format_that_ends_is_told_from_ninety_days_before_by_every_command_a_person_runs() {
    let room = tempfile::tempdir().unwrap();
    let coalition = Coalition::new(room.path());
    let config = enrol_file(room.path(), &coalition.enrolment("repository", &[1]));
    for (version, ends, told) in [
        (1, "2027-02-21T00:00:00Z", None),
        (
            2,
            "2027-02-20T00:00:00Z",
            Some("from 2027-02-20 on, in 89 days"),
        ),
        (
            3,
            "2026-11-23T00:00:00Z",
            Some("from 2026-11-23 on, in 22 hours"),
        ),
    ] {
        let release = Release {
            ends: Some(ends),
            ..Release::base(1, version, LISTED)
        };
        let version = u32::try_from(version).unwrap();
        coalition.publish(version, &[release]);
        let commands = [
            ("refresh", run(&config, &["refresh"])),
            ("describe", run(&config, &["describe"])),
            ("check", run(&config, &["check", "other.example"])),
        ];
        for (name, (code, text)) in commands {
            assert_eq!(code, Some(0), "{name}: {text}");
            let sentence = "se/merchants comes in a newer format alone";
            let expected = told.map(|told| format!("{sentence} {told}: update interdict"));
            match expected {
                Some(expected) => assert!(text.contains(&expected), "{name}: {text}"),
                None => assert!(!text.contains(sentence), "{name}: {text}"),
            }
        }
    }
}

/// The exit code of a command, and all that it printed.
fn run(config: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_interdict"))
        .args(arguments)
        .args(["--now", "2026-11-22T01:02:03Z", "--config"])
        .arg(config)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}
