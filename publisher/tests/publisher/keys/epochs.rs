use std::fs;

use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::list::Membership;
use interdict_publisher::{
    Format, ImportOptions, NewMember, Publisher, PublisherError, ReleaseOptions, TestKeys, Urgency,
};

use crate::coalition::{Coalition, DAY, now, tree};

fn key_files(coalition: &Coalition) -> Vec<String> {
    let keys = tree(&coalition.directory().join("keys"));
    let keys = keys.into_keys().filter(|name| name.contains("list-key"));
    keys.collect()
}

#[test]
fn a_member_gets_the_keys_of_all_live_epochs() {
    let mut coalition = Coalition::with(TestKeys::No, &[]);
    let epochs = |coalition: &mut Coalition| {
        let enrolment = coalition
            .publisher
            .member_add(&NewMember::by_hand("bank-a", "file:/x"), now());
        let enrolment = enrolment.unwrap();
        let keys = enrolment.keys().iter();
        keys.map(|key| (key.epoch(), key.id())).collect::<Vec<_>>()
    };
    let first = epochs(&mut coalition);
    assert_eq!(first.len(), 1);
    let epoch = coalition
        .publisher
        .epoch_start(now().plus(DAY), Urgency::Leak)
        .unwrap();
    assert_eq!((epoch.number, epoch.since), (2, now().plus(DAY)));
    assert_eq!(key_files(&coalition), ["list-key-1.hex", "list-key-2.hex"]);
    let waiting = coalition.publisher.members_without_newest_key().unwrap();
    assert_eq!(waiting, ["bank-a"]);

    let both = epochs(&mut coalition);
    assert_eq!((both[0], both[1].0), (first[0], 2));
    assert_ne!(both[0].1, both[1].1);
    let waiting = coalition.publisher.members_without_newest_key().unwrap();
    assert_eq!(waiting, [""; 0]);

    coalition
        .publisher
        .epoch_retire(1, now().plus(DAY), Urgency::Leak)
        .unwrap();
    assert_eq!(epochs(&mut coalition), both[1..]);
    // Archived files of a retired epoch can still be read.
    assert_eq!(key_files(&coalition).len(), 2);
}

#[test]
fn two_epochs_at_most_are_in_use_and_the_one_with_lists_stays() {
    let mut coalition = Coalition::new();
    let publisher = &mut coalition.publisher;
    let only = publisher.epoch_retire(1, now(), Urgency::Leak);
    assert!(matches!(only, Err(PublisherError::NewestEpoch(1))));
    publisher.epoch_start(now(), Urgency::Planned).unwrap();
    let third = publisher.epoch_start(now(), Urgency::Planned);
    assert!(matches!(third, Err(PublisherError::TooManyEpochs)));
    // Nothing is published of the newer one.
    for urgency in [Urgency::Planned, Urgency::Leak] {
        let only = publisher.epoch_retire(1, now(), urgency);
        assert!(matches!(only, Err(PublisherError::NewestEpoch(1))));
    }
    let unknown = publisher.epoch_retire(3, now(), Urgency::Planned);
    assert!(matches!(unknown, Err(PublisherError::UnknownEpoch(3))));
    let ended = publisher.epoch_retire(2, now().plus(DAY), Urgency::Planned);
    assert_eq!(ended.unwrap().retired_at, Some(now().plus(DAY)));
    let again = publisher.epoch_retire(2, now(), Urgency::Leak);
    assert!(matches!(again, Err(PublisherError::EpochRetired(2))));
    let third = publisher.epoch_start(now(), Urgency::Planned).unwrap();
    assert_eq!(third.number, 3);
    let epochs = publisher.epochs().unwrap();
    let live: Vec<_> = epochs
        .iter()
        .map(interdict_publisher::Epoch::is_live)
        .collect();
    assert_eq!(live, [true, false, true]);
}

