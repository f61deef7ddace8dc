//! What the verdict would have been then, from the archive.

use std::fs;
use std::process::Command;

use interdict::AsOf;
use interdict_helpers::{NOW, Release};
use interdict_host::Action;

use crate::replay::{RELEASE, REQUEST, Room};

const DAY: u32 = 86_400;

/// What changes a day after the first release: `shop.example` goes, `new.example` comes.
fn room() -> Room {
    let room = Room::new(&[1]);
    room.release(1, &RELEASE, NOW);
    let second = Release {
        sequence: 2,
        changes: Some(("new.example", "shop.example")),
        ..Release::base(1, 1, &["shop.example"])
    };
    room.release(2, &[second], NOW + DAY);
    room
}

fn as_of(room: &Room, time: u32, request: &str) -> (u32, Action) {
    match room.replayer().as_of(time, request.as_bytes()).unwrap() {
        AsOf::Verdict { since, verdict } => (since, verdict.action),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_merchant_is_screened_with_what_was_live_then_although_the_gateway_has_deleted_it() {
    let room = room();
    let new = REQUEST.replace("shop", "new");
    for (time, since, shop, other) in [
        (NOW, NOW, Action::Block, Action::Allow),
        (NOW + DAY - 1, NOW, Action::Block, Action::Allow),
        (NOW + DAY, NOW + DAY, Action::Allow, Action::Block),
        (NOW + DAY + 60, NOW + DAY, Action::Allow, Action::Block),
    ] {
        assert_eq!(as_of(&room, time, REQUEST), (since, shop), "{time}");
        assert_eq!(as_of(&room, time, &new), (since, other), "{time}");
    }
    // A release that nobody replaced is old by then.
    let much_later = as_of(&room, NOW + 300 * DAY, REQUEST);
    assert_eq!(much_later, (NOW + DAY, Action::Review));
}

#[test]
fn what_is_live_already_is_not_noted_again_and_a_cut_line_is_passed_over() {
    let room = room();
    let timeline = room.archive().join("timeline.ndjson");
    let before = fs::read_to_string(&timeline).unwrap();
    drop(room.gateway(NOW + DAY + 5));
    assert_eq!(fs::read_to_string(&timeline).unwrap(), before);
    let cut = &before[..before.len() - 30];
    fs::write(&timeline, cut).unwrap();
    drop(room.gateway(NOW + DAY + 9));
    let since = as_of(&room, NOW + DAY + 9, REQUEST);
    assert_eq!(since, (NOW + DAY + 9, Action::Allow));
}

#[test]
fn before_the_archive_and_without_its_files_nothing_is_said_about_the_merchant() {
    let room = room();
    let asked = room.replayer().as_of(NOW - 1, REQUEST.as_bytes()).unwrap();
    assert!(matches!(asked, AsOf::BeforeArchive { first: Some(first) } if first <= NOW));
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_interdict"))
            .current_dir(room.path())
            .args(arguments)
            .args(["--now", "2026-12-22T00:00:00Z"])
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).unwrap())
    };
    let (code, text) = run(&["as-of", "2026-11-22", "shop.example"]);
    assert!(
        code == Some(1)
            && text.contains("since 2026-11-22T01:02:03Z:\nshop.example (domain): block"),
        "{text}"
    );
    assert!(text.contains("asked se/merchants"), "{text}");
    let (code, text) = run(&["as-of", "2026-11-23", "shop.example"]);
    assert!(code == Some(0) && text.contains("allow"), "{text}");
    let (code, text) = run(&["as-of", "2026-10-01", "shop.example"]);
    assert!(
        code == Some(2) && text.contains("NOT KNOWN: the archive begins at 2026-11-"),
        "{text}"
    );
    let (code, text) = run(&["as-of", "2027-01-01", "shop.example"]);
    assert!(code == Some(3) && text.contains("not come yet"), "{text}");
    let states = room.archive().join("states");
    fs::remove_dir_all(states).unwrap();
    let (code, text) = run(&["as-of", "2026-11-22", "shop.example"]);
    assert!(
        code == Some(2) && text.contains("MISSING: state "),
        "{text}"
    );
    fs::remove_file(room.archive().join("timeline.ndjson")).unwrap();
    let (code, text) = run(&["as-of", "2026-11-22", "shop.example"]);
    assert!(code == Some(2) && text.contains("NOT KNOWN"), "{text}");
}
