use interdict_publisher::{
    FileError, Format, ImportMode, ImportOptions, ImportReport, NewSource, PublisherError,
    SourceClass, SourceError,
};

use crate::coalition::{Coalition, DAY, now};

fn coalition(class: SourceClass) -> Coalition {
    let mut coalition = Coalition::new();
    let new = NewSource::new("feed", class);
    coalition.publisher.source_add(new, now()).unwrap();
    coalition
}

fn sync(
    coalition: &mut Coalition,
    csv: &str,
    confirmed: Option<usize>,
) -> Result<ImportReport, PublisherError> {
    let options = ImportOptions {
        mode: ImportMode::Sync { confirmed },
        ..ImportOptions::new(Format::Csv, "feed")
    };
    coalition.publisher.import(csv.as_bytes(), &options, now())
}

fn rows(numbers: impl Iterator<Item = u32>) -> String {
    let rows = numbers.map(|number| format!("domain,n{number}.example,\n"));
    format!("kind,value,valid_until\n{}", rows.collect::<String>())
}

/// How many entries the source has, and how many of them are proposed for removal.
fn counts(coalition: &Coalition) -> (usize, usize) {
    let shown = coalition.publisher.source("feed", now()).unwrap();
    let counts = shown.lists.into_iter().map(|(_, counts)| counts);
    counts.fold((0, 0), |_, one| (one.entries + one.waiting, one.dropped))
}

#[test]
fn what_a_feed_leaves_out_is_proposed_and_stays_listed_until_a_person_removes_it() {
    let mut coalition = coalition(SourceClass::OpenData);
    sync(&mut coalition, &rows(0..20), None).unwrap();
    coalition.import("kind,value,source\ndomain,n0.example,other\n");
    let report = sync(&mut coalition, &rows(1..20), None).unwrap();
    assert_eq!((report.unchanged, report.dropped), (19, 1));
    assert!(report.to_string().contains("dropped --remove"), "{report}");
    assert_eq!(counts(&coalition), (20, 1));
    let listed = coalition.release().lists[0].listed;
    assert_eq!(listed, 20);
    let proposed = coalition.publisher.dropped(None).unwrap();
    let [dropped] = proposed.as_slice() else {
        panic!("{proposed:?}")
    };
    assert_eq!((dropped.source.as_str(), dropped.entries), ("feed", 1));
    assert_eq!(dropped.since, now());
    assert!(
        coalition
            .publisher
            .dropped(Some("other"))
            .unwrap()
            .is_empty()
    );

    let removed = coalition
        .publisher
        .remove_dropped(Some("feed"), now())
        .unwrap();
    assert_eq!(removed[0].entries, 1);
    assert_eq!(counts(&coalition), (19, 0));
    // What another source says about it stays, and no tombstone does.
    let other = coalition.publisher.source("other", now()).unwrap();
    assert_eq!(other.lists[0].1.entries, 1);
    let report = sync(&mut coalition, &rows(0..20), None).unwrap();
    assert_eq!((report.accepted, report.refused.len()), (1, 0));
}

#[test]
fn an_entry_that_is_named_again_is_no_longer_proposed() {
    let mut coalition = coalition(SourceClass::OpenData);
    sync(&mut coalition, &rows(0..20), None).unwrap();
    sync(&mut coalition, &rows(2..20), None).unwrap();
    assert_eq!(counts(&coalition), (20, 2));
    // By a file that adds as well as by one that is everything.
    let options = ImportOptions::new(Format::Csv, "feed");
    let add = rows(0..1);
    let report = coalition.publisher.import(add.as_bytes(), &options, now());
    assert_eq!(report.unwrap().dropped, 0);
    assert_eq!(counts(&coalition), (20, 1));
    sync(&mut coalition, &rows(0..20), None).unwrap();
    assert_eq!(counts(&coalition), (20, 0));
    assert!(
        coalition
            .publisher
            .remove_dropped(None, now())
            .unwrap()
            .is_empty()
    );
    assert_eq!(counts(&coalition), (20, 0));
}

