//! Clocks that are behind what was published, or so far ahead that a person has to look.

use std::fs;

use interdict_core::common::time::Time;
use interdict_core::trust::Freshness;
use interdict_publisher::{Day, Publisher, PublisherError, ReleaseOptions, Urgency};

use crate::coalition::{Coalition, DAY, now, saved, tree};

const LISTINGS: &str = "kind,value,source\ndomain,shop.example,x\n";

fn day(number: u32) -> Time {
    now().plus(number * DAY)
}

fn released() -> Coalition {
    let mut coalition = Coalition::new();
    coalition.import(LISTINGS);
    coalition.release();
    coalition
}

fn is_behind<T>(done: &Result<T, PublisherError>, at: Time, published: Time) -> bool {
    matches!(
        done,
        Err(PublisherError::ClockBehind { clock, newest }) if (*clock, *newest) == (at, published)
    )
}

#[test]
fn a_clock_before_what_was_published_stops_every_command_that_signs() {
    let mut coalition = released();
    let publisher = &mut coalition.publisher;
    publisher.epoch_start(now(), Urgency::Planned).unwrap();
    publisher.renew(day(2)).unwrap();
    let directory = coalition.directory();
    let before = saved(&directory);
    let at = Time::from_seconds(day(2).seconds() - 1);
    let options = ReleaseOptions::default();
    let publisher = &mut coalition.publisher;
    let refused = [
        publisher.release(at, &options).map(drop),
        publisher.plan(at, &options).map(drop),
        publisher.renew(at).map(drop),
        publisher.rotate_root(at, &[]).map(drop),
        publisher.epoch_start(at, Urgency::Leak).map(drop),
        publisher.epoch_retire(2, at, Urgency::Leak).map(drop),
        publisher.public_start(None, None, at).map(drop),
        publisher.confirm_clock(at, None),
        publisher.confirm_clock(at, Day::parse("2026-11-23")),
    ];
    for (index, refused) in refused.iter().enumerate() {
        assert!(is_behind(refused, at, day(2)), "{index}: {refused:?}");
        let said = refused.as_ref().unwrap_err().to_string();
        for time in ["2026-11-23T23:59:59Z", "2026-11-24T00:00:00Z"] {
            assert!(said.contains(time), "{said}");
        }
    }
    assert!(saved(&directory) == before);
    coalition.publisher.renew(day(2)).unwrap();
}

#[test]
fn a_release_and_a_rotation_count_as_published_too() {
    let mut coalition = released();
    assert_eq!(
        coalition.publisher.newest_published().unwrap(),
        Some(day(0))
    );
    coalition.publisher.rotate_root(day(3), &[]).unwrap();
    assert_eq!(
        coalition.publisher.newest_published().unwrap(),
        Some(day(3))
    );
    let refused = coalition.publisher.renew(day(2));
    assert!(is_behind(&refused, day(2), day(3)), "{refused:?}");
    let options = ReleaseOptions::default();
    coalition.publisher.release(day(4), &options).unwrap();
    assert_eq!(
        coalition.publisher.newest_published().unwrap(),
        Some(day(4))
    );
}

#[test]
fn a_timestamp_that_another_machine_renewed_counts_and_one_that_nobody_signed_does_not() {
    let mut coalition = released();
    let room = tempfile::tempdir().unwrap();
    let other = room.path().join("se");
    for (name, bytes) in tree(&coalition.directory()) {
        let path = other.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    Publisher::open(&other).unwrap().renew(day(5)).unwrap();
    let timestamp = coalition.repository().join("metadata/timestamp.json");
    let renewed = fs::read_to_string(other.join("repository/metadata/timestamp.json")).unwrap();
    let forged = renewed.replace("2026-11-30", "2036-11-30");
    assert_ne!(forged, renewed);
    for (file, newest) in [
        (forged.as_str(), day(0)),
        ("", day(0)),
        ("{}", day(0)),
        (&renewed, day(5)),
    ] {
        fs::write(&timestamp, file).unwrap();
        let found = coalition.publisher.newest_published().unwrap();
        assert_eq!(found, Some(newest), "{file}");
    }
    let refused = coalition.publisher.renew(day(4));
    assert!(is_behind(&refused, day(4), day(5)), "{refused:?}");
}

#[test]
fn a_clock_more_than_14_days_ahead_waits_for_the_day_on_the_wall() {
    let mut coalition = released();
    coalition.publisher.renew(day(1)).unwrap();
    let check = |now, day: Option<&str>| {
        let day = day.map(|day| Day::parse(day).unwrap());
        coalition.publisher.confirm_clock(now, day)
    };
    check(day(15), None).unwrap();
    let late = day(15).plus(1);
    let refused = check(late, None);
    assert!(
        matches!(
            &refused,
            Err(PublisherError::ClockAhead { clock, newest })
                if (*clock, *newest) == (late, day(1))
        ),
        "{refused:?}"
    );
    let said = refused.unwrap_err().to_string();
    for part in ["2026-12-07T00:00:01Z", "2026-11-23T00:00:00Z", "--today"] {
        assert!(said.contains(part), "{said}");
    }
    for today in ["2026-12-06", "2026-12-07", "2026-12-08"] {
        check(late, Some(today)).unwrap();
    }
    // A day that is not the clock's is refused, even where none is needed.
    for (now, today) in [
        (late, "2026-12-05"),
        (late, "2026-12-09"),
        (day(2), "2026-12-07"),
    ] {
        let refused = check(now, Some(today));
        assert!(matches!(refused, Err(PublisherError::OtherDay { .. })));
    }
}

#[test]
fn a_coalition_that_released_nothing_has_no_such_limit() {
    let mut coalition = Coalition::new();
    coalition.publisher.confirm_clock(day(300), None).unwrap();
    coalition.import(LISTINGS);
    coalition.publisher.confirm_clock(day(300), None).unwrap();
    coalition.release();
    let refused = coalition.publisher.confirm_clock(day(300), None);
    assert!(matches!(refused, Err(PublisherError::ClockAhead { .. })));
}

#[test]
fn after_an_outage_of_1_3_or_13_days_renew_goes_on_by_itself() {
    for outage in [1, 3, 13] {
        let mut coalition = released();
        let mut gateway = coalition.gateway();
        gateway.update(&coalition.repository(), now()).unwrap();
        let mut today = 0;
        // Twice in a row: the second outage is counted from the renewal after the first.
        for _ in 0..2 {
            today += outage;
            let back = day(today);
            let publisher = &mut coalition.publisher;
            publisher.confirm_clock(back, None).unwrap();
            publisher.renew(back).unwrap();
            gateway.update(&coalition.repository(), back).unwrap();
            assert_eq!(gateway.freshness(back), Some(Freshness::Fresh), "{outage}");
        }
    }
}
