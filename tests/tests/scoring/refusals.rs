//! What is refused, with code and path, natively and in the module. What was configured before stays
//! in force.

use interdict_core::common::time::Time;
use interdict_core::list::Part;
use interdict_tests::coalition::{Coalition, Publication, RECORD};
use interdict_tests::gateway::{NOW, far};
use interdict_tests::subjects::{Alike, Native};
use interdict_tests::world::{Enrolled, Person, World, list, override_of, signed_override};
use serde_json::{Value, json};

use crate::world::{ENTRIES, standard};

fn listing() -> Publication {
    let (kind, value) = ENTRIES[1];
    Publication {
        others: vec![(kind, value.into(), RECORD)],
        pack: Some(standard()),
        ..list("se/merchants", "hotline.example")
    }
}

fn world() -> World<Alike> {
    let enrolled = ["se", "nl"].map(|name| Enrolled {
        name,
        lists: if name == "se" {
            vec![listing()]
        } else {
            Vec::new()
        },
    });
    World::new(Alike::new().unwrap(), &enrolled, &json!({}))
}

fn question() -> Value {
    let shop = json!({"kind": "domain", "value": "shop.example"});
    json!({"flow": "payout", "view": "analyst", "identifiers": [shop],
        "signals": {"prepaid_only": true}})
}

/// Checks the code, and that the sentence starts with the path.
fn refused(world: &mut World<Alike>, members: &Value, code: &str, path: &str) {
    let before = world.ok("screen", &question());
    let (name, sentence) = world.call("configure", members, None).unwrap_err();
    assert_eq!(name, code, "{members}: {sentence}");
    assert!(
        sentence.starts_with(&format!("{path}: ")),
        "{path}, not {sentence}"
    );
    assert_eq!(
        world.ok("screen", &question()),
        before,
        "{members} changed something"
    );
}

#[test]
fn a_policy_that_is_malformed_or_contradicts_itself_is_refused_where_it_does() {
    let mut world = world();
    for (policy, code, path) in [
        (json!(7), "wrong_type", "policy"),
        (json!({"prevalence": 1}), "unknown_field", "policy"),
        (
            json!({"prevalence_per_million": 0}),
            "out_of_range",
            "policy.prevalence_per_million",
        ),
        (
            json!({"prevalence_per_million": "1"}),
            "wrong_type",
            "policy.prevalence_per_million",
        ),
        (
            json!({"typology_cap": -1}),
            "out_of_range",
            "policy.typology_cap",
        ),
        (
            json!({"flows": {"payout": {"monitor_score": 800, "review_score": 700}}}),
            "policy_scores",
            "policy.flows.payout.review_score",
        ),
        (
            json!({"flows": {"payout": {"review_score": 399}}}),
            "policy_scores",
            "policy.flows.payout.review_score",
        ),
        (
            json!({"flows": {"payout": {"monitor_score": 250}}}),
            "policy_prior",
            "policy.flows.payout.monitor_score",
        ),
        (
            json!({"prevalence_per_million": 3200}),
            "policy_prior",
            "policy.prevalence_per_million",
        ),
        (
            json!({"flows": {"payout": {"unavailable": "allow"}}}),
            "unknown_value",
            "policy.flows.payout.unavailable",
        ),
        (
            json!({"required_coalitions": {"block": 3}}),
            "policy_coalitions",
            "policy.required_coalitions.block",
        ),
        (
            json!({"required_coalitions": {"hold_payout": 2, "block": 1}}),
            "out_of_range",
            "policy.required_coalitions.block",
        ),
        (
            json!({"typology_weights": [{"rule": "T01", "weight": 10_001}]}),
            "out_of_range",
            "policy.typology_weights[0].weight",
        ),
    ] {
        refused(&mut world, &json!({"policy": policy}), code, path);
        if policy["required_coalitions"]["block"] != 3 {
            let path = path.replacen("policy", "shadow", 1);
            refused(&mut world, &json!({"shadow": policy}), code, &path);
        }
    }
    let shop = json!({"kind": "domain", "value": "shop.example"});
    for (signals, code, path) in [
        (json!({"prepaid": true}), "unknown_field", "signals"),
        (
            json!({"payment_page_declared": true}),
            "unknown_field",
            "signals",
        ),
        (json!({"mcc": 5967}), "wrong_type", "signals.mcc"),
        (
            json!({"night_per_mille": 1_u64 << 53}),
            "out_of_range",
            "signals.night_per_mille",
        ),
    ] {
        let request = json!({"flow": "payout", "identifiers": [shop], "signals": signals});
        let (name, sentence) = world.call("screen", &request, None).unwrap_err();
        assert_eq!(name, code);
        assert!(sentence.starts_with(&format!("{path}: ")), "{sentence}");
    }
}

