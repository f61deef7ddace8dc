//! A repository, or a copy of one, whose file system is not there: what is written to an empty mount point is
//! served to nobody.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use interdict_core::identifier::Kind;
use interdict_core::list::Membership;
use interdict_publisher::{Online, PublisherError, ReleaseOptions, UploadReport};

use crate::coalition::{Coalition, now, tree};

/// A coalition that has released.
fn coalition() -> Coalition {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,a.example,x\n");
    coalition.release();
    coalition
}

fn upload(coalition: &Coalition, to: &Path) -> Result<UploadReport, PublisherError> {
    Online::open(&coalition.directory())?.upload(to, now())
}

fn is_gone<T>(done: Result<T, PublisherError>) -> bool {
    let Err(error) = done else { return false };
    let said = error.to_string();
    matches!(error, PublisherError::RepositoryGone(_)) && said.contains("mount what it lies on")
}

/// What a command might have changed.
fn left(coalition: &Coalition) -> Vec<BTreeMap<String, Vec<u8>>> {
    let directory = coalition.directory();
    let files = ["history.jsonl", "versions.json"].map(|name| {
        let bytes = fs::read(directory.join(name)).unwrap();
        (name.to_owned(), bytes)
    });
    let folders = ["keys", "published", "repository"].map(|name| directory.join(name));
    let folders = folders.iter().filter(|folder| folder.is_dir());
    let folders = folders.map(|folder| tree(folder));
    folders.chain([files.into()]).collect()
}

/// What may be seen where a file system is not mounted.
fn empty(repository: &Path) {
    fs::create_dir(repository).unwrap();
}

fn of_before_it_was_mounted(repository: &Path) {
    fs::create_dir_all(repository.join("metadata")).unwrap();
    let root = repository.with_file_name("away/metadata/1.root.json");
    fs::copy(root, repository.join("metadata/1.root.json")).unwrap();
}

fn a_link_to_nothing(repository: &Path) {
    symlink("not/mounted", repository).unwrap();
}

#[test]
fn a_repository_that_is_not_mounted_stops_every_command_and_loses_nothing() {
    for leave in [empty, of_before_it_was_mounted, a_link_to_nothing] {
        let mut coalition = coalition();
        let repository = coalition.repository();
        let away = repository.with_file_name("away");
        fs::rename(&repository, &away).unwrap();
        leave(&repository);
        let before = left(&coalition);
        let release = ReleaseOptions::default();
        assert!(is_gone(coalition.publisher.release(now(), &release)));
        assert!(is_gone(coalition.publisher.renew(now())));
        assert!(is_gone(coalition.publisher.rotate_root(now(), &[])));
        assert!(is_gone(Online::open(&coalition.directory())));
        assert!(is_gone(upload(&coalition, &away.join("../mirror"))));
        assert!(left(&coalition) == before);
        assert!(!away.join("../mirror").exists());
        match repository.is_dir() {
            true => fs::remove_dir_all(&repository).unwrap(),
            false => fs::remove_file(&repository).unwrap(),
        }
        fs::rename(&away, &repository).unwrap();
        let report = coalition.publisher.release(now(), &release).unwrap();
        assert_eq!(report.versions, [2, 2, 2]);
        let found = coalition.ask(Kind::Domain, "a.example");
        assert!(matches!(found, Membership::Listed { .. }));
    }
}

#[test]
fn a_first_release_that_was_cut_off_is_no_missing_repository() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,a.example,x\n");
    let obstacle = coalition.repository().join("targets");
    fs::write(&obstacle, "").unwrap();
    for _ in 0..2 {
        let release = ReleaseOptions {
            confirm: interdict_publisher::Confirm::First,
            ..ReleaseOptions::default()
        };
        let cut_off = coalition.publisher.release(now(), &release);
        assert!(
            matches!(cut_off, Err(PublisherError::Unpublished(_))),
            "{cut_off:?}"
        );
    }
    fs::remove_file(obstacle).unwrap();
    coalition.release();
}

#[test]
fn a_copy_that_is_not_mounted_any_more_is_not_made_again_in_its_place() {
    let coalition = coalition();
    let mirror: PathBuf = coalition.directory().join("../mirror");
    fs::create_dir(&mirror).unwrap();
    // A new folder may be there already.
    upload(&coalition, &mirror).unwrap();
    let away = coalition.directory().join("../away");
    fs::rename(&mirror, &away).unwrap();
    fs::create_dir(&mirror).unwrap();
    let refused = upload(&coalition, &mirror);
    assert!(
        matches!(
            refused,
            Err(PublisherError::UploadGone { timestamp: 1, .. })
        ),
        "{refused:?}"
    );
    assert!(tree(&mirror).is_empty());
    // Another folder is none of its concern, and one that was deleted is made again.
    upload(&coalition, &coalition.directory().join("../other")).unwrap();
    fs::remove_dir(&mirror).unwrap();
    upload(&coalition, &mirror).unwrap();
    assert!(tree(&mirror) == tree(&away));
}
