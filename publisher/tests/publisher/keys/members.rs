//! Members: the file they enrol with comes before their row, and nobody loses a key unnamed.

use std::fs;

use interdict_core::wire::Enrolment;
use interdict_publisher::{NewMember, PublisherError, ReleaseOptions, Urgency};

use crate::coalition::{Coalition, DAY, now, tree};

const ADDRESS: &str = "https://lists.example/se";

fn names(coalition: &Coalition) -> Vec<String> {
    let members = coalition.publisher.members().unwrap().into_iter();
    members.map(|member| member.name).collect()
}

#[test]
fn a_member_is_recorded_only_with_a_file_to_hand_over() {
    let mut coalition = Coalition::new();
    let room = tempfile::tempdir().unwrap();
    let member = NewMember::by_hand("bank-a", ADDRESS);
    let file = room.path().join("bank-a.json");
    let nowhere = room.path().join("missing/bank-a.json");
    let add = |coalition: &mut Coalition, file: &std::path::Path| {
        coalition.publisher.member_add_to(file, &member, now())
    };
    let refused = add(&mut coalition, &nowhere);
    assert!(
        matches!(refused, Err(PublisherError::Io { .. })),
        "{refused:?}"
    );
    fs::write(&file, "somebody's").unwrap();
    let refused = add(&mut coalition, &file);
    assert!(matches!(&refused, Err(PublisherError::FileExists(path)) if *path == file));
    assert!(
        refused
            .unwrap_err()
            .to_string()
            .contains("bank-a.json is there already")
    );
    assert_eq!(fs::read(&file).unwrap(), b"somebody's");
    assert_eq!(names(&coalition), [""; 0]);
    fs::remove_file(&file).unwrap();

    // A register that refuses the row takes the file back.
    let register = coalition.directory().join("register.sqlite");
    let register = rusqlite::Connection::open(register).unwrap();
    let full = "CREATE TRIGGER full BEFORE INSERT ON member BEGIN SELECT RAISE(ABORT, 'full'); END";
    register.execute_batch(full).unwrap();
    let refused = add(&mut coalition, &file);
    assert!(matches!(refused, Err(PublisherError::Register(_))));
    assert_eq!(tree(room.path()), [].into());
    register.execute_batch("DROP TRIGGER full").unwrap();

    let enrolment = add(&mut coalition, &file).unwrap();
    let written = fs::read(&file).unwrap();
    assert_eq!(Enrolment::read(&written).as_ref(), Ok(&enrolment));
    assert_eq!(names(&coalition), ["bank-a"]);
    assert_eq!(tree(room.path()).len(), 1, "nothing else is left there");
}

#[test]
fn retiring_an_epoch_names_members_who_would_have_no_key() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,shop.example,x\n");
    let recipients = [(); 2].map(|()| age::x25519::Identity::generate().to_public().to_string());
    let by_hand = |name| NewMember::by_hand(name, ADDRESS);
    let sealed = |name, index: usize| NewMember {
        recipient: Some(&recipients[index]),
        ..by_hand(name)
    };
    let day = |day: u32| now().plus(day * DAY);
    let release = |coalition: &mut Coalition, at| {
        let options = ReleaseOptions::default();
        coalition.publisher.release(day(at), &options).unwrap();
    };
    for member in [
        by_hand("hand-old"),
        by_hand("hand-new"),
        sealed("sealed-old", 0),
    ] {
        coalition.publisher.member_add(&member, now()).unwrap();
    }
    release(&mut coalition, 0);
    let retire = |coalition: &mut Coalition, epoch| {
        let retired = coalition
            .publisher
            .epoch_retire(epoch, day(2), Urgency::Leak);
        match retired {
            Err(PublisherError::KeylessMembers { epoch: of, members }) if of == epoch => members,
            retired => panic!("{retired:?}"),
        }
    };
    coalition
        .publisher
        .epoch_start(day(1), Urgency::Leak)
        .unwrap();
    // The new key was given to nobody yet.
    assert_eq!(
        retire(&mut coalition, 1),
        ["hand-new", "hand-old", "sealed-old"]
    );
    release(&mut coalition, 1);
    coalition
        .publisher
        .member_add(&by_hand("hand-new"), day(1))
        .unwrap();
    coalition
        .publisher
        .member_add(&sealed("sealed-new", 1), day(1))
        .unwrap();
    assert_eq!(retire(&mut coalition, 1), ["hand-old", "sealed-new"]);
    let live = coalition.publisher.epochs().unwrap();
    assert!(live.iter().all(interdict_publisher::Epoch::is_live));
    // Everybody has the older key, but for the one who joined last.
    assert_eq!(retire(&mut coalition, 2), ["sealed-new"]);
    release(&mut coalition, 2);
    assert_eq!(retire(&mut coalition, 1), ["hand-old"]);
    let publisher = &mut coalition.publisher;
    let retired = publisher.epoch_retire_confirmed(1, day(2), Urgency::Leak);
    assert_eq!(retired.unwrap().retired_at, Some(day(2)));
}

#[test]
fn nobody_is_named_if_everybody_has_another_key() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,shop.example,x\n");
    let publisher = &mut coalition.publisher;
    publisher.epoch_start(now(), Urgency::Leak).unwrap();
    let member = NewMember::by_hand("bank-a", ADDRESS);
    publisher.member_add(&member, now()).unwrap();
    publisher
        .release(now(), &ReleaseOptions::default())
        .unwrap();
    publisher.epoch_retire(1, now(), Urgency::Leak).unwrap();
}