#[test]
fn a_policy_or_a_second_one_that_does_not_say_which_lists_must_answer_is_refused() {
    let mut world = world();
    for role in ["policy", "shadow"] {
        // Sent as it is: `call` would add the lists.
        let refused = world.bytes("configure", &json!({role: {}}).to_string());
        let (code, sentence) = refused.unwrap_err();
        assert_eq!(code, -18, "{sentence}");
        assert!(
            sentence.starts_with(&format!("{role}.required: ")),
            "{sentence}"
        );
    }
}

#[test]
fn a_coalition_whose_name_is_empty_too_long_or_no_word_is_refused() {
    let mut world = world();
    let root = Coalition::quick().root(far());
    let long = "a".repeat(33);
    for name in ["", "Se", "s e", "se/nl", long.as_str()] {
        let mut se = interdict_tests::enrolment::enrolled("se", &root, &["se/merchants"]);
        se["name"] = name.into();
        let coalitions = json!({"coalitions": [se]});
        let path = "coalitions[0].name";
        refused(&mut world, &coalitions, "out_of_range", path);
    }
}

#[test]
fn a_pack_with_a_rule_that_cannot_be_is_refused_and_the_last_good_one_stays() {
    let long = format!("prepaid_only{}", " and prepaid_only".repeat(30));
    assert!(long.len() > 512);
    for (when, code, place) in [
        (
            "merchant_moon_phase > 3",
            "typology_condition",
            "rules[0].when",
        ),
        (long.as_str(), "typology_condition", "rules[0].when"),
        ("mcc = 5967", "typology_condition", "rules[0].when"),
        ("not listed(domain)", "typology_condition", "rules[0].when"),
        ("prepaid_only and", "typology_condition", "rules[0].when"),
    ] {
        let rule = json!({"id": "T01", "title": "t", "direction": "riskier", "weight": 1000,
            "otherwise": 0, "calibrated": false, "when": when, "source": "s"});
        let pack = json!({"format": 1, "version": 2, "name": "bad", "rules": [rule]});
        refused_pack(&pack, code, place);
    }
    let sign = json!({"id": "T01", "title": "t", "direction": "safer", "weight": 1000,
        "otherwise": 0, "calibrated": false, "when": "prepaid_only", "source": "s"});
    let pack = json!({"format": 1, "version": 2, "name": "bad", "rules": [sign]});
    refused_pack(&pack, "typology_pack", "rules[0]");
}

fn refused_pack(pack: &Value, code: &str, place: &str) {
    let mut world = world();
    let before = world.ok("screen", &question());
    assert_eq!(before["rules"].as_array().unwrap().len(), 16);
    let next = Publication {
        version: 2,
        sequence: 2,
        pack: Some(pack.to_string().into_bytes()),
        ..listing()
    };
    let served = Coalition::quick().publish(&next);
    let (name, sentence) = world.update("se", &served).unwrap_err();
    assert_eq!(name, code, "{sentence}");
    assert!(sentence.starts_with(place), "{sentence}");
    let after = world.ok("screen", &question());
    assert_eq!(after["action"], before["action"]);
    assert_eq!(after["score"], before["score"]);
    // The list is stale now, so a condition `listed(…)` is unknown.
    let weights = |verdict: &Value| {
        let rules = verdict["rules"].as_array().cloned().unwrap_or_default();
        let weight = |rule: &Value| (rule["rule"].clone(), rule["weight"].clone());
        rules.iter().map(weight).collect::<Vec<_>>()
    };
    assert_eq!(weights(&after), weights(&before));
    // Only the pack was wrong: with a good pack, the update is accepted.
    let good = Publication {
        version: 3,
        pack: Some(standard()),
        ..next
    };
    let served = Coalition::quick().publish(&good);
    assert_eq!(world.update("se", &served), Ok(()));
}

