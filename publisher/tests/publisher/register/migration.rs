//! Registers that other versions of this program wrote.

use std::fs;

use interdict_core::identifier::Kind;
use interdict_core::list::{Action, Handling, Membership};
use interdict_publisher::{
    Format, ImportOptions, InitOptions, Names, Publisher, PublisherError, Quarantine,
    STANDARD_TYPOLOGIES, SourceChange, SourceClass, TestKeys, Urgency,
};

use crate::coalition::{Coalition, DAY, now};

/// A coalition with TEST keys that the first version of the program made on 1 November 2026: one
/// domain, one account, one protected name, one member, one release.
const VERSION_1: &str = include_str!("register-1.sql");

fn write(path: &std::path::Path, sql: &str) {
    for name in [
        "register.sqlite",
        "register.sqlite-wal",
        "register.sqlite-shm",
        "history.jsonl",
    ] {
        drop(fs::remove_file(path.with_file_name(name)));
    }
    let register = rusqlite::Connection::open(path).unwrap();
    register.execute_batch(sql).unwrap();
}

#[test]
fn a_register_of_version_1_is_taken_over_with_all_it_holds() {
    let mut coalition = Coalition::new();
    write(&coalition.directory().join("register.sqlite"), VERSION_1);
    coalition.publisher = Publisher::open(&coalition.directory()).unwrap();
    let status = coalition.publisher.status(now()).unwrap();
    assert_eq!((status.lists[0].identifiers, status.members.len()), (2, 1));
    let [epoch] = status.epochs.as_slice() else {
        panic!("{status:?}")
    };
    assert_eq!((epoch.number, epoch.retired_at), (1, None));
    assert_eq!(epoch.since.to_string(), "2026-11-01T00:00:00Z");
    assert!(status.without_newest_key.is_empty());

    let csv = "kind,value,source,handling\ndomain,new.example,x,red\n";
    assert_eq!(coalition.import(csv).accepted, 1);
    // Of the release before, the register knows more than this new repository holds.
    coalition.release();
    assert_eq!(
        coalition.action(Kind::Domain, "shop.example"),
        Some(Action::Block)
    );
    // Opened again, it is no longer migrated.
    drop(Publisher::open(&coalition.directory()).unwrap());
    coalition
        .publisher
        .epoch_start(now().plus(DAY), Urgency::Leak)
        .unwrap();
    let status = coalition.publisher.status(now().plus(DAY)).unwrap();
    assert_eq!(status.without_newest_key, ["bank-a"]);
}

/// What version 5 has and version 4 had not, and handling as version 4 had it.
const TO_VERSION_4: &str = "
DROP TABLE blocked;
DROP TABLE declared;
DROP TABLE source;
UPDATE entry SET handling = 'tlp-amber' WHERE text = 'handled.test';
PRAGMA user_version = 4;
";

/// What version 4 has and version 3 had not.
const TO_VERSION_3: &str = "
DROP TABLE typologies;
DROP TABLE typologies_release;
PRAGMA user_version = 3;
";

