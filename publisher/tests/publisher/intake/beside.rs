//! What others do while a file is being read, at the same directory.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use interdict_core::list::Action;
use interdict_publisher::{
    DelistOptions, Format, ImportMode, ImportOptions, ImportReport, Names, Online, Progress,
    Publisher, SourceChange,
};
use rusqlite::Connection;

use crate::coalition::{Coalition, now};

const FILE: &str = "kind,value,action\ndomain,one.example,review\ndomain,two.example,block\n";

const ONE: Names<'static> = Names::One {
    kind: "domain",
    value: "one.example",
};

/// The lines that were refused, and by which rule.
fn refused(report: &ImportReport) -> Vec<(u64, &'static str)> {
    let refused = report.refused.iter();
    let refused = refused.map(|refused| (refused.line, refused.rule.name()));
    refused.collect()
}

/// Does something else once, in the middle of the file.
struct Meanwhile<F>(Option<F>);

impl<F: FnOnce()> Progress for Meanwhile<F> {
    fn begin(&mut self, _: u64) {}

    fn at(&mut self, _: u64) {
        if let Some(act) = self.0.take() {
            act();
        }
    }
}

/// A coalition with a release, of which one.example is a part.
fn coalition() -> Coalition {
    let mut coalition = Coalition::new();
    coalition.import("kind,value\ndomain,one.example\n");
    coalition.release();
    coalition
}

#[test]
fn nobody_waits_for_a_file_to_be_read_and_what_was_delisted_meanwhile_stays_off() {
    let mut coalition = coalition();
    let directory = coalition.directory();
    let mut meanwhile = Meanwhile(Some(|| {
        let mut other = Publisher::open(&directory).unwrap();
        let delisted = other.delist(ONE, &DelistOptions::default(), now());
        assert_eq!(delisted.unwrap().delisted, 1);
        other.status(now()).unwrap();
        Online::open(&directory).unwrap().renew(now()).unwrap();
    }));
    let options = ImportOptions::new(Format::Csv, "se");
    let report = coalition
        .publisher
        .import_with(FILE.as_bytes(), &options, now(), &mut meanwhile)
        .unwrap();
    assert!(meanwhile.0.is_none());
    assert_eq!(refused(&report), [(2, "delisted")]);
    assert_eq!((report.accepted, report.entries), (1, 1));
}

#[test]
fn a_file_is_held_against_the_limits_that_its_source_has_by_then() {
    let mut coalition = coalition();
    let directory = coalition.directory();
    let mut meanwhile = Meanwhile(Some(|| {
        let mut other = Publisher::open(&directory).unwrap();
        let change = SourceChange {
            highest_action: Some(Action::Review),
            ..SourceChange::default()
        };
        other.source_change("se", change, now()).unwrap();
    }));
    let options = ImportOptions::new(Format::Csv, "se");
    let report = coalition
        .publisher
        .import_with(FILE.as_bytes(), &options, now(), &mut meanwhile)
        .unwrap();
    assert_eq!(refused(&report), [(3, "source_action")]);
    assert_eq!((report.unchanged, report.recognised.rows), (1, 2));
}

/// A file that takes a while to be written: about half a second.
fn long_file() -> String {
    let mut file = "kind,value\n".to_owned();
    for number in 0..40_000 {
        writeln!(file, "domain,m{number}.example").unwrap();
    }
    file + "domain,one.example\n"
}

/// Returns when another command is changing the register.
fn wait_for_a_change(register: &Path) {
    let register = Connection::open(register).unwrap();
    register.busy_timeout(Duration::ZERO).unwrap();
    let begun = Instant::now();
    while register.execute_batch("BEGIN IMMEDIATE; ROLLBACK").is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(60));
    }
}

#[test]
fn a_delisting_passes_an_import_that_is_being_written() {
    for mode in [ImportMode::Add, ImportMode::Sync { confirmed: None }] {
        let mut coalition = coalition();
        let directory = coalition.directory();
        let other = thread::spawn(move || {
            let mut other = Publisher::open(&directory).unwrap();
            wait_for_a_change(&directory.join("register.sqlite"));
            other.delist(ONE, &DelistOptions::default(), now()).unwrap()
        });
        let options = ImportOptions {
            mode,
            ..ImportOptions::new(Format::Csv, "se")
        };
        let file = long_file();
        let report = coalition.publisher.import(file.as_bytes(), &options, now());
        let report = report.unwrap();
        assert_eq!(other.join().unwrap().delisted, 1);
        assert_eq!(refused(&report), [(40_002, "delisted")]);
        assert_eq!((report.accepted, report.entries), (40_000, 40_000));
        coalition.publisher.verify(None).unwrap();
    }
}

#[test]
fn an_import_ends_though_others_never_stop_waiting() {
    let mut coalition = coalition();
    let waiting = coalition.directory().join("waiting.lock");
    let waiting = OpenOptions::new().write(true).open(waiting).unwrap();
    File::lock_shared(&waiting).unwrap();
    let options = ImportOptions::new(Format::Csv, "se");
    let file = long_file();
    let report = coalition.publisher.import(file.as_bytes(), &options, now());
    assert_eq!(report.unwrap().entries, 40_001);
}
