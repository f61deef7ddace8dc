//! What a verdict reports about the lists it asked, and what it must not report.

use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::list::{Action, Flags, Kinds, Record};
use interdict_tests::coalition::{Coalition, Publication, RECORD};
use interdict_tests::gateway::{Gateway, NOW, far};
use interdict_tests::subjects::Native;
use interdict_tests::world::{Enrolled, World, list};
use serde_json::{Value, json};

use crate::world::{codes, enrolled, of_domain};

const IBAN: &str = "GB82WEST12345698765432";

/// An empty list that covers these kinds.
fn only(id: &'static str, kinds: &[Kind]) -> Publication {
    Publication {
        kinds: Kinds::of(kinds.iter().copied()),
        ..list(id, "hotline.example")
    }
}

fn world(coalitions: &[Enrolled]) -> World<Native> {
    let members = json!({"receipt_key": "11".repeat(32)});
    World::new(Native::default(), coalitions, &members)
}

fn request(identifiers: &[(&str, &str)]) -> Value {
    let identifiers: Vec<_> = identifiers
        .iter()
        .map(|(kind, value)| json!({"kind": kind, "value": value}))
        .collect();
    json!({"flow": "payout", "view": "analyst", "identifiers": identifiers})
}

/// Code and identifier of each reason.
fn told(verdict: &Value) -> Vec<(String, Option<u64>)> {
    let reasons = verdict["reasons"].as_array().unwrap().iter();
    let identifiers = reasons.map(|reason| reason["identifier"].as_u64());
    codes(verdict).into_iter().zip(identifiers).collect()
}

#[test]
fn a_coalition_without_a_live_list_is_reported_by_its_configured_lists_alone() {
    let root = Coalition::quick().root(far());
    for (chosen, missing) in [
        (&["se/a", "se/b"][..], vec![json!("se/a"), json!("se/b")]),
        (&[], vec![Value::Null]),
    ] {
        let mut world = World {
            subject: Native::default(),
            now: NOW,
            required: Value::Null,
        };
        let mut se = interdict_tests::enrolment::enrolled("se", &root, &["se/a", "se/b"]);
        se["lists"] = json!(chosen);
        world.ok("configure", &json!({"coalitions": [se]}));
        let verdict = world.ok("screen", &of_domain("payout", "shop.example"));
        let reasons = verdict["reasons"].as_array().unwrap().iter();
        let lists: Vec<_> = reasons
            .filter(|reason| reason["code"] == "no_list")
            .map(|reason| reason["list"].clone())
            .collect();
        assert_eq!(lists, missing, "{verdict}");
    }
}

#[test]
fn a_list_without_any_key_is_not_reported_as_answering_from_an_older_epoch() {
    let coalition = Coalition::quick();
    let epoch = |epoch| Publication {
        epoch,
        ..Publication::new(1, far())
    };
    let both = coalition.publish_beside(&epoch(2), &[epoch(1)]);
    let mut gateway = Gateway::new(Native::default(), &coalition, &["se/merchants"]);
    assert_eq!(gateway.update(&both), "completed");
    let verdict = gateway.verdict("shop.example");
    assert_eq!(codes(&verdict), ["listed", "degraded", "key_outdated"]);
    gateway.hold_keys([]);
    let verdict = gateway.verdict("shop.example");
    assert_eq!(codes(&verdict), ["no_key", "degraded"]);
}

#[test]
fn a_list_that_covers_no_kind_of_the_request_is_not_missed_for_lack_of_its_key() {
    let keyless = Publication {
        epoch: 2,
        ..only("nl/accounts", &[Kind::Iban])
    };
    let domains = only("se/merchants", &[Kind::Domain]);
    let mut world = world(&[enrolled("se", domains), enrolled("nl", keyless)]);
    let verdict = world.ok("screen", &of_domain("payout", "shop.example"));
    assert_eq!(codes(&verdict), ["no_finding"]);
    assert_eq!(verdict["degraded"], false);
    let verdict = world.ok("screen", &request(&[("iban", IBAN)]));
    assert!(told(&verdict).contains(&("no_key".to_owned(), None)));
    assert_eq!(verdict["degraded"], true);
}

