//! What no list answered for is never reported as clean: unusable fields, lists that are too old or lack
//! their key.

use interdict_core::common::time::Time;
use interdict_tests::coalition::{Coalition, Publication};
use interdict_tests::gateway::{NOW, far};
use interdict_tests::subjects::Native;
use interdict_tests::world::{Enrolled, World, list};
use serde_json::{Value, json};

use crate::world::{FLOWS, codes, enrolled, of_domain};

/// The action of each preset when no list answers.
const UNAVAILABLE: [&str; 4] = ["review", "monitor", "review", "monitor"];

fn at(seconds: u32) -> Time {
    Time::from_seconds(NOW + seconds)
}

/// A list whose timestamp expires at this time.
fn fresh_until(id: &'static str, timestamp: Time) -> Publication {
    Publication {
        expires: [far(), far(), timestamp],
        ..list(id, "hotline.example")
    }
}

fn alone() -> World<Native> {
    let enrolled = [enrolled("se", list("se/merchants", "hotline.example"))];
    World::new(Native::default(), &enrolled, &json!({}))
}

#[test]
fn a_field_of_no_use_leads_to_the_flow_s_choice_for_no_answer() {
    let fields = [
        (
            json!({"iso8583": {"de32": "412345", "de42": "SH\u{0}OP"}}),
            "iso8583",
            "acceptor_character",
        ),
        (
            json!({"iso20022": {"cdtr_acct_iban": "GB82WEST12345698765433"}}),
            "iso20022.cdtr_acct_iban",
            "iban_check_digits",
        ),
    ];
    for (flow, unavailable) in FLOWS.into_iter().zip(UNAVAILABLE) {
        let clean = alone().ok("screen", &of_domain(flow, "flowers.example"));
        assert_eq!(
            (&clean["action"], codes(&clean)),
            (&json!("allow"), vec!["no_finding".to_owned()]),
            "{flow}"
        );
        for (block, path, rule) in &fields {
            let mut request = of_domain(flow, "flowers.example");
            for (name, value) in block.as_object().unwrap() {
                request[name] = value.clone();
            }
            let verdict = alone().ok("screen", &request);
            assert_eq!(verdict["action"], unavailable, "{flow} {path}");
            assert_eq!(codes(&verdict), ["not_usable"], "{flow} {path}");
            let unused = json!([{"identifier": 1, "path": path, "rule": rule}]);
            assert_eq!(verdict["unused"], unused);
            // Every list that should have answered did.
            assert_eq!(verdict["degraded"], false);
            assert_eq!(verdict["reasons"][0]["identifier"], 1);
        }
    }
}

#[test]
fn the_policy_of_the_flow_decides_what_a_field_of_no_use_leads_to() {
    let enrolled = [enrolled("se", list("se/merchants", "hotline.example"))];
    let flows =
        json!({"payout": {"unavailable": "monitor"}, "checkout": {"unavailable": "review"}});
    let members = json!({"policy": {"flows": flows}});
    let mut world = World::new(Native::default(), &enrolled, &members);
    for (flow, action) in [("payout", "monitor"), ("checkout", "review")] {
        let mut request = of_domain(flow, "flowers.example");
        request["iso20022"] = json!({"cdtr_acct_iban": "x"});
        assert_eq!(world.ok("screen", &request)["action"], action, "{flow}");
    }
}

#[test]
fn a_stale_list_beside_a_fresh_one_degrades_the_verdict() {
    for stale in ["se", "nl"] {
        let soon = |name| if name == stale { at(60) } else { far() };
        let enrolled = [
            enrolled("se", fresh_until("se/merchants", soon("se"))),
            enrolled("nl", fresh_until("nl/merchants", soon("nl"))),
        ];
        let mut world = World::new(Native::default(), &enrolled, &json!({}));
        for flow in FLOWS {
            world.now = NOW + 59;
            let before = world.ok("screen", &of_domain(flow, "flowers.example"));
            assert_eq!(
                (&before["degraded"], codes(&before)),
                (&json!(false), vec!["no_finding".to_owned()])
            );
            world.now = NOW + 60;
            let verdict = world.ok("screen", &of_domain(flow, "flowers.example"));
            assert_eq!(verdict["degraded"], true, "{flow}");
            assert_eq!(codes(&verdict), ["list_stale"], "{flow}");
            assert_eq!(verdict["reasons"][0]["coalition"], stale);
            // It has not been stale for long.
            assert_eq!(verdict["action"], "monitor", "{flow}");
            assert_eq!(verdict["because"], "late", "{flow}");
        }
    }
}

#[test]
fn a_stale_list_beside_a_fresh_one_of_the_same_coalition_degrades_too() {
    // Both lists are as fresh as the coalition's metadata; only the key tells them apart.
    let second = Publication {
        epoch: 2,
        ..list("se/others", "hotline.example")
    };
    let mut both = enrolled("se", list("se/merchants", "hotline.example"));
    both.lists.push(second);
    let mut world = World::new(Native::default(), &[both], &json!({}));
    let verdict = world.ok("screen", &of_domain("payout", "flowers.example"));
    assert_eq!(
        (&verdict["action"], &verdict["degraded"], codes(&verdict)),
        (
            &json!("review"),
            &json!(true),
            vec!["no_key".to_owned(), "degraded".to_owned()]
        )
    );
    let keys = [1, 2].map(|epoch| {
        let key = Coalition::list_key_text(epoch);
        json!({"coalition": "se", "key": key})
    });
    world.ok("configure", &json!({"keys": keys}));
    let verdict: Value = world.ok("screen", &of_domain("payout", "flowers.example"));
    assert_eq!(
        (&verdict["degraded"], codes(&verdict)),
        (&json!(false), vec!["no_finding".to_owned()])
    );
}

#[test]
fn a_list_that_is_not_live_degrades_if_the_policy_requires_it_of_that_coalition() {
    let live = || enrolled("se", list("se/merchants", "hotline.example"));
    let never = Enrolled {
        name: "nl",
        lists: Vec::new(),
    };
    let of = |names: &[&str]| {
        let lists = names.iter().map(|name| (*name, json!(["se/merchants"])));
        let required: serde_json::Map<_, _> = lists
            .map(|(name, lists)| (name.to_owned(), lists))
            .collect();
        json!({"policy": {"required": required}})
    };
    for (coalitions, required, degraded) in [
        (vec![live(), never.clone()], of(&["se"]), false),
        (vec![live(), never], of(&["se", "nl"]), true),
        // A coalition that the gateway is not enrolled with at all.
        (vec![live()], of(&["se", "nl"]), true),
        (vec![live()], of(&["se"]), false),
    ] {
        let mut world = World::new(Native::default(), &coalitions, &required);
        let verdict = world.ok("screen", &of_domain("payout", "flowers.example"));
        assert_eq!(verdict["degraded"], degraded, "{required}: {verdict}");
        let reasons = verdict["reasons"].as_array().unwrap().iter();
        let mut missing = reasons.filter(|reason| reason["code"] == "no_list");
        let is_missing = degraded || coalitions.len() == 2;
        let name = missing.next().map(|reason| reason["coalition"].clone());
        assert_eq!(name, is_missing.then(|| json!("nl")), "{verdict}");
    }
}
