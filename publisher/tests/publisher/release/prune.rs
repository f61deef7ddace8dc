//! What a release leaves in the repository.

use std::collections::BTreeSet;
use std::fs;

use interdict_publisher::{NewBase, ReleaseOptions};

use crate::coalition::{Coalition, DAY, now, tree};

fn release(coalition: &mut Coalition, day: u32) {
    let base = ReleaseOptions {
        base: NewBase::Always,
        ..ReleaseOptions::default()
    };
    coalition
        .publisher
        .release(now().plus(day * DAY), &base)
        .unwrap();
}

fn files(coalition: &Coalition, folder: &str) -> BTreeSet<String> {
    tree(&coalition.repository().join(folder))
        .into_keys()
        .collect()
}

#[test]
fn the_files_of_the_last_two_targets_stay_and_older_ones_go() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,a.example,x\n");
    let mut after = Vec::new();
    for day in 0..4 {
        release(&mut coalition, day);
        after.push(files(&coalition, "targets"));
    }
    // Filter and records, and a copy of each.
    assert_eq!([after[0].len(), after[1].len()], [4, 8]);
    for day in 2..4 {
        let new = &after[day] - &after[day - 1];
        assert_eq!((new.len(), after[day].len()), (4, 8));
        // Of the release before nothing is gone.
        let before = &after[day - 1] - &after[day - 2];
        assert!(before.is_subset(&after[day]), "{day}");
    }
    // Metadata stays for good.
    let metadata = files(&coalition, "metadata");
    for version in 1..=4 {
        for role in ["targets", "snapshot"] {
            assert!(metadata.contains(&format!("{version}.{role}.json")));
        }
    }
}

#[test]
fn the_base_of_a_stash_stays_however_old() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,a.example,x\n");
    coalition.release();
    let base = files(&coalition, "targets");
    for n in 0..5 {
        coalition.import(&format!("kind,value,source\ndomain,b{n}.example,x\n"));
        coalition.release();
    }
    let left = files(&coalition, "targets");
    assert!(base.is_subset(&left));
    // Two stashes with their copies.
    assert_eq!(left.len(), base.len() + 4);
    let mut gateway = coalition.gateway();
    gateway.update(&coalition.repository(), now()).unwrap();
}

#[test]
fn a_gateway_in_the_middle_of_an_update_still_finds_its_files() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,a.example,x\n");
    release(&mut coalition, 0);
    release(&mut coalition, 1);
    let old = fs::read(coalition.repository().join("metadata/timestamp.json")).unwrap();
    release(&mut coalition, 2);
    fs::write(coalition.repository().join("metadata/timestamp.json"), old).unwrap();
    let mut gateway = coalition.gateway();
    gateway
        .update(&coalition.repository(), now().plus(2 * DAY))
        .unwrap();
    assert_eq!(gateway.list("se/merchants").header().sequence, 2);
}

#[test]
fn other_peoples_files_are_left_alone() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,a.example,x\n");
    release(&mut coalition, 0);
    let note = coalition.repository().join("targets/se/README.html");
    fs::write(&note, "ours").unwrap();
    release(&mut coalition, 1);
    release(&mut coalition, 2);
    release(&mut coalition, 3);
    assert_eq!(fs::read(&note).unwrap(), b"ours");
}

#[test]
fn unreadable_metadata_is_a_reason_to_keep_everything() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,a.example,x\n");
    release(&mut coalition, 0);
    release(&mut coalition, 1);
    let before = files(&coalition, "targets");
    fs::write(coalition.repository().join("metadata/2.targets.json"), "{").unwrap();
    release(&mut coalition, 2);
    assert!(before.is_subset(&files(&coalition, "targets")));
}
