//! What is written whatever the umask is, and while the disk is full or the command is stopped: the state
//! before or the state after.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use super::commands::{Desk, TODAY, said};
use crate::coalition::tree;

/// Runs a command after a shell did something.
fn after(desk: &Desk, shell: &str, arguments: &[&str]) -> Output {
    Command::new("sh")
        .args(["-c", &format!("{shell}; exec \"$0\" \"$@\"")])
        .arg(env!("CARGO_BIN_EXE_interdict-publish"))
        .args(["--clock", &format!("{TODAY}T12:00:00Z")])
        .args(arguments)
        .current_dir(desk.path())
        .output()
        .unwrap()
}

fn modes(directory: &Path) -> BTreeMap<String, u32> {
    let mut found = BTreeMap::new();
    let mut open = vec![directory.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            let metadata = fs::metadata(&path).unwrap();
            let name = path.strip_prefix(directory).unwrap().to_str().unwrap();
            found.insert(name.to_owned(), metadata.permissions().mode() & 0o7777);
            if metadata.is_dir() {
                open.push(path);
            }
        }
    }
    found
}

#[test]
fn modes_do_not_depend_on_the_umask() {
    for umask in ["000", "022", "077"] {
        let desk = Desk::bare();
        fs::write(
            desk.path().join("list.csv"),
            "kind,value\ndomain,a.example\n",
        )
        .unwrap();
        for command in [
            &["init", "se", "--coalition", "se"][..],
            &[
                "import", "se", "list.csv", "--source", "se", "--report", "report",
            ],
            &["release", "se"],
            &["rotate-root", "se"],
            &["epoch", "start", "se"],
            &["member", "add", "se", "bank-a"],
            &["public", "start", "se"],
            &["public", "enrolment", "se"],
            &["renew", "se"],
        ] {
            let output = after(&desk, &format!("umask {umask}"), command);
            assert!(output.status.success(), "{command:?}: {}", said(&output));
        }
        let modes = modes(desk.path());
        assert!(modes.len() > 30, "{modes:?}");
        for (name, mode) in modes {
            let is_directory = desk.path().join(&name).is_dir();
            let expected = match name.as_str() {
                "list.csv" => continue,
                "se/keys" | "se/published" | "se/staging" => 0o700,
                "bank-a.enrolment.json" | "report" => 0o600,
                "se/history.jsonl" | "se/lock" | "se/register.lock" | "se/register.sqlite"
                | "se/versions.json" | "se/waiting.lock" => 0o600,
                name if name.starts_with("se/keys/") => 0o600,
                name if name.starts_with("se/published/") => 0o600,
                "se" | "public.enrolment.json" => {
                    if is_directory {
                        0o755
                    } else {
                        0o644
                    }
                }
                name => {
                    assert!(name.starts_with("se/repository"), "{name}");
                    if is_directory { 0o755 } else { 0o644 }
                }
            };
            assert_eq!(
                format!("{mode:o}"),
                format!("{expected:o}"),
                "{umask}: {name}"
            );
        }
    }
}

/// Ways to be stopped at the first byte of a file beyond a number of blocks.
const FULL: &str = "trap '' XFSZ";
const KILLED: &str = "true";

/// Runs a command on copies of a desk, with room for more and more bytes in each file, until it succeeds.
/// `check` sees what each try left behind. Returns how many tries failed.
fn stopped(arguments: &[&str], prepared: &Desk, check: impl Fn(&Desk, &Output)) -> usize {
    let files = tree(prepared.path());
    let modes = modes(prepared.path());
    let mut failed = 0;
    for way in [FULL, KILLED] {
        let blocks = (0..8).chain((8..4_096).step_by(64));
        for block in blocks {
            let desk = Desk::bare();
            for (name, bytes) in &files {
                let path = desk.path().join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, bytes).unwrap();
            }
            for (name, mode) in &modes {
                let path = desk.path().join(name);
                fs::create_dir_all(&path).ok();
                fs::set_permissions(path, fs::Permissions::from_mode(*mode)).unwrap();
            }
            let output = after(&desk, &format!("{way}; ulimit -f {block}"), arguments);
            check(&desk, &output);
            if is_done(&output) {
                break;
            }
            failed += 1;
        }
    }
    failed
}

/// Also with some lines refused.
fn is_done(output: &Output) -> bool {
    matches!(output.status.code(), Some(0 | 7))
}

fn released() -> Desk {
    let desk = Desk::new();
    desk.well(TODAY, &["release", "se"]);
    desk
}