/// Releases on a day. Returns the epochs whose lists went out.
fn released(coalition: &mut Coalition, day: u32) -> Vec<u32> {
    let time = now().plus(day * DAY);
    let report = coalition
        .publisher
        .release(time, &ReleaseOptions::default());
    let epochs = report.unwrap().lists.remove(0).epochs;
    epochs.iter().map(|epoch| epoch.epoch).collect()
}

#[test]
fn an_epoch_has_its_first_list_after_a_week_and_the_one_before_ends_two_weeks_later() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,shop.example,x\n");
    assert_eq!(released(&mut coalition, 0), [1]);
    let day = |day: u32| now().plus(day * DAY);
    coalition
        .publisher
        .epoch_start(day(9), Urgency::Planned)
        .unwrap();
    // The week counts from the release that announces the epoch.
    for (of, epochs) in [
        (10, vec![1]),
        (11, vec![1]),
        (16, vec![1]),
        (17, vec![1, 2]),
        (24, vec![1, 2]),
    ] {
        assert_eq!(released(&mut coalition, of), epochs, "day {of}");
    }
    let early = coalition
        .publisher
        .epoch_retire(1, day(24), Urgency::Planned);
    let until = day(31);
    assert!(
        matches!(early, Err(PublisherError::EpochNeeded { number: 1, until: end }) if end == until)
    );
    let third = coalition.publisher.epoch_start(day(24), Urgency::Planned);
    assert!(matches!(third, Err(PublisherError::TooManyEpochs)));
    assert_eq!(released(&mut coalition, 30), [1, 2]);
    assert_eq!(released(&mut coalition, 31), [2]);
    let epochs = coalition.publisher.epochs().unwrap();
    assert_eq!(epochs[0].retired_at, Some(day(31)));
    // It ends with the release that leaves it out, and with the start of another at the latest.
    coalition
        .publisher
        .epoch_start(day(40), Urgency::Planned)
        .unwrap();
    assert_eq!(released(&mut coalition, 40), [2]);
    assert_eq!(released(&mut coalition, 47), [2, 3]);
    let fourth = coalition.publisher.epoch_start(day(80), Urgency::Planned);
    assert_eq!(fourth.unwrap().number, 4);
    assert_eq!(released(&mut coalition, 80), [3]);
}

#[test]
fn after_a_leak_an_epoch_starts_with_the_next_release() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,shop.example,x\n");
    released(&mut coalition, 0);
    let day = |day: u32| now().plus(day * DAY);
    coalition
        .publisher
        .epoch_start(day(1), Urgency::Planned)
        .unwrap();
    assert_eq!(released(&mut coalition, 1), [1]);
    // The key that was announced may have leaked with the other.
    coalition
        .publisher
        .epoch_start(day(2), Urgency::Leak)
        .unwrap();
    assert_eq!(released(&mut coalition, 2), [1, 3]);
    let early = coalition
        .publisher
        .epoch_retire(1, day(2), Urgency::Planned);
    assert!(matches!(
        early,
        Err(PublisherError::EpochNeeded { number: 1, .. })
    ));
    // A second leak within the two weeks: one epoch more, and then no other.
    coalition
        .publisher
        .epoch_start(day(3), Urgency::Leak)
        .unwrap();
    assert_eq!(released(&mut coalition, 3), [1, 3, 4]);
    let fifth = coalition.publisher.epoch_start(day(4), Urgency::Leak);
    assert!(matches!(fifth, Err(PublisherError::TooManyEpochs)));
    for number in [1, 3] {
        coalition
            .publisher
            .epoch_retire(number, day(4), Urgency::Leak)
            .unwrap();
    }
    assert_eq!(released(&mut coalition, 4), [4]);
}

#[test]
fn an_epoch_does_not_begin_before_the_one_before_it() {
    let mut coalition = Coalition::new();
    let earlier = Time::from_seconds(now().seconds() - 1);
    let refused = coalition.publisher.epoch_start(earlier, Urgency::Leak);
    assert!(matches!(refused, Err(PublisherError::ClockBehind { .. })));
    for time in [Time::from_seconds(5), Time::from_seconds(u32::MAX)] {
        let refused = coalition.publisher.epoch_start(time, Urgency::Leak);
        assert!(matches!(refused, Err(PublisherError::ClockRange)));
    }
    assert_eq!(key_files(&coalition).len(), 1);
}

