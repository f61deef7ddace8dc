//! What was taken off a list after the backup: `release`, `status`, `plan` and `show` say the same of it.

use std::fs;

use interdict_core::common::time::Time;
use interdict_publisher::{BackupKeys, DelistOptions, Names, ReleaseOptions, Shown};

use super::world::World;
use crate::coalition::{DAY, now};

fn day(count: u32) -> Time {
    now().plus(count * DAY)
}

fn gone() -> Names<'static> {
    Names::One {
        kind: "domain",
        value: "gone.example",
    }
}

/// `gone.example` was delisted after the backup that the register comes from.
fn recovered() -> World {
    let mut world = World::new();
    world.backup(BackupKeys::With);
    let publisher = &mut world.coalition.publisher;
    publisher
        .delist(gone(), &DelistOptions::default(), day(1))
        .unwrap();
    world.release(day(1));
    world.die();
    world.restore(day(2));
    world.copy_back();
    assert_eq!(world.recover(day(2)).lists[0].withdrawn, 1);
    world
}

fn shown(world: &World, time: Time) -> Shown {
    let report = world.coalition.publisher.show(gone(), time).unwrap();
    report.shown.into_iter().next().unwrap()
}

#[test]
fn show_and_status_leave_out_what_the_release_leaves_out_until_it_is_listed_again() {
    let mut world = recovered();
    let one = shown(&world, day(2));
    assert_eq!(one.lists[0].answers, []);
    assert!(one.lists[0].withdrawn && !one.lists[0].statements[0].goes_out);
    let said = world.coalition.publisher.show(gone(), day(2)).unwrap();
    let said = said.to_string();
    for part in ["says nothing of it", "recover DIR --list-again"] {
        assert!(said.contains(part), "{said}");
    }
    let publisher = &world.coalition.publisher;
    let pending = publisher.pending(day(2)).unwrap().remove(0);
    let plan = publisher.plan(day(2), &ReleaseOptions::default()).unwrap();
    assert_eq!((&pending.added, &pending.removed), (&vec![], &vec![]));
    assert_eq!(pending.added, plan.changes[0].added);

    let again = world.coalition.publisher.list_withdrawn_again(day(3));
    assert_eq!(again.unwrap(), 1);
    let one = shown(&world, day(3));
    assert_eq!(one.lists[0].answers.len(), 1);
    assert!(!one.lists[0].withdrawn && one.lists[0].statements[0].goes_out);
    let pending = world.coalition.publisher.pending(day(3)).unwrap();
    assert_eq!(pending[0].added.len(), 1);
    world.release(day(3));
    assert!(world.blocks("gone.example", day(3)));
}

/// The comparison with what is published does not see it as decided.
#[test]
fn what_was_taken_off_still_waits_after_a_second_recovery() {
    let mut world = recovered();
    world.release(day(2));
    // Something is published that this register does not know, so that it compares once more.
    world.import("domain,next.example,x,block\n", day(3));
    fs::remove_file(world.file()).unwrap();
    fs::remove_dir_all(world.dead()).unwrap();
    world.backup(BackupKeys::With);
    world.import("domain,other.example,x,block\n", day(3));
    world.release(day(3));
    world.die();
    world.restore(day(4));
    assert_eq!(world.recover(day(4)).lists[0].withdrawn, 1);
    assert_eq!(world.coalition.publisher.withdrawn().unwrap().len(), 1);
    world.release(day(4));
    assert!(!world.blocks("gone.example", day(4)));
}
