//! A register that no longer says where its history stands.

use std::fs;
use std::path::Path;

use interdict_publisher::{Publisher, PublisherError};
use rusqlite::Connection;

use crate::coalition::{Coalition, now};

/// Sets the cell count of the page that holds the one row of `history` to zero (`SQLite` file format, §1.6).
fn forget_by_a_flipped_count(register: &Path) {
    let connection = Connection::open(register).unwrap();
    let query = "SELECT rootpage FROM sqlite_schema WHERE name = 'history'";
    let page: usize = connection.query_row(query, [], |row| row.get(0)).unwrap();
    let size: usize = connection
        .pragma_query_value(None, "page_size", |row| row.get(0))
        .unwrap();
    connection
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    drop(connection);
    let mut bytes = fs::read(register).unwrap();
    let count = (page - 1) * size + 3;
    assert_eq!(bytes[count..count + 2], [0, 1]);
    bytes[count + 1] = 0;
    fs::write(register, bytes).unwrap();
}

fn forget_by_hand(register: &Path) {
    let connection = Connection::open(register).unwrap();
    connection.execute("DELETE FROM history", []).unwrap();
}

#[test]
fn a_register_that_lost_its_place_in_the_history_never_takes_the_history_with_it() {
    for forget in [forget_by_a_flipped_count, forget_by_hand] {
        let mut coalition = Coalition::new();
        coalition.import("kind,value\ndomain,shop.test\n");
        let directory = coalition.directory();
        let _room = coalition.closed();
        let history = fs::read(directory.join("history.jsonl")).unwrap();
        forget(&directory.join("register.sqlite"));
        for _ in 0..2 {
            let refused = Publisher::open(&directory);
            assert!(
                matches!(refused, Err(PublisherError::RegisterDamaged)),
                "{refused:?}"
            );
            let left = fs::read(directory.join("history.jsonl")).unwrap();
            assert_eq!(left, history);
        }
        let mended = Publisher::rebuild(&directory).unwrap();
        assert_eq!(mended.status(now()).unwrap().lists[0].identifiers, 1);
        assert_eq!(mended.verify(None).unwrap().deeds, 2);
    }
}
