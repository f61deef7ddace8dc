use std::collections::BTreeSet;
use std::io::Read as _;

use age::x25519::Identity;
use interdict_core::wire::SealedKey;
use interdict_publisher::{
    Member, MemberEdition, NewMember, PublisherError, ReleaseOptions, Removed, TestKeys, Urgency,
};

use crate::coalition::{Coalition, DAY, now, tree};

const ADDRESS: &str = "https://lists.example/se";

fn coalition() -> Coalition {
    let mut coalition = Coalition::with(TestKeys::No, &[]);
    coalition.import("kind,value,source\ndomain,shop.example,x\n");
    coalition
}

/// Records a member with a key pair of its own.
fn add(coalition: &mut Coalition, name: &str) -> Identity {
    let secret = Identity::generate();
    let recipient = secret.to_public().to_string();
    let member = NewMember {
        recipient: Some(&recipient),
        ..NewMember::by_hand(name, ADDRESS)
    };
    let enrolment = coalition.publisher.member_add(&member, now()).unwrap();
    assert_eq!(enrolment.recipient(), Some(recipient.as_str()));
    assert!(enrolment.keys().is_empty());
    secret
}

/// The sealed key of an epoch among the published targets: the newest file, if there are two.
fn published(coalition: &Coalition, epoch: u32) -> Option<Vec<u8>> {
    let targets = tree(&coalition.repository().join("metadata"));
    let newest = targets
        .iter()
        .filter(|(name, _)| name.ends_with(".targets.json"));
    let (_, newest) = newest.max_by_key(|(name, _)| {
        let (version, _) = name.split_once('.').unwrap();
        version.parse::<u32>().unwrap()
    })?;
    let newest: serde_json::Value = serde_json::from_slice(newest).unwrap();
    let path = format!("se/epoch-{epoch}.key.age");
    let target = newest["signed"]["targets"].get(&path)?;
    let sha256 = target["hashes"]["sha256"].as_str().unwrap();
    let file = format!("targets/se/{sha256}.epoch-{epoch}.key.age");
    Some(std::fs::read(coalition.repository().join(file)).unwrap())
}

fn opened(secret: &Identity, file: &[u8]) -> Option<SealedKey> {
    let decryptor = age::Decryptor::new_buffered(file).unwrap();
    let secrets = std::iter::once(secret as &dyn age::Identity);
    let mut plain = Vec::new();
    decryptor
        .decrypt(secrets)
        .ok()?
        .read_to_end(&mut plain)
        .unwrap();
    Some(SealedKey::read(&plain).unwrap())
}

fn release(coalition: &mut Coalition, day: u32) {
    let time = now().plus(day * DAY);
    coalition
        .publisher
        .release(time, &ReleaseOptions::default())
        .unwrap();
}

#[test]
fn a_release_seals_the_key_of_every_epoch_in_use_to_every_member() {
    let mut coalition = coalition();
    release(&mut coalition, 0);
    assert_eq!(published(&coalition, 1), None, "nobody to seal to");
    let members = ["bank-a", "bank-b", "bank-c"].map(|name| add(&mut coalition, name));
    coalition
        .publisher
        .epoch_start(now(), Urgency::Planned)
        .unwrap();
    release(&mut coalition, 1);
    for epoch in [1, 2] {
        let file = published(&coalition, epoch).unwrap();
        let hex = coalition
            .directory()
            .join(format!("keys/list-key-{epoch}.hex"));
        let hex = std::fs::read_to_string(hex).unwrap();
        for secret in &members {
            let sealed = opened(secret, &file).unwrap();
            assert_eq!(sealed.target().path(), format!("se/epoch-{epoch}.key.age"));
            assert_eq!(sealed.key().hex(), hex.trim_end());
        }
        assert_eq!(opened(&Identity::generate(), &file), None);
        // Neither a name nor a public half, and as many stanzas as for any count below 32.
        let text = String::from_utf8_lossy(&file).into_owned();
        assert!(!text.contains("bank") && !text.contains("age1"));
        assert_eq!(text.matches("-> X25519 ").count(), 32);
    }
}

