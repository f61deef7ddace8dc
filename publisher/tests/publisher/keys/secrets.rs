use std::fs;

use interdict_core::common::json::{Limits, parse};
use interdict_publisher::{InitOptions, Publisher, PublisherError, ReleaseOptions, TestKeys};

use crate::coalition::{Coalition, now, tree};

const LISTINGS: &str = "kind,value,source\ndomain,shop.example,x\n";

#[cfg(unix)]
fn mode(path: &std::path::Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
#[cfg(unix)]
fn secrets_can_be_read_by_their_owner_only() {
    let coalition = Coalition::with(TestKeys::No, &[]);
    let directory = coalition.directory();
    assert_eq!(mode(&directory.join("keys")), 0o700);
    assert_eq!(mode(&directory.join("staging")), 0o700);
    assert_eq!(mode(&directory.join("register.sqlite")), 0o600);
    let keys = tree(&directory.join("keys"));
    assert_eq!(keys.len(), 3 + 3 + 1 + 1 + 2);
    for name in keys.keys() {
        assert_eq!(mode(&directory.join("keys").join(name)), 0o600, "{name}");
        assert!(!name.contains("TEST"));
    }
}

#[test]
#[cfg(unix)]
fn a_key_others_can_read_is_not_used() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut coalition = Coalition::with(TestKeys::No, &[]);
    coalition.import(LISTINGS);
    let key = coalition.directory().join("keys/targets-1-1.pem");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    let refused = coalition
        .publisher
        .release(now(), &ReleaseOptions::default());
    assert!(matches!(refused, Err(PublisherError::KeyReadable(_))));
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    coalition.release();
}

#[test]
fn random_keys_differ_and_work() {
    let mut coalitions = [(); 2].map(|()| Coalition::with(TestKeys::No, &[]));
    let keys = coalitions
        .each_ref()
        .map(|c| tree(&c.directory().join("keys")));
    assert!(keys[0].len() > 4, "{:?}", keys[0].keys());
    assert!(keys[0].iter().all(|(name, bytes)| keys[1][name] != *bytes));
    for coalition in &mut coalitions {
        coalition.import(LISTINGS);
        coalition.release();
    }
}

#[test]
fn test_keys_are_marked_everywhere() {
    let coalition = Coalition::new();
    let keys = tree(&coalition.directory().join("keys"));
    assert!(keys.len() > 4, "{:?}", keys.keys());
    for (name, bytes) in keys {
        assert!(name.starts_with("TEST-"), "{name}");
        if name.ends_with("pem") {
            assert!(bytes.starts_with(b"TEST KEY"), "{name}");
        }
    }
    let root = fs::read(coalition.repository().join("metadata/1.root.json")).unwrap();
    let root = parse(
        &root,
        Limits {
            depth: 9,
            nodes: 999,
        },
    )
    .unwrap();
    let signed = root
        .as_object()
        .unwrap()
        .get("signed")
        .unwrap()
        .as_object()
        .unwrap();
    assert!(
        signed
            .get("comment")
            .unwrap()
            .as_str()
            .unwrap()
            .starts_with("TEST KEYS")
    );
    let signatures = root.as_object().unwrap().get("signatures").unwrap();
    assert_eq!(signatures.as_array().unwrap().len(), 2, "two of three");

    let real = Coalition::with(TestKeys::No, &[]);
    let root = fs::read(real.repository().join("metadata/1.root.json")).unwrap();
    assert!(!root.windows(4).any(|window| window == b"TEST"));
}

#[test]
fn nothing_secret_is_served_or_printed() {
    let mut coalition = Coalition::new();
    coalition.import(LISTINGS);
    coalition.release();
    let secrets: Vec<Vec<u8>> = tree(&coalition.directory().join("keys"))
        .into_iter()
        .filter(|(name, _)| name.ends_with("hex"))
        .map(|(_, text)| text.trim_ascii_end().to_vec())
        .collect();
    let raw = secrets.iter().map(|text| {
        interdict_core::common::hex::array::<32>(std::str::from_utf8(text).unwrap())
            .unwrap()
            .to_vec()
    });
    let needles: Vec<Vec<u8>> = raw.chain(secrets.clone()).collect();
    let printed = format!("{:?}", coalition.publisher).into_bytes();
    let served = tree(&coalition.repository()).into_values();
    for haystack in served.chain([printed]) {
        for needle in &needles {
            assert!(
                !haystack
                    .windows(needle.len())
                    .any(|window| window == needle)
            );
        }
    }
}

#[test]
fn a_directory_with_content_is_left_alone() {
    let coalition = Coalition::new();
    let before = tree(&coalition.directory());
    let options = InitOptions::new("nl", TestKeys::Yes, now());
    let refused = Publisher::init(&coalition.directory(), &options);
    assert!(matches!(refused, Err(PublisherError::NotEmpty(_))));
    assert!(tree(&coalition.directory()) == before);
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(
        Publisher::open(empty.path()),
        Err(PublisherError::NotInitialised(_))
    ));
    for coalition in ["", "SE", "a/b", "-a", "../a"] {
        let options = InitOptions {
            coalition: coalition.to_owned(),
            ..options.clone()
        };
        let refused = Publisher::init(empty.path(), &options);
        assert!(
            matches!(refused, Err(PublisherError::CoalitionName)),
            "{coalition}"
        );
    }
}
