//! What a repository says of itself.

use std::fs;

use interdict_core::common::time::Time;
use interdict_publisher::{ExpiryOf, Online, RepositoryStatus, Urgent};

use crate::coalition::{Coalition, DAY, now, tree};

fn released() -> Coalition {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,a.example,x\n");
    coalition.release();
    coalition
}

fn status(coalition: &Coalition, at: Time) -> Option<RepositoryStatus> {
    let online = Online::open(&coalition.directory()).unwrap();
    online.status(at).unwrap()
}

#[test]
fn every_end_that_the_repository_shows_is_named() {
    let coalition = Coalition::new();
    assert_eq!(status(&coalition, now()), None);
    let coalition = released();
    let status = status(&coalition, now().plus(DAY)).unwrap();
    let shown = status.expiries.iter();
    let shown: Vec<_> = shown
        .map(|expiry| {
            (
                expiry.of.name(),
                expiry.at.since(now()) / DAY,
                expiry.days_left,
            )
        })
        .collect();
    let expected = [
        ("timestamp", 3, 2),
        ("snapshot", 7, 6),
        ("targets", 90, 89),
        ("root", 365, 364),
        ("list", 30, 29),
        ("epoch", 90, 89),
    ];
    assert_eq!(shown, expected);
    assert_eq!(status.versions, [1; 4]);
    assert_eq!(status.urgent(), Urgent::Well);
}

#[test]
fn each_end_is_due_in_time_and_then_over() {
    let mut coalition = released();
    let mut ends = Vec::new();
    let mut seen = |coalition: &Coalition, day: u32| {
        let status = status(coalition, now().plus(day * DAY)).unwrap();
        for expiry in status.expiries {
            let entry = (expiry.of.name(), expiry.urgent);
            if expiry.urgent != Urgent::Well && !ends.iter().any(|(seen, _)| *seen == entry) {
                ends.push((entry, day));
            }
        }
    };
    for day in 0..=5 {
        seen(&coalition, day);
    }
    // With renewals, until the targets end.
    for day in 6..90 {
        coalition.publisher.renew(now().plus(day * DAY)).unwrap();
        seen(&coalition, day);
    }
    for day in [90, 335, 336, 364, 365] {
        seen(&coalition, day);
    }
    let first = |name, urgent| {
        let found = ends.iter().find(|(entry, _)| *entry == (name, urgent));
        found.map(|(_, day)| *day)
    };
    for (name, soon, over) in [
        ("timestamp", 2, 3),
        ("list", 24, 30),
        ("targets", 77, 90),
        ("epoch", 77, 90),
        ("root", 336, 365),
    ] {
        assert_eq!(first(name, Urgent::Soon), Some(soon), "{name}");
        assert_eq!(first(name, Urgent::Expired), Some(over), "{name}");
    }
}

#[test]
fn missing_files_and_an_unfinished_release_are_named() {
    let coalition = released();
    let files = tree(&coalition.repository());
    let filter = files.keys().find(|path| path.ends_with(".filter")).unwrap();
    fs::write(coalition.repository().join(filter), "damaged").unwrap();
    let metadata = coalition.repository().join("metadata");
    fs::copy(
        metadata.join("1.targets.json"),
        metadata.join("2.targets.json"),
    )
    .unwrap();
    let found = status(&coalition, now()).unwrap();
    assert_eq!(found.damaged, [filter.as_str()]);
    assert_eq!(found.unfinished, Some(2));
    assert!(
        found
            .to_string()
            .contains("targets 2 were signed and are not published")
    );
    fs::remove_file(metadata.join("2.targets.json")).unwrap();
    fs::write(coalition.repository().join(filter), &files[filter]).unwrap();
    fs::remove_file(metadata.join("timestamp.json")).unwrap();
    let found = status(&coalition, now()).unwrap();
    assert_eq!(found.damaged, ["metadata/timestamp.json"]);
    let named = |of: &ExpiryOf| found.expiries.iter().any(|expiry| expiry.of == *of);
    assert!(!named(&ExpiryOf::Timestamp) && named(&ExpiryOf::Targets));
}