#[test]
fn a_file_is_sealed_anew_when_a_member_comes_and_for_no_other_reason() {
    let mut coalition = coalition();
    let first = add(&mut coalition, "bank-a");
    release(&mut coalition, 0);
    let before = published(&coalition, 1).unwrap();
    release(&mut coalition, 1);
    assert_eq!(published(&coalition, 1).as_ref(), Some(&before));
    let second = add(&mut coalition, "bank-b");
    release(&mut coalition, 2);
    let after = published(&coalition, 1).unwrap();
    assert_ne!(after, before);
    assert!(opened(&first, &after).is_some() && opened(&second, &after).is_some());
    coalition.publisher.member_remove("bank-a", now()).unwrap();
    release(&mut coalition, 3);
    assert_eq!(published(&coalition, 1).as_ref(), Some(&after));
    // The next member's file is not sealed to the one who left.
    let third = add(&mut coalition, "bank-c");
    release(&mut coalition, 4);
    let last = published(&coalition, 1).unwrap();
    assert_eq!(opened(&first, &last), None);
    assert!(opened(&second, &last).is_some() && opened(&third, &last).is_some());
}

#[test]
fn a_member_who_was_removed_keeps_what_he_has_and_gets_no_other_key() {
    let mut coalition = coalition();
    let secret = add(&mut coalition, "bank-a");
    add(&mut coalition, "bank-b");
    release(&mut coalition, 0);
    let removed = coalition.publisher.member_remove("bank-a", now()).unwrap();
    assert_eq!(removed, Removed { epochs: vec![1] });
    coalition
        .publisher
        .epoch_start(now(), Urgency::Planned)
        .unwrap();
    release(&mut coalition, 1);
    let next = published(&coalition, 2).unwrap();
    assert_eq!(opened(&secret, &next), None);
    let again = coalition.publisher.member_remove("bank-a", now());
    assert!(matches!(again, Err(PublisherError::UnknownMember)));
    // Whoever goes while the next key is announced has that too, until it is given up.
    let removed = coalition.publisher.member_remove("bank-b", now()).unwrap();
    assert_eq!(removed, Removed { epochs: vec![1, 2] });
    let secret = add(&mut coalition, "bank-c");
    coalition
        .publisher
        .epoch_start(now().plus(DAY), Urgency::Leak)
        .unwrap();
    release(&mut coalition, 2);
    assert_eq!(published(&coalition, 2), None);
    assert!(opened(&secret, &published(&coalition, 3).unwrap()).is_some());
    // By hand: the epochs up to the one he was given.
    coalition
        .publisher
        .member_add(&NewMember::by_hand("bank-d", ADDRESS), now())
        .unwrap();
    coalition
        .publisher
        .epoch_retire(1, now().plus(2 * DAY), Urgency::Leak)
        .unwrap();
    let removed = coalition.publisher.member_remove("bank-d", now()).unwrap();
    assert_eq!(removed, Removed { epochs: vec![3] });
}

#[test]
fn a_member_has_one_way_to_its_keys_at_a_time() {
    let mut coalition = coalition();
    let by_hand = NewMember::by_hand("bank-a", ADDRESS);
    coalition.publisher.member_add(&by_hand, now()).unwrap();
    let recipient = Identity::generate().to_public().to_string();
    let sealed = NewMember {
        recipient: Some(&recipient),
        ..by_hand
    };
    coalition.publisher.member_add(&sealed, now()).unwrap();
    let refused = coalition.publisher.member_add(&by_hand, now());
    assert!(matches!(refused, Err(PublisherError::MemberSealed)));
    assert_eq!(
        coalition.publisher.members().unwrap(),
        [Member {
            name: "bank-a".to_owned(),
            edition: MemberEdition::Member,
            repository: ADDRESS.to_owned(),
            recipient: Some(recipient.clone()),
            epoch: 0,
        }]
    );
    let none = BTreeSet::<String>::new();
    let waiting = coalition.publisher.members_without_newest_key().unwrap();
    assert_eq!(BTreeSet::from_iter(waiting), none);
    for wrong in ["", "age1", "bank-a", &recipient.to_uppercase()] {
        let wrong = NewMember {
            recipient: Some(wrong),
            ..by_hand
        };
        let refused = coalition.publisher.member_add(&wrong, now());
        assert!(matches!(refused, Err(PublisherError::Recipient)));
    }
    coalition.publisher.member_remove("bank-a", now()).unwrap();
    coalition.publisher.member_add(&by_hand, now()).unwrap();
}
