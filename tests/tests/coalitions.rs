//! Several coalitions in one gateway.

use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_tests::coalition::{Coalition, Publication, RECORD};
use interdict_tests::enrolment::{enrolled, requiring};
use interdict_tests::gateway::{far, load_store};
use interdict_tests::subject::Subject as _;
use interdict_tests::subjects::Native;
use interdict_tests::world::{Enrolled, World};
use serde_json::{Value, json};

const NOW: u32 = 1_795_309_323;

fn ok(engine: &mut Native, operation: &str, message: &Value, file: Option<Vec<u8>>) -> Value {
    let answer = engine
        .call(operation, message.to_string().as_bytes(), file, NOW)
        .unwrap();
    serde_json::from_str(&answer.unwrap()).unwrap()
}

/// A gateway enrolled in these coalitions. `None`: nothing was ever loaded from that coalition.
fn gateway(coalitions: &[(&str, Option<Publication>)]) -> Native {
    let far = Time::parse("2027-11-22T00:00:00Z").unwrap();
    let coalition = Coalition::default();
    let root = coalition.root(far);
    let mut engine = Native::default();
    let list = |one: &Option<Publication>| one.as_ref().map_or("se/merchants", |one| one.list);
    let enrolments: Vec<Value> = coalitions
        .iter()
        .map(|(name, one)| enrolled(name, &root, &[list(one)]))
        .collect();
    let mut required = json!({});
    for (name, one) in coalitions {
        required[name] = json!([list(one)]);
    }
    let message = json!({"coalitions": enrolments, "policy": {"required": required}});
    ok(&mut engine, "configure", &message, None);
    let key = interdict_core::common::hex::text(&[8; 32]);
    let keys: Vec<Value> = coalitions
        .iter()
        .map(|(name, _)| json!({"coalition": name, "key": key}))
        .collect();
    ok(&mut engine, "configure", &json!({"keys": keys}), None);
    for (name, publication) in coalitions {
        let Some(publication) = publication else {
            continue;
        };
        let files = coalition.publish(publication);
        let begin = json!({"coalition": name, "begin": "repository"});
        let mut progress = ok(&mut engine, "poll", &begin, None);
        while let Some(path) = progress["fetch"]["path"].as_str() {
            let file = files.get(path).cloned();
            let outcome = if file.is_some() { "bytes" } else { "not_found" };
            let fetched = &progress["fetch"]["name"];
            let message = json!({"coalition": name, "name": fetched, "outcome": outcome});
            progress = ok(&mut engine, "supply", &message, file);
        }
        assert_eq!(progress["completed"], true);
    }
    engine
}

