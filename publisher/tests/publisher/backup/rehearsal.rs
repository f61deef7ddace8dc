//! A dead machine, a restored register and a lost repository, with gateways polling throughout.

use std::fs;

use interdict_core::common::time::Time;
use interdict_core::trust::RoleName;
use interdict_publisher::{BackupError, BackupKeys, PublisherError, Urgency};

use super::world::World;
use crate::coalition::{DAY, now};

fn hours(count: u32) -> Time {
    now().plus(count * 3_600)
}

#[test]
fn a_dead_machine_comes_back_and_no_gateway_notices() {
    let mut world = World::new();
    world.backup(BackupKeys::With);
    world.import("domain,new.example,y,block\n", hours(1));
    world.release(hours(2));
    for hour in [8, 14, 20] {
        world.renew(hours(hour));
    }
    world.die();
    world.poll(hours(21));

    world.restore(hours(22));
    let report = world.recover(hours(22));
    assert_eq!(report.targets, (1, 2));
    assert_eq!(report.lists[0].unknown_records(), 1);
    // What nobody can name stays published.
    world.release(hours(23));
    assert!(world.blocks("old.example", hours(23)) && world.blocks("new.example", hours(23)));
    // Its source sends it again, and so it has a name.
    world.import("domain,new.example,y,block\n", hours(24));
    world.release(hours(25));
    assert!(world.blocks("new.example", hours(25)));
    world.renew(hours(31));
    assert!(world.polls > 60, "{}", world.polls);
}

#[test]
fn a_restored_register_signs_nothing_before_it_has_recovered() {
    let mut world = World::new();
    world.backup(BackupKeys::With);
    world.import("domain,new.example,y,block\n", hours(1));
    world.release(hours(2));
    world.die();
    world.restore(hours(3));
    let publisher = &mut world.coalition.publisher;
    let refused: Vec<PublisherError> = vec![
        publisher
            .release(hours(3), &Default::default())
            .unwrap_err(),
        publisher.plan(hours(3), &Default::default()).unwrap_err(),
        publisher
            .rotate_root(hours(3), &[RoleName::Root])
            .unwrap_err(),
        publisher
            .epoch_start(hours(3), Urgency::Planned)
            .unwrap_err(),
        publisher.public_start(None, None, hours(3)).unwrap_err(),
    ];
    for error in refused {
        assert!(
            matches!(error, PublisherError::Backup(BackupError::Restored)),
            "{error}"
        );
        assert!(
            error.to_string().contains("interdict-publish recover"),
            "{error}"
        );
    }
    // Importing is no signing.
    world.import("domain,new.example,y,block\n", hours(3));
    world.recover(hours(4));
    world.release(hours(4));
}

/// A copy of the register put back by hand knows nothing of having been restored.
#[test]
fn a_register_older_than_its_repository_signs_nothing() {
    let mut world = World::new();
    let names = ["register.sqlite", "history.jsonl"];
    let files = names.map(|name| world.home().join(name));
    world.close();
    let old = files.clone().map(|file| fs::read(file).unwrap());
    let reset = |world: &mut World| {
        world.close();
        for (file, old) in files.iter().zip(&old) {
            fs::write(file, old).unwrap();
        }
        world.open();
    };
    world.open();
    world.import("domain,new.example,y,block\n", hours(2));
    world.release(hours(3));
    reset(&mut world);
    let refused = world.try_release(hours(4)).unwrap_err();
    let PublisherError::Backup(BackupError::RepositoryNewer {
        role,
        published,
        known,
    }) = refused
    else {
        panic!("{refused}");
    };
    assert_eq!((role.as_str(), published, known), ("targets", 2, 1));
    assert!(refused.to_string().contains("interdict-publish recover"));
    world.recover(hours(5));
    world.release(hours(5));
    world
        .coalition
        .publisher
        .rotate_root(hours(6), &[])
        .unwrap();
    world.upload(hours(6));
    reset(&mut world);
    world.import("domain,late.example,y,block\n", hours(7));
    let refused = world
        .coalition
        .publisher
        .release(hours(7), &Default::default())
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("the repository has root 2 and the register knows 1"),
        "{refused}"
    );
    world.recover(hours(8));
    world.release(hours(8));
    assert!(world.blocks("late.example", hours(8)));
}

#[test]
fn a_lost_repository_is_built_again_and_gateways_go_on() {
    let mut world = World::new();
    world
        .coalition
        .publisher
        .rotate_root(hours(1), &[])
        .unwrap();
    world.import("domain,new.example,y,block\n", hours(1));
    world.release(hours(2));
    world.renew(hours(3));
    for lost in [world.coalition.repository(), world.served()] {
        fs::remove_dir_all(lost).unwrap();
    }
    // A gateway that finds nothing keeps what it has.
    assert!(world.blocks("new.example", hours(4)));
    world.release(hours(5));
    world.renew(hours(6));
    for name in ["old.example", "gone.example", "new.example"] {
        assert!(world.blocks(name, hours(6)), "{name}");
    }
    // Whoever enrols now, and whoever enrolled on the first day, finds the way too.
    let root = fs::read(world.served().join("metadata/1.root.json")).unwrap();
    let member = interdict_core::list::Edition::Member;
    let mut new = super::follower::Follower::new(&root, member);
    assert_eq!(new.poll(&world.served(), hours(6)), Ok(()));
}

#[test]
fn with_register_and_repository_lost_the_versions_are_above_what_gateways_saw() {
    let mut world = World::new();
    world.backup(BackupKeys::With);
    for day in 1..=20 {
        world.import(
            &format!("domain,day-{day}.example,y,block\n"),
            now().plus(day * DAY),
        );
        world.release(now().plus(day * DAY));
    }
    world.die();
    fs::remove_dir_all(world.served()).unwrap();
    let then = now().plus(21 * DAY);
    world.restore(then);
    let nothing = interdict_publisher::RecoverOptions::default();
    world.coalition.publisher.recover(&nothing, then).unwrap();
    world.release(then);
    assert!(world.blocks("old.example", then));
    assert!(
        !world.blocks("day-3.example", then),
        "nobody has it any more"
    );
}