/// What version 7 has and version 6 had not.
const TO_VERSION_6: &str = "
DROP INDEX rejected_line;
DROP TABLE history;
DROP TABLE departed;
DROP TABLE went;
DROP TABLE confirmed;
DROP TABLE single;
DROP TABLE proposal;
DROP TABLE dropped;
DROP TABLE quarantine;
ALTER TABLE source RENAME TO source_7;
CREATE TABLE source (name TEXT PRIMARY KEY, origin TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO source SELECT name, origin FROM source_7 WHERE name <> origin;
DROP TABLE source_7;
DROP TABLE note;
DROP TABLE lifted;
DROP TABLE unprotected;
DROP TABLE version_floor;
DROP TABLE lost_release;
DROP TABLE withdrawn;
PRAGMA user_version = 6;
";

/// Version 6 had no history beside it either.
fn to_version_6(coalition: &Coalition) -> rusqlite::Connection {
    let path = coalition.directory().join("register.sqlite");
    let register = rusqlite::Connection::open(&path).unwrap();
    register.execute_batch(TO_VERSION_6).unwrap();
    fs::remove_file(path.with_file_name("history.jsonl")).unwrap();
    register
}

/// What version 6 has and version 5 had not.
const TO_VERSION_5: &str = "
DROP TABLE sealed_key;
ALTER TABLE member DROP COLUMN recipient;
ALTER TABLE member DROP COLUMN edition;
ALTER TABLE epoch DROP COLUMN notice;
ALTER TABLE epoch DROP COLUMN announced;
PRAGMA user_version = 5;
";

/// What version 2 had where version 3 has `protected_above`.
const TO_VERSION_2: &str = "
DROP VIEW entry_state;
DROP TABLE protected_above;
CREATE TABLE protected_parent (text TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO protected_parent VALUES ('shop.test');
CREATE VIEW entry_state AS SELECT entry.*, CASE
    WHEN EXISTS (SELECT 1 FROM protected p WHERE p.kind = entry.kind AND p.text = entry.text)
        THEN 'withheld'
    WHEN entry.kind = 'domain' AND entry.scope = 'domain'
        AND EXISTS (SELECT 1 FROM protected_parent p WHERE p.text = entry.text)
        THEN 'narrowed'
    ELSE 'listed' END AS state FROM entry;
PRAGMA user_version = 2;
";

#[test]
fn a_register_of_version_2_learns_what_its_protected_names_lie_in() {
    let mut coalition = Coalition::new();
    coalition.protect("pay.shop.test\n");
    let register = to_version_6(&coalition);
    register.execute_batch(TO_VERSION_5).unwrap();
    register.execute_batch(TO_VERSION_4).unwrap();
    register.execute_batch(TO_VERSION_3).unwrap();
    register.execute_batch(TO_VERSION_2).unwrap();
    coalition.publisher = Publisher::open(&coalition.directory()).unwrap();
    coalition.import("kind,value,source\ndomain,shop.test,x\nlabel,shop,x\n");
    coalition.release();
    let absent = Membership::Absent;
    assert_eq!(coalition.ask(Kind::Domain, "pay.shop.test"), absent);
    assert_eq!(
        coalition.action(Kind::Domain, "shop.test"),
        Some(Action::Review)
    );
}

#[test]
fn a_register_of_version_3_learns_to_keep_typologies() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,shop.test,x\n");
    let register = to_version_6(&coalition);
    register.execute_batch(TO_VERSION_5).unwrap();
    register.execute_batch(TO_VERSION_4).unwrap();
    register.execute_batch(TO_VERSION_3).unwrap();
    coalition.publisher = Publisher::open(&coalition.directory()).unwrap();
    let standard = coalition
        .publisher
        .set_typologies(None, STANDARD_TYPOLOGIES, now());
    assert_eq!(standard.unwrap().rules, 16);
    let report = coalition.release();
    assert!(report.lists[0].typologies.is_some());
}

#[test]
fn a_register_of_version_4_declares_every_kind_and_reads_handling_as_the_strictest() {
    let mut coalition = Coalition::new();
    coalition.import(
        "kind,value,source,handling\n\
         domain,handled.test,x,amber\ndomain,open.test,x,\n",
    );
    let register = to_version_6(&coalition);
    register.execute_batch(TO_VERSION_5).unwrap();
    register.execute_batch(TO_VERSION_4).unwrap();
    coalition.publisher = Publisher::open(&coalition.directory()).unwrap();
    let declared = coalition.publisher.declared_kinds().unwrap();
    assert_eq!(declared[0].kinds, Kind::ALL);
    coalition.release();
    for (name, handling) in [
        ("handled.test", Handling::Red),
        ("open.test", Handling::Amber),
    ] {
        let Membership::Listed { record, source, .. } = coalition.ask(Kind::Domain, name) else {
            panic!("{name}")
        };
        assert_eq!(record.handling, handling, "{name}");
        assert_eq!((source.id(), source.origin()), ("se.x", "x"));
    }
}

#[test]
fn a_register_of_version_5_has_announced_its_epochs_and_seals_to_nobody() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,shop.test,x\n");
    let register = to_version_6(&coalition);
    register.execute_batch(TO_VERSION_5).unwrap();
    coalition.publisher = Publisher::open(&coalition.directory()).unwrap();
    let epochs = coalition.publisher.epochs().unwrap();
    assert_eq!(epochs[0].starts(), Some(now()));
    assert_eq!(coalition.release().lists[0].epochs.len(), 1);
}

