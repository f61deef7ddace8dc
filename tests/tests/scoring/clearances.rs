//! Documents of clearances: who must sign them, how long they last, and where receipts name them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use interdict_core::common::hex;
use interdict_tests::coalition::Publication;
use interdict_tests::gateway::NOW;
use interdict_tests::subjects::Native;
use interdict_tests::world::{Person, World, list, override_of};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::world::{at, enrolled, of_domain};

const DAY: u32 = 86_400;

/// A reason that was looked into: a rule, or a record, which needs two signatures.
fn cleared(code: &str) -> Value {
    json!({"identifier": "0123456789abcdef0123456789abcdef", "code": code, "coalition": "se",
        "list": "se/merchants", "digest": "00112233445566778899aabbccddeeff"})
}

fn signed(days: u32, clearances: &[Value]) -> Value {
    json!({"_type": "interdict-clearance", "expires": at(NOW + days * DAY).to_string(),
        "reference": "case 17", "clearances": clearances})
}

fn people() -> [Person; 3] {
    [
        Person::new("analyst", 71),
        Person::new("compliance", 72),
        Person::new("risk lead", 73),
    ]
}

/// A gateway whose clearances two people may sign, and whose overrides a third.
fn gateway() -> World<Native> {
    let [analyst, compliance, lead] = people();
    let policy = json!({"clearance_keys": [analyst.key(), compliance.key()],
        "override_keys": [lead.key()]});
    let members = json!({"policy": policy, "receipt_key": "11".repeat(32)});
    World::new(Native::default(), &[enrolled("se", empty())], &members)
}

/// A list of nobody.
fn empty() -> Publication {
    list("se/merchants", "hotline.example")
}

fn refusal(world: &mut World<Native>, clearances: &[Value]) -> (&'static str, String) {
    let message = json!({"clearances": clearances});
    world.call("configure", &message, None).unwrap_err()
}

#[test]
fn a_rule_is_cleared_by_one_of_the_clearance_keys_and_a_record_by_two() {
    let [analyst, compliance, lead] = people();
    let mut world = gateway();
    let (rule, record) = (
        signed(1, &[cleared("typology")]),
        signed(1, &[cleared("listed")]),
    );
    // Whatever order a document names them in, the strictest of its reasons decides.
    let mixed = signed(1, &[cleared("listed"), cleared("typology")]);
    for (document, people) in [
        (&rule, vec![&lead]),
        (&rule, vec![]),
        (&record, vec![&analyst]),
        (&record, vec![&analyst, &lead]),
        (&mixed, vec![&compliance]),
    ] {
        let good = override_of(&rule, &[&analyst]);
        let refused = refusal(&mut world, &[good, override_of(document, &people)]);
        assert_eq!(refused.0, "clearance_signatures", "{document}");
        assert!(refused.1.starts_with("clearances[1]: "), "{}", refused.1);
    }
    for (document, people) in [
        (&rule, vec![&compliance]),
        (&record, vec![&analyst, &compliance]),
        (&mixed, vec![&analyst, &compliance]),
    ] {
        let message = json!({"clearances": [override_of(document, &people)]});
        let count = document["clearances"].as_array().unwrap().len();
        assert_eq!(world.ok("configure", &message)["clearances"], count);
    }
}

#[test]
fn a_clearance_lasts_180_days_at_most() {
    let [analyst, ..] = people();
    let mut world = gateway();
    let lasting = |days| override_of(&signed(days, &[cleared("typology")]), &[&analyst]);
    world.ok("configure", &json!({"clearances": [lasting(180)]}));
    assert_eq!(refusal(&mut world, &[lasting(181)]).0, "clearance_expiry");
}

#[test]
fn ten_thousand_reasons_are_cleared_at_most_in_however_many_documents() {
    let [analyst, ..] = people();
    let mut world = gateway();
    let of = |count| {
        let clearances = vec![cleared("typology"); count];
        override_of(&signed(1, &clearances), &[&analyst])
    };
    let most = world.ok("configure", &json!({"clearances": [of(6000), of(4000)]}));
    assert_eq!(most["clearances"], 10_000);
    let refused = refusal(&mut world, &[of(6000), of(4001)]);
    assert_eq!(refused.0, "too_many");
    assert!(refused.1.starts_with("clearances: "), "{}", refused.1);
    let none = refusal(&mut world, &[of(0)]);
    assert_eq!(none.0, "clearance_malformed");
}

#[test]
fn a_receipt_names_every_document_of_clearances_whether_it_applies_or_not() {
    let [analyst, ..] = people();
    let mut world = gateway();
    let request = of_domain("payout", "shop.example");
    let before = world.ok("screen", &request);
    assert_eq!(before["receipt"]["clearances"], json!([]));
    let document = override_of(&signed(1, &[cleared("typology")]), &[&analyst]);
    let file = BASE64.decode(document.as_str().unwrap()).unwrap();
    let digest = hex::text(&<[u8; 32]>::from(Sha256::digest(&file)));
    world.ok("configure", &json!({"clearances": [document]}));
    let after = world.ok("screen", &request);
    assert_eq!(after["receipt"]["clearances"], json!([digest]));
    for member in ["action", "score", "reasons", "degraded"] {
        assert_eq!(after[member], before[member], "{member}");
    }
    // What was signed under one policy says nothing under the next.
    let kept = world.ok("configure", &json!({"module": "22".repeat(32)}));
    assert_eq!(kept["clearances"], 1);
    let dropped = world.ok(
        "configure",
        &json!({"policy": {"clearance_keys": [analyst.key()]}}),
    );
    assert_eq!(dropped["clearances"], 0);
    assert_eq!(
        world.ok("screen", &request)["receipt"]["clearances"],
        json!([])
    );
}

#[test]
fn clearances_and_overrides_need_a_receipt_key_to_be_named_under() {
    let [analyst, compliance, _] = people();
    let keys = json!([analyst.key(), compliance.key()]);
    let policy = json!({"clearance_keys": keys, "override_keys": keys});
    let members = json!({"policy": policy});
    let world = || World::new(Native::default(), &[enrolled("se", empty())], &members);
    let clearance = override_of(&signed(1, &[cleared("typology")]), &[&analyst]);
    let lowered = json!({"_type": "interdict-override", "coalition": "se", "list": "se/merchants",
        "identifier": "0123456789abcdef0123456789abcdef", "expires": at(NOW + DAY).to_string()});
    let lowered = override_of(&lowered, &[&analyst, &compliance]);
    for (member, document) in [("clearances", clearance), ("overrides", lowered)] {
        let mut world = world();
        let mut message = json!({member: [document]});
        let (code, sentence) = world.call("configure", &message, None).unwrap_err();
        assert_eq!(code, "missing_field", "{member}");
        assert!(sentence.starts_with("receipt_key: "), "{sentence}");
        // None are none: nothing has to be named.
        world.ok("configure", &json!({member: []}));
        message["receipt_key"] = "11".repeat(32).into();
        assert_eq!(world.ok("configure", &message)[member], 1, "{member}");
    }
}