fn list(list: &'static str, source: &'static str, listed: &[&'static str]) -> Option<Publication> {
    let far = Time::parse("2027-11-22T00:00:00Z").unwrap();
    let listed = listed.to_vec();
    Some(Publication {
        list,
        source,
        listed,
        ..Publication::new(1, far)
    })
}

fn screen(engine: &mut Native, flow: &str) -> Value {
    let identifier = json!({"kind": "domain", "value": "shop.example"});
    ok(
        engine,
        "screen",
        &json!({"flow": flow, "identifiers": [identifier]}),
        None,
    )
}

#[test]
fn another_source_adds_half_its_evidence_and_the_same_source_none() {
    let se = || list("se/merchants", "hotline.example", &["shop.example"]);
    let alone = screen(&mut gateway(&[("se", se())]), "payout");
    assert_eq!(alone["score"], 798);
    let nl = list("nl/merchants", "hotline.example", &["shop.example"]);
    let repeated = screen(&mut gateway(&[("se", se()), ("nl", nl)]), "payout");
    assert_eq!(repeated["score"], 798);
    let nl = list("nl/merchants", "police.example", &["shop.example"]);
    let agreed = screen(&mut gateway(&[("se", se()), ("nl", nl)]), "payout");
    // 6629 + 3314 millibits.
    assert_eq!(agreed["score"], 898);
}

#[test]
fn the_order_of_coalitions_changes_neither_action_nor_score() {
    let se = || list("se/merchants", "hotline.example", &["shop.example"]);
    let nl = || list("nl/merchants", "police.example", &["other.example"]);
    let first = screen(&mut gateway(&[("se", se()), ("nl", nl())]), "payout");
    let second = screen(&mut gateway(&[("nl", nl()), ("se", se())]), "payout");
    for member in ["action", "score", "degraded"] {
        assert_eq!(first[member], second[member], "{member}");
    }
    assert_eq!(first["action"], "block");
}

#[test]
fn a_coalition_without_a_list_never_hides_another_s_listing_nor_looks_clean() {
    let se = list("se/merchants", "hotline.example", &["shop.example"]);
    let verdict = screen(&mut gateway(&[("nl", None), ("se", se)]), "payout");
    assert_eq!(
        (&verdict["action"], &verdict["degraded"]),
        (&json!("block"), &json!(true))
    );
    let se = list("se/merchants", "hotline.example", &["elsewhere.example"]);
    let verdict = screen(&mut gateway(&[("nl", None), ("se", se)]), "payout");
    assert_eq!(
        (&verdict["action"], &verdict["degraded"]),
        (&json!("review"), &json!(true))
    );
    assert!(
        verdict["reasons"].to_string().contains("no_list"),
        "{verdict}"
    );
    let verdict = screen(&mut gateway(&[("nl", None)]), "payout");
    assert_eq!(
        (&verdict["action"], &verdict["degraded"]),
        (&json!("review"), &json!(true))
    );
}

#[test]
fn a_list_enrolled_since_the_last_update_is_missing_in_every_verdict() {
    let coalition = Coalition::default();
    let far = Time::parse("2027-11-22T00:00:00Z").unwrap();
    let root = coalition.root(far);
    let files = coalition.publish(&Publication::new(1, far));
    let mut engine = Native::default();
    let lists = ["se/merchants", "se/others"];
    let se = enrolled("se", &root, &lists);
    let message = json!({"coalitions": [se], "policy": requiring("se", &lists)});
    ok(&mut engine, "configure", &message, None);
    let key = interdict_core::common::hex::text(&[8; 32]);
    let keys = json!({"keys": [{"coalition": "se", "key": key}]});
    ok(&mut engine, "configure", &keys, None);
    load_store(
        |operation, message, file| ok(&mut engine, operation, message, file),
        |path| files.get(path).cloned(),
    );
    let verdict = screen(&mut engine, "payout");
    assert_eq!(
        (&verdict["action"], &verdict["degraded"]),
        (&json!("block"), &json!(true))
    );
    let reason = json!({"code": "no_list", "coalition": "se", "list": "se/others", "weight": 0});
    assert!(
        verdict["reasons"].as_array().unwrap().contains(&reason),
        "{verdict}"
    );
}

const FLOWS: [&str; 4] = ["onboarding", "authorisation", "payout", "checkout"];

/// The action of each flow's preset when no list answers.
const UNAVAILABLE: [&str; 4] = ["review", "monitor", "review", "monitor"];

/// What is wrong with coalition `se`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    Nothing,
    Stale,
    Expired,
    GraceOver,
    Keyless,
    NeverHeardOf,
}

/// What `docs/scoring.md` demands then.
struct Expected {
    trouble: Trouble,
    /// The freshness in verdict and receipt; `None` if there is no list.
    freshness: Option<&'static str>,
    has_key: bool,
    /// The reason that says what is wrong.
    code: Option<&'static str>,
    /// The action where `se` alone lists the merchant, if its list can be read.
    listed: &'static str,
}

const EXPECTED: [Expected; 6] = [
    Expected {
        trouble: Trouble::Nothing,
        freshness: Some("fresh"),
        has_key: true,
        code: None,
        listed: "block",
    },
    Expected {
        trouble: Trouble::Stale,
        freshness: Some("stale"),
        has_key: true,
        code: Some("list_stale"),
        listed: "block",
    },
    Expected {
        trouble: Trouble::Expired,
        freshness: Some("expired"),
        has_key: true,
        code: Some("list_expired"),
        listed: "block",
    },
    Expected {
        trouble: Trouble::GraceOver,
        freshness: Some("expired"),
        has_key: true,
        code: Some("list_expired"),
        listed: "review",
    },
    Expected {
        trouble: Trouble::Keyless,
        freshness: Some("fresh"),
        has_key: false,
        code: Some("no_key"),
        listed: "review",
    },
    Expected {
        trouble: Trouble::NeverHeardOf,
        freshness: None,
        has_key: false,
        code: Some("no_list"),
        listed: "review",
    },
];

/// Who lists the merchant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ListedBy {
    Nobody,
    Se,
    Nl,
}

