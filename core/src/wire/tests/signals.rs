//! What a merchant may bring about by what is known of it, and by the length of what it declares: never that it
//! is not screened.

use serde_json::{Value, json};

use super::{NOW, message, refusal, request};
use crate::common::time::Time;
use crate::engine::{Engine, Request, Slot};
use crate::identifier::Kind;
use crate::rules::Signal;
use crate::wire::{self, Error, configure};

fn read(members: &Value) -> Result<Request, Error> {
    let mut text = json!({"flow": "payout"});
    for (name, value) in members.as_object().unwrap() {
        text[name] = value.clone();
    }
    request(&text.to_string())
}

/// A request about a shop with these signals.
fn signals(signals: &Value) -> Result<Request, Error> {
    read(&json!({"url": "https://shop.example", "signals": signals}))
}

fn verdict(request: &Request) -> Value {
    let engine = Engine::default();
    let verdict = engine.screen(request, Time::from_seconds(NOW));
    serde_json::to_value(verdict).unwrap()
}

/// The texts of the identifiers and the rules of the other fields, in their order.
fn slots(request: &Request) -> Vec<&str> {
    let slots = request.slots.iter().map(|slot| match slot {
        Slot::Identifier(identifier) => identifier.text(),
        Slot::Unused(unused) => unused.rule.name(),
    });
    slots.collect()
}

fn addresses(count: usize) -> Vec<String> {
    let addresses = (0..count).map(|number| format!("https://a{number}.example/x"));
    addresses.collect()
}

const CARD: &str = "4111111111111111";

#[test]
fn a_signal_that_cannot_be_used_is_unknown_and_named_and_the_rest_is_screened() {
    for (name, value) in [
        ("mcc", json!("541")),
        ("mcc", json!("")),
        ("mcc", json!(" ")),
        ("mcc", json!(CARD)),
        ("observed_mcc", json!("５４１１")),
        ("merchant_country", json!("SWE")),
        ("payout_country", json!("S1")),
        ("payout_country", json!("4111 1111 1111 1111")),
        ("merchant_age_days", json!(-1)),
        ("merchant_age_days", json!(40_000)),
        ("domain_age_days", json!(4_111_111_111_111_111_i64)),
        ("volume_change_per_cent", json!(2_000_000)),
        ("ticket_change_per_cent", json!(-101)),
        ("chargebacks_per_10000", json!(10_001)),
        ("nested_processors", json!((1_i64 << 53) - 1)),
    ] {
        let request = signals(&json!({name: value, "prepaid_only": true})).unwrap();
        assert_eq!(slots(&request), ["shop.example", "signal_value"], "{name}");
        let signal = Signal::from_name(name).unwrap();
        assert_eq!(request.signals.get(signal), None, "{name} {value}");
        assert_eq!(request.signals.get(Signal::PrepaidOnly), Some(1));
        // It is no field that says who is paid.
        assert!(request.unused().all(|(_, unused)| unused.kind.is_none()));
        let verdict = verdict(&request);
        let path = format!("signals.{name}");
        let unused = json!([{"identifier": 1, "path": path, "rule": "signal_value"}]);
        assert_eq!(verdict["unused"], unused);
        let reasons = verdict["reasons"].as_array().unwrap();
        assert!(reasons.contains(&json!({"code": "not_usable", "identifier": 1, "weight": 0})));
        let told = verdict.to_string();
        assert!(!told.contains("4111"), "{told}");
    }
}

#[test]
fn white_space_around_a_code_and_small_letters_of_a_country_are_no_matter() {
    for (name, value, known) in [
        ("mcc", "5411 ", 5411),
        ("observed_mcc", "\t5967\n", 5967),
        ("merchant_country", "se", 0x5345),
        ("merchant_country", " Se ", 0x5345),
        ("payout_country", "\u{a0}nL", 0x4e4c),
    ] {
        let request = signals(&json!({name: value})).unwrap();
        let signal = Signal::from_name(name).unwrap();
        assert_eq!(request.signals.get(signal), Some(known), "{value:?}");
        assert_eq!(slots(&request), ["shop.example"], "{value:?}");
    }
}

#[test]
fn a_signal_of_another_type_than_its_own_is_refused_for_its_form() {
    for (name, value) in [
        ("mcc", json!(5411)),
        ("mcc", json!({})),
        ("merchant_country", json!(["SE"])),
        ("merchant_age_days", json!("12")),
        ("merchant_age_days", json!({"days": 12})),
        ("prepaid_only", json!("true")),
        ("prepaid_only", json!(1)),
    ] {
        let refused = refusal(signals(&json!({name: value})));
        assert_eq!(refused, format!("wrong_type at signals.{name}"), "{value}");
    }
    for beyond in [1_i64 << 53, i64::MIN] {
        let refused = refusal(signals(&json!({"merchant_age_days": beyond})));
        assert_eq!(refused, "out_of_range at signals.merchant_age_days");
    }
}

