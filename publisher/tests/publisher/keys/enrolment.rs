use std::fs;

use interdict_core::list::Edition;
use interdict_core::wire::{
    Enrolment, EnrolmentError, FreshMiss, OnNoGateway, PageChoices, PublicEnrolment,
};
use interdict_publisher::{
    CompactEdition, InspectError, MemberEdition, NewMember, PublisherError, ReleaseOptions, inspect,
};

use super::commands::{Desk, TODAY, said};
use crate::coalition::{Coalition, now, tree};

#[test]
fn an_enrolment_round_trips_and_hides_its_keys() {
    let mut coalition = Coalition::new();
    let address = "https://lists.example/se";
    let enrolment = coalition
        .publisher
        .member_add(&NewMember::by_hand("bank-a", address), now())
        .unwrap();
    let bytes = enrolment.to_bytes();
    assert_eq!(Enrolment::read(&bytes).as_ref(), Ok(&enrolment));
    assert_eq!(
        (enrolment.coalition(), enrolment.member()),
        ("se", "bank-a")
    );
    let root = fs::read(coalition.repository().join("metadata/1.root.json")).unwrap();
    assert_eq!(enrolment.root(), root);
    let key = enrolment.keys()[0].hex();
    assert_eq!(key.len(), 64);
    assert!(!format!("{enrolment:?}").contains(key));
    let shown = inspect(&bytes, "bank-a.json", now()).unwrap();
    assert!(
        !shown.contains(key) && shown.contains("member: bank-a"),
        "{shown}"
    );
    let again = coalition
        .publisher
        .member_add(&NewMember::by_hand("bank-a", address), now())
        .unwrap();
    assert_eq!(again, enrolment);
}

#[test]
fn an_enrolment_names_the_edition_that_the_member_takes() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,shop.example,x\n");
    let recipient = age::x25519::Identity::generate().to_public().to_string();
    let release = |coalition: &mut Coalition, compact| {
        let options = ReleaseOptions {
            compact,
            ..ReleaseOptions::default()
        };
        coalition.publisher.release(now(), &options).map(drop)
    };
    let by_hand = NewMember::by_hand("bank-a", "https://lists.example/se");
    let sealed = NewMember {
        name: "bank-b",
        recipient: Some(&recipient),
        ..by_hand
    };
    let of = |member, edition| NewMember {
        edition: Some(edition),
        ..member
    };
    let enrol = |coalition: &mut Coalition, new: NewMember<'_>| {
        let enrolment = coalition.publisher.member_add(&new, now());
        enrolment.map(|enrolment| (enrolment.edition(), enrolment.keys().len()))
    };
    release(&mut coalition, None).unwrap();
    for member in [by_hand, sealed] {
        let refused = enrol(&mut coalition, of(member, MemberEdition::Compact));
        assert!(matches!(refused, Err(PublisherError::NoCompactEdition)));
    }
    assert!(coalition.publisher.members().unwrap().is_empty());
    release(&mut coalition, Some(CompactEdition::Yes)).unwrap();
    for (member, keys) in [(by_hand, 1), (sealed, 0)] {
        let compact = of(member, MemberEdition::Compact);
        let (member_edition, compact_edition) = ((Edition::Member, keys), (Edition::Compact, keys));
        assert_eq!(enrol(&mut coalition, member).unwrap(), member_edition);
        assert_eq!(enrol(&mut coalition, compact).unwrap(), compact_edition);
        // The next file, such as that of another epoch, is of the same edition.
        assert_eq!(enrol(&mut coalition, member).unwrap(), compact_edition);
    }
    let status = coalition.publisher.status(now()).unwrap().to_string();
    for line in [
        "bank-a: compact edition, keys by hand",
        "bank-b: compact edition, keys sealed",
    ] {
        assert!(status.contains(line), "{status}");
    }
    for (member, takers) in [(by_hand, 2), (sealed, 1)] {
        let ended = release(&mut coalition, Some(CompactEdition::No));
        let Err(PublisherError::CompactTaken { members }) = ended else {
            panic!("{ended:?}");
        };
        assert_eq!(members, takers);
        enrol(&mut coalition, of(member, MemberEdition::Member)).unwrap();
    }
    release(&mut coalition, Some(CompactEdition::No)).unwrap();
}

#[test]
fn other_enrolments_are_not_shown() {
    let mut coalition = Coalition::new();
    let enrolment = coalition
        .publisher
        .member_add(&NewMember::by_hand("bank-a", "file:/x"), now())
        .unwrap();
    let text = String::from_utf8(enrolment.to_bytes()).unwrap();
    let newer = text.replace("enrolment-1", "enrolment-2");
    let refused = inspect(newer.as_bytes(), "x", now());
    assert_eq!(
        refused,
        Err(InspectError::Enrolment(EnrolmentError::Format))
    );
    let foreign = text.replace("se/merchants", "nl/merchants");
    let refused = inspect(foreign.as_bytes(), "x", now());
    assert!(matches!(refused, Err(InspectError::Enrolment(_))));
}

