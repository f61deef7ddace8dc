//! What each kind of evidence can lead to at most, and at least.

use std::collections::BTreeMap;

use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::list::{Action, Edition, Flags, Kinds, Record};
use interdict_core::rules::{Signal, SignalForm};
use interdict_tests::coalition::{Publication, RECORD};
use interdict_tests::gateway::NOW;
use interdict_tests::subjects::Native;
use interdict_tests::world::{Enrolled, Person, World, list, override_of, signed_override};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use serde_json::{Value, json};

use crate::world::{
    ENTRIES, FLOWS, Rule, action, at, overridden, pack, rule, scene, score, standard, total,
};

const DAY: u32 = 86_400;

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases: interdict_tests::cases(cases),
        failure_persistence: None,
        max_shrink_iters: 400,
        ..ProptestConfig::default()
    }
}

/// Gateways of `se`, `nl` and `dk`, with a list for each record given, of the domain asked about.
fn gateway(records: [Option<Record>; 3], members: &Value) -> World<Native> {
    let sources = [
        ("se", "se/cards", "a"),
        ("nl", "nl/cards", "b"),
        ("dk", "dk/cards", "c"),
    ];
    let enrolled: Vec<_> = sources
        .into_iter()
        .zip(records)
        .map(|((name, id, source), record)| Enrolled {
            name,
            lists: vec![listing(id, source, record)],
        })
        .collect();
    World::new(Native::default(), &enrolled, members)
}

fn listing(id: &'static str, source: &'static str, record: Option<Record>) -> Publication {
    let (kind, value) = ENTRIES[1];
    Publication {
        others: record
            .map(|record| (kind, value.into(), record))
            .into_iter()
            .collect(),
        ..list(id, source)
    }
}

fn question() -> Value {
    let shop = json!({"kind": "domain", "value": "shop.example"});
    json!({"flow": "payout", "view": "analyst", "identifiers": [shop]})
}

proptest! {
    #![proptest_config(config(80))]

    #[test]
    fn without_records_nothing_leads_to_more_than_review(mut scene in scene()) {
        for list in scene.lists.iter_mut().flatten().flatten() {
            if list.edition == Edition::Member {
                list.entries.clear();
            }
        }
        prop_assert!(action(&scene.verdict()) <= Action::Review);
    }

    #[test]
    fn a_country_or_category_alone_moves_nothing(
        rules in prop::collection::vec(rule(), 0..6), codes in prop::collection::vec(country(), 2),
        categories in prop::collection::vec(category(), 2), known in 0..16_u8, use_standard: bool
    ) {
        let mut rules = rules;
        let mut ids = Vec::new();
        rules.retain(|rule| !ids.contains(&rule.id) && (ids.push(rule.id), true).1);
        let pack = if use_standard { standard() } else { pack(&rules) };
        let publication = Publication { pack: Some(pack), ..list("se/cards", "a") };
        let enrolled = [Enrolled { name: "se", lists: vec![publication] }];
        let members = json!({"receipt_key": "11".repeat(32)});
        let mut world = World::new(Native::default(), &enrolled, &members);
        let mut request = question();
        let before = world.ok("screen", &request);
        // At most one signal of each form, because comparing two codes is more than a code alone.
        let names = [("mcc", &categories[0]), ("observed_mcc", &categories[1]),
            ("merchant_country", &codes[0]), ("payout_country", &codes[1])];
        let pick = [usize::from(known & 1), 2 + usize::from(known >> 1 & 1)];
        for (index, on) in pick.into_iter().zip([known & 4, known & 8]) {
            if on != 0 {
                request["signals"][names[index].0] = names[index].1.as_str().into();
            }
        }
        let after = world.ok("screen", &request);
        prop_assert_eq!(&before["score"], &after["score"]);
        prop_assert_eq!(&before["action"], &after["action"]);
        prop_assert_eq!(&before["receipt"]["odds"], &after["receipt"]["odds"]);
        prop_assert_eq!(&before["reasons"], &after["reasons"]);
    }

    #[test]
    fn too_few_coalitions_lower_to_review_and_never_below(mut scene in scene()) {
        scene.policy["required_coalitions"] = json!({"hold_payout": 1, "block": 1});
        let full = scene.verdict();
        scene.policy["required_coalitions"] = json!({"hold_payout": 3, "block": 3});
        let lowered = scene.verdict();
        prop_assert_eq!(&full["receipt"]["odds"], &lowered["receipt"]["odds"]);
        prop_assert!(action(&lowered) >= action(&full).min(Action::Review));
        prop_assert!(action(&lowered) <= action(&full));
        prop_assert_eq!(told(&lowered, "too_few_coalitions"), action(&lowered) < action(&full));
    }
}

