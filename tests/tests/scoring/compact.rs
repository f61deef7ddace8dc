//! What hits of compact lists lead to.

use interdict_core::list::Edition;
use interdict_tests::coalition::Publication;
use interdict_tests::subjects::Native;
use interdict_tests::world::{World, list};
use serde_json::json;

use crate::world::{codes, enrolled, of_domain};

fn compact(id: &'static str, confidence: u16) -> Publication {
    Publication {
        listed: vec!["shop.example"],
        edition: Edition::Compact,
        rate: 32,
        confidence,
        ..list(id, "hotline.example")
    }
}

#[test]
fn of_two_compact_lists_the_surer_one_counts_in_either_order_and_adds_no_voice() {
    for confidences in [[990, 300], [300, 990]] {
        let lists = [
            enrolled("se", compact("se/merchants", confidences[0])),
            enrolled("nl", compact("nl/merchants", confidences[1])),
        ];
        let members = json!({"receipt_key": "11".repeat(32)});
        let mut world = World::new(Native::default(), &lists, &members);
        let verdict = world.ok("screen", &of_domain("payout", "shop.example"));
        assert_eq!(codes(&verdict), ["candidate", "candidate"], "{verdict}");
        assert_eq!(verdict["action"], "review");
        let weights = [0, 1].map(|index| verdict["reasons"][index]["weight"].clone());
        assert_eq!(weights, [json!(6629), json!(-1223)], "{verdict}");
        // log2(0.99 / 0.01) is 6.629.
        let odds = &verdict["receipt"]["odds"];
        assert_eq!(
            (&odds["listed"], &odds["agreement"]),
            (&json!(6629), &json!(0))
        );
    }
}

#[test]
fn a_hit_asks_for_review_and_counts_as_a_record_of_the_list_s_confidence() {
    let list = enrolled("se", compact("se/merchants", 300));
    let members = json!({"receipt_key": "11".repeat(32)});
    let mut world = World::new(Native::default(), &[list], &members);
    let verdict = world.ok("screen", &of_domain("payout", "shop.example"));
    // log2(0.3 / 0.7) is -1.2224, rounded down: 563, which a threshold of 600 would only watch.
    assert_eq!(verdict["action"], "review", "{verdict}");
    assert_eq!(verdict["because"], "candidate", "{verdict}");
    assert_eq!(verdict["reasons"][0]["weight"], -1223, "{verdict}");
    let odds = &verdict["receipt"]["odds"];
    assert_eq!(
        (&odds["listed"], &odds["total"]),
        (&json!(-1223), &json!(-1223))
    );
    // A miss says nothing: what is left is the prior.
    let verdict = world.ok("screen", &of_domain("payout", "clean.example"));
    assert_eq!(codes(&verdict), ["no_finding"], "{verdict}");
    let odds = &verdict["receipt"]["odds"];
    assert_eq!((&odds["total"], odds.get("listed")), (&odds["prior"], None));
    assert_eq!(odds["prior"], -13_288);
}
