use std::fs;

use interdict_core::common::time::Time;
use interdict_publisher::{Publisher, PublisherError, ReleaseOptions, TestKeys};

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
        let enrolment = coalition.publisher.member_add("bank-a", "file:/x", now());
        let enrolment = enrolment.unwrap();
        let keys = enrolment.keys().iter();
        keys.map(|key| (key.epoch(), key.id())).collect::<Vec<_>>()
    };
    let first = epochs(&mut coalition);
    assert_eq!(first.len(), 1);
    let epoch = coalition.publisher.epoch_start(now().plus(DAY)).unwrap();
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
        .epoch_retire(1, now().plus(DAY))
        .unwrap();
    assert_eq!(epochs(&mut coalition), both[1..]);
    // Archived files of a retired epoch can still be read.
    assert_eq!(key_files(&coalition).len(), 2);
}

#[test]
fn two_epochs_at_most_are_live_and_the_newest_stays() {
    let mut coalition = Coalition::new();
    let publisher = &mut coalition.publisher;
    let only = publisher.epoch_retire(1, now());
    assert!(matches!(only, Err(PublisherError::NewestEpoch(1))));
    publisher.epoch_start(now()).unwrap();
    let third = publisher.epoch_start(now());
    assert!(matches!(third, Err(PublisherError::TooManyEpochs)));
    let newest = publisher.epoch_retire(2, now());
    assert!(matches!(newest, Err(PublisherError::NewestEpoch(2))));
    let unknown = publisher.epoch_retire(3, now());
    assert!(matches!(unknown, Err(PublisherError::UnknownEpoch(3))));
    let ended = publisher.epoch_retire(1, now().plus(DAY)).unwrap();
    assert_eq!(ended.retired_at, Some(now().plus(DAY)));
    let again = publisher.epoch_retire(1, now());
    assert!(matches!(again, Err(PublisherError::EpochRetired(1))));
    assert_eq!(publisher.epoch_start(now()).unwrap().number, 3);
    let epochs = publisher.epochs().unwrap();
    let live: Vec<_> = epochs
        .iter()
        .map(interdict_publisher::Epoch::is_live)
        .collect();
    assert_eq!(live, [false, true, true]);
}

#[test]
fn an_epoch_does_not_begin_before_the_one_before_it() {
    let mut coalition = Coalition::new();
    let earlier = Time::from_seconds(now().seconds() - 1);
    for time in [earlier, Time::from_seconds(5), Time::from_seconds(u32::MAX)] {
        let refused = coalition.publisher.epoch_start(time);
        assert!(matches!(refused, Err(PublisherError::ClockBehind)));
    }
    assert_eq!(key_files(&coalition).len(), 1);
}

#[test]
fn a_start_cut_off_after_the_key_was_written_goes_on_with_that_key() {
    let mut coalition = Coalition::with(TestKeys::No, &[]);
    coalition.publisher.epoch_start(now()).unwrap();
    let key = fs::read(coalition.directory().join("keys/list-key-2.hex")).unwrap();
    // The register as it was before.
    let register = rusqlite::Connection::open(coalition.directory().join("register.sqlite"));
    let register = register.unwrap();
    let deleted = register.execute("DELETE FROM epoch WHERE number = 2", []);
    assert_eq!(deleted.unwrap(), 1);
    drop(register);
    let mut publisher = Publisher::open(&coalition.directory()).unwrap();
    assert_eq!(publisher.epoch_start(now()).unwrap().number, 2);
    let again = fs::read(coalition.directory().join("keys/list-key-2.hex")).unwrap();
    assert!(key == again, "the key was made anew");
    // A half-written one is no key.
    publisher.epoch_retire(1, now()).unwrap();
    let half = coalition.directory().join("keys/list-key-3.hex");
    fs::write(&half, "abcd").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&half, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let refused = publisher.epoch_start(now());
    assert!(matches!(refused, Err(PublisherError::KeyFile(_))));
}

#[test]
fn an_old_key_is_warned_about_until_there_is_a_newer_one() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,shop.example,x\n");
    for (days, old) in [(0, None), (90, None), (91, Some((1, 91)))] {
        let time = now().plus(days * DAY);
        let plan = coalition.publisher.plan(time, &ReleaseOptions::default());
        let plan = plan.unwrap();
        let status = coalition.publisher.status(time).unwrap();
        assert_eq!(plan.old_key.map(|key| (key.epoch, key.days)), old);
        assert_eq!(status.old_key, plan.old_key);
        let warned = [plan.to_string(), status.to_string()].map(|said| said.contains("warning"));
        assert_eq!(warned, [old.is_some(); 2]);
    }
    let later = now().plus(91 * DAY);
    coalition.publisher.epoch_start(later).unwrap();
    assert_eq!(coalition.publisher.status(later).unwrap().old_key, None);
}
