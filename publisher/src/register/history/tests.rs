use std::fs;
use std::path::{Path, PathBuf};

use interdict_core::common::time::Time;
use rusqlite::{Connection, types::Value};
use tempfile::TempDir;

use super::{Chain, Deed, Position};
use crate::error::PublisherError;
use crate::{Format, ImportOptions, InitOptions, NewMember, Publisher, ReleaseOptions, TestKeys};

fn now() -> Time {
    Time::parse("2026-11-22T00:00:00Z").unwrap()
}

fn import(publisher: &mut Publisher, csv: &str) {
    let options = ImportOptions::new(Format::Csv, "se");
    publisher.import(csv.as_bytes(), &options, now()).unwrap();
}

/// A coalition that has done some of everything.
fn lived(directory: &Path) -> Publisher {
    let init = InitOptions::new("se", TestKeys::Yes, now());
    let mut publisher = Publisher::init(directory, &init).unwrap().acting("anna");
    for csv in [
        "kind,value,group\ndomain,one.example,first\ndomain,two.example,\ndomain,x,\n",
        "kind,value,confidence\ndomain,one.example,700\ndomain,three.example,900\n",
    ] {
        import(&mut publisher, csv);
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

/// A new folder and such a coalition in it.
fn room() -> (TempDir, PathBuf, Publisher) {
    let room = tempfile::tempdir().unwrap();
    let directory = room.path().join("se");
    let publisher = lived(&directory);
    (room, directory, publisher)
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

/// The file of a register that is open, with all that stands beside it.
fn whole_file(register: &Path) -> Vec<u8> {
    let connection = Connection::open(register).unwrap();
    drop(connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)"));
    drop(connection);
    fs::read(register).unwrap()
}

fn opened(directory: &Path) -> Result<Publisher, PublisherError> {
    Publisher::open(directory)
}

#[test]
fn the_register_made_again_from_its_history_holds_the_same_rows() {
    let (_room, directory, publisher) = room();
    drop(publisher);
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
    let (_room, directory, publisher) = room();
    drop(publisher);
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
    let (_room, directory, mut publisher) = room();
    let register = directory.join("register.sqlite");
    let saved = whole_file(&register);
    import(&mut publisher, "kind,value\ndomain,late.example\n");
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
    let (_room, directory, mut publisher) = room();
    let register = directory.join("register.sqlite");
    let history = directory.join("history.jsonl");
    let saved = (whole_file(&register), fs::read(&history).unwrap());
    import(&mut publisher, "kind,value\ndomain,late.example\n");
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
        import(&mut publisher, "kind,value\ndomain,next.example\n");
        publisher.register().check_intact().unwrap();
    }
}

#[test]
fn a_history_that_lost_its_end_or_is_gone_is_refused() {
    let (_room, directory, publisher) = room();
    drop(publisher);
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
    let (_room, directory, mut publisher) = room();
    let history = directory.join("history.jsonl");
    let before = fs::read(&history).unwrap();
    publisher
        .protect(&b"two.example\n"[..], Format::Text, now())
        .unwrap();
    assert_eq!(fs::read(&history).unwrap(), before);
}

#[test]
fn a_row_is_written_as_sqlite_writes_it_in_json() {
    let (_room, directory, mut publisher) = room();
    let controls: String = (0..=0x20_u8).map(char::from).collect();
    let text = format!("{controls}\"'\\/\u{7f}\u{80}\u{2028}\u{1f600}");
    let change = publisher.register_mut().change().unwrap();
    change.put_setting("odd", &text).unwrap();
    let bytes: Vec<u8> = (0..=255).collect();
    let (insert, blob) = ("INSERT INTO proposal VALUES ('odd', ?1, ?2)", bytes);
    change.0.execute(insert, (i64::MIN, blob)).unwrap();
    change.commit(&Deed::new("test", now())).unwrap();
    let json = |query: &str| -> String {
        let connection = &publisher.register().0;
        connection.query_row(query, [], |row| row.get(0)).unwrap()
    };
    let setting = json("SELECT json_array(name, value) FROM setting WHERE name = 'odd'");
    let proposal = "SELECT json_array(digest, at, lower(hex(entries))) FROM proposal";
    let proposal = json(&format!("{proposal} WHERE digest = 'odd'"));
    let rows = format!("[\"setting\",null,{setting}]\n[\"proposal\",null,{proposal}]\n");
    let history = fs::read_to_string(directory.join("history.jsonl")).unwrap();
    assert!(history.contains(&rows), "{history}");
    publisher.register().check_intact().unwrap();
}

/// Has the commit of every change fail that adds a row to a table: by a reference that leads nowhere.
const NO_COMMIT: &str = "
    CREATE TEMP TABLE above (id INTEGER PRIMARY KEY);
    CREATE TEMP TABLE below (id INTEGER REFERENCES above (id) DEFERRABLE INITIALLY DEFERRED);
    CREATE TEMP TRIGGER fails AFTER INSERT ON main.TABLE BEGIN INSERT INTO below VALUES (1); END";

/// Has it fail before, in the middle of its deed: by a row of a table that nobody knows.
const NO_DEED: &str = "CREATE TEMP TRIGGER fails AFTER INSERT ON main.TABLE BEGIN
    SELECT note_row(99, 0); END";

fn break_changes(publisher: &Publisher, how: &str, table: &str) {
    let how = how.replace("TABLE BEGIN", &format!("{table} BEGIN"));
    publisher.register().0.execute_batch(&how).unwrap();
}

fn put(publisher: &mut Publisher) -> Result<(), PublisherError> {
    let change = publisher.register_mut().change()?;
    change.put_setting("late", "yes")?;
    change.commit(&Deed::new("test", now()))
}

#[test]
fn a_change_that_sqlite_could_not_commit_is_in_the_history_and_the_next_command_completes_it() {
    let (_room, directory, mut publisher) = room();
    break_changes(&publisher, NO_COMMIT, "setting");
    let refused = put(&mut publisher);
    assert!(
        matches!(refused, Err(PublisherError::Unfinished(_))),
        "{refused:?}"
    );
    assert_eq!(publisher.register().setting("late").unwrap(), None);
    drop(publisher);
    let publisher = opened(&directory).unwrap();
    let late = publisher.register().setting("late").unwrap();
    assert_eq!(late.as_deref(), Some("yes"));
    publisher.register().check_intact().unwrap();
}

#[test]
fn a_change_that_could_not_be_written_whole_leaves_the_history_as_it_was() {
    let (_room, directory, mut publisher) = room();
    let before = fs::read(directory.join("history.jsonl")).unwrap();
    break_changes(&publisher, NO_DEED, "setting");
    let refused = put(&mut publisher);
    assert!(
        matches!(refused, Err(PublisherError::RegisterContent)),
        "{refused:?}"
    );
    assert_eq!(fs::read(directory.join("history.jsonl")).unwrap(), before);
    assert_eq!(publisher.register().setting("late").unwrap(), None);
    publisher.register().check_intact().unwrap();
}

#[test]
fn a_deed_that_cannot_be_cut_off_is_reported_as_such() {
    let room = tempfile::tempdir().unwrap();
    let chain = Chain::new(room.path().join("gone"), String::new());
    let error = chain.take_back(&Position::START, PublisherError::RegisterContent);
    assert!(matches!(error, PublisherError::HalfWritten(_)), "{error:?}");
}

#[test]
fn nothing_is_written_over_a_history_that_another_has_changed() {
    let (_room, directory, mut publisher) = room();
    let history = directory.join("history.jsonl");
    let whole = fs::read(&history).unwrap();
    let mut flipped = whole.clone();
    *flipped.iter_mut().nth_back(9).unwrap() ^= 1;
    let longer = [&whole[..], b"{\"deed\":9"].concat();
    for (other, busy) in [(longer, true), (flipped, false)] {
        let change = publisher.register_mut().change().unwrap();
        change.put_setting("late", "yes").unwrap();
        fs::write(&history, &other).unwrap();
        let refused = change.commit(&Deed::new("test", now()));
        let refused = refused.unwrap_err();
        assert_eq!(matches!(refused, PublisherError::RegisterBusy), busy);
        assert_eq!(
            matches!(refused, PublisherError::HistoryDamaged),
            !busy,
            "{refused:?}"
        );
        assert_eq!(fs::read(&history).unwrap(), other);
        fs::write(&history, &whole).unwrap();
    }
    put(&mut publisher).unwrap();
    publisher.register().check_intact().unwrap();
}

#[test]
fn an_enrolment_stays_if_its_member_is_in_the_history_and_goes_if_not() {
    let room = tempfile::tempdir().unwrap();
    for (how, stays) in [(NO_COMMIT, true), (NO_DEED, false)] {
        let directory = room.path().join(format!("se-{stays}"));
        let mut publisher = lived(&directory);
        break_changes(&publisher, how, "member");
        let file = room.path().join(format!("bank-b-{stays}"));
        let member = NewMember::by_hand("bank-b", "file:repository");
        publisher.member_add_to(&file, &member, now()).unwrap_err();
        drop(publisher);
        let members = opened(&directory).unwrap().members().unwrap();
        assert_eq!((file.exists(), members.len() == 1), (stays, stays));
    }
}

#[test]
fn all_that_a_snapshot_reads_is_of_one_moment() {
    let (_room, directory, mut writer) = room();
    let reader = opened(&directory).unwrap();
    let register = reader.register();
    let snapshot = register.snapshot().unwrap();
    let before = register.head().unwrap();
    put(&mut writer).unwrap();
    register.check_intact().unwrap();
    // Which did not end it.
    assert_eq!(register.head().unwrap(), before);
    assert_eq!(register.setting("late").unwrap(), None);
    drop(snapshot);
    assert_ne!(register.head().unwrap(), before);
}

#[test]
fn a_register_that_another_command_changes_meanwhile_is_intact() {
    let (_room, directory, mut writer) = room();
    let reader = opened(&directory).unwrap();
    let writes = std::thread::spawn(move || {
        for number in 0..100 {
            let change = writer.register_mut().change().unwrap();
            let name = format!("late {number}");
            change.put_setting(&name, "yes").unwrap();
            change.commit(&Deed::new("test", now())).unwrap();
        }
    });
    while !writes.is_finished() {
        reader.register().check_intact().unwrap();
    }
    writes.join().unwrap();
}

#[test]
fn a_missing_register_is_made_again_only_while_no_other_command_works() {
    let (_room, directory, publisher) = room();
    fs::remove_file(directory.join("register.sqlite")).unwrap();
    let lock = publisher.directory().lock().unwrap();
    assert!(matches!(opened(&directory), Err(PublisherError::Busy(_))));
    assert!(!directory.join("register.sqlite").exists());
    drop(lock);
    opened(&directory).unwrap();
}

#[test]
fn a_rebuild_that_was_stopped_halfway_leaves_a_register_that_is_made_again() {
    let (_room, directory, publisher) = room();
    drop(publisher);
    let register = directory.join("register.sqlite");
    let before = rows(&register);
    // What cannot be removed stops it between two steps.
    let journal = directory.join("register.sqlite-wal");
    drop(fs::remove_file(&journal));
    fs::create_dir(&journal).unwrap();
    Publisher::rebuild(&directory).unwrap_err();
    assert!(!register.exists());
    fs::remove_dir(&journal).unwrap();
    let publisher = opened(&directory).unwrap();
    publisher.register().check_intact().unwrap();
    assert_eq!(rows(&register), before);
}
