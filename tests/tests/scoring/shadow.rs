//! A shadow policy decides nothing. It is reported if its action or its score differs.

use interdict_core::identifier::Kind;
use interdict_core::list::{Action, Record};
use interdict_tests::coalition::{Publication, RECORD};
use interdict_tests::gateway::NOW;
use interdict_tests::subjects::Native;
use interdict_tests::world::{World, list};
use serde_json::{Value, json};

use crate::world::{at, enrolled, of_domain, overridden};

/// `se` asks for `block` with confidence 0.99, `nl` for `hold_payout` with 0.9. By the worked
/// examples the two score 846 together, and 798 if agreement adds nothing.
fn world(members: &Value) -> World<Native> {
    let listed = |id, source, action, confidence| {
        let record = Record {
            action,
            confidence,
            ..RECORD
        };
        Publication {
            others: vec![(Kind::Domain, "shop.example".into(), record)],
            ..list(id, source)
        }
    };
    let coalitions = [
        enrolled("se", listed("se/cards", "a", Action::Block, 990)),
        enrolled("nl", listed("nl/cards", "b", Action::HoldPayout, 900)),
    ];
    World::new(Native::default(), &coalitions, members)
}

/// The verdict under a shadow policy, and that policy's digest.
fn shadowed(world: &mut World<Native>, shadow: &Value) -> (Value, Value) {
    let configured = world.ok("configure", &json!({"shadow": shadow}));
    let verdict = world.ok("screen", &of_domain("payout", "shop.example"));
    (verdict, configured["shadow"].clone())
}

#[test]
fn a_shadow_policy_that_decides_alike_is_not_reported() {
    let mut world = world(&json!({}));
    let (verdict, digest) = shadowed(&mut world, &json!({"help_line": "help.example"}));
    assert_ne!(digest, verdict["policy"]);
    assert_eq!(verdict["shadow"], Value::Null, "{verdict}");
}

#[test]
fn a_shadow_policy_is_reported_for_another_score_or_another_action_alone() {
    for (shadow, action, score) in [
        (json!({"agreement_per_mille": 0}), "block", 798),
        (
            json!({"required_coalitions": {"block": 2}}),
            "hold_payout",
            846,
        ),
    ] {
        let mut world = world(&json!({"receipt_key": "11".repeat(32)}));
        let alone = world.ok("screen", &of_domain("payout", "shop.example"));
        let (mut verdict, digest) = shadowed(&mut world, &shadow);
        let reported = json!({"policy": digest, "action": action, "score": score});
        assert_eq!(verdict["shadow"], reported);
        // Everything else is the same as without it, even the receipt.
        verdict.as_object_mut().unwrap().remove("shadow");
        assert_eq!(verdict, alone);
        assert_eq!(
            (&alone["action"], &alone["score"]),
            (&json!("block"), &json!(846))
        );
    }
}

#[test]
fn overrides_count_under_a_shadow_policy_of_the_same_keys_and_no_other() {
    let members = overridden(at(NOW + 86_400));
    let mut world = world(&members);
    let (verdict, _) = shadowed(&mut world, &members["policy"]);
    assert_eq!(verdict["action"], "hold_payout", "{verdict}");
    assert_eq!(verdict["natural"], "block");
    assert_eq!(verdict["shadow"], Value::Null, "{verdict}");
    let (verdict, digest) = shadowed(&mut world, &json!({}));
    assert_eq!(verdict["action"], "hold_payout");
    let reported = json!({"policy": digest, "action": "block", "score": 846});
    assert_eq!(verdict["shadow"], reported);
}

#[test]
fn the_shadow_policy_stays_until_another_one_or_null_takes_its_place() {
    let mut world = world(&json!({}));
    let (before, digest) = shadowed(&mut world, &json!({"agreement_per_mille": 0}));
    let kept = world.ok("configure", &json!({"module": "22".repeat(32)}));
    assert_eq!(kept["shadow"], digest);
    let after = world.ok("screen", &of_domain("payout", "shop.example"));
    assert_eq!(after["shadow"], before["shadow"]);
    let (without, digest) = shadowed(&mut world, &Value::Null);
    assert_eq!(digest, Value::Null);
    assert_eq!(without["shadow"], Value::Null, "{without}");
}
