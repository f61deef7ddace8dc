//! Notes on identifiers.

use interdict_publisher::{Names, PublisherError};

use super::show::shown;
use crate::coalition::{Coalition, DAY, now};

const fn shop() -> Names<'static> {
    Names::One {
        kind: "domain",
        value: "shop.example",
    }
}

#[test]
fn notes_are_kept_in_order_with_their_days() {
    let mut coalition = Coalition::new();
    for (days, text) in [(0, "first"), (1, "  second "), (1, "first")] {
        let at = now().plus(days * DAY);
        let report = coalition.publisher.note(shop(), text, at).unwrap();
        assert_eq!((report.noted, report.refused.len()), (1, 0));
    }
    let notes = shown(&coalition, "domain", "shop.example").notes;
    let notes: Vec<_> = notes
        .iter()
        .map(|one| (one.number, one.text.as_str(), one.at))
        .collect();
    let tomorrow = now().plus(DAY);
    assert_eq!(
        notes,
        [
            (1, "first", now()),
            (2, "second", tomorrow),
            (3, "first", tomorrow)
        ]
    );
    assert!(
        shown(&coalition, "domain", "other.example")
            .notes
            .is_empty()
    );
}

#[test]
fn a_note_with_www_stands_with_the_name_that_is_listed() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,shop.example,x\n");
    let names = Names::One {
        kind: "domain",
        value: "www.shop.example",
    };
    coalition.publisher.note(names, "seen", now()).unwrap();
    assert_eq!(shown(&coalition, "domain", "shop.example").notes.len(), 1);
}

#[test]
fn a_note_never_holds_a_card_number_a_second_line_or_a_page() {
    let mut coalition = Coalition::new();
    let long = "x".repeat(501);
    for text in [
        "",
        "  ",
        "paid with 4111 1111 1111 1111",
        "two\nlines",
        "escape \u{1b}[2J",
        long.as_str(),
    ] {
        let refused = coalition.publisher.note(shop(), text, now());
        assert!(matches!(refused, Err(PublisherError::Note)), "{text}");
    }
    assert!(shown(&coalition, "domain", "shop.example").notes.is_empty());
    let longest = "å".repeat(250);
    coalition.publisher.note(shop(), &longest, now()).unwrap();
    assert_eq!(
        shown(&coalition, "domain", "shop.example").notes[0].text,
        longest
    );
}

#[test]
fn a_note_changes_nothing_that_goes_out() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,shop.example,x\n");
    coalition.release();
    coalition
        .publisher
        .note(shop(), "secret remark", now())
        .unwrap();
    let report = coalition.release();
    assert_eq!(report.lists[0].epochs[0].changes, Some(0));
    for (name, bytes) in crate::coalition::tree(&coalition.repository()) {
        let found = bytes.windows(13).any(|part| part == b"secret remark");
        assert!(!found, "{name}");
    }
}
