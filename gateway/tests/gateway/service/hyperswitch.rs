//! Hyperswitch's connectors for Signifyd and Payshield, as `fixtures/hyperswitch.json` has their requests.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use interdict_core::identifier::Kind;
use interdict_helpers::{CARD, fixtures, shows_card};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Serving, Told, run};

/// Merchants of the portfolio by the action of their test domain.
const MERCHANTS: [&str; 5] = ["block", "hold-payout", "review", "monitor", "clean"];
/// One that no list of the gateway covers.
const UNCOVERED: &str = "uncovered";

fn cases() -> Vec<Value> {
    let text = fs::read(fixtures().join("hyperswitch.json")).unwrap();
    serde_json::from_slice(&text).unwrap()
}

fn key(merchant: &str) -> String {
    format!("key-of-{merchant}")
}

/// Both doors open for every merchant, and `further` lines of their tables.
fn serving(further: &str) -> Serving {
    let merchants = MERCHANTS.iter().chain([&UNCOVERED, &"unknown"]);
    let connectors: Vec<String> = merchants
        .map(|merchant| {
            let digest = Sha256::digest(key(merchant));
            let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{{ key_sha256 = \"{digest}\", merchant = \"m_{merchant}\" }}")
        })
        .collect();
    let connectors = connectors.join(", ");
    let serving = Serving::start_with(
        &[Kind::Domain, Kind::Label],
        &format!(
            "[journal]\n[portfolio]\n[doors.signifyd]\nconnectors = [{connectors}]\n\
             [doors.payshield]\nconnectors = [{connectors}]\n{further}"
        ),
    );
    let mut rows = String::new();
    for merchant in MERCHANTS {
        let domain = match merchant {
            "clean" => "clean.test".to_owned(),
            action => format!("{action}.listed.test"),
        };
        let identifier = json!([{"kind": "domain", "value": domain}]);
        let row =
            json!({"id": format!("m_{merchant}"), "flow": "onboarding", "identifiers": identifier});
        rows += &format!("{row}\n");
    }
    let phone = json!([{"kind": "phone", "value": "+46701740605"}]);
    rows += &json!({"id": "m_uncovered", "flow": "onboarding", "identifiers": phone}).to_string();
    fs::write(serving.room().join("own.ndjson"), rows + "\n").unwrap();
    run(serving.room(), &["portfolio", "import", "own.ndjson"]);
    serving
}

/// How the connector of a door shows a key.
fn shown(door: &str, key: &str) -> String {
    match door {
        "signifyd" => format!("authorization: Basic {}\r\n", STANDARD.encode(key)),
        _ => format!("x-api-key: {key}\r\n"),
    }
}

fn ask_with(serving: &Serving, case: &Value, headers: &str, body: &str) -> Told {
    let door = case["door"].as_str().unwrap();
    let place = case["place"].as_str().unwrap();
    let headers = format!("content-type: application/json\r\n{headers}");
    serving.post(&format!("/v1/doors/{door}{place}"), &headers, body)
}

fn ask(serving: &Serving, case: &Value, merchant: &str, body: &Value) -> Told {
    let headers = shown(case["door"].as_str().unwrap(), &key(merchant));
    ask_with(serving, case, &headers, &body.to_string())
}

fn at<'v>(value: &'v Value, path: &str) -> &'v Value {
    path.split('.').fold(value, |value, name| &value[name])
}

/// A body without a member, or with `null` for it.
fn without(body: &Value, path: &str) -> [Value; 2] {
    let pointer = format!("/{}", path.replace('.', "/"));
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let mut null = body.clone();
    *null.pointer_mut(&pointer).unwrap() = Value::Null;
    let mut absent = body.clone();
    let members = absent.pointer_mut(parent).unwrap();
    members.as_object_mut().unwrap().remove(name).unwrap();
    [absent, null]
}

