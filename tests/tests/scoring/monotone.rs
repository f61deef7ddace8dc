//! More evidence against a merchant never makes it look better, and silent records never show.

use interdict_core::common::time::Time;
use interdict_core::list::{Action, Edition, Flags, Record};
use interdict_tests::gateway::NOW;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use crate::world::{List, Scene, action, record, rule, scene, score};

/// How many worlds each property is tested in. Each has several engines with lists of 10,000 entries.
fn config() -> ProptestConfig {
    let cases = interdict_tests::cases(80);
    ProptestConfig {
        cases,
        failure_persistence: None,
        max_shrink_iters: 400,
        // Of the worlds made for a further rule, four in five have no use for it.
        max_global_rejects: cases.saturating_mul(20),
        ..ProptestConfig::default()
    }
}

/// The scene with this record for the entry on one of its lists with records, and the scene without any
/// record for it. `None` if no list has records.
fn with_and_without(
    scene: &Scene,
    place: Index,
    entry: usize,
    record: Record,
) -> Option<(Scene, Scene)> {
    let lists = scene.places();
    let held = |(coalition, list): &(usize, usize)| {
        let list = scene.lists[*coalition][*list].as_ref();
        list.is_some_and(|list| list.edition == Edition::Member)
    };
    let lists: Vec<_> = lists.into_iter().filter(held).collect();
    if lists.is_empty() {
        return None;
    }
    let (coalition, list) = *place.get(&lists);
    let mut without = scene.clone();
    let entries = |scene: &mut Scene, change: &dyn Fn(&mut List)| {
        if let Some(list) = &mut scene.lists[coalition][list] {
            change(list);
        }
    };
    entries(&mut without, &|list| {
        list.entries.retain(|one| one.0 != entry);
    });
    let mut with = without.clone();
    entries(&mut with, &|list| list.entries.push((entry, record)));
    Some((with, without))
}

fn assert_no_better(more: &Value, less: &Value) {
    assert!(
        score(more) >= score(less),
        "score fell: {more}\nfrom {less}"
    );
    assert!(
        action(more) >= action(less),
        "action fell: {more}\nfrom {less}"
    );
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_record_more_never_lowers_score_or_action(
        scene in scene(), place: Index, entry in 0..5_usize, record in record(), lapsed in prop::bool::weighted(0.1)
    ) {
        let valid_until = if lapsed { Time::from_seconds(NOW - 1) } else { record.valid_until };
        let record = Record { valid_until, ..record };
        let scenes = with_and_without(&scene, place, entry, record);
        prop_assume!(scenes.is_some());
        if let Some((with, without)) = scenes {
            assert_no_better(&with.verdict(), &without.verdict());
        }
    }

    #[test]
    fn a_record_of_more_confidence_or_a_stronger_action_never_lowers_score_or_action(
        scene in scene(), place: Index, entry in 0..5_usize, record in record(),
        more in 0..=998_u16, action: Index
    ) {
        let confidence = record.confidence.saturating_add(more).min(999);
        let silent = record.flags.has(Flags::SILENT);
        // A silent record asks to monitor.
        let stronger = Action::ALL.into_iter().filter(|action| {
            *action == record.action || *action > record.action && !silent
        });
        let stronger: Vec<_> = stronger.collect();
        let action = *action.get(&stronger);
        let confidence = confidence.max(action.least_confidence());
        let raised = Record { confidence, action, ..record };
        let low = with_and_without(&scene, place, entry, record);
        let high = with_and_without(&scene, place, entry, raised);
        prop_assume!(low.is_some() && high.is_some());
        if let (Some((low, _)), Some((high, _))) = (low, high) {
            assert_no_better(&high.verdict(), &low.verdict());
        }
    }

    #[test]
    fn a_further_riskier_rule_that_holds_never_lowers_score_or_action(
        mut scene in scene(), place: Index, rule in rule()
    ) {
        let places = scene.places();
        prop_assume!(!places.is_empty());
        let (coalition, index) = *place.get(&places);
        let less = scene.verdict();
        let Some(list) = &mut scene.lists[coalition][index] else { return Ok(()) };
        prop_assume!(rule.weight > 0 && list.rules.iter().all(|other| other.id != rule.id));
        let name = rule.id;
        list.rules.push(rule);
        let more = scene.verdict();
        let listed = &more["rules"].as_array().unwrap();
        let mut added = listed.iter().filter(|state| state["rule"] == name);
        let counts = |state: &Value| state["holds"] == true && state["weight"].as_i64() > Some(0);
        prop_assume!(added.any(counts));
        assert_no_better(&more, &less);
    }

    #[test]
    fn a_lower_prior_never_raises_the_score(scene in scene(), lower in 1..=500_000_u32) {
        let prior = scene.policy["prevalence_per_million"].as_u64().unwrap();
        let mut low = scene.clone();
        low.policy["prevalence_per_million"] = u64::from(lower).min(prior).into();
        assert_no_better(&scene.verdict(), &low.verdict());
    }

    #[test]
    fn a_silent_listing_changes_nothing_but_sealed_and_mac(
        scene in scene(), place: Index, entry in 0..5_usize, record in record(), lapsed: bool
    ) {
        let valid_until = if lapsed { Time::from_seconds(NOW - 1) } else { record.valid_until };
        let record = Record {
            action: Action::Monitor,
            flags: Flags(record.flags.0 | Flags::SILENT.0),
            valid_until,
            ..record
        };
        let scenes = with_and_without(&scene, place, entry, record);
        prop_assume!(scenes.is_some());
        if let Some((with, without)) = scenes {
            let [mut listed, mut unlisted] = [with, without].map(|scene| {
                let mut world = scene.world();
                world.ok("configure", &json!({"silent_key": "33".repeat(32)}));
                world.ok("screen", &scene.request())
            });
            prop_assert!(listed["receipt"]["sealed"] != unlisted["receipt"]["sealed"]);
            for verdict in [&mut listed, &mut unlisted] {
                for member in ["sealed", "mac"] {
                    verdict["receipt"][member] = Value::Null;
                }
                for list in verdict["receipt"]["coalitions"].as_array_mut().unwrap() {
                    list["metadata"] = Value::Null;
                }
            }
            prop_assert_eq!(listed, unlisted);
        }
    }
}
