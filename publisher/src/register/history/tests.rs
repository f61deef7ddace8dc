use std::fs;
use std::path::Path;

use interdict_core::common::time::Time;
use rusqlite::{Connection, types::Value};

use crate::error::PublisherError;
use crate::{
    Format, ImportOptions, InitOptions, NewMember, Organisation, Publisher, ReleaseOptions,
    TestKeys,
};

fn now() -> Time {
    Time::parse("2026-11-22T00:00:00Z").unwrap()
}

/// A coalition that has done some of everything.
fn lived(directory: &Path) -> Publisher {
    let init = InitOptions {
        coalition: "se".to_owned(),
        lists: Vec::new(),
        kinds: Vec::new(),
        test_keys: TestKeys::Yes,
        organisation: Organisation::default(),
        now: now(),
    };
    let mut publisher = Publisher::init(directory, &init).unwrap().acting("anna");
    for csv in [
        "kind,value,group\ndomain,one.example,first\ndomain,two.example,\ndomain,x,\n",
        "kind,value,confidence\ndomain,one.example,700\ndomain,three.example,900\n",
    ] {
        let options = ImportOptions::new(Format::Csv, "se");
        publisher.import(csv.as_bytes(), &options, now()).unwrap();
    }
    publisher
        .protect(&b"two.example\n"[..], Format::Text, now())
        .unwrap();
    publisher
        .release(now(), &ReleaseOptions::default())
        .unwrap();
    let member = NewMember::by_hand("bank-a", "file:repository");
    publisher.member_add(&member, now()).unwrap();
    publisher.member_remove("bank-a", now()).unwrap();
    publisher
}

/// Every row of every table.
fn rows(register: &Path) -> Vec<(String, Vec<Vec<Value>>)> {
    let connection = Connection::open(register).unwrap();
    let tables = super::captured_tables(&connection).unwrap();
    let read = |table: &super::Table| {
        let query = format!("SELECT {} FROM \"{}\"", table.quoted_columns(), table.name);
        let mut statement = connection.prepare(&query).unwrap();
        let rows = statement.query_map([], |row| {
            (0..table.columns.len()).map(|at| row.get(at)).collect()
        });
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    };
    tables
        .iter()
        .map(|table| (table.name.clone(), read(table)))
        .collect()
}

fn opened(directory: &Path) -> Result<Publisher, PublisherError> {
    Publisher::open(directory)
}

#[test]
fn the_register_made_again_from_its_history_holds_the_same_rows() {
    let room = tempfile::tempdir().unwrap();
    let directory = room.path().join("se");
    drop(lived(&directory));
    let register = directory.join("register.sqlite");
    let before = rows(&register);
    assert!(
        before
            .iter()
            .any(|(name, rows)| name == "entry" && rows.len() == 3)
    );
    fs::remove_file(&register).unwrap();
    let publisher = opened(&directory).unwrap();
    assert_eq!(rows(&register), before);
    publisher.register().check_intact().unwrap();
}

#[test]
fn a_deed_says_who_did_what_when_from_which_file_and_each_row_before_and_after() {
    let room = tempfile::tempdir().unwrap();
    let directory = room.path().join("se");
    drop(lived(&directory));
    let history = fs::read_to_string(directory.join("history.jsonl")).unwrap();
    let second = history
        .lines()
        .position(|line| line.starts_with("{\"deed\":3,"))
        .unwrap();
    let lines: Vec<&str> = history.lines().skip(second).take(6).collect();
    assert!(
        lines[0].contains("\"at\":\"2026-11-22T00:00:00Z\",\"by\":\"anna\",\"command\":\"import\"")
    );
    assert!(lines[0].contains("\"sha256\":\""), "{}", lines[0]);
    let changed = lines
        .iter()
        .find(|line| line.contains("one.example"))
        .unwrap();
    let row: (String, Vec<serde_json::Value>, Vec<serde_json::Value>) =
        serde_json::from_str(changed).unwrap();
    assert_eq!(
        (row.0.as_str(), &row.1[6], &row.2[6]),
        ("entry", &900.into(), &700.into())
    );
}

#[test]
fn a_change_that_was_killed_before_the_register_kept_it_is_taken_over() {
    let room = tempfile::tempdir().unwrap();
    let directory = room.path().join("se");
    let mut publisher = lived(&directory);
    let register = directory.join("register.sqlite");
    drop(
        Connection::open(&register)
            .unwrap()
            .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)"),
    );
    let saved = fs::read(&register).unwrap();
    let csv = "kind,value\ndomain,late.example\n";
    publisher
        .import(
            csv.as_bytes(),
            &ImportOptions::new(Format::Csv, "se"),
            now(),
        )
        .unwrap();
    drop(publisher);
    let after = rows(&register);
    // The history has the deed, the register not.
    fs::write(&register, saved).unwrap();
    assert_ne!(rows(&register), after);
    let publisher = opened(&directory).unwrap();
    assert_eq!(rows(&register), after);
    publisher.register().check_intact().unwrap();
}

#[test]
fn a_deed_that_was_cut_off_anywhere_never_happened() {
    let room = tempfile::tempdir().unwrap();
    let directory = room.path().join("se");
    let mut publisher = lived(&directory);
    let register = directory.join("register.sqlite");
    let history = directory.join("history.jsonl");
    drop(
        Connection::open(&register)
            .unwrap()
            .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)"),
    );
    let saved = (fs::read(&register).unwrap(), fs::read(&history).unwrap());
    let csv = "kind,value\ndomain,late.example\n";
    publisher
        .import(
            csv.as_bytes(),
            &ImportOptions::new(Format::Csv, "se"),
            now(),
        )
        .unwrap();
    drop(publisher);
    let whole = fs::read(&history).unwrap();
    let before = {
        fs::write(&register, &saved.0).unwrap();
        rows(&register)
    };
    for cut in (saved.1.len()..whole.len()).step_by(7) {
        fs::write(&register, &saved.0).unwrap();
        fs::write(&history, &whole[..cut]).unwrap();
        let mut publisher = opened(&directory).unwrap();
        assert_eq!(rows(&register), before, "cut at {cut}");
        // And the next change goes on from there.
        let csv = "kind,value\ndomain,next.example\n";
        publisher
            .import(
                csv.as_bytes(),
                &ImportOptions::new(Format::Csv, "se"),
                now(),
            )
            .unwrap();
        publisher.register().check_intact().unwrap();
    }
}

#[test]
fn a_history_that_lost_its_end_or_is_gone_is_refused() {
    let room = tempfile::tempdir().unwrap();
    let directory = room.path().join("se");
    drop(lived(&directory));
    let history = directory.join("history.jsonl");
    let whole = fs::read(&history).unwrap();
    for short in [&whole[..whole.len() - 1], &whole[..whole.len() / 2], &[]] {
        fs::write(&history, short).unwrap();
        let refused = opened(&directory).map(drop);
        assert!(
            matches!(refused, Err(PublisherError::HistoryDamaged)),
            "{refused:?}"
        );
    }
    fs::remove_file(&history).unwrap();
    assert!(opened(&directory).is_err());
}

#[test]
fn a_command_that_changes_nothing_leaves_no_deed() {
    let room = tempfile::tempdir().unwrap();
    let directory = room.path().join("se");
    let mut publisher = lived(&directory);
    let history = directory.join("history.jsonl");
    let before = fs::read(&history).unwrap();
    publisher
        .protect(&b"two.example\n"[..], Format::Text, now())
        .unwrap();
    assert_eq!(fs::read(&history).unwrap(), before);
}