#[test]
fn members_and_addresses_have_a_form() {
    let mut coalition = Coalition::new();
    for name in ["", "Bank A", "../x", "-"] {
        let refused = coalition
            .publisher
            .member_add(&NewMember::by_hand(name, "file:/x"), now());
        assert!(matches!(refused, Err(PublisherError::MemberName)), "{name}");
    }
    for address in [
        "",
        "http://lists.example",
        "lists.example",
        "file:",
        "https://a b",
        "http://127.0.0.1.example/lists",
        "http://127.0.0.1@lists.example",
        "http://127.0.0.1:8460@lists.example/x",
        "http://127.0.0.1:99999/lists",
        "http://127.0.0.1:+80/lists",
        "http://127.0.0.10/lists",
        "http://localhost.example/lists",
        "http://localhost:80/a b",
        "http://10.0.0.1/lists",
        "http://[::2]/lists",
        "HTTP://localhost/lists",
        &format!("https://{}", "a".repeat(2_048)),
    ] {
        let refused = coalition
            .publisher
            .member_add(&NewMember::by_hand("bank-a", address), now());
        assert!(
            matches!(refused, Err(PublisherError::RepositoryAddress)),
            "{address}"
        );
    }
}

#[test]
fn an_address_without_tls_is_taken_of_this_machine_alone() {
    let mut coalition = Coalition::new();
    for address in [
        "http://127.0.0.1",
        "http://127.0.0.1:8460/lists",
        "http://localhost/lists",
        "http://localhost:8460",
        "http://[::1]:8460/lists",
    ] {
        let member = NewMember::by_hand("bank-a", address);
        let enrolment = coalition.publisher.member_add(&member, now()).unwrap();
        assert_eq!(enrolment.repository(), address);
    }
}

/// The rate of the filter is 2^-6: 1 - (63/64)^2 and 1 - (63/64)^6.
#[test]
fn a_public_enrolment_says_what_pages_do_and_how_many_payments_that_affects() {
    let desk = Desk::new();
    desk.well(TODAY, &["public", "start", "se"]);
    let made = |choices: &[&str]| {
        let file = desk.path().join("public.enrolment.json");
        let _ = fs::remove_file(&file);
        let address = "http://localhost:8460/lists";
        let command = ["public", "enrolment", "se", "--repository", address];
        let output = desk.run(TODAY, &[&command, choices].concat());
        let enrolment = PublicEnrolment::read(&fs::read(&file).unwrap()).unwrap();
        (enrolment.page(), said(&output))
    };
    let (careful, told) = made(&[]);
    assert_eq!(careful, PageChoices::default());
    assert!(told.contains("for tests on it alone"), "{told}");
    assert!(
        told.contains("fresh-miss ask-gateway: pages ask the gateway about every name"),
        "{told}"
    );
    assert!(
        told.contains("on-no-gateway refuse: while no gateway answers"),
        "{told}"
    );
    assert!(told.contains("is refused: every payment"), "{told}");
    let (loose, told) = made(&["--fresh-miss", "proceed", "--on-no-gateway", "proceed"]);
    assert_eq!(loose.fresh_miss, FreshMiss::Proceed);
    assert_eq!(loose.on_no_gateway, OnNoGateway::Proceed);
    assert!(told.contains("3.1 % (2 look-ups)"), "{told}");
    assert!(told.contains("9.0 % (6 look-ups)"), "{told}");
    assert!(
        told.contains("proceeds unchecked, to listed names too: hits alone"),
        "{told}"
    );
    assert!(
        !desk
            .run(
                TODAY,
                &["public", "enrolment", "se", "--fresh-miss", "refuse"]
            )
            .status
            .success()
    );
}

#[test]
fn every_published_file_is_shown_and_every_damaged_one_refused() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,shop.example,x\n");
    coalition.release();
    let mut files = tree(&coalition.repository());
    files.retain(|path, _| !path.ends_with(".gz"));
    for (path, bytes) in files {
        let name = path.rsplit('/').next().unwrap();
        let shown = inspect(&bytes, name, now()).unwrap();
        let expected = match name.rsplit('.').nth(1).unwrap() {
            "root" => {
                "file: root metadata\nversion: 1\nexpires: 2027-11-22T00:00:00Z\nsignatures: 2"
            }
            "targets" => "target: se/merchants.member-1.filter, ",
            "snapshot" => "file: snapshot metadata",
            "timestamp" => "file: timestamp metadata",
            _ if name.ends_with("filter") => "file: filter\nlist: se/merchants\nedition: member",
            _ => "records: 1\n",
        };
        assert!(shown.contains(expected), "{name}: {shown}");
        if path.starts_with("targets/") {
            let part = name.split_once('.').unwrap().1;
            let mut damaged = bytes.clone();
            *damaged.last_mut().unwrap() ^= 0x80;
            assert_eq!(
                inspect(&damaged, name, now()),
                Err(InspectError::Digest),
                "{name}"
            );
            for cut in [9, 60, bytes.len() / 2, bytes.len() - 1] {
                let found = inspect(&bytes[..cut], part, now());
                assert!(
                    matches!(found, Err(InspectError::List(_))),
                    "{name} {cut} {found:?}"
                );
            }
        }
    }
    let root = fs::read_to_string(coalition.repository().join("metadata/1.root.json")).unwrap();
    let forged = root.replace("2027-11-22", "2029-11-22");
    let found = inspect(forged.as_bytes(), "1.root.json", now());
    assert!(matches!(found, Err(InspectError::Trust(_))));
    for other in [&b""[..], b"{}", b"[]", b"itdfilt", b"SQLite format 3\0"] {
        assert_eq!(inspect(other, "x", now()), Err(InspectError::Unknown));
    }
}
