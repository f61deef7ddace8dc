//! What the rules of live packs count, by the pack and by the policy (`docs/scoring.md`).

use interdict_tests::coalition::Publication;
use interdict_tests::subjects::Native;
use interdict_tests::world::{World, list};
use serde_json::{Value, json};

use crate::world::{Rule, codes, enrolled, of_domain, pack};

const fn rule(id: &'static str, weight: i32, otherwise: i32) -> Rule {
    Rule {
        id,
        when: "prepaid_only",
        weight,
        otherwise,
    }
}

fn with_pack(id: &'static str, rules: &[Rule]) -> Publication {
    Publication {
        pack: Some(pack(rules)),
        ..list(id, "hotline.example")
    }
}

/// The verdict of a gateway whose coalitions `se` and `nl` publish these rules.
fn screened(packs: [&[Rule]; 2], policy: &Value, holds: Option<bool>) -> Value {
    let coalitions = [
        enrolled("se", with_pack("se/merchants", packs[0])),
        enrolled("nl", with_pack("nl/merchants", packs[1])),
    ];
    let members = json!({"policy": policy, "receipt_key": "11".repeat(32)});
    let mut request = of_domain("payout", "shop.example");
    request["view"] = "analyst".into();
    request["signals"] = json!({"prepaid_only": holds});
    World::new(Native::default(), &coalitions, &members).ok("screen", &request)
}

/// What all rules count together.
fn counted(verdict: &Value) -> i64 {
    verdict["receipt"]["odds"]["typologies"].as_i64().unwrap()
}

/// The coalition and weight of each reason about a rule.
fn reasons(verdict: &Value) -> Vec<Value> {
    let reasons = verdict["reasons"].as_array().unwrap().iter();
    let typologies = reasons.filter(|reason| reason["code"] == "typology");
    typologies
        .map(|reason| json!([reason["coalition"], reason["weight"]]))
        .collect()
}

#[test]
fn of_rules_of_one_id_the_one_that_says_most_against_the_merchant_counts() {
    let none = json!({});
    for (se, nl, coalition, weight) in [
        (500, 800, "nl", 800),
        (800, 500, "se", 800),
        (-500, -800, "se", -500),
        (-800, 500, "nl", 500),
        // Of equals one counts, whichever coalition was configured first.
        (500, 500, "nl", 500),
    ] {
        let packs = [&[rule("R1", se, 0)][..], &[rule("R1", nl, 0)]];
        let verdict = screened(packs, &none, Some(true));
        assert_eq!(counted(&verdict), weight, "{se} {nl}");
        assert_eq!(reasons(&verdict), [json!([coalition, weight])]);
        let rules = verdict["rules"].as_array().unwrap();
        assert_eq!(rules.len(), 2, "both are shown: {verdict}");
    }
    let packs = [&[rule("R1", 500, 0)][..], &[rule("R2", 800, 0)]];
    assert_eq!(counted(&screened(packs, &none, Some(true))), 1300);
}

#[test]
fn a_rule_counts_its_weight_its_otherwise_or_nothing_if_its_condition_is_unknown() {
    let rules = &[rule("R1", 500, -100)][..];
    for (holds, weight) in [(Some(true), 500), (Some(false), -100), (None, 0)] {
        let verdict = screened([rules, &[rule("R2", 1, 0)]], &json!({}), holds);
        let own: Vec<_> = verdict["rules"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|rule| rule["rule"] == "R1")
            .map(|rule| rule["weight"].clone())
            .collect();
        assert_eq!(own, [weight], "{holds:?}");
        let told = reasons(&verdict);
        assert_eq!(told.contains(&json!(["se", weight])), weight != 0);
        assert!(!told.contains(&json!(["se", 0])), "{told:?}");
    }
}

#[test]
fn all_rules_together_count_no_more_than_the_cap_either_way() {
    let policy = json!({"typology_cap": 600});
    for (weight, capped) in [(500, 600), (-500, -600), (300, 600), (-300, -600)] {
        let packs = [&[rule("R1", weight, 0)][..], &[rule("R2", weight, 0)]];
        assert_eq!(counted(&screened(packs, &policy, Some(true))), capped);
    }
    let packs = [&[rule("R1", 299, 0)][..], &[rule("R2", 300, 0)]];
    assert_eq!(counted(&screened(packs, &policy, Some(true))), 599);
}

#[test]
fn the_policy_switches_rules_off_and_gives_them_weights_but_never_turns_them_round() {
    let packs = [&[rule("R1", 500, -100)][..], &[rule("R2", -400, 200)]];
    let own = |rule: &str, weight: i32, otherwise: i32| {
        let one = json!({"rule": rule, "weight": weight, "otherwise": otherwise});
        json!({"typology_weights": [one]})
    };
    for (policy, holding, not_holding) in [
        (json!({}), 500 - 400, -100 + 200),
        (json!({"typologies_off": ["R1"]}), -400, 200),
        (own("R1", 700, -50), 700 - 400, -50 + 200),
        (own("R2", -900, 10), 500 - 900, -100 + 10),
        // Against the direction of its rule, a weight counts 0.
        (own("R1", -700, 50), -400, 200),
        (own("R2", 900, -10), 500, -100),
    ] {
        let found = [true, false].map(|holds| counted(&screened(packs, &policy, Some(holds))));
        assert_eq!(found, [holding, not_holding], "{policy}");
    }
    let off = screened(packs, &json!({"typologies_off": ["R1", "R2"]}), Some(true));
    assert_eq!(codes(&off), ["no_finding"]);
}

#[test]
fn in_a_group_the_strongest_rule_counts_in_full_and_each_other_half() {
    let rules = [
        ("A", 801, "one"),
        ("B", 1000, "one"),
        ("C", 501, "one"),
        ("D", 300, "two"),
    ];
    let pack = |rules: &[(&str, i32, &str)]| {
        let rules = rules.iter().map(|(id, weight, group)| {
            json!({"id": id, "title": "t", "group": group, "direction": "riskier", "weight": weight,
                "otherwise": 0, "calibrated": false, "when": "prepaid_only", "source": "s"})
        });
        let rules: Vec<_> = rules.collect();
        json!({"format": 1, "version": 1, "name": "a", "rules": rules}).to_string()
    };
    let publication = |id: &'static str, rules: &[(&str, i32, &str)]| Publication {
        pack: Some(pack(rules).into_bytes()),
        ..list(id, "hotline.example")
    };
    // A group spans the packs of all coalitions, in any order.
    for (se, nl) in [(&rules[..2], &rules[2..]), (&rules[2..], &rules[..2])] {
        let coalitions = [
            enrolled("se", publication("se/merchants", se)),
            enrolled("nl", publication("nl/merchants", nl)),
        ];
        let members = json!({"receipt_key": "11".repeat(32)});
        let mut request = of_domain("payout", "shop.example");
        request["signals"] = json!({"prepaid_only": true});
        let verdict = World::new(Native::default(), &coalitions, &members).ok("screen", &request);
        assert_eq!(counted(&verdict), 1000 + 400 + 250 + 300);
    }
}
