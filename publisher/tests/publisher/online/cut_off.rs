//! A release that is cut off at each of its writes, and what `renew` makes of it.

use std::collections::BTreeMap;
use std::fs;

use interdict_core::identifier::Kind;
use interdict_core::list::Membership;
use interdict_core::trust::Freshness;
use interdict_publisher::{NewBase, Online, PublisherError, ReleaseOptions};

use crate::coalition::{Coalition, DAY, Gateway, now, tree};

/// A coalition that has released one entry and is about to release another.
fn coalition() -> Coalition {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,old.example,x\n");
    coalition.release();
    coalition.import("kind,value,source\ndomain,new.example,x\n");
    coalition
}

fn release(coalition: &mut Coalition, day: u32) -> Result<[u32; 3], PublisherError> {
    let base = ReleaseOptions {
        base: NewBase::Always,
        ..ReleaseOptions::default()
    };
    let report = coalition.publisher.release(now().plus(day * DAY), &base)?;
    Ok(report.versions)
}

fn lists(gateway: &Gateway, name: &str) -> bool {
    let found = gateway.ask("se/merchants", Kind::Domain, name);
    matches!(found, Membership::Listed { .. })
}

/// Renews, and checks that a gateway stays with the old list; releases, and checks that it gets the new one.
fn goes_on(coalition: &mut Coalition, gateway: &mut Gateway, path: &str) {
    let repository = coalition.repository();
    let later = now().plus(5 * DAY);
    let online = Online::open(&coalition.directory()).unwrap();
    online.renew(later).unwrap();
    gateway.update(&repository, later).unwrap();
    assert_eq!(gateway.freshness(later), Some(Freshness::Fresh), "{path}");
    assert!(lists(gateway, "old.example"), "{path}");
    assert!(!lists(gateway, "new.example"), "{path}");
    let status = online.status(later).unwrap().unwrap();
    assert!(status.damaged.is_empty(), "{path}");
    release(coalition, 6).unwrap();
    gateway.update(&repository, now().plus(6 * DAY)).unwrap();
    assert!(lists(gateway, "old.example") && lists(gateway, "new.example"));
    // Whoever begins now gets it too.
    let found = coalition.ask(Kind::Domain, "new.example");
    assert!(matches!(found, Membership::Listed { .. }), "{path}");
}

#[test]
fn a_release_that_is_cut_off_at_any_write_leaves_renew_with_the_old_list() {
    // What the release will write: all is made of published words, so a second run writes the same.
    let mut twin = coalition();
    let before = tree(&twin.repository());
    release(&mut twin, 1).unwrap();
    let after = tree(&twin.repository());
    let new: BTreeMap<_, _> = after
        .iter()
        .filter(|(path, _)| !before.contains_key(*path))
        .collect();
    // Filter and records with a copy of each, targets and snapshot.
    assert_eq!(new.len(), 6);
    for path in new.keys() {
        let mut coalition = coalition();
        let mut gateway = coalition.gateway();
        gateway.update(&coalition.repository(), now()).unwrap();
        // A folder in the way of the file: no rename goes there.
        let obstacle = coalition.repository().join(path);
        fs::create_dir_all(obstacle.join("full")).unwrap();
        let cut_off = release(&mut coalition, 1);
        assert!(
            matches!(cut_off, Err(PublisherError::Unpublished(_))),
            "{path}"
        );
        let timestamp = "metadata/timestamp.json";
        let shown = fs::read(coalition.repository().join(timestamp)).unwrap();
        assert_eq!(Some(&shown), before.get(timestamp), "{path}");
        let left = tree(&coalition.repository());
        assert!(!left.keys().any(|path| path.contains(".staged-")), "{path}");
        fs::remove_dir_all(obstacle).unwrap();
        goes_on(&mut coalition, &mut gateway, path);
    }
}

#[test]
fn a_release_that_is_cut_off_before_its_first_and_its_last_write_is_no_different() {
    for last in [false, true] {
        let mut coalition = coalition();
        let mut gateway = coalition.gateway();
        gateway.update(&coalition.repository(), now()).unwrap();
        let before = tree(&coalition.repository());
        release(&mut coalition, 1).unwrap();
        let timestamp = "metadata/timestamp.json";
        if last {
            fs::write(coalition.repository().join(timestamp), &before[timestamp]).unwrap();
        } else {
            for path in tree(&coalition.repository()).keys() {
                match before.get(path) {
                    Some(bytes) => fs::write(coalition.repository().join(path), bytes).unwrap(),
                    None => fs::remove_file(coalition.repository().join(path)).unwrap(),
                }
            }
        }
        goes_on(&mut coalition, &mut gateway, timestamp);
    }
}

#[test]
fn a_version_of_a_failed_try_is_not_used_again() {
    let mut coalition = coalition();
    let obstacle = coalition.repository().join("metadata/2.targets.json/full");
    fs::create_dir_all(&obstacle).unwrap();
    assert!(release(&mut coalition, 1).is_err());
    fs::remove_dir_all(obstacle.parent().unwrap()).unwrap();
    // Snapshot 2 and timestamp 2 were signed and never written.
    let renewed = coalition.publisher.renew(now().plus(DAY)).unwrap();
    assert_eq!(renewed.versions, [3, 3]);
    assert_eq!(release(&mut coalition, 2).unwrap(), [3, 4, 4]);
}

#[test]
fn versions_go_on_when_the_folder_of_the_repository_was_lost() {
    let mut coalition = coalition();
    for day in 1..5 {
        coalition.publisher.renew(now().plus(day * DAY)).unwrap();
    }
    let mut gateway = coalition.gateway();
    let at = now().plus(4 * DAY);
    gateway.update(&coalition.repository(), at).unwrap();
    fs::remove_dir_all(coalition.repository()).unwrap();
    assert_eq!(release(&mut coalition, 5).unwrap(), [2, 6, 6]);
    let at = now().plus(5 * DAY);
    gateway.update(&coalition.repository(), at).unwrap();
    assert!(lists(&gateway, "new.example"));
}

#[test]
fn without_a_timestamp_the_newest_complete_targets_are_renewed() {
    let mut coalition = coalition();
    release(&mut coalition, 1).unwrap();
    let mut gateway = coalition.gateway();
    gateway
        .update(&coalition.repository(), now().plus(DAY))
        .unwrap();
    for name in ["timestamp.json", "2.snapshot.json"] {
        let file = coalition.repository().join("metadata").join(name);
        fs::write(&file, "{").unwrap();
        coalition.publisher.renew(now().plus(2 * DAY)).unwrap();
        gateway
            .update(&coalition.repository(), now().plus(2 * DAY))
            .unwrap();
        assert!(lists(&gateway, "new.example"), "{name}");
    }
}