/// Coalition `se` with this trouble, and `nl`, which is fresh, or lacks its key if no list shall answer.
fn troubled(trouble: Trouble, listed_by: ListedBy, nl_epoch: u32) -> World<Native> {
    let (soon, day) = (Time::from_seconds(NOW + 60), 86_400);
    let (expires, later) = match trouble {
        Trouble::Nothing | Trouble::Keyless | Trouble::NeverHeardOf => ([far(); 3], 0),
        Trouble::Stale => ([far(), far(), soon], 60),
        Trouble::Expired => ([soon; 3], 60),
        Trouble::GraceOver => ([soon; 3], 60 + 7 * day),
    };
    let published = |list, source, lists: bool| Publication {
        list,
        source,
        listed: Vec::new(),
        rate: 2,
        others: match lists {
            true => vec![(Kind::Domain, "shop.example".into(), RECORD)],
            false => Vec::new(),
        },
        ..Publication::new(1, far())
    };
    let se = Publication {
        expires,
        epoch: if trouble == Trouble::Keyless { 2 } else { 1 },
        ..published("se/merchants", "hotline.example", listed_by == ListedBy::Se)
    };
    let nl = Publication {
        epoch: nl_epoch,
        ..published("nl/merchants", "police.example", listed_by == ListedBy::Nl)
    };
    let lists = match trouble {
        Trouble::NeverHeardOf => Vec::new(),
        _ => vec![se],
    };
    let enrolled = [
        Enrolled { name: "se", lists },
        Enrolled {
            name: "nl",
            lists: vec![nl],
        },
    ];
    let members = json!({"receipt_key": "11".repeat(32)});
    let mut world = World::new(Native::default(), &enrolled, &members);
    world.now = NOW + later;
    world
}

/// The action where nobody lists the merchant, by the table of `docs/scoring.md`.
fn missed(trouble: Trouble, flow: &str) -> &'static str {
    match (trouble, flow) {
        (Trouble::Nothing, _) => "allow",
        (Trouble::Stale, _) | (_, "authorisation" | "checkout") => "monitor",
        _ => "review",
    }
}

fn asked(world: &mut World<Native>, flow: &str) -> Value {
    let shop = json!({"kind": "domain", "value": "shop.example"});
    world.ok("screen", &json!({"flow": flow, "identifiers": [shop]}))
}

fn codes(reasons: &Value) -> Vec<&str> {
    let reasons = reasons.as_array().into_iter().flatten();
    reasons
        .filter_map(|reason| reason["code"].as_str())
        .collect()
}

/// Checks what the verdict and its receipt say about `se`.
fn assert_told(verdict: &Value, expected: &Expected, now: u32) {
    let receipt = &verdict["receipt"];
    for member in ["action", "degraded", "score"] {
        assert_eq!(receipt[member], verdict[member], "{member}");
    }
    let (all, principal) = (codes(&receipt["reasons"]), codes(&verdict["reasons"]));
    assert_eq!(all[..all.len().min(4)], principal);
    assert_eq!(receipt["time"], now);
    let se = &receipt["coalitions"][0];
    assert_eq!(se["name"], "se");
    let Some(freshness) = expected.freshness else {
        assert_eq!(se["lists"], json!([]));
        assert_eq!(verdict["lists"][0]["coalition"], "nl", "se has none");
        return;
    };
    let list = &se["lists"][0];
    assert_eq!(list["freshness"], freshness);
    assert_eq!(list["key"], expected.has_key);
    let used = &verdict["lists"][0];
    assert_eq!(
        (&used["coalition"], &used["freshness"]),
        (&json!("se"), &json!(freshness))
    );
}

#[test]
fn of_two_coalitions_one_in_trouble_degrades_and_takes_nothing_from_the_other() {
    for expected in &EXPECTED {
        for listed_by in [ListedBy::Nobody, ListedBy::Se, ListedBy::Nl] {
            let mut world = troubled(expected.trouble, listed_by, 1);
            let now = world.now;
            for flow in FLOWS {
                let verdict = asked(&mut world, flow);
                let case = format!("{:?}, {listed_by:?}, {flow}", expected.trouble);
                let action = match listed_by {
                    ListedBy::Nl => "block",
                    ListedBy::Se if expected.has_key => expected.listed,
                    ListedBy::Se | ListedBy::Nobody => missed(expected.trouble, flow),
                };
                assert_eq!(verdict["action"], action, "{case}");
                let in_trouble = expected.code.is_some();
                assert_eq!(verdict["degraded"], in_trouble, "{case}");
                // A list that was not loaded lists nobody.
                let found = match listed_by {
                    ListedBy::Nobody => false,
                    ListedBy::Se => expected.has_key,
                    ListedBy::Nl => true,
                };
                let mut wanted = Vec::new();
                wanted.extend(found.then_some("listed"));
                let is_lowered = found && action == "review";
                wanted.extend(is_lowered.then_some("lowered_expired"));
                wanted.extend(expected.code);
                let not_polled = expected.trouble == Trouble::GraceOver;
                wanted.extend(not_polled.then_some("not_polled"));
                let unheard = expected.trouble == Trouble::NeverHeardOf;
                wanted.extend(unheard.then_some("no_history"));
                let unreliable = !matches!(expected.trouble, Trouble::Nothing | Trouble::Stale);
                wanted.extend(unreliable.then_some("degraded"));
                wanted.extend((!found && !in_trouble).then_some("no_finding"));
                wanted.truncate(4);
                assert_eq!(codes(&verdict["reasons"]), wanted, "{case}");
                assert_eq!(verdict["score"], if found { 798 } else { 201 }, "{case}");
                assert_told(&verdict, expected, now);
            }
        }
    }
}