/// Any country, often one that a rule names.
fn country() -> impl Strategy<Value = String> {
    prop_oneof![Just("SE".to_owned()), Just("NL".to_owned()), "[A-Z]{2}"]
}

/// Any category, often one that a rule names.
fn category() -> impl Strategy<Value = String> {
    prop_oneof![Just("5967".to_owned()), Just("7273".to_owned()), "[0-9]{4}"]
}

fn told(verdict: &Value, code: &str) -> bool {
    let mut reasons = verdict["reasons"].as_array().into_iter().flatten();
    reasons.any(|reason| reason["code"] == code)
}

#[test]
fn every_code_by_itself_moves_nothing_with_the_standard_pack() {
    let publication = Publication {
        pack: Some(standard()),
        ..list("se/cards", "a")
    };
    let enrolled = [Enrolled {
        name: "se",
        lists: vec![publication],
    }];
    let mut world = World::new(Native::default(), &enrolled, &json!({}));
    let before = world.ok("screen", &question());
    let is_code = |form| matches!(form, SignalForm::Category | SignalForm::Country);
    for signal in Signal::ALL.iter().filter(|signal| is_code(signal.form())) {
        for value in values(signal.form()) {
            let mut request = question();
            request["signals"][signal.name()] = value.clone().into();
            let mut after = world.ok("screen", &request);
            after["rules"] = before["rules"].clone();
            assert_eq!(after, before, "{} {value}", signal.name());
        }
    }
}

fn values(form: SignalForm) -> Vec<String> {
    let letters = || 'A'..='Z';
    match form {
        SignalForm::Category => (0..10_000).map(|code| format!("{code:04}")).collect(),
        _ => letters()
            .flat_map(|first| letters().map(move |second| format!("{first}{second}")))
            .collect(),
    }
}

#[test]
fn an_override_lowers_to_review_until_its_end_and_not_a_second_longer() {
    for action in [Action::HoldPayout, Action::Block] {
        let records = [Some(Record { action, ..RECORD }), None, None];
        let mut world = gateway(records, &overridden(at(NOW + DAY)));
        let verdict = world.ok("screen", &question());
        assert_eq!(
            (&verdict["action"], &verdict["natural"]),
            (&json!("review"), &json!(action.name()))
        );
        assert!(told(&verdict, "overridden"));
        world.now = NOW + DAY;
        let over = world.ok("screen", &question());
        assert_eq!(
            (&over["action"], &over["natural"]),
            (&json!(action.name()), &Value::Null)
        );
        assert!(!told(&over, "overridden"));
    }
}

#[test]
fn an_expired_override_and_one_of_a_mandatory_record_change_nothing() {
    let mandatory = Record {
        flags: Flags::MANDATORY,
        ..RECORD
    };
    for (record, expires) in [(RECORD, NOW), (RECORD, NOW - DAY), (mandatory, NOW + DAY)] {
        let members = overridden(at(expires));
        let mut without = members.clone();
        without["overrides"] = json!([]);
        let records = [Some(record), None, None];
        let mut verdicts = [members, without].map(|members| {
            let mut verdict = gateway(records, &members).ok("screen", &question());
            verdict["receipt"]["mac"] = Value::Null;
            verdict["receipt"]["overrides"] = Value::Null;
            verdict
        });
        let [with, without] = &mut verdicts;
        assert_eq!(with, without);
        assert_eq!(with["action"], "block");
    }
}

#[test]
fn an_override_of_one_entry_touches_no_other_list_or_entry() {
    let records = [Some(RECORD), Some(RECORD), None];
    let verdict = gateway(records, &overridden(at(NOW + DAY))).ok("screen", &question());
    assert_eq!(verdict["action"], "block", "nl asks for it too");
    assert!(verdict.get("natural").is_none());
    let mut members = overridden(at(NOW + DAY));
    let people = [Person::new("risk lead", 61), Person::new("compliance", 62)];
    let other = (Kind::Domain, "pay.shop.example");
    let signed = signed_override(("se", "se/cards"), other, at(NOW + DAY));
    members["overrides"] = json!([override_of(&signed, &people.each_ref())]);
    let verdict = gateway([Some(RECORD), None, None], &members).ok("screen", &question());
    assert_eq!(verdict["action"], "block");
}