/// The connector reads an error, and no decision.
fn is_error(door: &str, told: &Told) {
    assert!(told.status >= 400, "{}", told.body);
    let json = told.json();
    match door {
        "signifyd" => {
            assert!(
                json["messages"][0].is_string() && json["errors"].is_object(),
                "{json}"
            );
        }
        _ => assert!(
            json["errorMessage"].is_string() && json["message"].is_string(),
            "{json}"
        ),
    }
    for word in [
        "ACCEPT",
        "HOLD",
        "REJECT",
        "decision",
        "checkpointAction",
        "PLANTED",
    ] {
        assert!(!told.body.contains(word), "{}", told.body);
    }
}

fn nothing_is_kept(serving: &Serving, answers: &str) {
    let mut all = serving.log() + &serving.get("/metrics").body + answers;
    for file in fs::read_dir(serving.room().join("journal")).unwrap() {
        all += &fs::read_to_string(file.unwrap().path()).unwrap_or_default();
    }
    for kept in [
        "PLANTED",
        "mail.example",
        "192.0.2.77",
        "11122",
        "key-of-",
        "listed.test",
    ] {
        assert!(!all.contains(kept), "{kept}: {all}");
    }
    assert!(!shows_card(&all), "{all}");
}

#[test]
fn each_request_of_a_connector_has_its_answer_whatever_is_absent() {
    let serving = serving("");
    let mut answers = String::new();
    for case in cases() {
        let name = &case["name"];
        let optional = case["optional"].as_array().unwrap();
        let paths = optional.iter().map(|path| path.as_str().unwrap());
        let mut bodies: Vec<Value> = paths
            .flat_map(|path| without(&case["body"], path))
            .collect();
        bodies.push(case["body"].clone());
        let cells = case["answers"].as_object();
        for (index, body) in bodies.iter().enumerate() {
            let Some(cells) = cells else {
                let told = ask(&serving, &case, "clean", body);
                assert_eq!(
                    (told.status, told.json()),
                    (200, case["answer"].clone()),
                    "{name}"
                );
                answers += &told.body;
                continue;
            };
            // All merchants for the whole body, and one for each that lacks something.
            let whole = index + 1 == bodies.len();
            for merchant in MERCHANTS.iter().filter(|one| whole || **one == "block") {
                let told = ask(&serving, &case, merchant, body);
                assert_eq!(told.status, 200, "{name}: {}", told.body);
                let json = told.json();
                let word = at(&json, case["decision"].as_str().unwrap());
                assert_eq!(word, &cells[*merchant], "{name}: {merchant}");
                let id = told.header("interdict-id").unwrap().to_owned();
                has_the_members_of_its_structure(&case, &json, &id);
                answers += &told.body;
            }
        }
    }
    nothing_is_kept(&serving, &answers);
    let metrics = serving.get("/metrics").body;
    assert!(metrics.contains("route=\"/v1/doors/payshield/payshield/v1/check/{merchant}\""));
    assert!(!metrics.contains("merchant_1795309323"), "{metrics}");
}

/// `SignifydPaymentsResponse` and `SanlamPayshieldCheckoutResponse`, with their required members.
fn has_the_members_of_its_structure(case: &Value, json: &Value, id: &str) {
    let is_accepted = at(json, case["decision"].as_str().unwrap()) == "ACCEPT";
    let reason = match is_accepted {
        true => Value::Null,
        false => json!(format!("interdict-id {id}")),
    };
    match case["door"].as_str().unwrap() {
        "signifyd" => {
            assert!(json["signifydId"].as_i64().is_some(), "{json}");
            assert_eq!(json["orderId"], case["body"]["orderId"]);
            assert_eq!(json["decision"]["checkpointActionReason"], reason);
            let created = json["decision"]["createdAt"].as_str().unwrap();
            assert!(
                created.starts_with("2026-11-22T01:0") && created.ends_with('Z'),
                "{json}"
            );
        }
        _ => {
            assert_eq!(json["requestId"], case["body"]["requestId"]);
            assert_eq!(json["severity"], i32::from(!is_accepted));
            assert_eq!(json["evaluatedChecks"], json!(["interdict"]));
            assert_eq!(json["reason"], reason);
        }
    }
}

