//! Commands that find the module compiled by an earlier one.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use interdict_helpers::{Coalition, base};

use crate::enrolment::enrol_file;

fn check(config: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_interdict"))
        .args(["check", "shop.example", "other.example"])
        .args(["--now", "2026-11-22T01:02:03Z", "--config"])
        .arg(config)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn ended(child: Child) -> Output {
    child.wait_with_output().unwrap()
}

fn kept(room: &Path) -> PathBuf {
    let entries = fs::read_dir(room.join("state/code.cache")).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some());
    let [file] = &files[..] else {
        panic!("one file: {files:?}");
    };
    file.clone()
}

#[test]
fn commands_that_compile_at_once_and_one_that_does_not_say_the_same_and_foreign_code_is_told() {
    let room = tempfile::tempdir().unwrap();
    let se = Coalition::new(room.path());
    let config = enrol_file(room.path(), &se.enrolment("repository", &[1]));
    se.publish(1, &[base()]);
    let refreshed = interdict::Gateway::open(&config, interdict_helpers::NOW).unwrap();
    refreshed.host().refresh(interdict_helpers::NOW).unwrap();
    let _ = fs::remove_dir_all(room.path().join("state/code.cache"));
    let first = [(); 2].map(|()| check(&config)).map(ended);
    let text = String::from_utf8_lossy(&first[0].stdout).into_owned();
    assert!(text.contains("shop.example (domain): block"), "{text}");
    let file = kept(room.path());
    let whole = fs::read(&file).unwrap();
    let second = ended(check(&config));
    assert_eq!([&first[0], &first[1]], [&second, &second]);
    let mut changed = whole.clone();
    *changed.last_mut().unwrap() ^= 1;
    fs::write(&file, changed).unwrap();
    let warned = ended(check(&config));
    assert_eq!(warned.stdout, second.stdout);
    let told = String::from_utf8_lossy(&warned.stderr);
    assert!(told.contains("is not what was saved"), "{told}");
    // A warning shows in the exit code too, once: the file was replaced.
    assert_eq!(
        (warned.status.code(), second.status.code()),
        (Some(2), Some(1))
    );
    assert_eq!(fs::read(&file).unwrap(), whole);
    assert_eq!(ended(check(&config)), second);
}
