//! What neither the prior, nor an empty list, nor a source under a second name changes.

use interdict_core::identifier::Kind;
use interdict_core::list::{Edition, Record};
use interdict_tests::coalition::Publication;
use interdict_tests::subjects::Native;
use interdict_tests::world::{Enrolled, World, list};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use crate::world::{FLOWS, List, Scene, action, least_score, record, scene, score};

fn config() -> ProptestConfig {
    let cases = interdict_tests::cases(80);
    ProptestConfig {
        cases,
        failure_persistence: None,
        max_shrink_iters: 400,
        max_global_rejects: cases.saturating_mul(20),
        ..ProptestConfig::default()
    }
}

/// The scene under another prior.
fn with_prior(scene: &Scene, prior: u32) -> Scene {
    let mut other = scene.clone();
    other.policy["prevalence_per_million"] = prior.into();
    other
}

/// The scene as if scores had no effect: what records, lists and fields alone lead to.
fn without_scores(scene: &Scene) -> Scene {
    let mut bare = scene.clone();
    bare.policy["typology_cap"] = 0.into();
    bare.policy["agreement_per_mille"] = 0.into();
    for flow in FLOWS {
        for threshold in ["monitor_score", "review_score"] {
            bare.policy["flows"][flow][threshold] = 1000.into();
        }
    }
    bare
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_lower_prior_never_lowers_an_action_below_what_the_records_ask_for(
        scene in scene(), lower in 1..=500_000_u32
    ) {
        let prior = scene.policy["prevalence_per_million"].as_u64().unwrap();
        let prior = u32::try_from(prior).unwrap();
        let low = with_prior(&scene, lower.min(prior)).verdict();
        let high = scene.verdict();
        let bare = without_scores(&scene).verdict();
        prop_assert!(action(&low) >= action(&bare), "{low}\nbelow {bare}");
        prop_assert!(action(&low) <= action(&high) && score(&low) <= score(&high));
        let by_records = ["record", "candidate"].iter().any(|word| bare["because"] == *word);
        if by_records && action(&bare) >= interdict_core::list::Action::Review {
            prop_assert_eq!(&low["action"], &high["action"]);
            prop_assert_eq!(&low["because"], &high["because"]);
            // A record that asks for review has confidence 0.3 at least.
            if prior <= 300_000 {
                prop_assert_eq!(score(&low), score(&high));
                for part in ["typologies", "listed", "agreement", "total"] {
                    let [low, high] = [&low, &high].map(|one| &one["receipt"]["odds"][part]);
                    prop_assert_eq!(low, high);
                }
            }
        }
    }

    #[test]
    fn an_empty_list_changes_no_score_and_no_weight(scene in scene(), place: Index) {
        let places = (0..3_usize).flat_map(|coalition| [(coalition, 0_usize), (coalition, 1)]);
        let free = places.filter(|place| scene.lists[place.0][place.1].is_none());
        let free: Vec<_> = free.collect();
        prop_assume!(!free.is_empty());
        let (coalition, index) = *place.get(&free);
        // A gateway is enrolled with a coalition for one edition.
        let other = scene.lists[coalition][1 - index].as_ref();
        let empty = List {
            entries: Vec::new(),
            more: Vec::new(),
            edition: other.map_or(Edition::Member, |other| other.edition),
            only: None,
            rules: Vec::new(),
        };
        let mut with = scene.clone();
        with.lists[coalition][index] = Some(empty);
        let (with, without) = (with.verdict(), scene.verdict());
        prop_assert_eq!(score(&with), score(&without));
        prop_assert_eq!(&with["receipt"]["odds"], &without["receipt"]["odds"]);
    }

    #[test]
    fn one_party_under_the_names_of_four_coalitions_is_one_voice(
        record in record(), copies in 2..=4_usize, prior in 1..=500_000_u32,
        required in 1..=4_u8, flow in 0..4_usize
    ) {
        let least = least_score(prior).max(400);
        let scores = json!({"monitor_score": least, "review_score": least.max(600)});
        let flows: Value = FLOWS.iter().map(|flow| (*flow).to_owned()).zip(std::iter::repeat(scores)).collect::<serde_json::Map<_, _>>().into();
        let policy = json!({"prevalence_per_million": prior, "flows": flows,
            "required_coalitions": {"hold_payout": required, "block": required}});
        let asked = |count: usize| relabelled(record, count, &policy, FLOWS[flow]);
        let (one, many) = (asked(1), asked(copies));
        prop_assert_eq!(score(&one), score(&many));
        prop_assert_eq!(action(&one), action(&many));
        prop_assert_eq!(&one["receipt"]["odds"], &many["receipt"]["odds"]);
    }
}

/// Four coalitions. The first `count` of them list the merchant by the word of one party.
fn relabelled(record: Record, count: usize, policy: &Value, flow: &str) -> Value {
    let names = [
        ("dk", "dk/merchants"),
        ("fi", "fi/merchants"),
        ("nl", "nl/merchants"),
        ("se", "se/merchants"),
    ];
    let enrolled = names.iter().enumerate().map(|(index, (name, id))| {
        let record = Record {
            source: 0,
            ..record
        };
        let entry = (Kind::Domain, "shop.example".into(), record);
        let publication = Publication {
            others: (index < count).then_some(entry).into_iter().collect(),
            ..list(id, "hotline.example")
        };
        Enrolled {
            name,
            lists: vec![publication],
        }
    });
    let enrolled: Vec<_> = enrolled.collect();
    let members = json!({"policy": policy, "receipt_key": "11".repeat(32)});
    let identifier = json!({"kind": "domain", "value": "shop.example"});
    let request = json!({"flow": flow, "identifiers": [identifier]});
    World::new(Native::default(), &enrolled, &members).ok("screen", &request)
}
