//! Published entries whose names the register does not know, and a new epoch, whose lists cannot have them.

use std::process::Command;

use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::list::Membership;
use interdict_publisher::{
    BackupKeys, Confirm, PublisherError, ReleaseOptions, ReleaseReport, UnnamedEntries, Urgency,
};

use super::world::World;
use crate::coalition::{DAY, now, tree};

const ROWS: &str =
    "domain,a.example,y,block\ndomain,b.example,y,block\ndomain,c.example,z,review\n";

fn day(count: u32) -> Time {
    now().plus(count * DAY)
}

/// Three entries were published after the backup that the register comes from. `before` happened before it.
fn recovered_after(before: impl FnOnce(&mut World)) -> World {
    let mut world = World::new();
    before(&mut world);
    world.backup(BackupKeys::With);
    world.import(ROWS, day(1));
    world.release(day(1));
    world.die();
    world.restore(day(2));
    assert_eq!(world.recover(day(2)).lists[0].unknown_records(), 3);
    world
}

fn recovered() -> World {
    recovered_after(|_| {})
}

fn release(world: &mut World, at: Time, confirm: Confirm) -> ReleaseReport {
    let options = ReleaseOptions {
        confirm,
        ..ReleaseOptions::default()
    };
    let report = world.coalition.publisher.release(at, &options).unwrap();
    world.upload(at);
    report
}

fn epochs(report: &ReleaseReport) -> Vec<u32> {
    let epochs = report.lists[0].epochs.iter();
    epochs.map(|epoch| epoch.epoch).collect()
}

fn unnamed(result: Result<interdict_publisher::Epoch, PublisherError>) -> Vec<(String, usize)> {
    let Err(PublisherError::Unnamed(entries)) = result else {
        panic!("{result:?}")
    };
    let of = |one: UnnamedEntries| {
        assert_eq!(one.list.as_str(), "se/merchants");
        (one.source, one.count)
    };
    entries.into_iter().map(of).collect()
}

/// Which of the three a gateway that has followed all along finds.
fn found(world: &World, at: Time) -> Vec<&'static str> {
    let gateway = &world.gateway;
    let names = ["a.example", "b.example", "c.example"].into_iter();
    let listed = names.filter(|name| {
        let found = gateway.ask_at("se/merchants", Kind::Domain, name, at);
        matches!(found, Membership::Listed { .. })
    });
    listed.collect()
}

#[test]
fn no_epoch_starts_while_published_entries_have_no_name_here() {
    let mut world = recovered();
    let keys = tree(&world.home().join("keys"));
    for urgency in [Urgency::Planned, Urgency::Leak] {
        let refused = world.coalition.publisher.epoch_start(day(2), urgency);
        let by = unnamed(refused);
        assert_eq!(by, [("se.y".to_owned(), 2), ("se.z".to_owned(), 1)]);
    }
    assert!(tree(&world.home().join("keys")) == keys);
    let refused = world
        .coalition
        .publisher
        .epoch_start(day(2), Urgency::Planned)
        .unwrap_err()
        .to_string();
    for part in [
        "2 of se.y in se/merchants",
        "1 of se.z in se/merchants",
        "import the names again",
        "release",
        "epoch start --now --confirm",
        "nothing was changed",
    ] {
        assert!(
            refused.to_lowercase().contains(part),
            "{part} is not in: {refused}"
        );
    }
    // Once each has a name again, or may go.
    world.import(
        "domain,a.example,y,block\ndomain,c.example,z,review\n",
        day(2),
    );
    let one_left = world
        .coalition
        .publisher
        .epoch_start(day(2), Urgency::Planned);
    assert_eq!(unnamed(one_left), [("se.y".to_owned(), 1)]);
    let proposal = release(&mut world, day(2), Confirm::Nothing).proposal;
    let confirm = Confirm::Proposal(proposal.unwrap().digest);
    release(&mut world, day(3), confirm);
    let publisher = &mut world.coalition.publisher;
    publisher.epoch_start(day(3), Urgency::Planned).unwrap();
    release(&mut world, day(3), Confirm::Nothing);
    let report = release(&mut world, day(10), Confirm::Nothing);
    assert_eq!((epochs(&report), report.put_off), (vec![1, 2], vec![]));
    assert_eq!(found(&world, day(10)), ["a.example", "c.example"]);
}

#[test]
fn after_a_leak_a_person_agrees_to_what_the_new_epoch_leaves_behind() {
    let mut world = recovered();
    let publisher = &mut world.coalition.publisher;
    let epoch = publisher.epoch_start_confirmed(day(2)).unwrap();
    assert_eq!((epoch.number, epoch.notice), (2, 0));
    let report = release(&mut world, day(2), Confirm::Nothing);
    assert_eq!(epochs(&report), [1, 2]);
    assert_eq!((&report.proposal, &report.lists[0].held), (&None, &vec![]));
    assert_eq!(found(&world, day(2)), [""; 0]);
    assert!(world.blocks("old.example", day(2)));
    let report = release(&mut world, day(3), Confirm::Nothing);
    assert_eq!((report.lists[0].listed, report.proposal), (2, None));
}

