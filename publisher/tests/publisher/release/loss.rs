//! A register or history that a disk or a hand has damaged: nothing of the damage is ever published.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::list::Action;
use interdict_publisher::{
    Confirm, DelistOptions, Names, Publisher, PublisherError, ReleaseOptions, ReleaseReport,
};

use crate::coalition::{Coalition, DAY, now, tree};

/// Enough for a b-tree with interior pages.
const ENTRIES: usize = 3_000;

/// Bits flipped in each of the two files.
const FLIPS: usize = 150;

/// When the damaged register is released: the entries were imported and released before.
fn later() -> Time {
    now().plus(2 * DAY)
}

fn first() -> ReleaseOptions {
    ReleaseOptions {
        confirm: Confirm::First,
        ..ReleaseOptions::default()
    }
}

/// A coalition of many entries, some of them with an end, that was released once.
fn large() -> Coalition {
    let mut coalition = Coalition::new();
    let mut csv = "kind,value,source,action,valid_until\n".to_owned();
    for index in 0..ENTRIES {
        let end = if index % 3 == 0 { "2027-06-30" } else { "" };
        csv.push_str(&format!(
            "domain,shop-{index}.example,hotline,block,{end}\n"
        ));
    }
    assert_eq!(coalition.import(&csv).refused.len(), 0);
    coalition
        .publisher
        .release(now().plus(DAY), &first())
        .unwrap();
    coalition
}

/// The same places in every run: a multiplicative generator (Lehmer, modulus 2^31 - 1).
struct Places(u64);

impl Places {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0 * 48_271 % 2_147_483_647;
        usize::try_from(self.0).unwrap() % bound
    }
}

fn put_back(directory: &Path, files: &BTreeMap<String, Vec<u8>>) {
    fs::remove_dir_all(directory).unwrap();
    for (path, bytes) in files {
        let file = directory.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }
}

fn release(directory: &Path) -> Result<ReleaseReport, PublisherError> {
    let mut publisher = Publisher::open(directory)?;
    publisher.release(later(), &ReleaseOptions::default())
}

/// The files of a directory without those that SQLite makes beside a register that is open.
fn saved(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = tree(directory);
    files.retain(|name, _| !name.starts_with("register.sqlite-"));
    files
}

#[test]
fn no_flipped_bit_in_register_or_history_is_released() {
    let coalition = large();
    let directory = coalition.directory();
    let _room = coalition.closed();
    let before = saved(&directory);
    release(&directory).unwrap();
    let repository = |files: &BTreeMap<String, Vec<u8>>| {
        let files = files
            .iter()
            .filter(|(name, _)| name.starts_with("repository/"));
        files
            .map(|(name, bytes)| (name.clone(), bytes.clone()))
            .collect::<BTreeMap<_, _>>()
    };
    let expected = repository(&saved(&directory));
    let mut places = Places(48_271);
    let mut counts = BTreeMap::new();
    for file in ["register.sqlite", "history.jsonl"] {
        for _ in 0..FLIPS {
            put_back(&directory, &before);
            let mut bytes = before[file].clone();
            let place = places.below(bytes.len());
            bytes[place] ^= 1 << places.below(8);
            fs::write(directory.join(file), &bytes).unwrap();
            let outcome = match release(&directory) {
                Ok(_) => {
                    let found = repository(&saved(&directory));
                    assert!(found == expected, "{file} at {place}: another release");
                    "changed nothing"
                }
                Err(_) => {
                    let found = repository(&saved(&directory));
                    assert!(
                        found == repository(&before),
                        "{file} at {place}: half a release"
                    );
                    "refused"
                }
            };
            *counts.entry((file, outcome)).or_insert(0) += 1;
        }
    }
    println!("{counts:?}");
    assert_eq!(counts.get(&("history.jsonl", "refused")), Some(&FLIPS));
    assert!(
        counts[&("register.sqlite", "refused")] > FLIPS / 2,
        "{counts:?}"
    );
}

#[test]
fn a_damaged_register_is_made_again_from_its_history_and_releases_the_same() {
    let coalition = large();
    let directory = coalition.directory();
    let _room = coalition.closed();
    let before = saved(&directory);
    release(&directory).unwrap();
    let expected = tree(&directory.join("repository"));
    put_back(&directory, &before);
    let mut bytes = before["register.sqlite"].clone();
    for byte in bytes.iter_mut().skip(8_192).step_by(64) {
        *byte ^= 1;
    }
    fs::write(directory.join("register.sqlite"), &bytes).unwrap();
    assert!(release(&directory).is_err());
    Publisher::rebuild(&directory)
        .unwrap()
        .verify(None)
        .unwrap();
    release(&directory).unwrap();
    assert!(tree(&directory.join("repository")) == expected);
}