#[test]
fn a_coalition_that_cannot_answer_never_makes_fewer_enough() {
    let policy = json!({"required_coalitions": {"hold_payout": 1, "block": 2}});
    let members = json!({"policy": policy});
    // A coalition can be unavailable in three ways: no list, no key, an expired list.
    let both = [Some(RECORD), Some(RECORD), None];
    assert_eq!(
        gateway(both, &members).ok("screen", &question())["action"],
        "block"
    );
    let mut world = gateway([Some(RECORD), None, None], &members);
    let alone = world.ok("screen", &question());
    assert_eq!(alone["action"], "hold_payout");
    let key = interdict_tests::coalition::Coalition::list_key_text(1);
    let keys = json!({"keys": [{"coalition": "se", "key": key}]});
    world.ok("configure", &keys);
    let keyless = world.ok("screen", &question());
    assert_eq!(
        (&keyless["action"], &keyless["degraded"]),
        (&json!("hold_payout"), &json!(true))
    );
    let listless = |id| Enrolled {
        name: id,
        lists: Vec::new(),
    };
    let se = Enrolled {
        name: "se",
        lists: vec![listing("se/cards", "a", Some(RECORD))],
    };
    let enrolled = [se, listless("nl"), listless("dk")];
    let mut world = World::new(Native::default(), &enrolled, &members);
    let verdict = world.ok("screen", &question());
    assert_eq!(
        (&verdict["action"], &verdict["degraded"]),
        (&json!("hold_payout"), &json!(true))
    );
    // A coalition whose list is too old does not count as asking either.
    let mut world = gateway(both, &members);
    world.now = NOW + 38 * DAY;
    assert_eq!(world.ok("screen", &question())["action"], "review");
}

#[test]
fn the_notice_tells_nothing_but_the_action() {
    let policy = json!({"help_line": "help.example", "terms_clause": "7.2"});
    let mut notices: BTreeMap<(String, String), BTreeMap<String, usize>> = BTreeMap::new();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..60 {
        let mut scene = scene().new_tree(&mut runner).unwrap().current();
        for (name, value) in policy.as_object().unwrap() {
            scene.policy[name] = value.clone();
        }
        let mut world = scene.world();
        for (language, flow, offset) in ["en", "sv", "nl"]
            .into_iter()
            .flat_map(|language| FLOWS.map(|flow| (language, flow)))
            .flat_map(|(language, flow)| [0, 31 * DAY, 60 * DAY].map(|days| (language, flow, days)))
        {
            world.now = NOW + offset;
            let mut request = scene.request();
            request["flow"] = flow.into();
            request["language"] = language.into();
            let verdict = world.ok("screen", &request);
            let shown = match action(&verdict) {
                Action::Allow | Action::Monitor => "allow",
                Action::Review | Action::HoldPayout => "review",
                Action::Block => "block",
            };
            let notice = verdict["notice"].as_str().unwrap().to_owned();
            let key = (language.to_owned(), shown.to_owned());
            *notices.entry(key).or_default().entry(notice).or_default() += 1;
        }
    }
    assert_eq!(notices.len(), 9, "three languages, three things to tell");
    for (key, told) in &notices {
        assert_eq!(told.len(), 1, "{key:?}: {told:?}");
        assert!(
            told.values().all(|count| *count > 10),
            "{key:?} is seen often"
        );
    }
}

#[test]
fn a_hit_of_a_compact_list_never_weakens_what_a_record_says() {
    let record = |confidence| {
        Some(Record {
            confidence,
            ..RECORD
        })
    };
    let alone = gateway(
        [record(900), None, None],
        &json!({"receipt_key": "11".repeat(32)}),
    );
    let mut alone = alone;
    let alone = alone.ok("screen", &question());
    let hit = Publication {
        edition: Edition::Compact,
        rate: 32,
        ..listing("nl/cards", "b", record(500))
    };
    let se = listing("se/cards", "a", record(900));
    let enrolled = [("se", se), ("nl", hit)].map(|(name, list)| Enrolled {
        name,
        lists: vec![list],
    });
    let members = json!({"receipt_key": "11".repeat(32)});
    let both = World::new(Native::default(), &enrolled, &members).ok("screen", &question());
    assert!(told(&both, "candidate") && told(&both, "listed"));
    assert!(total(&both) >= total(&alone) && score(&both) >= score(&alone));
}