#[test]
fn a_feed_that_leaves_out_more_than_one_in_ten_has_failed_and_changes_nothing() {
    let mut coalition = coalition(SourceClass::OpenData);
    sync(&mut coalition, &rows(0..30), None).unwrap();
    // Three of thirty are one in ten; four are more. New entries do not make up for them.
    let cut = rows(4..60);
    match sync(&mut coalition, &cut, None) {
        Err(PublisherError::Source(
            error @ SourceError::FeedFailed {
                dropped: 4, of: 30, ..
            },
        )) => {
            let said = error.to_string();
            assert!(said.contains("--confirm-drop 4"), "{said}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(counts(&coalition), (30, 0));
    for stated in [3, 5] {
        let refused = sync(&mut coalition, &cut, Some(stated));
        assert!(matches!(
            refused,
            Err(PublisherError::Source(SourceError::DropCount {
                dropped: 4,
                ..
            }))
        ));
    }
    assert_eq!(counts(&coalition), (30, 0));
    assert_eq!(sync(&mut coalition, &cut, Some(4)).unwrap().dropped, 4);
    assert_eq!(counts(&coalition), (60, 4));

    let mut coalition = self::coalition(SourceClass::OpenData);
    sync(&mut coalition, &rows(0..30), None).unwrap();
    assert_eq!(sync(&mut coalition, &rows(3..30), None).unwrap().dropped, 3);
    let empty = sync(&mut coalition, "kind,value\n", None);
    assert!(matches!(empty, Err(PublisherError::File(FileError::Empty))));
    // A cut file, or the file of another source.
    for failed in [&rows(0..1), &rows(100..130)] {
        let refused = sync(&mut coalition, failed, None);
        assert!(matches!(
            refused,
            Err(PublisherError::Source(SourceError::FeedFailed { .. }))
        ));
    }
    assert_eq!(counts(&coalition), (30, 3));
}

#[test]
fn a_row_that_is_refused_still_names_its_entry() {
    let mut coalition = coalition(SourceClass::OpenData);
    sync(&mut coalition, &rows(0..20), None).unwrap();
    let bad = rows(0..20).replace("n7.example,", "n7.example,soon");
    let report = sync(&mut coalition, &bad, None).unwrap();
    assert_eq!((report.refused.len(), report.dropped), (1, 0));
    // Also one with www., which is listed without it.
    let www = rows(0..20).replace("n7.example,", "www.n7.example,soon");
    let report = sync(&mut coalition, &www, None).unwrap();
    assert_eq!((report.refused.len(), report.dropped), (1, 0));
}

#[test]
fn an_entry_that_has_ended_is_not_missed() {
    let mut coalition = coalition(SourceClass::OpenData);
    let ended = "domain,ended.example,2026-11-22\n".to_owned();
    sync(&mut coalition, &(rows(0..5) + &ended), None).unwrap();
    let report = sync(&mut coalition, &rows(0..5), None).unwrap();
    assert_eq!(report.dropped, 0);
}

#[test]
fn another_source_and_another_list_are_not_what_a_feed_leaves_out() {
    let lists = ["se/a", "se/b"];
    let mut coalition = Coalition::with(interdict_publisher::TestKeys::Yes, &lists);
    coalition.source("feed");
    let mut sync = |list: &str, csv: String| {
        let options = ImportOptions {
            list: Some(list.to_owned()),
            mode: ImportMode::Sync { confirmed: None },
            ..ImportOptions::new(Format::Csv, "feed")
        };
        let report = coalition.publisher.import(csv.as_bytes(), &options, now());
        report.unwrap().dropped
    };
    assert_eq!(sync("se/a", rows(0..20)), 0);
    assert_eq!(sync("se/b", rows(100..120)), 0);
    assert_eq!(sync("se/a", rows(1..20)), 1);
    let dropped = coalition.publisher.dropped(None).unwrap();
    assert_eq!((dropped.len(), dropped[0].list.as_str()), (1, "se/a"));
}

#[test]
fn what_waits_is_proposed_too_and_a_failed_feed_keeps_it() {
    let mut coalition = coalition(SourceClass::Hotline);
    sync(&mut coalition, &rows(0..20), None).unwrap();
    assert!(sync(&mut coalition, "kind,value\n", None).is_err());
    assert_eq!(counts(&coalition), (20, 0));
    assert_eq!(sync(&mut coalition, &rows(1..20), None).unwrap().dropped, 1);
    coalition.publisher.remove_dropped(None, now()).unwrap();
    assert_eq!(counts(&coalition), (19, 0));
    assert_eq!(coalition.publisher.waiting(None, None).unwrap().len(), 19);
}

#[test]
fn a_name_that_leaves_the_register_needs_its_approvers_again() {
    let mut coalition = coalition(SourceClass::OpenData);
    sync(&mut coalition, &rows(0..20), None).unwrap();
    let names = interdict_publisher::Names::One {
        kind: "domain",
        value: "n0.example",
    };
    let mark = interdict_publisher::Disclosure::Mark;
    let marked = coalition.publisher.disclose(names, None, mark, now());
    assert_eq!(marked.unwrap().changed, 1);
    sync(&mut coalition, &rows(1..20), None).unwrap();
    coalition.publisher.remove_dropped(None, now()).unwrap();
    sync(&mut coalition, &rows(0..20), None).unwrap();
    let status = coalition.publisher.status(now().plus(DAY)).unwrap();
    let list = &status.lists[0];
    assert_eq!((list.disclosed, list.waiting, list.held_back), (0, 0, 0));
}
