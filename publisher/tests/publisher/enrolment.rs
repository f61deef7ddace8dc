use std::fs;

use interdict_publisher::{Enrolment, EnrolmentError, InspectError, PublisherError, inspect};

use super::gateway::{Coalition, now, tree};

#[test]
fn an_enrolment_round_trips_and_hides_its_keys() {
    let mut coalition = Coalition::new();
    let address = "https://lists.example/se";
    let enrolment = coalition
        .publisher
        .member_add("bank-a", address, now())
        .unwrap();
    let bytes = enrolment.to_bytes();
    assert_eq!(Enrolment::parse(&bytes).as_ref(), Ok(&enrolment));
    assert_eq!(enrolment.format, "interdict-enrolment-1");
    assert_eq!(
        (enrolment.coalition.as_str(), enrolment.member.as_str()),
        ("se", "bank-a")
    );
    let root = fs::read(coalition.repository().join("metadata/1.root.json")).unwrap();
    assert_eq!(enrolment.root_bytes(), Ok(root));
    let key = enrolment.keys[0].key.clone();
    assert_eq!(key.len(), 64);
    assert!(!format!("{enrolment:?}").contains(&key));
    let shown = inspect(&bytes, "bank-a.json", now()).unwrap();
    assert!(
        !shown.contains(&key) && shown.contains("member: bank-a"),
        "{shown}"
    );
    let again = coalition
        .publisher
        .member_add("bank-a", address, now())
        .unwrap();
    assert_eq!(again, enrolment);
}

#[test]
fn other_enrolments_are_refused_without_a_word_of_them() {
    let mut coalition = Coalition::new();
    let enrolment = coalition
        .publisher
        .member_add("bank-a", "file:/x", now())
        .unwrap();
    let text = String::from_utf8(enrolment.to_bytes()).unwrap();
    let key = &enrolment.keys[0].key;
    for (from, to, error) in [
        ("enrolment-1", "enrolment-2", EnrolmentError::Format),
        ("\"member\"", "\"mumber\"", EnrolmentError::Json),
        ("\"lists\"", "\"more\": 1, \"lists\"", EnrolmentError::Json),
        ("se/merchants", "nl/merchants", EnrolmentError::Name),
        ("bank-a", "bank a", EnrolmentError::Name),
        (&enrolment.root, "?", EnrolmentError::Root),
        (key, "00", EnrolmentError::Key),
        ("\"epoch\": 1", "\"epoch\": 0", EnrolmentError::Key),
    ] {
        assert!(text.contains(from), "{from}");
        assert_eq!(
            Enrolment::parse(text.replace(from, to).as_bytes()),
            Err(error),
            "{from}"
        );
    }
}

#[test]
fn members_and_addresses_have_a_form() {
    let mut coalition = Coalition::new();
    for name in ["", "Bank A", "../x", "-"] {
        let refused = coalition.publisher.member_add(name, "file:/x", now());
        assert!(matches!(refused, Err(PublisherError::MemberName)), "{name}");
    }
    for address in [
        "",
        "http://lists.example",
        "lists.example",
        "file:",
        "https://a b",
    ] {
        let refused = coalition.publisher.member_add("bank-a", address, now());
        assert!(
            matches!(refused, Err(PublisherError::RepositoryAddress)),
            "{address}"
        );
    }
}

#[test]
fn every_published_file_is_shown_and_every_damaged_one_refused() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,shop.example,x\n");
    coalition.release();
    for (path, bytes) in tree(&coalition.repository()) {
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
