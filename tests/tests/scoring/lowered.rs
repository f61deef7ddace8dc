//! What lowers the action that a record asks for: the kind of entry, too few agreeing coalitions, the age
//! of the list, and the gateway's overrides.

use interdict_core::identifier::Kind;
use interdict_core::list::{Action, Flags, Record};
use interdict_tests::coalition::{Coalition, Publication, RECORD};
use interdict_tests::gateway::{NOW, far};
use interdict_tests::subjects::Native;
use interdict_tests::umbrella::Body;
use interdict_tests::world::{Enrolled, Person, World, list, override_of, signed_override};
use serde_json::{Value, json};

use crate::world::{at, codes, enrolled, of_domain, overridden};

const DAY: u32 = 86_400;
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
            let record = Record {
                action: asks,
                confidence: 900,
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

/// A gateway with one record of the merchant, and an override of it.
fn overriding(action: Action) -> World<Native> {
    let record = Record {
        action,
        confidence: 900,
        ..RECORD
    };
    let list = listing("se/cards", "hotline.example", SHOP, record);
    let members = overridden(at(NOW + DAY));
    World::new(Native::default(), &[enrolled("se", list)], &members)
}

fn verdict(world: &mut World<Native>) -> Value {
    world.ok("screen", &of_domain("payout", "shop.example"))
}

#[test]
fn an_override_lowers_to_review_and_never_below() {
    for action in [Action::HoldPayout, Action::Block] {
        let verdict = verdict(&mut overriding(action));
        assert_eq!(verdict["action"], "review", "{verdict}");
        assert_eq!(verdict["natural"], action.name(), "{verdict}");
        assert_eq!(verdict["because"], "record", "{verdict}");
        assert_eq!(codes(&verdict), ["listed", "overridden"]);
        let receipt = &verdict["receipt"];
        assert_eq!(receipt["natural"], action.name(), "{receipt}");
        assert_eq!(receipt["overrides"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn an_override_lowers_the_entry_that_it_names_and_not_the_name_asked_for() {
    let below = (Kind::Domain, "pay.shop.example");
    let people = [Person::new("risk lead", 61), Person::new("compliance", 62)];
    for (named, action) in [(SHOP, "review"), (below, "block")] {
        let mut world = overriding(Action::Block);
        let signed = signed_override(("se", "se/cards"), named, at(NOW + DAY));
        let overrides = json!([override_of(&signed, &people.each_ref())]);
        world.ok("configure", &json!({"overrides": overrides}));
        let verdict = world.ok("screen", &of_domain("payout", below.1));
        assert_eq!(verdict["action"], action, "{named:?}: {verdict}");
    }
}

#[test]
fn one_party_that_two_coalitions_repeat_is_one_voice_for_a_block() {
    let policy = json!({"required_coalitions": {"hold_payout": 2, "block": 2}});
    for (second, action) in [("hotline.example", "review"), ("police.example", "block")] {
        let coalitions = [
            enrolled(
                "se",
                listing("se/merchants", "hotline.example", SHOP, RECORD),
            ),
            enrolled("nl", listing("nl/merchants", second, SHOP, RECORD)),
        ];
        let verdict = screened(&coalitions, &policy);
        assert_eq!(verdict["action"], action, "{second}: {verdict}");
    }
}

#[test]
fn an_override_raises_nothing_and_is_not_reported_where_it_lowers_nothing() {
    for action in [Action::Monitor, Action::Review] {
        let verdict = verdict(&mut overriding(action));
        assert_eq!(verdict["action"], action.name(), "{verdict}");
        assert_eq!(verdict["natural"], Value::Null, "{verdict}");
        assert_eq!(codes(&verdict), ["listed"]);
    }
}

#[test]
fn a_new_policy_drops_the_overrides_and_no_other_change_does() {
    let mut world = overriding(Action::Block);
    let kept = world.ok("configure", &json!({"module": "22".repeat(32)}));
    assert_eq!(kept["overrides"], 1);
    assert_eq!(verdict(&mut world)["action"], "review");
    let policy = overridden(at(NOW + DAY))["policy"].clone();
    let dropped = world.ok("configure", &json!({"policy": policy}));
    assert_eq!(dropped["overrides"], 0);
    assert_eq!(verdict(&mut world)["action"], "block");
}

#[test]
fn no_policy_may_require_more_coalitions_than_there_are() {
    let lists = ["se", "nl"].map(|name| enrolled(name, list("se/merchants", "a")));
    let mut world = World::new(Native::default(), &lists, &json!({}));
    let requires = |number: u8| json!({"required_coalitions": {"block": number}});
    for role in ["policy", "shadow"] {
        world.ok("configure", &json!({role: requires(2)}));
        let refused = world.call("configure", &json!({role: requires(3)}), None);
        assert_eq!(refused.unwrap_err().0, "policy_coalitions", "{role}");
    }
    // The policy stays, so fewer coalitions are refused as well.
    world.ok("configure", &json!({"shadow": null}));
    let se = interdict_tests::enrolment::enrolled(
        "se",
        &Coalition::quick().root(far()),
        &["se/merchants"],
    );
    let fewer = json!({"coalitions": [se]});
    let refused = world.call("configure", &fewer, None);
    assert_eq!(refused.unwrap_err().0, "policy_coalitions");
}

/// The codes of the reasons why an action was lowered. The system sees four reasons, an analyst all.
fn lowered(world: &mut World<Native>) -> Vec<String> {
    let mut request = of_domain("payout", "shop.example");
    request["view"] = "analyst".into();
    let verdict = world.ok("screen", &request);
    assert_ne!(verdict["action"], "allow", "{verdict}");
    let mut codes = codes(&verdict);
    codes.retain(|code| code.starts_with("lowered"));
    codes
}

#[test]
fn each_cause_that_lowers_an_action_has_its_own_code() {
    let victim = Record {
        flags: Flags::POSSIBLY_VICTIM_CONTROLLED,
        ..RECORD
    };
    let listed = |record| listing("se/merchants", "hotline.example", SHOP, record);
    let policy = json!({"list_max_age_days": 2, "expired_grace_days": 0});
    for (record, fresh, old) in [
        (RECORD, &[][..], &["lowered_expired"][..]),
        (
            victim,
            &["lowered_victim"],
            &["lowered_expired", "lowered_victim"],
        ),
    ] {
        let list = enrolled("se", listed(record));
        let mut world = World::new(Native::default(), &[list], &json!({"policy": policy}));
        assert_eq!(lowered(&mut world), fresh);
        world.now = NOW + 3 * DAY;
        assert_eq!(lowered(&mut world), old);
        assert_eq!(verdict(&mut world)["action"], "review");
    }
    // An umbrella body's list, whose signers an update revokes.
    let coalition = Coalition::quick();
    let body = |key| Body {
        name: "se",
        pattern: "se/*",
        key,
        signs: 51,
        publication: listed(RECORD),
    };
    let none = Enrolled {
        name: "se",
        lists: Vec::new(),
    };
    let mut world = World::new(Native::default(), &[none], &json!({}));
    for (version, key) in [(1, 51), (2, 52)] {
        let served = coalition.publish_umbrella(version, far(), &[body(key)]);
        let _ = world.update("se", &served);
    }
    assert_eq!(lowered(&mut world), ["lowered_untrusted"]);
}

#[test]
fn a_list_expires_at_its_maximum_age_and_blocks_until_the_days_of_grace_are_over() {
    let listed = Publication {
        others: vec![(Kind::Domain, "shop.example".into(), RECORD)],
        ..list("se/merchants", "hotline.example")
    };
    let policy =
        json!({"list_max_age_days": 2, "expired_grace_days": 3, "poll_max_age_hours": 720});
    let members = json!({"policy": policy});
    let mut world = World::new(Native::default(), &[enrolled("se", listed)], &members);
    let state = world.ok("state", &json!({}));
    let issued = state["coalitions"][0]["lists"][0]["issued"].as_u64();
    let issued = u32::try_from(issued.unwrap()).unwrap();
    // Its metadata is fresh for months: only the policy makes the list expired.
    for (age, freshness, action) in [
        (2 * DAY - 1, "fresh", "block"),
        (2 * DAY, "expired", "block"),
        (5 * DAY - 1, "expired", "block"),
        (5 * DAY, "expired", "review"),
    ] {
        world.now = issued + age;
        let verdict = world.ok("screen", &of_domain("payout", "shop.example"));
        assert_eq!(verdict["lists"][0]["freshness"], freshness, "{age}");
        assert_eq!(verdict["action"], action, "{age}");
        let expired = freshness == "expired";
        assert_eq!(verdict["degraded"], expired, "{age}");
        let codes = codes(&verdict);
        assert_eq!(codes.contains(&"list_expired".to_owned()), expired, "{age}");
        let lowered = codes.contains(&"lowered_expired".to_owned());
        assert_eq!(lowered, action == "review", "{age}");
    }
}