#[test]
fn a_start_cut_off_after_the_key_was_written_goes_on_with_that_key() {
    let mut coalition = Coalition::with(TestKeys::No, &[]);
    coalition
        .publisher
        .epoch_start(now(), Urgency::Leak)
        .unwrap();
    let key = fs::read(coalition.directory().join("keys/list-key-2.hex")).unwrap();
    // The register as it was before.
    let register = rusqlite::Connection::open(coalition.directory().join("register.sqlite"));
    let register = register.unwrap();
    let deleted = register.execute("DELETE FROM epoch WHERE number = 2", []);
    assert_eq!(deleted.unwrap(), 1);
    drop(register);
    let mut publisher = Publisher::open(&coalition.directory()).unwrap();
    assert_eq!(
        publisher.epoch_start(now(), Urgency::Leak).unwrap().number,
        2
    );
    let again = fs::read(coalition.directory().join("keys/list-key-2.hex")).unwrap();
    assert!(key == again, "the key was made anew");
    // A half-written one is no key.
    publisher.epoch_retire(1, now(), Urgency::Leak).unwrap();
    let half = coalition.directory().join("keys/list-key-3.hex");
    fs::write(&half, "abcd").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&half, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let refused = publisher.epoch_start(now(), Urgency::Leak);
    assert!(matches!(refused, Err(PublisherError::KeyFile(_))));
}

#[test]
fn an_old_key_is_warned_about_until_there_is_a_newer_one() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,shop.example,x\n");
    for (days, old) in [(0, None), (90, None), (91, Some((1, 91)))] {
        let time = now().plus(days * DAY);
        let plan = coalition.publisher.plan(time, &ReleaseOptions::default());
        let plan = plan.unwrap().release;
        let status = coalition.publisher.status(time).unwrap();
        assert_eq!(plan.old_key.map(|key| (key.epoch, key.days)), old);
        assert_eq!(status.old_key, plan.old_key);
        let warned = [plan.to_string(), status.to_string()].map(|said| said.contains("warning"));
        assert_eq!(warned, [old.is_some(); 2]);
    }
    let later = now().plus(91 * DAY);
    coalition
        .publisher
        .epoch_start(later, Urgency::Leak)
        .unwrap();
    assert_eq!(coalition.publisher.status(later).unwrap().old_key, None);
}

#[test]
fn a_list_that_releases_do_not_name_moves_to_the_new_epoch_with_those_that_they_name() {
    let mut coalition = Coalition::with(TestKeys::Yes, &["se/a", "se/b"]);
    coalition.source("x");
    for list in ["se/a", "se/b"] {
        let options = ImportOptions {
            list: Some(list.to_owned()),
            ..ImportOptions::new(Format::Csv, "x")
        };
        coalition.import_with("kind,value\ndomain,shop.example\n", &options);
    }
    coalition.release();
    let start = now().plus(DAY);
    let publisher = &mut coalition.publisher;
    publisher.epoch_start(start, Urgency::Planned).unwrap();
    let only_a = ReleaseOptions {
        lists: vec!["se/a".to_owned()],
        ..ReleaseOptions::default()
    };
    for (days, epochs) in [
        (1, vec![1]),
        (8, vec![1, 2]),
        (16, vec![1, 2]),
        (23, vec![2]),
    ] {
        let time = now().plus(days * DAY);
        coalition.publisher.release(time, &only_a).unwrap();
        let mut gateway = coalition.gateway();
        gateway.update(&coalition.repository(), time).unwrap();
        for list in ["se/a", "se/b"] {
            assert_eq!(gateway.epochs(list), epochs, "{list} after {days} days");
            let found = gateway.ask_at(list, Kind::Domain, "shop.example", time);
            assert!(
                matches!(found, Membership::Listed { .. }),
                "{list} after {days} days: {found:?}"
            );
        }
    }
}