/// Everything that the coalition still has to be able to do.
fn goes_on(desk: &Desk) {
    // What was stopped may have been done before: new targets keys sign nothing until the next release.
    if !desk.run(TODAY, &["renew", "se"]).status.success() {
        desk.well(TODAY, &["release", "se"]);
        desk.well(TODAY, &["renew", "se"]);
    }
    desk.well(TODAY, &["rotate-root", "se"]);
}

fn whole_keys(desk: &Desk) {
    for (name, bytes) in tree(&desk.path().join("se/keys")) {
        let whole = bytes.ends_with(b"-----END PRIVATE KEY-----\n") || bytes.len() == 65;
        assert!(whole || name.ends_with(".part"), "{name}");
    }
}

#[test]
fn an_init_that_is_stopped_leaves_no_coalition() {
    let init = ["init", "se", "--coalition", "se"];
    let failed = stopped(&init, &Desk::bare(), |desk, output| {
        let directory = desk.path().join("se");
        if output.status.success() {
            assert!(directory.join("register.sqlite").exists());
            desk.well(TODAY, &["status", "se"]);
            return;
        }
        assert!(
            !directory.join("register.sqlite").exists(),
            "{}",
            said(output)
        );
        if output.status.code().is_some() {
            // It could clean up.
            assert_eq!(tree(&directory), [].into(), "{}", said(output));
            desk.well(TODAY, &init);
        } else {
            let refused = desk.refused(TODAY, &init);
            assert!(
                refused.contains("a new coalition starts in a new directory"),
                "{refused}"
            );
            // Stopped at the very end, the history is whole, and the register is made from it.
            let status = desk.run(TODAY, &["status", "se"]);
            let told = said(&status);
            let finished = directory.join("register.sqlite").exists();
            assert_eq!(status.status.success(), finished, "{told}");
            assert!(
                finished || told.contains("interdict-publish init") || told.contains("history"),
                "{told}"
            );
        }
    });
    println!("init: {failed} tries were stopped");
    assert!(failed > 10, "{failed}");
}

#[test]
fn a_rotation_and_an_epoch_that_are_stopped_leave_keys_that_sign() {
    let desk = released();
    for command in [
        &["rotate-root", "se", "--revoke-targets", "--revoke-online"][..],
        &["epoch", "start", "se", "--now"],
    ] {
        let failed = stopped(command, &desk, |desk, output| {
            whole_keys(desk);
            if output.status.success() {
                desk.well(TODAY, &["release", "se"]);
            } else {
                goes_on(desk);
                desk.well(TODAY, command);
                desk.well(TODAY, &["release", "se"]);
            }
        });
        println!("{command:?}: {failed} tries were stopped");
        assert!(failed > 1, "{failed}");
    }
}

#[test]
fn a_member_that_is_stopped_is_there_with_its_file_or_not_at_all() {
    let desk = released();
    let add = ["member", "add", "se", "bank-a"];
    let failed = stopped(&add, &desk, |desk, output| {
        let file = fs::read(desk.path().join("bank-a.enrolment.json")).ok();
        let listed = desk
            .well(TODAY, &["member", "list", "se"])
            .contains("bank-a");
        if let Some(file) = &file {
            interdict_core::wire::Enrolment::read(file).unwrap();
        }
        assert!(file.is_some() || !listed, "{}", said(output));
        if output.status.code().is_some() {
            assert_eq!(
                (file.is_some(), listed),
                (output.status.success(), output.status.success())
            );
        }
    });
    println!("member add: {failed} tries were stopped");
    assert!(failed > 1, "{failed}");
}

#[test]
fn a_report_and_a_public_enrolment_that_are_stopped_are_whole_or_missing() {
    let desk = released();
    desk.well(TODAY, &["public", "start", "se"]);
    let rows: String = (0..200).map(|_| "domain,\n").collect();
    let rows = format!("kind,value\ndomain,b.example\n{rows}");
    fs::write(desk.path().join("new.csv"), rows).unwrap();
    let import = [
        "import", "se", "new.csv", "--source", "se", "--report", "report",
    ];
    let enrolment = ["public", "enrolment", "se", "--out", "report"];
    for command in [&import[..], &enrolment] {
        let failed = stopped(command, &desk, |desk, output| {
            let file = fs::read(desk.path().join("report")).ok();
            assert_eq!(file.is_some(), is_done(output), "{}", said(output));
            if let Some(file) = file {
                let lines = file.split(|byte| *byte == b'\n').count();
                assert!(
                    lines == 201 || file.ends_with(b"}") || file.ends_with(b"}\n"),
                    "{lines}"
                );
            }
        });
        println!("{command:?}: {failed} tries were stopped");
        assert!(failed > 1, "{failed}");
    }
}
