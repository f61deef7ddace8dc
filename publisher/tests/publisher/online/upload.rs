//! A copy of the repository, in the order that gateways need.

use std::fs;
use std::path::PathBuf;

use interdict_core::identifier::Kind;
use interdict_core::list::Membership;
use interdict_publisher::{NewBase, Online, PublisherError, ReleaseOptions, UploadReport};

use crate::coalition::{Coalition, DAY, now, tree};

fn released(day: u32, coalition: &mut Coalition) {
    let base = ReleaseOptions {
        base: NewBase::Always,
        ..ReleaseOptions::default()
    };
    let at = now().plus(day * DAY);
    coalition.publisher.release(at, &base).unwrap();
}

fn coalition() -> Coalition {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,a.example,x\n");
    released(0, &mut coalition);
    coalition
}

fn mirror(coalition: &Coalition) -> PathBuf {
    coalition.directory().join("../mirror")
}

fn upload(day: u32, coalition: &Coalition) -> Result<UploadReport, PublisherError> {
    let online = Online::open(&coalition.directory()).unwrap();
    online.upload(&mirror(coalition), now().plus(day * DAY))
}

#[test]
fn a_copy_has_all_that_a_gateway_needs_and_is_written_once() {
    let mut coalition = coalition();
    let report = upload(0, &coalition).unwrap();
    // Filter and records with their copies, root, targets, snapshot and timestamp.
    assert_eq!((report.written, report.unchanged), (8, 0));
    assert!(tree(&mirror(&coalition)) == tree(&coalition.repository()));
    let report = upload(0, &coalition).unwrap();
    assert_eq!((report.written, report.unchanged), (0, 8));
    // After a renewal, snapshot and timestamp.
    coalition.publisher.renew(now()).unwrap();
    assert_eq!(upload(0, &coalition).unwrap().written, 2);
    let mut gateway = coalition.gateway();
    gateway.update(&mirror(&coalition), now()).unwrap();
    let found = gateway.ask("se/merchants", Kind::Domain, "a.example");
    assert!(matches!(found, Membership::Listed { .. }));
}

#[test]
fn a_copy_that_is_cut_off_at_any_file_leaves_the_release_before() {
    let new_release = |coalition: &mut Coalition| {
        coalition.import("kind,value,source\ndomain,b.example,x\n");
        released(1, coalition);
    };
    let mut twin = coalition();
    let before = tree(&twin.repository());
    new_release(&mut twin);
    let files = tree(&twin.repository());
    let new: Vec<_> = files
        .keys()
        .filter(|path| !before.contains_key(*path))
        .collect();
    assert_eq!(new.len(), 6);
    for path in new {
        let mut coalition = coalition();
        upload(0, &coalition).unwrap();
        new_release(&mut coalition);
        let obstacle = mirror(&coalition).join(path);
        fs::create_dir_all(obstacle.join("full")).unwrap();
        let cut_off = upload(1, &coalition);
        assert!(matches!(cut_off, Err(PublisherError::Io { .. })), "{path}");
        let mut gateway = coalition.gateway();
        gateway.update(&mirror(&coalition), now()).unwrap();
        assert_eq!(gateway.list("se/merchants").header().sequence, 1, "{path}");
        fs::remove_dir_all(obstacle).unwrap();
        upload(1, &coalition).unwrap();
        gateway
            .update(&mirror(&coalition), now().plus(DAY))
            .unwrap();
        assert_eq!(gateway.list("se/merchants").header().sequence, 2, "{path}");
    }
}

#[test]
fn a_copy_loses_files_by_age_alone_and_never_a_live_one() {
    let mut coalition = coalition();
    upload(0, &coalition).unwrap();
    let first = tree(&mirror(&coalition).join("targets"));
    let note = mirror(&coalition).join("targets/se/index.html");
    fs::write(&note, "theirs").unwrap();
    for (day, removed) in [(1, 0), (14, 0), (16, 4)] {
        released(day, &mut coalition);
        assert_eq!(upload(day, &coalition).unwrap().removed, removed, "{day}");
        let left = tree(&mirror(&coalition).join("targets"));
        let there = first.keys().filter(|path| left.contains_key(*path));
        assert_eq!(there.count(), 4 - removed, "{day}");
        let mut gateway = coalition.gateway();
        gateway
            .update(&mirror(&coalition), now().plus(day * DAY))
            .unwrap();
    }
    assert_eq!(fs::read(note).unwrap(), b"theirs");
}

#[test]
fn a_damaged_file_is_mended_in_the_copy_and_never_copied() {
    let coalition = coalition();
    upload(0, &coalition).unwrap();
    let files = tree(&coalition.repository());
    for (path, bytes) in &files {
        fs::write(mirror(&coalition).join(path), "damaged").unwrap();
        upload(0, &coalition).unwrap();
        assert!(tree(&mirror(&coalition)) == files, "{path}");
        if path.starts_with("targets/") && !path.ends_with(".gz") {
            fs::write(coalition.repository().join(path), "damaged").unwrap();
            let refused = upload(0, &coalition);
            assert!(matches!(refused, Err(PublisherError::Damaged(_))), "{path}");
            assert!(tree(&mirror(&coalition)) == files, "{path}");
            fs::write(coalition.repository().join(path), bytes).unwrap();
        }
    }
}

#[test]
fn a_copy_does_not_go_back() {
    let mut coalition = coalition();
    let old = coalition.directory().join("../old");
    super::copy(&coalition.directory(), &old);
    coalition.publisher.renew(now()).unwrap();
    upload(0, &coalition).unwrap();
    let before = tree(&mirror(&coalition));
    let restored = Online::open(&old).unwrap();
    let refused = restored.upload(&mirror(&coalition), now());
    let behind = PublisherError::UploadBehind {
        folder: 2,
        repository: 1,
    };
    assert_eq!(refused.unwrap_err().to_string(), behind.to_string());
    assert!(tree(&mirror(&coalition)) == before);
}