/// Changes the register as no command does, and opens it again.
fn by_hand(coalition: &mut Coalition, sql: &str) {
    let register = rusqlite::Connection::open(coalition.directory().join("register.sqlite"));
    register.unwrap().execute_batch(sql).unwrap();
    coalition.publisher = Publisher::open(&coalition.directory()).unwrap();
}

fn small() -> Coalition {
    let mut coalition = Coalition::new();
    coalition.import(
        "kind,value,source,action,valid_until\n\
         domain,a.example,x,block,\ndomain,b.example,x,block,2027-06-30\n\
         domain,c.example,x,block,\n",
    );
    coalition.release();
    coalition
}

#[test]
fn rows_that_no_command_changed_are_damage() {
    for sql in [
        "DELETE FROM entry WHERE text = 'a.example'",
        "UPDATE entry SET text = 'z.example' WHERE text = 'a.example'",
        "UPDATE entry SET action = 'monitor' WHERE text = 'a.example'",
        "UPDATE entry SET confidence = 899 WHERE text = 'a.example'",
        "UPDATE entry SET valid_until = 1795000000 WHERE text = 'a.example'",
        "INSERT INTO protected VALUES ('domain', 'a.example', 1795000000)",
        "DELETE FROM declared WHERE kind = 'domain'",
        "DELETE FROM release",
        "UPDATE setting SET value = 'no' WHERE name = 'test_keys'",
        "PRAGMA foreign_keys = OFF; UPDATE entry SET list = 'se/other' WHERE text = 'a.example'",
    ] {
        let mut coalition = small();
        by_hand(&mut coalition, sql);
        let before = tree(&coalition.repository());
        let refused = coalition
            .publisher
            .release(later(), &ReleaseOptions::default());
        let damaged = matches!(refused, Err(PublisherError::RegisterDamaged));
        assert!(damaged, "{sql}: {refused:?}");
        assert!(tree(&coalition.repository()) == before);
    }
}

#[test]
fn a_view_or_table_that_was_changed_is_damage_from_the_first_command() {
    let coalition = small();
    let register = rusqlite::Connection::open(coalition.directory().join("register.sqlite"));
    let sql = "DROP VIEW entry_state; CREATE VIEW entry_state AS SELECT entry.*, 'listed' AS state FROM entry";
    register.unwrap().execute_batch(sql).unwrap();
    let refused = Publisher::open(&coalition.directory()).map(drop);
    assert!(
        matches!(refused, Err(PublisherError::RegisterDamaged)),
        "{refused:?}"
    );
}

#[test]
fn a_history_that_was_rewritten_in_place_disagrees_with_the_first_release_after_it() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,a.example,x\n");
    coalition.release();
    // Another life of the same coalition, in which the first import said something else.
    let mut forged = Coalition::new();
    forged.import("kind,value,source\ndomain,b.example,x\n");
    forged.release();
    for coalition in [&mut coalition, &mut forged] {
        coalition.import("kind,value,source\ndomain,c.example,x\n");
        coalition
            .publisher
            .release(now().plus(DAY), &ReleaseOptions::default())
            .unwrap();
    }
    coalition.publisher.verify(None).unwrap();
    let served = forged.repository();
    let refused = coalition.publisher.verify(Some(&served));
    assert!(
        matches!(
            refused,
            Err(PublisherError::HistoryRewritten { sequence: 1, .. })
        ),
        "{refused:?}"
    );
}

#[test]
fn without_the_repository_the_copies_tell_what_was_published() {
    let mut coalition = small();
    fs::remove_dir_all(coalition.repository()).unwrap();
    let names = Names::One {
        kind: "domain",
        value: "a.example",
    };
    let delisted = coalition
        .publisher
        .delist(names, &DelistOptions::default(), later());
    assert_eq!(delisted.unwrap().delisted, 1);
    let report = coalition
        .publisher
        .release(later(), &ReleaseOptions::default())
        .unwrap();
    assert_eq!(report.lists[0].listed, 2);
    assert_eq!(coalition.action(Kind::Domain, "a.example"), None);
    assert_eq!(
        coalition.action(Kind::Domain, "b.example"),
        Some(Action::Block)
    );
}

#[test]
fn without_any_file_of_the_last_release_nobody_can_tell_what_changes() {
    let mut coalition = small();
    fs::remove_dir_all(coalition.repository()).unwrap();
    fs::remove_dir_all(coalition.directory().join("published")).unwrap();
    let refused = coalition
        .publisher
        .release(later(), &ReleaseOptions::default());
    let unknown = matches!(refused, Err(PublisherError::PublishedUnknown(_)));
    assert!(unknown, "{refused:?}");
    coalition.publisher.release(later(), &first()).unwrap();
}
