//! Several coalitions in one gateway.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use interdict_core::common::time::Time;
use interdict_tests::coalition::{Coalition, Publication};
use interdict_tests::subject::Subject as _;
use interdict_tests::subjects::Native;
use serde_json::{Value, json};

const NOW: u32 = 1_795_309_323;

fn ok(engine: &mut Native, operation: &str, message: &Value, file: Option<Vec<u8>>) -> Value {
    let answer = engine
        .call(operation, message.to_string().as_bytes(), file, NOW)
        .unwrap();
    serde_json::from_str(&answer.unwrap()).unwrap()
}

/// A gateway of these coalitions, each with its own publication; `None` never heard of its list.
fn gateway(coalitions: &[(&str, Option<Publication>)]) -> Native {
    let far = Time::parse("2027-11-22T00:00:00Z").unwrap();
    let coalition = Coalition::default();
    let root = BASE64.encode(coalition.root(far));
    let mut engine = Native::default();
    let names: Vec<Value> = coalitions
        .iter()
        .map(|(name, _)| json!({"name": name, "root": root}))
        .collect();
    ok(
        &mut engine,
        "configure",
        &json!({"coalitions": names}),
        None,
    );
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
    assert_eq!(alone["score"], 831);
    let nl = list("nl/merchants", "hotline.example", &["shop.example"]);
    let repeated = screen(&mut gateway(&[("se", se()), ("nl", nl)]), "payout");
    assert_eq!(repeated["score"], 831);
    let nl = list("nl/merchants", "police.example", &["shop.example"]);
    let agreed = screen(&mut gateway(&[("se", se()), ("nl", nl)]), "payout");
    // 6629 + 3314 millibits.
    assert_eq!(agreed["score"], 997);
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
        (&json!("allow"), &json!(true))
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
    let root = BASE64.encode(coalition.root(far));
    let files = coalition.publish(&Publication::new(1, far));
    let mut engine = Native::default();
    let lists = ["se/merchants", "se/others"];
    let se = json!({"name": "se", "root": root, "lists": lists});
    ok(&mut engine, "configure", &json!({"coalitions": [se]}), None);
    let key = interdict_core::common::hex::text(&[8; 32]);
    let keys = json!({"keys": [{"coalition": "se", "key": key}]});
    ok(&mut engine, "configure", &keys, None);
    let begin = json!({"coalition": "se", "begin": "store"});
    let mut progress = ok(&mut engine, "poll", &begin, None);
    while let Some(path) = progress["fetch"]["path"].as_str() {
        let file = files.get(path).cloned();
        let outcome = if file.is_some() { "bytes" } else { "not_found" };
        let name = &progress["fetch"]["name"];
        let message = json!({"coalition": "se", "name": name, "outcome": outcome});
        progress = ok(&mut engine, "supply", &message, file);
    }
    assert_eq!(progress["completed"], true, "what was saved is in place");
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
