//! What `describe` and `state` say about lists, keys and rules (`docs/abi.md`).

use interdict_core::common::time::Time;
use interdict_tests::coalition::{Coalition, Publication};
use interdict_tests::gateway::{NOW, far};
use interdict_tests::subjects::Native;
use interdict_tests::world::{World, list};
use serde_json::{Value, json};

use crate::world::{Rule, enrolled, pack};

fn rule(id: &'static str) -> Rule {
    Rule {
        id,
        when: "prepaid_only",
        weight: 500,
        otherwise: -100,
    }
}

/// A list with a pack of three rules.
fn with_pack() -> Publication {
    Publication {
        pack: Some(pack(&[rule("R1"), rule("R2"), rule("R3")])),
        ..list("se/merchants", "hotline.example")
    }
}

#[test]
fn rules_are_described_with_the_policy_s_weights_and_those_switched_off_as_off() {
    let own = json!([{"rule": "R2", "weight": 700, "otherwise": -50}]);
    let policy = json!({"typologies_off": ["R1"], "typology_weights": own});
    let members = json!({"policy": policy});
    let mut world = World::new(Native::default(), &[enrolled("se", with_pack())], &members);
    let described = world.ok("describe", &json!({"typologies": true}));
    let rules = described["typologies"][0]["rules"].as_array().unwrap();
    let rules: Vec<_> = rules
        .iter()
        .map(|rule| json!([rule["id"], rule["state"], rule["weight"], rule["otherwise"]]))
        .collect();
    assert_eq!(
        rules,
        [
            json!(["R1", "off", 0, 0]),
            json!(["R2", "counted", 700, -50]),
            json!(["R3", "counted", 500, -100]),
        ]
    );
}

#[test]
fn a_name_is_described_with_its_tag_under_every_key_of_every_coalition() {
    let lists = ["se", "nl"].map(|name| enrolled(name, list("se/merchants", "hotline.example")));
    let mut world = World::new(Native::default(), &lists, &json!({}));
    let keys = [("se", 1), ("se", 2), ("nl", 2)].map(|(coalition, epoch)| {
        let key = Coalition::list_key_text(epoch);
        json!({"coalition": coalition, "key": key})
    });
    world.ok("configure", &json!({"keys": keys}));
    let shop = json!([{"kind": "domain", "value": "shop.example"}]);
    let described = world.ok("describe", &json!({"identifiers": shop}));
    let look_ups = described["identifiers"][0]["look_ups"].as_array().unwrap();
    for look_up in look_ups {
        let tags = look_up["tags"].as_array().unwrap();
        let coalitions: Vec<_> = tags.iter().map(|tag| tag["coalition"].clone()).collect();
        assert_eq!(coalitions, ["se", "se", "nl"], "{look_up}");
        assert_eq!(tags[1]["tag"], tags[2]["tag"], "the same key");
        assert_ne!(tags[0]["tag"], tags[1]["tag"], "another key");
    }
}

/// What `state` says of the lists of the only coalition.
fn lists(world: &mut World<Native>) -> Vec<Value> {
    let state = world.ok("state", &json!({}));
    state["coalitions"][0]["lists"].as_array().unwrap().clone()
}

#[test]
fn the_state_says_which_epoch_is_loaded_and_which_is_the_newest() {
    let second = Publication {
        epoch: 2,
        ..with_pack()
    };
    let mut both = enrolled("se", with_pack());
    both.lists.push(second);
    let mut world = World::new(Native::default(), &[both], &json!({}));
    let mut told: Vec<_> = lists(&mut world)
        .iter()
        .map(|list| json!([list["epoch"], list["key"], list["newest_epoch"]]))
        .collect();
    told.sort_by_key(Value::to_string);
    assert_eq!(told, [json!([1, true, 2])]);
    world.ok("configure", &json!({"keys": []}));
    assert_eq!(lists(&mut world)[0]["key"], false);
    let other = json!({"coalition": "se", "key": Coalition::list_key_text(2)});
    world.ok("configure", &json!({"keys": [other]}));
    assert_eq!(lists(&mut world)[0]["key"], false);
}

#[test]
fn a_pack_counts_while_its_metadata_is_fresh_or_stale_and_not_once_it_expired() {
    let [root_and_targets, timestamp] = [120, 60].map(|after| Time::from_seconds(NOW + after));
    let publication = Publication {
        expires: [root_and_targets, far(), timestamp],
        ..with_pack()
    };
    let mut world = World::new(
        Native::default(),
        &[enrolled("se", publication)],
        &json!({}),
    );
    let mut request = crate::world::of_domain("payout", "shop.example");
    request["signals"] = json!({"prepaid_only": true});
    request["view"] = "analyst".into();
    for (after, freshness, counted) in [
        (59, "fresh", true),
        (60, "stale", true),
        (119, "stale", true),
        (120, "expired", false),
    ] {
        world.now = NOW + after;
        assert_eq!(lists(&mut world)[0]["freshness"], freshness, "{after}");
        let state = world.ok("state", &json!({}));
        let pack = &state["coalitions"][0]["typologies"][0];
        assert_eq!(pack["counted"], counted, "{after}");
        let verdict = world.ok("screen", &request);
        let rules = verdict["rules"].as_array().unwrap();
        assert_eq!(rules.len(), if counted { 3 } else { 0 }, "{after}");
    }
}