#[test]
fn what_cannot_be_answered_is_an_error_that_the_connector_reads() {
    let serving = serving("");
    let mut answers = String::new();
    for case in cases() {
        let door = case["door"].as_str().unwrap();
        let mut told = Vec::new();
        for path in case["repeated"].as_array().unwrap() {
            let path = path.as_str().unwrap();
            let [absent, null] = without(&case["body"], path);
            let mut odd = case["body"].clone();
            odd[path] = json!({ "a": 1 });
            let mut long = case["body"].clone();
            long[path] = json!("x".repeat(300));
            let mut empty = case["body"].clone();
            empty[path] = json!("");
            for body in [absent, null, odd, long, empty] {
                told.push((400, ask(&serving, &case, "clean", &body)));
            }
        }
        let headers = shown(door, &key("clean"));
        let whole = case["body"].to_string();
        for body in ["", "{", "[]", "null", &whole[..whole.len() - 1]] {
            told.push((400, ask_with(&serving, &case, &headers, body)));
        }
        let twice = whole.replacen('{', "{\"orderId\":\"a\",\"requestId\":\"a\",", 1);
        told.push((400, ask_with(&serving, &case, &headers, &twice)));
        let mut large = case["body"].clone();
        large["large"] = json!(CARD.repeat(5_000));
        told.push((413, ask(&serving, &case, "clean", &large)));
        for (status, told) in told {
            assert_eq!(told.status, status, "{}: {}", case["name"], told.body);
            is_error(door, &told);
            answers += &told.body;
        }
    }
    nothing_is_kept(&serving, &answers);
}

#[test]
fn a_key_that_stands_for_nobody_gets_no_answer() {
    let open = serving("");
    let closed = Serving::start("");
    for case in cases() {
        let door = case["door"].as_str().unwrap();
        let body = case["body"].to_string();
        let other = match door {
            "signifyd" => format!("x-api-key: {}\r\n", key("clean")),
            _ => format!("authorization: Basic {}\r\n", STANDARD.encode(key("clean"))),
        };
        let right = shown(door, &key("clean"));
        for headers in [
            shown(door, "key-of-nobody"),
            shown(door, ""),
            other,
            String::new(),
            format!("{right}{right}"),
            format!("authorization: Bearer {}\r\n", key("clean")),
        ] {
            let told = ask_with(&open, &case, &headers, &body);
            // Of many wrong keys some are asked to wait.
            assert!(
                [401, 429].contains(&told.status),
                "{headers}: {}",
                told.body
            );
            is_error(door, &told);
        }
        let told = ask_with(&closed, &case, &right, &body);
        assert_eq!(told.status, 404, "{}", told.body);
        is_error(door, &told);
    }
}

#[test]
fn who_was_not_screened_has_an_error_and_no_decision() {
    let choice = "[doors.payshield.answers]\npass = \"ACCEPT\"\nhold = \"not_screened\"\nrefuse = \"REJECT\"\n\
                  not_screened = \"503\"\n";
    for (further, is_named_refused) in [("", true), (choice, false)] {
        let serving = serving(further);
        for case in cases() {
            let door = case["door"].as_str().unwrap();
            if case.get("answers").is_none() {
                continue;
            }
            // The portfolio has no such merchant.
            let told = ask(&serving, &case, "unknown", &case["body"]);
            assert_eq!(told.status, 503, "{}", told.body);
            is_error(door, &told);
            if case["body"]["connectorType"] == "PAYOUT" {
                // It would be held, and nothing names it.
                let told = ask(&serving, &case, UNCOVERED, &case["body"]);
                assert_eq!(told.status, 503, "{}", told.body);
                is_error(door, &told);
                let told = ask(&serving, &case, "review", &case["body"]);
                assert_eq!(told.status == 200, is_named_refused, "{}", told.body);
            }
        }
    }
}