#[test]
fn an_override_takes_no_voice_from_what_a_mandatory_record_asks_for() {
    let mandatory = Record {
        flags: Flags::MANDATORY,
        ..RECORD
    };
    let mut members = overridden(at(NOW + DAY));
    members["policy"]["required_coalitions"] = json!({"block": 2});
    for (second, action) in [(mandatory, "block"), (RECORD, "hold_payout")] {
        let records = [Some(RECORD), Some(second), None];
        let verdict = gateway(records, &members).ok("screen", &question());
        assert_eq!(verdict["action"], action);
    }
}

/// A gateway of lists of these domains and labels, each with its pack.
fn of_lists(lists: Vec<Publication>) -> World<Native> {
    let enrolled: Vec<_> = ["se", "nl"]
        .into_iter()
        .zip(lists)
        .map(|(name, list)| Enrolled {
            name,
            lists: vec![list],
        })
        .collect();
    let policy = json!({"prevalence_per_million": 3000});
    let members = json!({"receipt_key": "11".repeat(32), "policy": policy});
    World::new(Native::default(), &enrolled, &members)
}

#[test]
fn a_label_on_a_list_without_domains_is_no_answer_for_a_domain() {
    let valid_until = [u32::MAX, NOW - 1].map(Time::from_seconds);
    for (valid_until, action) in valid_until.into_iter().zip(["monitor", "allow"]) {
        let record = Record {
            action: Action::Monitor,
            confidence: 1,
            valid_until,
            ..RECORD
        };
        let only = |records: Vec<Record>| Publication {
            kinds: Kinds::of([Kind::Label]),
            others: records
                .into_iter()
                .map(|record| (Kind::Label, "shop".into(), record))
                .collect(),
            ..list("se/names", "a")
        };
        let unlisted = of_lists(vec![only(Vec::new())]).ok("screen", &question());
        let listed = of_lists(vec![only(vec![record])]).ok("screen", &question());
        assert_eq!(unlisted["action"], "review", "nobody answered");
        assert_eq!(
            listed["action"], "review",
            "not {action}: nobody answered still"
        );
        assert!(told(&listed, "nothing_checked") && total(&listed) >= total(&unlisted));
    }
}

#[test]
fn a_silent_record_that_lapsed_hides_no_other_that_did() {
    let lapsed = Record {
        valid_until: Time::from_seconds(NOW - 1),
        ..RECORD
    };
    let silent = Record {
        action: Action::Monitor,
        flags: Flags::SILENT,
        ..lapsed
    };
    let (below, above) = (ENTRIES[0], ENTRIES[1]);
    let entries = |silents: &[Record]| Publication {
        others: [(below.0, below.1.into(), lapsed)]
            .into_iter()
            .chain(
                silents
                    .iter()
                    .map(|record| (above.0, above.1.into(), *record)),
            )
            .collect(),
        ..list("se/cards", "a")
    };
    let mut request = question();
    request["identifiers"][0]["value"] = below.1.into();
    for silents in [&[][..], &[silent]] {
        let verdict = of_lists(vec![entries(silents)]).ok("screen", &request);
        assert!(told(&verdict, "listing_lapsed"), "{verdict}");
    }
}

/// A pack of one rule that counts 500 where it holds, and `otherwise` where it does not.
fn one_rule(when: &'static str, otherwise: i32) -> Option<Vec<u8>> {
    let rule = Rule {
        id: "R1",
        when,
        weight: 500,
        otherwise,
    };
    Some(pack(&[rule]))
}

#[test]
fn a_listing_that_makes_one_of_two_packs_unsure_does_not_let_the_other_lower_the_score() {
    let gateway = |listed: bool| {
        let record = Record {
            action: Action::Monitor,
            confidence: 1,
            ..RECORD
        };
        let se = Publication {
            pack: one_rule("prepaid_only and listed(domain)", -100),
            ..listing("se/cards", "a", Some(record).filter(|_| listed))
        };
        let nl = Publication {
            pack: one_rule("shared_contact", -5000),
            ..listing("nl/cards", "b", None)
        };
        let mut request = question();
        request["signals"] = json!({"shared_contact": false});
        of_lists(vec![se, nl]).ok("screen", &request)
    };
    let (unlisted, listed) = (gateway(false), gateway(true));
    assert_eq!(unlisted["receipt"]["odds"]["typologies"], 0);
    assert_eq!(listed["receipt"]["odds"]["typologies"], 0);
    assert!(score(&listed) >= score(&unlisted));
}
