//! `rebuild` beside commands that change the register, each a process of its own.

use std::fs;
use std::process::{Child, Command, ExitStatus, Stdio};

use interdict_publisher::Publisher;

use crate::command::Room;

const ROUNDS: u32 = 12;

/// What a command exits with that found another working on the directory.
const BUSY: i32 = 5;

fn start(room: &Room, arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_interdict-publish"))
        .args(["--clock", "2026-11-22T00:00:00Z"])
        .args(arguments)
        .current_dir(room.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Whether it was accepted; what found the directory busy was not.
fn accepted(child: Child) -> bool {
    let output = child.wait_with_output().unwrap();
    let is_busy = |status: ExitStatus| status.code() == Some(BUSY);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() || is_busy(output.status),
        "{:?}: {errors}",
        output.status
    );
    output.status.success()
}

fn texts(room: &Room, query: &str) -> Vec<String> {
    let register = room.path().join("se/register.sqlite");
    let register = rusqlite::Connection::open(register).unwrap();
    let mut statement = register.prepare(query).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn no_accepted_change_is_lost_to_a_rebuild_at_the_same_time() {
    let room = Room::new();
    let (mut imported, mut delisted) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let name = format!("shop-{round}.example");
        let gone = format!("gone-{round}.example");
        let file = format!("{round}.csv");
        let rows: String = (0..40)
            .map(|n| format!("domain,a-{round}-{n}.example\n"))
            .collect();
        let rows = format!("kind,value\n{rows}domain,{name}\n");
        fs::write(room.path().join(&file), rows).unwrap();
        let rebuild = start(&room, &["rebuild", "se"]);
        let import = start(&room, &["import", "se", &file, "--source", "x"]);
        let again = start(&room, &["rebuild", "se"]);
        let cleared = format!("{round}-cleared.csv");
        fs::write(
            room.path().join(&cleared),
            format!("kind,value\ndomain,{gone}\n"),
        )
        .unwrap();
        let delist = start(&room, &["delist", "se", &cleared]);
        if accepted(import) {
            imported.push(name);
        }
        if accepted(delist) {
            delisted.push(gone);
        }
        accepted(rebuild);
        accepted(again);
    }
    assert!(imported.len() > 2 && delisted.len() > 2);
    let (well, said) = room.said(&["verify", "se"]);
    assert!(well, "{said}");
    imported.sort();
    delisted.sort();
    let listed = "SELECT text FROM entry WHERE text LIKE 'shop-%' ORDER BY text";
    assert_eq!(texts(&room, listed), imported);
    let tombstones = "SELECT text FROM delisted ORDER BY text";
    assert_eq!(texts(&room, tombstones), delisted);
}

#[test]
fn a_change_goes_to_the_register_that_took_the_place_of_the_one_it_opened() {
    let room = Room::new();
    let directory = room.path().join("se");
    let mut early = Publisher::open(&directory).unwrap();
    drop(Publisher::rebuild(&directory).unwrap());
    let names = interdict_publisher::Names::One {
        kind: "domain",
        value: "shop.example",
    };
    early
        .delist(
            names,
            &interdict_publisher::DelistOptions::default(),
            crate::coalition::now(),
        )
        .unwrap();
    drop(early);
    assert_eq!(
        texts(&room, "SELECT text FROM delisted"),
        ["shop.example"],
        "it went to the file that was replaced"
    );
    assert!(room.run(&["verify", "se"]).status.success());
}
