//! The gateway's own key pair, and the list keys that are sealed to it.

use std::fs;
use std::io::Write as _;

use interdict_core::list::KeyTarget;
use interdict_core::wire::SealedKey;
use interdict_host::{EnrolmentKey, MemberKey, OpenError, Store, StoreError};

fn store() -> (tempfile::TempDir, Store) {
    let room = tempfile::tempdir().unwrap();
    let store = Store::create(&room.path().join("state")).unwrap();
    (room, store)
}

fn target(coalition: &str, epoch: u32) -> KeyTarget {
    KeyTarget {
        coalition: coalition.to_owned(),
        epoch,
    }
}

/// Bytes sealed to one key pair alone.
fn sealed_to(key: &MemberKey, plain: &[u8]) -> Vec<u8> {
    let recipient: age::x25519::Recipient = key.recipient().parse().unwrap();
    let recipients = std::iter::once(&recipient as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(recipients).unwrap();
    let mut file = Vec::new();
    let mut writer = encryptor.wrap_output(&mut file).unwrap();
    writer.write_all(plain).unwrap();
    writer.finish().unwrap();
    file
}

fn key(epoch: u32) -> SealedKey {
    SealedKey::new("se", &EnrolmentKey::new(epoch, &"ab".repeat(32)).unwrap())
}

#[test]
fn a_key_pair_is_made_once_and_only_its_owner_can_read_it() {
    let (room, store) = store();
    assert!(store.member_key().unwrap().is_none());
    let made = store.create_member_key().unwrap().recipient();
    assert!(made.starts_with("age1") && made.len() == 62);
    let path = room.path().join("state/member.key");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("AGE-SECRET-KEY-1") && text.ends_with('\n') && text.len() == 75);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    for _ in 0..2 {
        assert_eq!(store.create_member_key().unwrap().recipient(), made);
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    let key = store.member_key().unwrap().unwrap();
    assert!(!format!("{key:?}").contains("SECRET"));
}

#[test]
fn a_damaged_key_pair_is_named_and_never_replaced() {
    let (room, store) = store();
    store.create_member_key().unwrap();
    let path = room.path().join("state/member.key");
    let text = fs::read_to_string(&path).unwrap();
    let shorter = &text[..text.len() - 2];
    let other = text.replace("SECRET", "PUBLIC");
    for damaged in ["", "\n", shorter, &other, &text.repeat(2)] {
        fs::write(&path, damaged).unwrap();
        for refused in [
            store.member_key().map(drop),
            store.create_member_key().map(drop),
        ] {
            let Err(StoreError::Damaged(named)) = refused else {
                panic!("{damaged:?}: {refused:?}")
            };
            assert_eq!(named, path);
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), damaged);
    }
}

#[test]
fn a_sealed_key_opens_for_its_recipient_and_its_own_name_alone() {
    let (_room, store) = store();
    let own = store.create_member_key().unwrap();
    let file = sealed_to(&own, &key(2).to_bytes());
    let opened = own.open(&target("se", 2), &file).unwrap();
    assert_eq!((opened.epoch(), opened.hex()), (2, key(2).key().hex()));
    for other in [target("se", 3), target("nl", 2)] {
        assert_eq!(own.open(&other, &file), Err(OpenError::OtherKey));
    }
    let (_room, store) = self::store();
    let stranger = store.create_member_key().unwrap();
    let refused = stranger.open(&target("se", 2), &file);
    assert_eq!(refused, Err(OpenError::NotARecipient));
    for plain in [&b""[..], b"{}", &[b' '; 4096], &b"ab".repeat(32)] {
        let file = sealed_to(&own, plain);
        assert_eq!(own.open(&target("se", 2), &file), Err(OpenError::Form));
    }
    for file in [
        &b""[..],
        b"age-encryption.org/v1\n",
        b"age-encryption.org/v2\n",
    ] {
        assert_eq!(own.open(&target("se", 2), file), Err(OpenError::Damaged));
    }
}

#[test]
fn no_damage_to_a_sealed_key_goes_unnoticed() {
    let (_room, store) = store();
    let own = store.create_member_key().unwrap();
    let file = sealed_to(&own, &key(2).to_bytes());
    let target = target("se", 2);
    let mut refusals = [0_usize; 2];
    let mut refuse = |bytes: &[u8], what: String| match own.open(&target, bytes) {
        Err(OpenError::Damaged) => refusals[0] += 1,
        // Its stanza or the kind of it was hit, and it is for nobody any more.
        Err(OpenError::NotARecipient) => refusals[1] += 1,
        other => panic!("{what}: {other:?}"),
    };
    for bit in 0..file.len() * 8 {
        let mut flipped = file.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        refuse(&flipped, format!("bit {bit}"));
    }
    for length in 0..file.len() {
        refuse(&file[..length], format!("cut to {length}"));
    }
    refuse(&[&file[..], b"x"].concat(), "longer".to_owned());
    assert!(refusals.iter().all(|count| *count > 100), "{refusals:?}");
}