#[test]
fn a_signal_names_nobody_whether_it_can_be_used_or_not() {
    for value in ["5411", "x"] {
        let refused = refusal(read(&json!({"signals": {"mcc": value}})));
        assert_eq!(refused, "no_identifier at ");
    }
    let request = signals(&json!({"mcc": "x"})).unwrap();
    assert_eq!(request.identifiers().count(), 1);
    assert!(request.kinds().eq([Kind::Domain, Kind::Label]));
}

#[test]
fn what_is_declared_and_what_cannot_be_used_are_counted_after_everything_that_names_the_merchant() {
    let request = read(&json!({
        "identifiers": [{"kind": "domain", "value": "first.example"}],
        "facilitator": {"lei": "5493001KJTIIGC8Y1R12"},
        "signals": {
            "payout_country": "",
            "mcc": "",
            "declared_urls": ["https://Shop.example/x", "a b", "https://t.me/BadShop", "https://"],
        },
    }));
    let request = request.unwrap();
    let wanted = [
        "first.example",
        "5493001KJTIIGC8Y1R12",
        "host_character",
        "host_missing",
        "shop.example",
        "telegram:badshop",
        "signal_value",
        "signal_value",
    ];
    assert_eq!(slots(&request), wanted);
    let verdict = verdict(&request);
    let paths = verdict["unused"].as_array().unwrap().iter();
    let paths: Vec<_> = paths.map(|unused| unused["path"].clone()).collect();
    let wanted = [
        "signals.declared_urls[1]",
        "signals.declared_urls[3]",
        "signals.mcc",
        "signals.payout_country",
    ];
    assert_eq!(paths, wanted);
}

#[test]
fn a_declared_address_is_looked_up_and_does_not_say_who_is_paid() {
    let request = signals(&json!({"declared_urls": ["https://other.example", "t.me/badshop"]}));
    let request = request.unwrap();
    assert!(request.is_naming(0, Kind::Domain));
    for (index, identifier) in request.identifiers().skip(1) {
        assert!(!request.is_naming(index, identifier.kind()), "{index}");
    }
    assert!(request.kinds().any(|kind| kind == Kind::Handle));
    // An address that is the page's too says who is paid.
    let request = signals(&json!({"declared_urls": ["https://shop.example/pay"]})).unwrap();
    let (index, identifier) = request.distinct().next().unwrap();
    assert!(request.is_naming(index, identifier.kind()));
    assert_eq!(request.distinct().count(), 1);
}

#[test]
fn declared_addresses_alone_are_screened_and_the_policy_says_which_ids_are_numbers() {
    let text =
        json!({"flow": "payout", "signals": {"declared_urls": ["patreon.com/4111111111111"]}});
    let text = text.to_string();
    assert_eq!(slots(&request(&text).unwrap()), ["card_data"]);
    let mut engine = Engine::default();
    let policy = r#"{"policy":{"without_lists":true,"numeric_schemes":["patreon"]}}"#;
    configure(&mut engine, &message(policy), NOW).unwrap();
    let message = message(&text);
    let (request, _) = wire::request(&message, &engine).unwrap();
    assert_eq!(slots(&request), ["patreon:4111111111111"]);
}

#[test]
fn of_more_than_sixteen_declared_addresses_the_first_count_and_one_entry_says_so() {
    let declared = |count| signals(&json!({"declared_urls": addresses(count)})).unwrap();
    let known = |request: &Request| request.signals.get(Signal::PaymentPageDeclared);
    let all = declared(16);
    assert_eq!(all.slots.len(), 17);
    assert!(!all.has_unused());
    assert_eq!(known(&all), Some(0));
    for count in [17, 18, 200] {
        let request = declared(count);
        assert_eq!(request.slots.len(), 18, "{count}");
        assert_eq!(
            verdict(&request)["unused"],
            json!([{"identifier": 1, "path": "signals.declared_urls[16]", "rule": "too_many"}])
        );
        assert!(!request.is_naming(1, Kind::Domain));
        // The page's may be among those that were left out.
        assert_eq!(known(&request), None);
    }
    let mut beyond = json!(addresses(20));
    beyond[19] = 1.into();
    let refused = refusal(signals(&json!({"declared_urls": beyond})));
    assert_eq!(refused, "wrong_type at signals.declared_urls[19]");
}

#[test]
fn a_reference_that_is_too_long_is_dropped_and_the_screening_goes_on() {
    for (length, dropped) in [(128, false), (129, true), (200, true), (20_000, true)] {
        let text = "x".repeat(length);
        let request = read(&json!({"url": "https://shop.example", "reference": text}));
        let verdict = verdict(&request.unwrap());
        assert_eq!(verdict["reference"].is_null(), dropped, "{length}");
        let said = verdict.get("reference_dropped");
        assert_eq!(said, dropped.then_some(&json!(true)), "{length}");
        assert_eq!(verdict.to_string().contains(&text), !dropped);
    }
    let refused = refusal(read(
        &json!({"url": "https://shop.example", "reference": 1}),
    ));
    assert_eq!(refused, "wrong_type at reference");
}
