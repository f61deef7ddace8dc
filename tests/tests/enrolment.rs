//! What the publisher writes, the host must read and keep.

use interdict_core::common::time::Time;
use interdict_core::list::{Edition, ListId};
use interdict_core::wire::EnrolmentParts;
use interdict_host::{Enrolled, Enrolment, EnrolmentKey, Error, Module, OtherRoot, Store, enrol};
use interdict_publisher::{InitOptions, NewMember, Publisher, TestKeys, Urgency};

const ADDRESS: &str = "https://lists.example/se";

fn now() -> Time {
    Time::parse("2026-11-22T00:00:00Z").unwrap()
}

fn publisher(directory: &std::path::Path, test_keys: TestKeys) -> Publisher {
    let options = InitOptions {
        lists: vec!["se/merchants".to_owned(), "se/cards".to_owned()],
        ..InitOptions::new("se", test_keys, now())
    };
    Publisher::init(directory, &options).unwrap()
}

#[test]
fn a_host_reads_every_member_of_what_the_publisher_writes() {
    let room = tempfile::tempdir().unwrap();
    let mut publisher = publisher(&room.path().join("se"), TestKeys::No);
    publisher.epoch_start(now(), Urgency::Leak).unwrap();
    let written = publisher
        .member_add(&NewMember::by_hand("bank-a", ADDRESS), now())
        .unwrap();
    let read = Enrolment::read(&written.to_bytes()).unwrap();
    assert_eq!((read.coalition(), read.member()), ("se", "bank-a"));
    assert_eq!(read.repository(), ADDRESS);
    let lists: Vec<&str> = read.lists().iter().map(ListId::as_str).collect();
    assert_eq!(lists, ["se/cards", "se/merchants"]);
    let epochs: Vec<u32> = read.keys().iter().map(EnrolmentKey::epoch).collect();
    assert_eq!(epochs, [1, 2]);
    // The host keeps the publisher's file byte for byte.
    assert_eq!(read.to_bytes(), written.to_bytes());
}

#[test]
fn a_newer_file_brings_the_key_of_the_next_epoch_and_none_of_a_stranger() {
    let room = tempfile::tempdir().unwrap();
    let module = Module::built_in().unwrap();
    let state = room.path().join("state");
    let mut publisher = publisher(&room.path().join("se"), TestKeys::Yes);
    let take = |file: &Enrolment, other| {
        let enrolment = Enrolment::read(&file.to_bytes()).unwrap();
        enrol(&module, &state, &enrolment, other, now().seconds())
    };
    let first = publisher_file(&mut publisher);
    assert_eq!(take(&first, OtherRoot::Refuse).unwrap(), Enrolled::Added);
    publisher.epoch_start(now(), Urgency::Leak).unwrap();
    let second = publisher_file(&mut publisher);
    let merged = Enrolled::Merged { new_keys: 1 };
    assert_eq!(take(&second, OtherRoot::Refuse).unwrap(), merged);
    publisher.epoch_retire(1, now(), Urgency::Leak).unwrap();
    let third = publisher_file(&mut publisher);
    assert_eq!(third.keys().len(), 1);
    let merged = Enrolled::Merged { new_keys: 0 };
    assert_eq!(take(&third, OtherRoot::Refuse).unwrap(), merged);
    let store = Store::open(&state).unwrap();
    let kept = store.enrolment("se").unwrap().unwrap();
    let epochs: Vec<u32> = kept.keys().iter().map(EnrolmentKey::epoch).collect();
    assert_eq!(epochs, [1, 2], "archived lists stay readable");

    let keys = third.keys().iter();
    let keys: Vec<_> = keys
        .filter_map(|key| EnrolmentKey::new(key.epoch(), &"ab".repeat(32)))
        .collect();
    let (root, lists) = (third.root(), third.lists());
    let forged = Enrolment::new(&EnrolmentParts {
        coalition: "se",
        member: "bank-a",
        edition: Edition::Member,
        repository: ADDRESS,
        root,
        lists,
        recipient: None,
        keys: &keys,
    });
    let refused = take(&forged.unwrap(), OtherRoot::Refuse);
    assert!(matches!(refused, Err(Error::OtherKey { epoch: 2, .. })));
}

fn publisher_file(publisher: &mut Publisher) -> Enrolment {
    publisher
        .member_add(&NewMember::by_hand("bank-a", ADDRESS), now())
        .unwrap()
}
