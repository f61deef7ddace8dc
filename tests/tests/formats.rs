//! What this version does when a later format comes: it does not see releases at the paths of that format,
//! and refuses one at a path of its own.

use interdict_core::list::Edition;
use interdict_tests::coalition::{Coalition, Publication};
use interdict_tests::gateway::{Gateway, codes, far};
use interdict_tests::subjects::Alike;
use serde_json::{Value, json};

const NAMES: [&str; 3] = ["shop.example", "pay.shop.example", "other.example"];

/// Everything that format 1 has a path for, as format 2.
const LATER: [&str; 9] = [
    "se/merchants.member-1.filter-2",
    "se/merchants.member-1.records-2",
    "se/merchants.member-1.stash-2",
    "se/merchants.member-2.filter-2",
    "se/merchants.compact-1.filter-2",
    "se/merchants.public-1.filter-2",
    "se/merchants.typologies.json-2",
    "se/epoch-1.key.age-2",
    "se/epoch-2.key.age-2",
];

fn gateway(coalition: &Coalition) -> Gateway<Alike> {
    Gateway::new(Alike::new().unwrap(), coalition, &["se/merchants"])
}

/// A release, and beside it the same in a format that nobody knows yet.
fn beside(release: Publication) -> Publication {
    let custom = json!({"interdict": {"format": 2, "list": "se/merchants", "tags": "otherwise"},
        "typologies": {"format": 2}});
    let later = LATER.iter();
    let later = later.map(|path| (*path, b"another layout".to_vec(), custom.clone()));
    Publication {
        targets: later.collect(),
        ..release
    }
}

/// What is loaded, asked for and answered.
fn told(gateway: &mut Gateway<Alike>) -> Value {
    let verdicts = NAMES.map(|name| gateway.verdict(name));
    let saved: Vec<_> = gateway.saved.keys().cloned().collect();
    json!({"lists": gateway.lists(), "asked": gateway.asked, "saved": saved, "verdicts": verdicts})
}

#[test]
fn both_formats_side_by_side_are_format_one_alone() {
    let coalition = Coalition::quick();
    let stash = |release: Publication| Publication {
        listed: vec!["shop.example", "new.example"],
        base: Some(Box::new(Publication::new(1, far()))),
        ..Publication {
            version: 2,
            sequence: 2,
            ..release
        }
    };
    for release in [
        Publication::new(1, far()),
        stash(Publication::new(1, far())),
    ] {
        let (mut alone, mut both) = (gateway(&coalition), gateway(&coalition));
        assert_eq!(alone.update(&coalition.publish(&release)), "completed");
        let served = coalition.publish(&beside(release));
        assert_eq!(both.update(&served), "completed");
        let answers = told(&mut both);
        assert_eq!(answers, told(&mut alone));
        assert_eq!(answers["verdicts"][1]["action"], "block");
        assert_eq!(answers["verdicts"][2]["reasons"][0]["code"], "no_finding");
        both.restart();
        assert_eq!(told(&mut both)["verdicts"], answers["verdicts"]);
    }
    let public = Publication {
        edition: Edition::Public,
        rate: 6,
        ..Publication::new(1, far())
    };
    let browser = || Gateway::public(Alike::new().unwrap(), &coalition);
    let (mut alone, mut both) = (browser(), browser());
    assert_eq!(alone.update(&coalition.publish(&public)), "completed");
    let served = coalition.publish(&beside(public));
    assert_eq!(both.update(&served), "completed");
    assert_eq!(told(&mut both), told(&mut alone));
}

/// The first release still blocks, and no answer is clean.
fn assert_outdated(gateway: &mut Gateway<Alike>, missed: &str) {
    assert_eq!(gateway.lists()[0]["sequence"], 1);
    for (name, action) in [("shop.example", "block"), ("other.example", missed)] {
        let verdict = gateway.verdict_in("payout", name);
        assert_eq!(verdict["action"], action, "{verdict}");
        assert_eq!(verdict["lists"][0]["freshness"], "late", "{verdict}");
        assert_eq!(verdict["degraded"], true, "{verdict}");
        assert!(!codes(&verdict).contains(&"no_finding"), "{verdict}");
    }
}

#[test]
fn a_later_format_at_a_path_of_format_one_is_refused_by_name() {
    let coalition = Coalition::quick();
    for format in [
        json!(2),
        json!(0),
        json!("1"),
        json!(null),
        json!(1_u64 << 32),
    ] {
        let mut gateway = gateway(&coalition);
        let first = coalition.publish(&Publication::new(1, far()));
        assert_eq!(gateway.update(&first), "completed");
        let later = Publication {
            members: vec![("format", format)],
            ..Publication::new(2, far())
        };
        let served = coalition.publish(&later);
        assert_eq!(gateway.update(&served), "list_descriptor_format");
        assert_outdated(&mut gateway, "monitor");
        gateway.restart();
        assert_outdated(&mut gateway, "monitor");
    }
}

#[test]
fn a_list_that_comes_in_a_later_format_alone_is_missing_and_never_empty() {
    let coalition = Coalition::quick();
    let mut gateway = gateway(&coalition);
    let first = coalition.publish(&Publication::new(1, far()));
    assert_eq!(gateway.update(&first), "completed");
    // Another list keeps the metadata from being empty.
    let later = Publication {
        list: "se/others",
        ..beside(Publication::new(2, far()))
    };
    let served = coalition.publish(&later);
    assert_eq!(gateway.update(&served), "list_missing");
    assert_outdated(&mut gateway, "review");
    let verdict = gateway.verdict("other.example");
    assert!(codes(&verdict).contains(&"no_list"), "{verdict}");
}

#[test]
fn the_state_says_when_the_format_ends_from_the_announcement_on() {
    let coalition = Coalition::quick();
    let mut gateway = gateway(&coalition);
    let first = Publication::new(1, far());
    assert_eq!(gateway.update(&coalition.publish(&first)), "completed");
    assert_eq!(gateway.lists()[0].get("ends"), None);
    let before = gateway.verdict("shop.example");
    let announced = |version: u32, ends: &str| Publication {
        members: vec![("ends", json!(ends))],
        base: Some(Box::new(first.clone())),
        ..Publication::new(version, far())
    };
    // Years away or tomorrow, it changes no verdict but for the release it names.
    for (version, day, seconds) in [
        (2, "2099-12-31T00:00:00Z", 4_102_358_400_u32),
        (3, "2026-11-23T00:00:00Z", 1_795_392_000),
    ] {
        let served = coalition.publish(&announced(version, day));
        assert_eq!(gateway.update(&served), "completed");
        assert_eq!(gateway.lists()[0]["ends"], seconds);
        let mut verdict = gateway.verdict("shop.example");
        assert_eq!(verdict["lists"][0]["sequence"], version);
        verdict["lists"] = before["lists"].clone();
        assert_eq!(verdict, before);
    }
    gateway.restart();
    assert_eq!(gateway.lists()[0]["ends"], 1_795_392_000);
    // Taken back.
    let served = coalition.publish(&Publication::new(4, far()));
    assert_eq!(gateway.update(&served), "completed");
    assert_eq!(gateway.lists()[0].get("ends"), None);
}