#[test]
fn a_kind_is_unchecked_if_no_list_with_its_key_declares_it() {
    let asked = request(&[("domain", "shop.example"), ("iban", IBAN)]);
    let unchecked = |lists: &[Enrolled]| {
        let verdict = world(lists).ok("screen", &asked);
        let shown = verdict["unchecked"].as_array().cloned().unwrap_or_default();
        assert_eq!(verdict["receipt"]["unchecked"], json!(shown));
        shown
    };
    let domains = || enrolled("se", only("se/merchants", &[Kind::Domain]));
    assert_eq!(unchecked(&[domains()]), ["iban"]);
    // Without its key a list checks nothing.
    let keyless = Publication {
        epoch: 2,
        ..only("nl/accounts", &[Kind::Iban])
    };
    assert_eq!(unchecked(&[domains(), enrolled("nl", keyless)]), ["iban"]);
    let accounts = only("nl/accounts", &[Kind::Iban]);
    assert!(unchecked(&[domains(), enrolled("nl", accounts)]).is_empty());
    // A list of labels does not answer for the domain that it misses.
    let labels = only("se/names", &[Kind::Label, Kind::Iban]);
    assert_eq!(unchecked(&[enrolled("se", labels)]), ["domain"]);
}

#[test]
fn a_verdict_for_which_no_list_checked_who_is_paid_is_unavailable_and_not_degraded() {
    let accounts = only("se/accounts", &[Kind::Iban]);
    let mut world = world(&[enrolled("se", accounts)]);
    world.ok("configure", &json!({"receipt_key": "11".repeat(32)}));
    let verdict = world.ok("screen", &of_domain("payout", "shop.example"));
    for member in ["degraded", "action", "because", "unchecked"] {
        assert_eq!(verdict["receipt"][member], verdict[member], "{member}");
    }
    assert_eq!(verdict["degraded"], false, "{verdict}");
    assert_eq!(verdict["action"], "review", "{verdict}");
    assert_eq!(codes(&verdict), ["nothing_checked"]);
    assert_eq!(verdict["unchecked"], json!(["domain"]));
    assert_eq!(verdict["because"], "unavailable");
}

#[test]
fn the_system_sees_four_reasons_and_the_receipt_and_the_analyst_all() {
    let names = [
        "a.example",
        "b.example",
        "c.example",
        "d.example",
        "e.example",
    ];
    let listing = Publication {
        others: names
            .map(|name| (Kind::Domain, name.into(), RECORD))
            .to_vec(),
        ..list("se/merchants", "hotline.example")
    };
    let mut world = world(&[enrolled("se", listing)]);
    let mut asked = request(&names.map(|name| ("domain", name)));
    for (view, shown) in [("system", 4), ("analyst", 5)] {
        asked["view"] = view.into();
        let verdict = world.ok("screen", &asked);
        assert_eq!(codes(&verdict).len(), shown, "{view}");
        assert_eq!(codes(&verdict["receipt"]).len(), 5, "{view}");
    }
}

#[test]
fn an_identifier_given_twice_is_reported_once_where_it_stands_first() {
    let shop = ("domain", "shop.example");
    let listing = Publication {
        others: vec![(Kind::Domain, "shop.example".into(), RECORD)],
        ..list("se/merchants", "hotline.example")
    };
    let mut world = world(&[enrolled("se", listing)]);
    let verdict = world.ok("screen", &request(&[shop, shop]));
    assert_eq!(told(&verdict), [("listed".to_owned(), Some(0))]);
    let accounts = only("se/accounts", &[Kind::Iban]);
    let mut world = self::world(&[enrolled("se", accounts)]);
    let verdict = world.ok("screen", &request(&[shop, shop, ("iban", IBAN)]));
    let expected = [("no_finding", None)];
    assert_eq!(
        told(&verdict),
        expected.map(|(code, index)| (code.to_owned(), index))
    );
}

#[test]
fn a_listing_that_ended_is_reported_unless_another_is_in_force() {
    let ended = Record {
        valid_until: Time::from_seconds(NOW - 1),
        ..RECORD
    };
    let verdict = |parent: &[Record]| {
        let parent = parent
            .iter()
            .map(|record| (Kind::Domain, "shop.example".into(), *record));
        let listing = Publication {
            others: [(Kind::Domain, "pay.shop.example".into(), ended)]
                .into_iter()
                .chain(parent)
                .collect(),
            ..list("se/merchants", "hotline.example")
        };
        let mut world = world(&[enrolled("se", listing)]);
        world.ok("screen", &of_domain("payout", "pay.shop.example"))
    };
    let silent = Record {
        action: Action::Monitor,
        flags: Flags::SILENT,
        ..RECORD
    };
    for parent in [&[][..], &[ended], &[silent]] {
        assert_eq!(codes(&verdict(parent)), ["listing_lapsed", "no_finding"]);
    }
    assert_eq!(codes(&verdict(&[RECORD])), ["listed"]);
}