#[test]
fn of_two_coalitions_in_trouble_nobody_answers_and_the_flow_decides() {
    for expected in EXPECTED.iter().filter(|expected| expected.code.is_some()) {
        let mut world = troubled(expected.trouble, ListedBy::Nl, 2);
        let now = world.now;
        for (flow, unavailable) in FLOWS.into_iter().zip(UNAVAILABLE) {
            let verdict = asked(&mut world, flow);
            let case = format!("{:?}, {flow}", expected.trouble);
            assert_eq!(verdict["action"], unavailable, "{case}");
            assert_eq!(verdict["degraded"], true, "{case}");
            let told = codes(&verdict["reasons"]);
            assert!(told.contains(&expected.code.unwrap()), "{case}: {told:?}");
            assert!(told.contains(&"no_key"), "{case}: {told:?}");
            assert_eq!(told.last(), Some(&"degraded"), "{case}");
            assert_eq!(verdict["score"], 201, "{case}");
            assert_told(&verdict, expected, now);
            let nl = &verdict["receipt"]["coalitions"][1];
            assert_eq!(nl["lists"][0]["key"], false, "{case}");
        }
    }
}

#[test]
fn a_policy_asks_the_coalitions_that_it_names_and_no_other() {
    let se = list("se/merchants", "hotline.example", &["shop.example"]);
    let nl = list("nl/merchants", "police.example", &["other.example"]);
    let mut engine = gateway(&[("se", se), ("nl", nl), ("fi", None)]);
    let dutch = json!({"required": {"nl": ["nl/merchants"]}, "coalitions": ["nl"]});
    let both = json!({"required": {"nl": ["nl/merchants"]}, "coalitions": ["nl", "se"]});
    let policies = json!([{"name": "dutch", "policy": dutch}, {"name": "both", "policy": both}]);
    let members = json!({"policies": policies, "receipt_key": "11".repeat(32)});
    ok(&mut engine, "configure", &members, None);
    let mut screened = |policy: Option<&str>, name: &str| {
        let identifier = json!({"kind": "domain", "value": name});
        let mut asked = json!({"flow": "payout", "identifiers": [identifier]});
        if let Some(policy) = policy {
            asked["policy"] = json!(policy);
        }
        let verdict = ok(&mut engine, "screen", &asked, None);
        let coalitions = verdict["receipt"]["coalitions"].as_array().unwrap();
        let coalitions: Vec<_> = coalitions.iter().map(|one| one["name"].clone()).collect();
        (
            verdict["action"].clone(),
            verdict["degraded"].clone(),
            json!(coalitions),
        )
    };
    let told = |action: &str, degraded: bool, coalitions: Value| {
        (json!(action), json!(degraded), coalitions)
    };
    // The gateway's own policy asks all of them, and one has no list.
    assert_eq!(
        screened(None, "shop.example"),
        told("block", true, json!(["se", "nl", "fi"]))
    );
    assert_eq!(
        screened(Some("dutch"), "shop.example"),
        told("allow", false, json!(["nl"]))
    );
    assert_eq!(
        screened(Some("dutch"), "other.example"),
        told("block", false, json!(["nl"]))
    );
    assert_eq!(
        screened(Some("both"), "shop.example"),
        told("block", false, json!(["se", "nl"]))
    );
}

#[test]
fn a_policy_counts_the_coalitions_that_it_asks_and_names_one_that_is_not_there() {
    let se = list("se/merchants", "hotline.example", &["shop.example"]);
    let nl = list("nl/merchants", "police.example", &["shop.example"]);
    let mut engine = gateway(&[("se", se), ("nl", nl)]);
    let mut given = |coalitions: Value, block: u8| {
        let policy = json!({"without_lists": true, "coalitions": coalitions,
            "required_coalitions": {"block": block}});
        let message = json!({"policies": [{"name": "own", "policy": policy}]});
        let answer = engine.call("configure", message.to_string().as_bytes(), None, NOW);
        answer.unwrap().map(|answer| {
            let answer: Value = serde_json::from_str(&answer).unwrap();
            answer["warnings"][0]["path"].clone()
        })
    };
    assert_eq!(given(json!(["se", "nl"]), 2), Ok(Value::Null));
    let (_, refused) = given(json!(["se"]), 2).unwrap_err();
    let place = "policies[0].policy.required_coalitions.block: ";
    assert!(refused.contains(place), "{refused}");
    let warned = given(json!(["se", "fi"]), 1);
    assert_eq!(warned, Ok(json!("policies[0].policy.coalitions")));
}