#[test]
fn sources_of_a_register_of_version_6_are_taken_over_with_their_origins_and_without_limits() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,shop.test,x\ndomain,other.test,hotline-se\n");
    let origin = SourceChange {
        origin: Some("hotline.example".to_owned()),
        ..SourceChange::default()
    };
    let changed = coalition
        .publisher
        .source_change("hotline-se", origin, now());
    changed.unwrap();
    drop(to_version_6(&coalition));
    coalition.publisher = Publisher::open(&coalition.directory()).unwrap();
    let sources = coalition.publisher.registered_sources().unwrap();
    let names: Vec<_> = sources
        .iter()
        .map(|source| (source.id.as_str(), source.origin.as_str()))
        .collect();
    assert_eq!(names, [("hotline-se", "hotline.example"), ("x", "x")]);
    for source in &sources {
        assert_eq!(
            (source.class, source.quarantine, source.highest_action),
            (SourceClass::Member, Quarantine::Off, Action::Block)
        );
        assert_eq!((source.highest_confidence, source.max_new), (999, None));
        assert_eq!(source.since, now());
    }
    // Their feeds go on as they did.
    let options = ImportOptions::new(Format::Csv, "x");
    let csv = &b"kind,value,source,action\ndomain,shop.test,x,block\n"[..];
    let report = coalition.publisher.import(csv, &options, now()).unwrap();
    assert_eq!((report.updated, report.quarantined), (1, 0));
}

#[test]
fn a_register_of_version_6_learns_to_keep_notes_and_lifted_tombstones() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,shop.test,x\n");
    drop(to_version_6(&coalition));
    coalition.publisher = Publisher::open(&coalition.directory()).unwrap();
    let names = Names::One {
        kind: "domain",
        value: "shop.test",
    };
    let report = coalition.publisher.note(names, "seen", now()).unwrap();
    assert_eq!(report.noted, 1);
}

#[test]
fn a_register_of_version_1_without_a_root_is_left_as_it_is() {
    let coalition = Coalition::new();
    let path = coalition.directory().join("register.sqlite");
    write(&path, &format!("{VERSION_1}\nDELETE FROM metadata;"));
    for _ in 0..2 {
        let refused = Publisher::open(&coalition.directory());
        assert!(matches!(refused, Err(PublisherError::RegisterContent)));
    }
    let register = rusqlite::Connection::open(&path).unwrap();
    let version: i64 = register
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    assert_eq!(version, 1);
}

#[test]
fn a_register_of_version_6_in_the_place_of_a_newer_one_is_left_as_it_is() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value\ndomain,shop.test\n");
    let directory = coalition.directory();
    let history = fs::read(directory.join("history.jsonl")).unwrap();
    drop(to_version_6(&coalition));
    fs::write(directory.join("history.jsonl"), &history).unwrap();
    let refused = Publisher::open(&directory);
    assert!(matches!(refused, Err(PublisherError::RegisterDamaged)));
    assert_eq!(fs::read(directory.join("history.jsonl")).unwrap(), history);
    let rebuilt = Publisher::rebuild(&directory).unwrap();
    assert_eq!(rebuilt.status(now()).unwrap().lists[0].identifiers, 1);
}

#[test]
fn a_migration_that_was_cut_off_after_its_first_deed_is_done_again() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value\ndomain,shop.test\n");
    drop(to_version_6(&coalition));
    let directory = coalition.directory();
    drop(Publisher::open(&directory).unwrap());
    let register = rusqlite::Connection::open(directory.join("register.sqlite")).unwrap();
    register.execute("DELETE FROM history", []).unwrap();
    drop(register);
    let publisher = Publisher::open(&directory).unwrap();
    let status = publisher.status(now()).unwrap();
    assert_eq!(status.lists[0].identifiers, 1);
}

#[test]
fn a_register_of_a_newer_schema_is_refused() {
    let coalition = Coalition::new();
    let directory = coalition.directory();
    let _room = coalition.closed();
    let path = directory.join("register.sqlite");
    let mut bytes = fs::read(&path).unwrap();
    // SQLite file format, §1.3: user_version, big endian, at byte 60.
    assert_eq!(bytes[60..64], [0, 0, 0, 7]);
    bytes[63] = 8;
    fs::write(&path, &bytes).unwrap();
    let refused = Publisher::open(&directory);
    let Err(error @ PublisherError::RegisterVersion { found: 8, known: 7 }) = refused else {
        panic!("{refused:?}")
    };
    assert!(error.to_string().contains("newer program"));
    // Application id, at byte 68: some other program's file.
    bytes[63] = 2;
    bytes[68] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let refused = Publisher::open(&directory);
    assert!(matches!(refused, Err(PublisherError::RegisterContent)));
}

#[test]
fn an_epoch_begins_with_the_coalition() {
    let room = tempfile::tempdir().unwrap();
    let options = InitOptions::new("se", TestKeys::Yes, now());
    let publisher = Publisher::init(&room.path().join("se"), &options).unwrap();
    assert_eq!(publisher.epochs().unwrap()[0].since, now());
}
