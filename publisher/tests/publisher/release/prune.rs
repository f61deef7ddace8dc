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
fn files_go_14_days_after_the_last_release_that_named_them_and_never_by_count() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,a.example,x\n");
    let mut after = Vec::new();
    // Many releases on one day take nothing away.
    for day in [0, 0, 0, 0, 10, 13] {
        release(&mut coalition, day);
        after.push(files(&coalition, "targets"));
        let before = after.iter().rev().nth(1).cloned().unwrap_or_default();
        assert!(before.is_subset(after.last().unwrap()), "{day}");
    }
    // Filter and records, and a copy of each.
    assert_eq!(after[5].len(), 6 * 4);
    // The first three were replaced on day 0, the fourth on day 10.
    release(&mut coalition, 15);
    let left = files(&coalition, "targets");
    assert_eq!(left.len(), 4 * 4);
    assert!(after[2].is_disjoint(&left));
    assert!((&after[3] - &after[2]).is_subset(&left));
    // A renewal counts as much as a release: the fourth goes when it is due.
    coalition.publisher.renew(now().plus(25 * DAY)).unwrap();
    let left = files(&coalition, "targets");
    assert!((&after[3] - &after[2]).is_disjoint(&left));
    assert_eq!(left.len(), 3 * 4);
    // What is published stays, however old.
    coalition.publisher.renew(now().plus(80 * DAY)).unwrap();
    assert_eq!(files(&coalition, "targets").len(), 4);
    let mut gateway = coalition.gateway();
    gateway
        .update(&coalition.repository(), now().plus(80 * DAY))
        .unwrap();
    // Metadata stays for good.
    let metadata = files(&coalition, "metadata");
    for version in 1..=7 {
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
        coalition
            .publisher
            .release(now().plus((n + 1) * 5 * DAY), &ReleaseOptions::default())
            .unwrap();
    }
    let left = files(&coalition, "targets");
    assert!(base.is_subset(&left));
    // Those of days 10, 15, 20 and 25, with their copies: that of day 5 was replaced 15 days ago.
    assert_eq!(left.len(), base.len() + 8);
    let mut gateway = coalition.gateway();
    gateway
        .update(&coalition.repository(), now().plus(25 * DAY))
        .unwrap();
}

#[test]
fn a_gateway_with_an_old_timestamp_still_finds_its_files() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,a.example,x\n");
    release(&mut coalition, 0);
    release(&mut coalition, 1);
    let old = fs::read(coalition.repository().join("metadata/timestamp.json")).unwrap();
    release(&mut coalition, 2);
    release(&mut coalition, 3);
    fs::write(coalition.repository().join("metadata/timestamp.json"), old).unwrap();
    let mut gateway = coalition.gateway();
    gateway
        .update(&coalition.repository(), now().plus(3 * DAY))
        .unwrap();
    assert_eq!(gateway.list("se/merchants").header().sequence, 2);
}

#[test]
fn other_peoples_files_are_left_alone() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,a.example,x\n");
    release(&mut coalition, 0);
    // Also one that is named like ours, which no targets metadata ever named.
    let strange = format!("targets/se/{}.merchants.member-1.filter", "ab".repeat(32));
    for name in ["targets/se/README.html", &strange] {
        fs::write(coalition.repository().join(name), "ours").unwrap();
    }
    for day in [1, 20, 40] {
        release(&mut coalition, day);
    }
    for name in ["targets/se/README.html", &strange] {
        assert_eq!(
            fs::read(coalition.repository().join(name)).unwrap(),
            b"ours"
        );
    }
}

#[test]
fn what_a_write_that_was_cut_off_left_behind_goes() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,a.example,x\n");
    release(&mut coalition, 0);
    let left = ["metadata/.staged-timestamp.json", "targets/se/.staged-x"];
    for name in left {
        fs::write(coalition.repository().join(name), "half").unwrap();
    }
    coalition.publisher.renew(now()).unwrap();
    for name in left {
        assert!(!coalition.repository().join(name).exists(), "{name}");
    }
}

#[test]
fn unreadable_metadata_is_a_reason_to_keep_everything() {
    for name in ["2.targets.json", "2.snapshot.json"] {
        let mut coalition = Coalition::new();
        coalition.import("kind,value,source\ndomain,a.example,x\n");
        release(&mut coalition, 0);
        release(&mut coalition, 1);
        let before = files(&coalition, "targets");
        release(&mut coalition, 2);
        let file = coalition.repository().join("metadata").join(name);
        fs::write(file, "{").unwrap();
        release(&mut coalition, 15);
        assert!(before.is_subset(&files(&coalition, "targets")), "{name}");
    }
}