#[test]
fn an_override_without_end_too_long_or_signed_by_one_is_refused() {
    let people = [Person::new("risk lead", 61), Person::new("compliance", 62)];
    let [lead, compliance] = &people;
    let stranger = Person::new("compliance", 63);
    let keys = json!({"override_keys": [lead.key(), compliance.key()]});
    let until = |days: u32| Time::from_clock(NOW + days * 86_400).unwrap();
    let good = signed_override(("se", "se/merchants"), ENTRIES[1], until(90));
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut signed = good.clone();
        change(&mut signed);
        signed
    };
    let without_end = changed(&|signed| {
        signed.as_object_mut().unwrap().remove("expires");
    });
    let endless = changed(&|signed| signed["expires"] = Value::Null);
    let too_long = signed_override(("se", "se/merchants"), ENTRIES[1], until(91));
    let other_type = changed(&|signed| signed["_type"] = "targets".into());
    let more = changed(&|signed| signed["action"] = "allow".into());
    let mut world = world();
    world.ok(
        "configure",
        &json!({"policy": keys, "receipt_key": "11".repeat(32)}),
    );
    let both = [lead, compliance];
    for (document, code) in [
        (override_of(&without_end, &both), "override_expiry"),
        (override_of(&endless, &both), "override_expiry"),
        (override_of(&too_long, &both), "override_expiry"),
        (override_of(&good, &[lead]), "override_signatures"),
        (override_of(&good, &[]), "override_signatures"),
        (
            override_of(&good, &[lead, &stranger]),
            "override_signatures",
        ),
        (override_of(&other_type, &both), "override_malformed"),
        (override_of(&more, &both), "override_malformed"),
        (json!("bm8="), "override_malformed"),
    ] {
        let first = override_of(&good, &both);
        let members = json!({"overrides": [first, document]});
        let before = world.ok("screen", &question());
        let (name, sentence) = world.call("configure", &members, None).unwrap_err();
        assert_eq!(name, code, "{sentence}");
        assert_eq!(world.ok("screen", &question()), before);
    }
    // One key is one person: it signs under one name twice, and under a second name.
    let twice = override_of(&good, &[lead, lead]);
    let refusal = world.call("configure", &json!({"overrides": [twice]}), None);
    assert_eq!(refusal.unwrap_err().0, "override_malformed");
    let renamed = Person::new("compliance", 61);
    let twice = json!({"override_keys": [lead.key(), renamed.key()]});
    refused(
        &mut world,
        &json!({"policy": twice}),
        "out_of_range",
        "policy.override_keys[1].public",
    );
    let signed_twice = override_of(&good, &[lead, &renamed]);
    let refusal = world.call("configure", &json!({"overrides": [signed_twice]}), None);
    assert_eq!(refusal.unwrap_err().0, "override_signatures");
    world.ok(
        "configure",
        &json!({"overrides": [override_of(&good, &both)]}),
    );
    assert_eq!(world.ok("screen", &question())["natural"], "block");
}

/// A release with one record, whose action has this code.
fn newer_publisher(code: u8) -> Publication {
    let publication = Publication {
        listed: vec!["shop.example"],
        ..list("se/merchants", "hotline.example")
    };
    let (_, files) = Coalition::quick().release(&publication);
    let mut records = files.records.unwrap();
    // The last 29 bytes are the only record.
    let body = records.len() - 29;
    records[body + 12] = code;
    Publication {
        instead: vec![(Part::Records, records)],
        ..publication
    }
}

#[test]
fn an_action_of_a_newer_publisher_becomes_review() {
    for (code, action) in [
        (4, "block"),
        (3, "hold_payout"),
        (5, "review"),
        (0, "review"),
        (255, "review"),
    ] {
        let enrolled = [Enrolled {
            name: "se",
            lists: vec![newer_publisher(code)],
        }];
        let mut world = World::new(Native::default(), &enrolled, &json!({}));
        assert_eq!(world.ok("screen", &question())["action"], action, "{code}");
    }
}
