//! What clearances do to a verdict: they lower a review to `monitor` for exactly the reasons they name.

use interdict_core::common::hex;
use interdict_core::engine::ReceiptKey;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{Action, Category, Edition, Flags, Handling, Record, Scope};
use interdict_tests::coalition::{Coalition, Publication, RECORD};
use interdict_tests::gateway::{NOW, far};
use interdict_tests::subjects::Native;
use interdict_tests::world::{
    Enrolled, Person, World, drafted, list, override_of, signed_override,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::world::{Rule, action, at, codes, enrolled, pack, record, scene};

const DAY: u32 = 86_400;
const KEY: [u8; 32] = [0x11; 32];
const REVIEW: Record = Record {
    action: Action::Review,
    confidence: 500,
    ..RECORD
};

fn people() -> [Person; 2] {
    [Person::new("analyst", 71), Person::new("compliance", 72)]
}

/// A document of both people, as `configure` takes it.
fn signed(clearances: &[Value], expires: u32) -> Value {
    let signed = json!({"_type": "interdict-clearance", "expires": at(expires).to_string(),
        "clearances": clearances});
    override_of(&signed, &people().each_ref())
}

/// A gateway with this policy and the keys of both people.
fn gateway(coalitions: &[Enrolled], policy: &Value) -> World<Native> {
    let mut policy = policy.clone();
    policy["clearance_keys"] = people().each_ref().map(|one| one.key()).to_vec().into();
    let members = json!({"policy": policy, "receipt_key": hex::text(&KEY)});
    World::new(Native::default(), coalitions, &members)
}

/// A list with this record of `shop.example`.
fn listing(record: Record) -> Publication {
    let entry = (Kind::Domain, "shop.example".into(), record);
    Publication {
        others: vec![entry],
        more_sources: vec!["police.example"],
        ..list("se/merchants", "hotline.example")
    }
}

fn asking(flow: &str, domain: &str) -> Value {
    json!({"flow": flow, "view": "analyst", "identifiers": [{"kind": "domain", "value": domain}]})
}

/// Gives the gateway these clearances and no others.
fn clear(world: &mut World<Native>, clearances: &[Value]) {
    let documents = match clearances {
        [] => json!([]),
        some => json!([signed(some, NOW + 100 * DAY)]),
    };
    world.ok("configure", &json!({"clearances": documents}));
}

/// Screens under clearances of everything that can be cleared now.
fn all_cleared(world: &mut World<Native>, request: &Value) -> Value {
    let drafted = drafted(&world.ok("screen", request));
    clear(world, &drafted);
    world.ok("screen", request)
}

fn is_cleared(verdict: &Value) -> bool {
    let is_told = codes(verdict).contains(&"cleared".to_owned());
    let is_lowered = verdict["action"] == "monitor" && verdict["natural"] == "review";
    assert_eq!(is_told, is_lowered, "{verdict}");
    is_told
}

/// A digest under the ReceiptKey, computed without the core.
fn keyed(what: &str, fields: &[&[u8]]) -> String {
    let mut hasher = blake3::Hasher::new_keyed(&KEY);
    let head: [&[u8]; 3] = [b"interdict", what.as_bytes(), &1_u32.to_le_bytes()];
    for field in head.iter().chain(fields) {
        hasher.update(&u64::try_from(field.len()).unwrap().to_le_bytes());
        hasher.update(field);
    }
    hasher.finalize().to_hex()[..32].to_owned()
}

#[test]
fn a_review_whose_every_reason_is_cleared_is_monitored_and_its_natural_result_stays() {
    for flow in ["onboarding", "authorisation", "payout", "checkout"] {
        let mut world = gateway(&[enrolled("se", listing(REVIEW))], &json!({}));
        let request = asking(flow, "pay.shop.example");
        let before = world.ok("screen", &request);
        assert_eq!(before["action"], "review");
        let clearances = drafted(&before);
        let shop = Identifier::parse(Kind::Domain, "pay.shop.example").unwrap();
        let record = keyed(
            "record",
            &[
                &[Kind::Domain.code()],
                b"shop.example",
                b"review",
                b"csae",
                &500_u16.to_le_bytes(),
                b"se.hotline.example",
                b"hotline.example",
                b"domain",
                &[0],
            ],
        );
        let expected = json!({"identifier": ReceiptKey(KEY).of_identifier(&shop), "code": "listed",
            "coalition": "se", "list": "se/merchants", "digest": record});
        assert_eq!(clearances, [expected]);
        clear(&mut world, &clearances);
        let after = world.ok("screen", &request);
        assert!(is_cleared(&after), "{after}");
        assert_eq!(after["because"], "record");
        assert_eq!(after["receipt"]["natural"], "review");
        assert_eq!(after["receipt"]["action"], "monitor");
        assert_eq!(after["score"], before["score"]);
        // Whatever else is known of the merchant and says nothing.
        let mut more = request.clone();
        let account = json!({"kind": "iban", "value": "GB82WEST12345698765432"});
        more["identifiers"].as_array_mut().unwrap().push(account);
        assert!(is_cleared(&world.ok("screen", &more)), "{flow}");
        // Another merchant's case is not closed, nor the same case of a name that was not asked about.
        for other in ["shop.example", "www.shop.example"] {
            assert_eq!(world.ok("screen", &asking(flow, other))["action"], "review");
        }
    }
}

#[test]
fn the_digest_is_in_the_analysts_view_and_in_no_receipt() {
    let mut world = gateway(&[enrolled("se", listing(REVIEW))], &json!({}));
    let mut request = asking("payout", "shop.example");
    let verdict = world.ok("screen", &request);
    let has_digest = |reasons: &Value| reasons.to_string().contains("digest");
    assert!(has_digest(&verdict["reasons"]));
    assert!(!has_digest(&verdict["receipt"]["reasons"]));
    request["view"] = "system".into();
    assert!(!has_digest(&world.ok("screen", &request)["reasons"]));
}

#[test]
fn a_clearance_does_not_survive_a_change_of_the_record() {
    let domain = asking("payout", "shop.example");
    let mut world = gateway(&[enrolled("se", listing(REVIEW))], &json!({}));
    let clearances = drafted(&world.ok("screen", &domain));
    let screened = |record: Record| {
        let mut world = gateway(&[enrolled("se", listing(record))], &json!({}));
        clear(&mut world, &clearances);
        world.ok("screen", &domain)
    };
    assert!(is_cleared(&screened(REVIEW)));
    let victim = Flags::POSSIBLY_VICTIM_CONTROLLED;
    for (changed, what) in [
        (
            Record {
                category: Category::Trafficking,
                ..REVIEW
            },
            "category",
        ),
        (
            Record {
                confidence: 501,
                ..REVIEW
            },
            "confidence",
        ),
        (
            Record {
                source: 1,
                ..REVIEW
            },
            "source",
        ),
        (
            Record {
                scope: Scope::Host,
                ..REVIEW
            },
            "scope",
        ),
        (
            Record {
                flags: victim,
                ..REVIEW
            },
            "flags",
        ),
        (
            Record {
                flags: victim,
                confidence: 900,
                action: Action::Block,
                ..REVIEW
            },
            "action",
        ),
    ] {
        let verdict = screened(changed);
        assert_eq!(verdict["action"], "review", "{what}");
    }
    // What is no part of the reason may change.
    for same in [
        Record {
            handling: Handling::Red,
            ..REVIEW
        },
        Record { group: 7, ..REVIEW },
        Record {
            valid_until: at(NOW + DAY),
            ..REVIEW
        },
    ] {
        assert!(is_cleared(&screened(same)), "{same:?}");
    }
    // A second record that says the same, of the name above, is another reason.
    let mut two = listing(REVIEW);
    two.others.push((Kind::Label, "shop".into(), REVIEW));
    let mut world = gateway(&[enrolled("se", two)], &json!({}));
    clear(&mut world, &clearances);
    assert_eq!(world.ok("screen", &domain)["action"], "review");
}

#[test]
fn a_clearance_survives_an_epoch() {
    let request = asking("payout", "shop.example");
    let mut world = gateway(&[enrolled("se", listing(REVIEW))], &json!({}));
    assert!(is_cleared(&all_cleared(&mut world, &request)));
    let coalition = Coalition::quick();
    let next = Publication {
        version: 2,
        epoch: 2,
        ..listing(REVIEW)
    };
    let keys =
        [1, 2].map(|epoch| json!({"coalition": "se", "key": Coalition::list_key_text(epoch)}));
    world.ok("configure", &json!({"keys": keys}));
    assert_eq!(world.update("se", &coalition.publish(&next)), Ok(()));
    let verdict = world.ok("screen", &request);
    assert_eq!(verdict["lists"][0]["epoch"], 2);
    assert!(is_cleared(&verdict), "{verdict}");
}

#[test]
fn an_outage_suspends_a_clearance_and_does_not_end_it() {
    let coalition = Coalition::quick();
    let request = asking("payout", "shop.example");
    let short = Publication {
        expires: [far(), far(), at(NOW + 3 * DAY)],
        ..listing(REVIEW)
    };
    let mut world = gateway(&[enrolled("se", short)], &json!({}));
    assert!(is_cleared(&all_cleared(&mut world, &request)));
    world.now = NOW + 10 * DAY;
    let during = world.ok("screen", &request);
    assert_eq!(
        during["action"], "review",
        "a list that does not answer is not cleared"
    );
    let next = Publication {
        version: 2,
        ..listing(REVIEW)
    };
    assert_eq!(world.update("se", &coalition.publish(&next)), Ok(()));
    assert!(is_cleared(&world.ok("screen", &request)));
}

#[test]
fn a_clearance_ends_at_its_second() {
    let request = asking("payout", "shop.example");
    let mut world = gateway(&[enrolled("se", listing(REVIEW))], &json!({}));
    let clearances = drafted(&world.ok("screen", &request));
    let document = signed(&clearances, NOW + 3_600);
    world.ok("configure", &json!({"clearances": [document]}));
    world.now = NOW + 3_599;
    assert!(is_cleared(&world.ok("screen", &request)));
    world.now = NOW + 3_600;
    assert_eq!(world.ok("screen", &request)["action"], "review");
}

#[test]
fn what_is_mandatory_held_or_blocked_is_not_cleared_and_no_override_helps() {
    let request = asking("payout", "shop.example");
    let keys = people().each_ref().map(|one| one.key()).to_vec();
    let policy = json!({"override_keys": keys});
    let flags = [
        Flags(0),
        Flags::MANDATORY,
        Flags::POSSIBLY_VICTIM_CONTROLLED,
    ];
    for asked in [Action::Review, Action::HoldPayout, Action::Block] {
        for flags in flags {
            let record = Record {
                action: asked,
                flags,
                confidence: 900,
                ..RECORD
            };
            let mut world = gateway(&[enrolled("se", listing(record))], &policy);
            let natural = action(&world.ok("screen", &request));
            let cleared = all_cleared(&mut world, &request);
            let is_clearable = natural == Action::Review && !flags.has(Flags::MANDATORY);
            assert_eq!(is_cleared(&cleared), is_clearable, "{record:?}");
            let to_review = signed_override(
                ("se", "se/merchants"),
                (Kind::Domain, "shop.example"),
                at(NOW + DAY),
            );
            let to_review = override_of(&to_review, &people().each_ref());
            world.ok("configure", &json!({"overrides": [to_review]}));
            let both = all_cleared(&mut world, &request);
            if natural > Action::Review {
                assert!(action(&both) >= Action::Review, "{both}");
                assert!(!is_cleared(&both));
            }
        }
    }
}

#[test]
fn a_hit_of_a_compact_list_is_cleared_by_name() {
    let compact = Publication {
        edition: Edition::Compact,
        rate: 32,
        ..listing(RECORD)
    };
    let request = asking("payout", "shop.example");
    let mut world = gateway(&[enrolled("se", compact)], &json!({}));
    assert!(is_cleared(&all_cleared(&mut world, &request)));
    let other = asking("payout", "pay.shop.example");
    assert_eq!(world.ok("screen", &other)["action"], "review");
}

/// A rule that alone leads to a review under [`by_rules`].
const FLAG: Rule = Rule {
    id: "R1",
    when: "prepaid_only",
    weight: 10_000,
    otherwise: 0,
};

/// A policy under which one strong rule leads to a review, and nothing found to nothing.
fn by_rules() -> Value {
    json!({"flows": {"onboarding": {"monitor_score": 260, "review_score": 300}}})
}

fn flagged(rules: &[Rule], clearances: &[Value], request: &Value) -> Value {
    let list = Publication {
        pack: Some(pack(rules)),
        ..list("se/merchants", "hotline.example")
    };
    let mut world = gateway(&[enrolled("se", list)], &by_rules());
    clear(&mut world, clearances);
    world.ok("screen", request)
}

#[test]
fn a_rule_is_cleared_for_the_merchant_until_it_changes_or_another_holds() {
    let mut request = asking("onboarding", "shop.example");
    request["signals"] = json!({"prepaid_only": true});
    let case = flagged(&[FLAG], &[], &request);
    assert_eq!(
        (&case["action"], &case["because"]),
        (&json!("review"), &json!("score"))
    );
    let clearances = drafted(&case);
    let rule = keyed(
        "rule",
        &[
            b"R1",
            b"riskier",
            b"prepaid_only",
            &10_000_i32.to_le_bytes(),
            &0_i32.to_le_bytes(),
        ],
    );
    assert_eq!(clearances.len(), 1);
    assert_eq!(clearances[0]["digest"], json!(rule));
    let screened = |rules: &[Rule], request: &Value| flagged(rules, &clearances, request);
    let cleared = screened(&[FLAG], &request);
    assert!(is_cleared(&cleared), "{cleared}");
    assert_eq!(cleared["because"], "score");
    for changed in [
        Rule {
            weight: 9_999,
            ..FLAG
        },
        Rule {
            otherwise: -1,
            ..FLAG
        },
        Rule {
            when: "prepaid_only or merchant_age_days < 90",
            ..FLAG
        },
        Rule { id: "R2", ..FLAG },
    ] {
        let verdict = screened(std::slice::from_ref(&changed), &request);
        assert_eq!(verdict["action"], "review", "{changed:?}");
    }
    // A second rule holds that nobody looked into.
    let more = Rule {
        id: "R2",
        weight: 1,
        ..FLAG
    };
    assert_eq!(
        screened(&[FLAG, more.clone()], &request)["action"],
        "review"
    );
    // Nobody adds a cleared name to their own and is cleared with it.
    let mut other = request.clone();
    let names = ["shop.example", "other.example"];
    other["identifiers"] = names
        .map(|name| json!({"kind": "domain", "value": name}))
        .to_vec()
        .into();
    assert_eq!(screened(&[FLAG], &other)["action"], "review");
    // Both names cleared, either is, and both together.
    let both = drafted(&flagged(&[FLAG], &[], &other));
    for asked in [&request, &other] {
        assert!(is_cleared(&flagged(&[FLAG], &both, asked)));
    }
}

#[test]
fn a_shadow_that_names_other_keys_has_no_clearances() {
    let request = asking("payout", "shop.example");
    let mut world = gateway(&[enrolled("se", listing(REVIEW))], &json!({}));
    assert!(is_cleared(&all_cleared(&mut world, &request)));
    let [analyst, _] = people();
    for (keys, action) in [
        (people().each_ref().map(|one| one.key()).to_vec(), None),
        (vec![analyst.key()], Some("review")),
    ] {
        world.ok("configure", &json!({"shadow": {"clearance_keys": keys}}));
        let verdict = world.ok("screen", &request);
        assert_eq!(verdict["shadow"]["action"].as_str(), action, "{verdict}");
    }
}

#[test]
fn a_clearance_of_another_list_coalition_code_or_merchant_clears_nothing() {
    let request = asking("payout", "shop.example");
    let mut world = gateway(&[enrolled("se", listing(REVIEW))], &json!({}));
    let clearances = drafted(&world.ok("screen", &request));
    let [good] = &clearances[..] else {
        panic!("{clearances:?}")
    };
    for (member, other) in [
        ("identifier", json!("00".repeat(16))),
        ("code", json!("typology")),
        ("coalition", json!("nl")),
        ("list", json!("se/others")),
        ("digest", json!("00".repeat(16))),
    ] {
        let mut wrong = good.clone();
        wrong[member] = other;
        clear(&mut world, &[wrong]);
        assert_eq!(world.ok("screen", &request)["action"], "review", "{member}");
    }
    clear(&mut world, std::slice::from_ref(good));
    assert!(is_cleared(&world.ok("screen", &request)));
}

/// Whether a verdict is all but the same: clearances and `mac` of the receipt aside.
fn same(one: &Value, other: &Value) -> bool {
    let bare = |verdict: &Value| {
        let mut verdict = verdict.clone();
        verdict["receipt"]["clearances"] = Value::Null;
        verdict["receipt"]["mac"] = Value::Null;
        verdict
    };
    bare(one) == bare(other)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: interdict_tests::cases(150),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_clearance_hides_a_reason_it_was_not_signed_for(
        mut scene in scene(),
        added in record(),
        place in 0..5_usize,
    ) {
        scene.policy["clearance_keys"] = people().each_ref().map(|one| one.key()).to_vec().into();
        // Nothing found is no review.
        scene.policy["prevalence_per_million"] = 100.into();
        for flow in ["onboarding", "authorisation", "payout", "checkout"] {
            scene.policy["flows"][flow]["monitor_score"] = 260.into();
            scene.policy["flows"][flow]["review_score"] = 300.into();
        }
        let request = scene.request();
        let mut world = scene.world();
        let before = world.ok("screen", &request);
        let clearances = drafted(&before);
        let after = all_cleared(&mut world, &request);
        if !is_cleared(&after) {
            prop_assert!(same(&before, &after), "{before} {after}");
            return Ok(());
        }
        prop_assert_eq!(&before["action"], &json!("review"));
        prop_assert_eq!(&before["score"], &after["score"]);
        // Every one of them is needed.
        for left_out in 0..clearances.len() {
            let mut fewer = clearances.clone();
            fewer.remove(left_out);
            clear(&mut world, &fewer);
            let verdict = world.ok("screen", &request);
            prop_assert!(same(&before, &verdict), "{before} {verdict}");
        }
        // A further record that asks for a review or more brings it back.
        let asks = added.effective_action() >= Action::Review;
        let lists = scene.lists.iter_mut().flatten().flatten();
        let mut free = lists.filter(|list| {
            let is_free = list.entries.iter().all(|(entry, _)| *entry != place);
            is_free && list.edition == Edition::Member && list.only.is_none()
        });
        if let Some(list) = free.next() && asks {
            list.entries.push((place, added));
            let mut world = scene.world();
            clear(&mut world, &clearances);
            let verdict = world.ok("screen", &request);
            prop_assert!(action(&verdict) >= Action::Review, "{verdict}");
        }
    }
}
