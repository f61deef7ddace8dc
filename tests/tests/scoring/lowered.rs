//! What lowers the action that a record asks for: what is listed, and how many coalitions agree.

use interdict_core::identifier::Kind;
use interdict_core::list::{Action, Flags, Record};
use interdict_tests::coalition::{Publication, RECORD};
use interdict_tests::subjects::Native;
use interdict_tests::world::{Enrolled, World, list};
use serde_json::{Value, json};

use crate::world::{codes, enrolled, of_domain};

const SHOP: (Kind, &str) = (Kind::Domain, "shop.example");
const BRAND: (Kind, &str) = (Kind::Label, "shop");

fn listing(
    id: &'static str,
    source: &'static str,
    (kind, value): (Kind, &'static str),
    record: Record,
) -> Publication {
    Publication {
        others: vec![(kind, value.into(), record)],
        ..list(id, source)
    }
}

fn screened(coalitions: &[Enrolled], policy: &Value) -> Value {
    let members = json!({"policy": policy});
    let mut world = World::new(Native::default(), coalitions, &members);
    world.ok("screen", &of_domain("payout", "shop.example"))
}

#[test]
fn a_label_leads_to_review_at_most_whatever_its_record_asks_for() {
    for (asks, action) in [
        (Action::Monitor, "monitor"),
        (Action::Review, "review"),
        (Action::HoldPayout, "review"),
        (Action::Block, "review"),
    ] {
        for flags in [Flags(0), Flags::MANDATORY] {
            // A score of 500 asks for monitor in a payout, so the record alone decides.
            let record = Record {
                action: asks,
                confidence: 500,
                flags,
                ..RECORD
            };
            let named = |what| {
                let list = listing("se/merchants", "hotline.example", what, record);
                screened(&[enrolled("se", list)], &json!({}))
            };
            let brand = named(BRAND);
            assert_eq!(brand["action"], action, "{asks:?} {flags:?}");
            assert_eq!(brand["reasons"][0]["relation"], "label");
            assert_eq!(named(SHOP)["action"], asks.name(), "the domain itself");
        }
    }
}

#[test]
fn a_label_gives_no_coalition_a_voice_for_more_than_review() {
    let policy = json!({"required_coalitions": {"block": 2}});
    let coalitions = |second| {
        [
            enrolled("se", listing("se/merchants", "a", SHOP, RECORD)),
            enrolled("nl", listing("nl/merchants", "b", second, RECORD)),
        ]
    };
    assert_eq!(screened(&coalitions(SHOP), &policy)["action"], "block");
    let verdict = screened(&coalitions(BRAND), &policy);
    assert_eq!(verdict["action"], "hold_payout");
    assert!(codes(&verdict).contains(&"too_few_coalitions".to_owned()));
}

#[test]
fn a_mandatory_record_gets_no_more_than_the_match_policy_gives() {
    let mandatory = Record {
        flags: Flags::MANDATORY,
        ..RECORD
    };
    let hold = Record {
        action: Action::HoldPayout,
        ..mandatory
    };
    for (required, record, action) in [
        (json!({"hold_payout": 1, "block": 1}), mandatory, "block"),
        (
            json!({"hold_payout": 1, "block": 2}),
            mandatory,
            "hold_payout",
        ),
        (json!({"hold_payout": 2, "block": 2}), mandatory, "review"),
        (json!({"hold_payout": 1, "block": 2}), hold, "hold_payout"),
        (json!({"hold_payout": 2, "block": 2}), hold, "review"),
    ] {
        let coalitions = [
            enrolled("se", listing("se/merchants", "a", SHOP, record)),
            enrolled("nl", list("nl/merchants", "b")),
        ];
        let verdict = screened(&coalitions, &json!({"required_coalitions": required}));
        assert_eq!(verdict["action"], action, "{required} {record:?}");
        let too_few = codes(&verdict).contains(&"too_few_coalitions".to_owned());
        assert_eq!(too_few, action != record.action.name(), "{verdict}");
        assert_eq!(verdict.get("natural"), None, "no override had a part in it");
    }
}
