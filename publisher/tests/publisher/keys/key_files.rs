//! What lies in `keys/`: which files sign, which are left alone, and what a full disk leaves behind.

use std::fs;
use std::path::Path;

use interdict_core::trust::RoleName;
use interdict_publisher::{PublisherError, ReleaseOptions, TestKeys, UnusedFile};

use crate::coalition::{Coalition, now, tree};

const LISTINGS: &str = "kind,value,source\ndomain,shop.example,x\n";

/// The files that a person hears of.
fn warned(coalition: &Coalition) -> Vec<(String, UnusedFile)> {
    let warnings = coalition.publisher.key_warnings().unwrap().into_iter();
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    warnings
        .map(|warning| (name(&warning.path), warning.cause))
        .collect()
}

#[test]
fn any_two_of_the_three_targets_keys_are_enough_to_release_and_one_is_not() {
    for holiday in 1..=3 {
        let mut coalition = Coalition::new();
        coalition.import(LISTINGS);
        let keys = coalition.directory().join("keys");
        let key = |number: u32| keys.join(format!("TEST-targets-1-{number}.pem"));
        fs::remove_file(key(holiday)).unwrap();
        coalition.release();
        let mut gateway = coalition.gateway();
        gateway.update(&coalition.repository(), now()).unwrap();
        fs::remove_file(key(holiday % 3 + 1)).unwrap();
        let options = ReleaseOptions::default();
        let refused = coalition.publisher.release(now(), &options);
        let Err(error @ PublisherError::TooFewKeys { .. }) = refused else {
            panic!("{refused:?}")
        };
        let said = error.to_string();
        assert!(
            said.starts_with("targets needs 2 signatures and 1 of its"),
            "{said}"
        );
    }
}

#[test]
fn files_that_are_none_of_the_coalitions_keys_are_named_and_stop_nothing() {
    let mut coalition = Coalition::with(TestKeys::No, &[]);
    coalition.import(LISTINGS);
    assert_eq!(warned(&coalition), []);
    let other = Coalition::with(TestKeys::No, &[]);
    let foreign = fs::read(other.directory().join("keys/targets-1-1.pem")).unwrap();
    let keys = coalition.directory().join("keys");
    fs::write(keys.join("a.pem"), foreign).unwrap();
    fs::write(keys.join("empty.pem"), "").unwrap();
    fs::write(keys.join("bytes.pem"), [0xff; 99]).unwrap();
    fs::write(keys.join("notes.txt"), "in the safe").unwrap();
    fs::write(keys.join(".left.part"), "half").unwrap();
    fs::write(keys.join("list-key-x.hex"), "").unwrap();
    fs::create_dir(keys.join("folder.pem")).unwrap();
    fs::File::create(keys.join("large.pem"))
        .unwrap()
        .set_len(1 << 40)
        .unwrap();
    let expected = [
        (".left.part", UnusedFile::Unfinished),
        ("a.pem", UnusedFile::NotNamed),
        ("bytes.pem", UnusedFile::NoKey),
        ("empty.pem", UnusedFile::NoKey),
        ("folder.pem", UnusedFile::NoKey),
        ("large.pem", UnusedFile::NoKey),
        ("list-key-x.hex", UnusedFile::Foreign),
        ("notes.txt", UnusedFile::Foreign),
    ];
    let expected = expected.map(|(name, cause)| (name.to_owned(), cause));
    assert_eq!(warned(&coalition), expected);
    coalition.release();
    coalition.publisher.renew(now()).unwrap();
    let all = [RoleName::Root, RoleName::Targets];
    coalition.publisher.rotate_root(now(), &all).unwrap();
    coalition.release();
    // The old keys are still the coalition's. What was cut off is gone.
    assert_eq!(warned(&coalition), expected[1..]);
}

#[test]
fn a_damaged_key_is_named_and_the_others_sign() {
    let mut coalition = Coalition::new();
    coalition.import(LISTINGS);
    let keys = coalition.directory().join("keys");
    let damage = |name: &str| {
        let path = keys.join(name);
        let mut bytes = fs::read(&path).unwrap();
        let at = bytes.len() / 2;
        bytes[at] ^= 1;
        fs::write(&path, bytes).unwrap();
    };
    damage("TEST-targets-1-2.pem");
    let warning = ("TEST-targets-1-2.pem".to_owned(), UnusedFile::NoKey);
    assert_eq!(warned(&coalition), [warning]);
    coalition.release();
    damage("TEST-targets-1-1.pem");
    let refused = coalition
        .publisher
        .release(now(), &ReleaseOptions::default());
    assert!(matches!(
        refused,
        Err(PublisherError::TooFewKeys {
            role: RoleName::Targets,
            found: 1,
            needed: 2
        })
    ));
}

#[test]
fn an_empty_key_that_a_full_disk_left_behind_is_made_anew() {
    let mut coalition = Coalition::with(TestKeys::No, &[]);
    coalition.import(LISTINGS);
    let keys = coalition.directory().join("keys");
    for name in ["root-2-1.pem", "list-key-2.hex"] {
        fs::write(keys.join(name), "").unwrap();
    }
    coalition.release();
    coalition
        .publisher
        .rotate_root(now(), &[RoleName::Root])
        .unwrap();
    let urgency = interdict_publisher::Urgency::Leak;
    coalition.publisher.epoch_start(now(), urgency).unwrap();
    coalition.release();
    assert_eq!(warned(&coalition), []);
    assert!(tree(&keys).values().all(|file| !file.is_empty()));
}
