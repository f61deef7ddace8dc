//! The order of lists, coalitions, identifiers and rules never changes the verdict.

use interdict_tests::subjects::Native;
use interdict_tests::world::World;
use proptest::prelude::*;
use serde_json::Value;

use crate::world::{reasons, scene};

proptest! {
    #![proptest_config(ProptestConfig {
        cases: interdict_tests::cases(80),
        failure_persistence: None,
        max_shrink_iters: 400,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_order_of_lists_coalitions_identifiers_and_rules_never_matters(
        scene in scene(), coalitions in Just(vec![0_usize, 1, 2]).prop_shuffle(),
        identifiers in Just(vec![0_usize, 1, 2]).prop_shuffle()
    ) {
        let request = scene.request();
        let verdict = scene.verdict();
        let mut other = request.clone();
        let asked = |index: &usize| request["identifiers"][*index].clone();
        other["identifiers"] = identifiers.iter().map(asked).collect();
        let mut turned = scene.clone();
        for list in turned.lists.iter_mut().flatten().flatten() {
            list.rules.reverse();
            list.entries.reverse();
        }
        let enrolled = turned.enrolled();
        let mut enrolled: Vec<_> = coalitions.iter().map(|index| enrolled[*index].clone()).collect();
        for one in &mut enrolled {
            one.lists.reverse();
        }
        let mut world = World::new(Native::default(), &enrolled, &scene.members());
        let again = world.ok("screen", &other);
        for member in ["action", "score", "natural", "degraded", "policy"] {
            prop_assert_eq!(&verdict[member], &again[member], "{}", member);
        }
        prop_assert_eq!(&verdict["receipt"]["odds"], &again["receipt"]["odds"]);
        prop_assert_eq!(reasons(&request, &verdict), reasons(&other, &again));
        prop_assert_eq!(sorted(&verdict["rules"]), sorted(&again["rules"]));
    }
}

fn sorted(array: &Value) -> Vec<String> {
    let items = array.as_array().into_iter().flatten();
    let mut items: Vec<_> = items.map(Value::to_string).collect();
    items.sort_unstable();
    items
}