/// It was started before the register was lost, so nobody was asked.
#[test]
fn an_epoch_that_was_announced_before_is_put_off_until_the_entries_have_names_or_go() {
    let mut world = recovered_after(|world| {
        let publisher = &mut world.coalition.publisher;
        publisher.epoch_start(now(), Urgency::Planned).unwrap();
        world.release(now());
    });
    // Due since day 7, and by then the first epoch would have ended on day 21.
    let mut last = None;
    for of in [8, 22, 30] {
        let plan = world
            .coalition
            .publisher
            .plan(day(of), &ReleaseOptions::default());
        assert_eq!(plan.unwrap().release.put_off, [2]);
        let report = release(&mut world, day(of), Confirm::Nothing);
        assert_eq!((epochs(&report), &report.put_off), (vec![1], &vec![2]));
        let said = report.to_string();
        assert!(said.contains("epoch 2 is put off"), "{said}");
        assert_eq!(found(&world, day(of)).len(), 3, "day {of}");
        last = report.proposal;
    }
    // The epoch with their only lists cannot be ended either.
    let publisher = &mut world.coalition.publisher;
    let ended = publisher.epoch_retire(1, day(30), Urgency::Leak);
    assert_eq!(unnamed(ended).len(), 2);
    let confirm = Confirm::Proposal(last.unwrap().digest);
    let report = release(&mut world, day(31), confirm);
    assert_eq!((epochs(&report), report.put_off), (vec![1, 2], vec![]));
    assert_eq!(found(&world, day(31)), [""; 0]);
    assert!(world.blocks("old.example", day(31)));
    // The two weeks count from its first list.
    let report = release(&mut world, day(44), Confirm::Nothing);
    assert_eq!(epochs(&report), [1, 2]);
    let report = release(&mut world, day(46), Confirm::Nothing);
    assert_eq!(epochs(&report), [2]);
}

/// An agreement covers what had no name when it was given, and what has one stays.
#[test]
fn what_a_person_agreed_to_leave_behind_is_all_that_goes() {
    let mut world = recovered();
    world.import("domain,a.example,y,block\n", day(2));
    let publisher = &mut world.coalition.publisher;
    publisher.epoch_start_confirmed(day(2)).unwrap();
    // Meanwhile one of the two has got a name.
    world.import("domain,c.example,z,review\n", day(2));
    let report = release(&mut world, day(2), Confirm::Nothing);
    assert_eq!((epochs(&report), report.put_off), (vec![1, 2], vec![]));
    assert_eq!(found(&world, day(2)), ["a.example", "c.example"]);
}

#[test]
fn status_and_plan_count_them_apart_from_what_goes() {
    let mut world = recovered();
    world.copy_back();
    let pending = world.coalition.publisher.pending(day(2)).unwrap().remove(0);
    assert_eq!(pending.removed, []);
    let counts = pending
        .unnamed
        .iter()
        .map(|one| (one.source.as_str(), one.count));
    assert_eq!(counts.collect::<Vec<_>>(), [("se.y", 2), ("se.z", 1)]);
    let plan = world
        .coalition
        .publisher
        .plan(day(2), &ReleaseOptions::default());
    let plan = plan.unwrap();
    assert_eq!(plan.changes[0].held_unnamed, 3);
    let report = release(&mut world, day(2), Confirm::Nothing);
    for said in [plan.to_string(), report.to_string()] {
        assert!(said.contains("cannot move to another epoch"), "{said}");
    }
}

/// At the command line, with what each command prints.
#[test]
fn the_commands_say_how_many_there_are_and_what_to_do() {
    let mut world = recovered();
    world.copy_back();
    world.close();
    let home = world.home();
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_interdict-publish"))
            .args(["--clock", &day(2).to_string()])
            .args(arguments)
            .arg(&home)
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(said).unwrap())
    };
    let (code, said) = run(&["status"]);
    assert_eq!(code, Some(0), "{said}");
    for part in [
        "2 published entries from se.y",
        "1 published entries from se.z",
    ] {
        assert!(said.contains(part), "{said}");
    }
    let (_, said) = run(&["status", "--json"]);
    assert!(said.contains("\"unnamed\":3"), "{said}");
    for start in [&["epoch", "start"][..], &["epoch", "start", "--now"]] {
        let (code, said) = run(start);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("2 of se.y in se/merchants"), "{said}");
    }
    let (code, said) = run(&["epoch", "start", "--confirm"]);
    assert_eq!(code, Some(2), "{said}");
    let (code, said) = run(&["release", "--json"]);
    assert_eq!(code, Some(8), "{said}");
    assert!(said.contains("\"put_off\":[]"), "{said}");
    let (code, said) = run(&["epoch", "start", "--now", "--confirm"]);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = run(&["release"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("epoch 2: new base"), "{said}");
}
