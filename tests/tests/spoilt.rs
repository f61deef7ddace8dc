//! One bad value does not undo a screening: whatever one field of a request holds, a merchant whom the others
//! name stays blocked.

use std::collections::BTreeMap;

use interdict_core::rules::{Signal, SignalForm};
use interdict_tests::enrolment::{enrolled, polled_at, requiring};
use interdict_tests::fixtures;
use interdict_tests::gateway::load_store;
use interdict_tests::subject::Subject as _;
use interdict_tests::subjects::Alike;
use serde_json::{Value, json};

/// The time of the cases that these requests come from.
const NOW: u32 = 1_793_599_200;

/// Values that no field should hold.
const GARBAGE: [&str; 14] = [
    "",
    " ",
    "\u{0}",
    "SHOP0001\u{0}",
    "\u{200b}",
    "4111111111111111",
    "4111 1111 1111 1111",
    "5500-0000-0000-0004",
    "GB82WEST12345698765433",
    "https://",
    "mailto:a@b.example",
    "../../etc/passwd",
    "🂡",
    "x\u{202e}y",
];

/// Every field of a request that holds a text.
const FIELDS: [&str; 15] = [
    "/url",
    "/iso8583/de32",
    "/iso8583/de42",
    "/iso20022/cdtr_acct_iban",
    "/iso20022/cdtr_lei",
    "/iso20022/ultmt_cdtr_lei",
    "/iso20022/acqrr_id",
    "/iso20022/mrchnt_id",
    "/facilitator/facilitator_id",
    "/facilitator/sub_merchant_id",
    "/facilitator/lei",
    "/facilitator/url",
    "/facilitator/phone",
    "/facilitator/country",
    "/facilitator/registration",
];

const KINDS: [&str; 13] = [
    "domain",
    "iban",
    "lei",
    "card_acceptor",
    "sub_merchant",
    "wallet",
    "handle",
    "prepaid_program",
    "phone",
    "short_code",
    "registration",
    "label",
    "other",
];

struct Gateway(Alike);

impl Gateway {
    /// A gateway that loaded a repository of the fixtures, with its key.
    fn of(repository: &str) -> Self {
        let folder = fixtures().join(repository);
        let read = |path: &str| std::fs::read(folder.join(path)).ok();
        let root = read("metadata/1.root.json").expect("a root");
        let key = String::from_utf8(read("TEST-list.key").expect("a key")).unwrap();
        let mut coalition = enrolled("se", &root, &["se/merchants"]);
        coalition["history"] = polled_at("se", NOW);
        let mut subject = Alike::new().unwrap();
        subject.renew().unwrap();
        let mut gateway = Self(subject);
        let keys = json!([{"coalition": "se", "key": key.trim()}]);
        let policy = requiring("se", &["se/merchants"]);
        gateway.ok(
            "configure",
            &json!({"coalitions": [coalition], "keys": keys, "policy": policy,
                "receipt_key": "11".repeat(32)}),
            None,
        );
        load_store(
            |operation, message, file| gateway.ok(operation, message, file),
            read,
        );
        gateway
    }

    fn call(&mut self, operation: &str, message: &Value, file: Option<Vec<u8>>) -> Value {
        let text = message.to_string();
        let answer = self.0.call(operation, text.as_bytes(), file, NOW).unwrap();
        match answer {
            Ok(answer) => serde_json::from_str(&answer).unwrap(),
            Err((code, sentence)) => json!({"refused": code, "sentence": sentence}),
        }
    }

    fn ok(&mut self, operation: &str, message: &Value, file: Option<Vec<u8>>) -> Value {
        let answer = self.call(operation, message, file);
        assert_eq!(answer.get("refused"), None, "{message}: {answer}");
        answer
    }

    fn action(&mut self, request: &Value) -> String {
        let verdict = self.ok("screen", request, None);
        verdict["action"].as_str().unwrap().to_owned()
    }
}

/// The requests of the corpus about merchants whom the repository blocks, by repository.
fn blocked() -> BTreeMap<String, Vec<Value>> {
    let cases = std::fs::read(fixtures().join("cases/verdict.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_slice(&cases).unwrap();
    let mut blocked = BTreeMap::<String, Vec<Value>>::new();
    for case in cases {
        let plain = ["policy", "shadow", "overrides", "key", "edition", "history"];
        let is_plain = plain.iter().all(|member| case.get(member).is_none());
        if is_plain && case["verdict"]["action"] == "block" && case["now"] == "2026-11-02T06:00:00Z"
        {
            let repository = case["repository"].as_str().unwrap().to_owned();
            let mut request = case["request"].clone();
            // Sentences and views change nothing of it.
            request["view"] = "system".into();
            blocked.entry(repository).or_default().push(request);
        }
    }
    blocked
}

/// A request with one field set to a text.
fn spoilt(request: &Value, field: &str, text: &str) -> Value {
    let mut request = request.clone();
    match field[1..].split_once('/') {
        None => request[&field[1..]] = text.into(),
        Some((block, member)) => {
            if request.get(block).is_none() {
                request[block] = json!({});
            }
            request[block][member] = text.into();
        }
    }
    request
}

/// The same without the field, if it then still names anybody.
fn lacking(request: &Value, field: &str) -> Option<Value> {
    let mut request = spoilt(request, field, "");
    let pointer = field.rsplit_once('/')?;
    let block = request.pointer_mut(pointer.0)?.as_object_mut()?;
    block.remove(pointer.1);
    Some(request)
}

#[test]
fn a_blocked_merchant_stays_blocked_whatever_one_field_holds() {
    let mut asked = 0;
    for (repository, requests) in blocked() {
        let mut gateway = Gateway::of(&repository);
        for request in requests {
            assert_eq!(gateway.action(&request), "block", "{request}");
            for field in FIELDS {
                // A field that alone names the merchant takes the block with it.
                let without = lacking(&request, field).unwrap();
                let names = gateway.call("screen", &without, None)["action"] == "block";
                for text in GARBAGE {
                    let request = spoilt(&request, field, text);
                    let verdict = gateway.ok("screen", &request, None);
                    let action = verdict["action"].as_str().unwrap();
                    assert!(action == "block" || !names, "{request}: {verdict}");
                    // Garbage of one kind may be the name of somebody else.
                    let unused = verdict.get("unused").is_some();
                    assert!(!unused || action != "allow", "{request}: {verdict}");
                    asked += 1;
                }
            }
            for text in GARBAGE {
                let mut declared = request.clone();
                declared["signals"]["declared_urls"] = json!(["https://a.example", text]);
                assert_eq!(gateway.action(&declared), "block", "{declared}");
                for kind in KINDS {
                    let mut request = request.clone();
                    let mut identifiers = request["identifiers"].as_array().cloned();
                    let bad = json!({"kind": kind, "value": text});
                    identifiers.get_or_insert_default().push(bad);
                    request["identifiers"] = identifiers.into();
                    assert_eq!(gateway.action(&request), "block", "{request}");
                    asked += 1;
                }
            }
        }
    }
    assert!(asked > 3_500, "{asked}");
}

/// Values of a signal's own type that it cannot have. Every truth can be used.
fn unusable(form: SignalForm) -> Vec<Value> {
    match form {
        SignalForm::Count { low, high, .. } => {
            let [low, high] = [low, high].map(i64::from);
            let values = [low - 1, high + 1, 4_111_111_111_111_111, (1 << 53) - 1];
            values.map(Value::from).into()
        }
        SignalForm::Truth => Vec::new(),
        SignalForm::Category | SignalForm::Country => {
            let garbage = GARBAGE
                .into_iter()
                .chain(["541", "54111", "SWE", "S1", "５４１１"]);
            garbage.map(Value::from).collect()
        }
    }
}

#[test]
fn a_blocked_merchant_stays_blocked_whatever_is_known_of_it() {
    let mut asked = 0;
    for (repository, requests) in blocked() {
        let mut gateway = Gateway::of(&repository);
        for request in requests {
            let given = Signal::ALL.iter().filter(|signal| !signal.is_derived());
            for signal in given {
                for value in unusable(signal.form()) {
                    let mut request = request.clone();
                    request["signals"][signal.name()] = value;
                    let verdict = gateway.ok("screen", &request, None);
                    assert_eq!(verdict["action"], "block", "{request}");
                    let unused = verdict["unused"].as_array().unwrap().last().unwrap();
                    let path = format!("signals.{}", signal.name());
                    assert_eq!(unused["path"], path, "{request}");
                    assert_eq!(unused["rule"], "signal_value", "{request}");
                    let told = verdict.to_string();
                    let echoed = ["4111111111111111", "4111 1111"];
                    assert!(!echoed.iter().any(|card| told.contains(card)), "{told}");
                    assert_eq!(
                        gateway.ok("screen_batch", &request, None)["action"],
                        "block"
                    );
                    assert_eq!(gateway.ok("screen", &request, None), verdict);
                    asked += 1;
                }
            }
        }
    }
    assert!(asked > 500, "{asked}");
}

#[test]
fn a_blocked_merchant_stays_blocked_however_much_is_declared_and_however_long_the_reference() {
    for (repository, requests) in blocked() {
        let mut gateway = Gateway::of(&repository);
        for request in requests {
            for count in [1, 16, 17, 18, 500] {
                let mut request = request.clone();
                request["signals"]["declared_urls"] = addresses(count).into();
                assert_eq!(gateway.action(&request), "block", "{count}: {request}");
            }
            for length in [129, 200, 60_000] {
                let mut request = request.clone();
                request["reference"] = "4".repeat(length).into();
                let verdict = gateway.ok("screen", &request, None);
                assert_eq!(verdict["action"], "block", "{length}");
                assert_eq!(verdict["reference_dropped"], true, "{length}");
                assert!(verdict.get("reference").is_none(), "{length}");
            }
        }
    }
}

fn addresses(count: usize) -> Vec<String> {
    let addresses = (0..count).map(|number| format!("https://a{number}.example/x"));
    addresses.collect()
}

#[test]
fn a_signal_that_cannot_be_used_is_monitor_for_a_merchant_of_whom_nothing_is_found() {
    let mut gateway = Gateway::of("repositories/sample");
    for flow in ["onboarding", "authorisation", "payout", "checkout"] {
        let clean = json!({"flow": flow, "url": "https://flowers.example"});
        assert_eq!(gateway.action(&clean), "allow", "{flow}");
        let mut spoilt = clean.clone();
        spoilt["signals"] = json!({"mcc": "x"});
        let verdict = gateway.ok("screen", &spoilt, None);
        let found = [&verdict["action"], &verdict["because"]];
        assert_eq!(found, ["monitor", "fields"], "{verdict}");
        assert_eq!(verdict["degraded"], false);
        let rules = verdict["receipt"]["asked"].as_array().unwrap();
        assert_eq!(rules[1], json!({"unused": "signal_value"}));
    }
}

#[test]
fn a_listed_address_that_a_merchant_declared_blocks_whatever_page_is_asked_about() {
    let mut gateway = Gateway::of("repositories/sample");
    let listed = "https://bücher.example/pay";
    let declaring = |declared: Vec<String>| {
        json!({"flow": "payout", "url": "https://flowers.example",
            "signals": {"declared_urls": declared}})
    };
    for place in 0..16 {
        let mut declared = addresses(16);
        declared[place] = listed.to_owned();
        let verdict = gateway.ok("screen", &declaring(declared), None);
        assert_eq!(verdict["action"], "block", "{place}");
        assert_eq!(verdict["reasons"][0]["identifier"], place + 1);
    }
    let mut beyond = addresses(16);
    beyond.push(listed.to_owned());
    let verdict = gateway.ok("screen", &declaring(beyond), None);
    assert_eq!(
        verdict["action"], "monitor",
        "it says that one was left out"
    );
}

#[test]
fn a_request_of_nothing_but_garbage_is_answered_and_never_clean() {
    let mut gateway = Gateway::of("repositories/sample");
    for (flow, action) in [("payout", "review"), ("authorisation", "monitor")] {
        for text in GARBAGE {
            for kind in KINDS {
                let identifier = json!({"kind": kind, "value": text});
                let request = json!({"flow": flow, "identifiers": [identifier]});
                let verdict = gateway.ok("screen", &request, None);
                // What is garbage as one kind may be the name of somebody as another.
                if verdict["unused"][0]["rule"].is_null() {
                    continue;
                }
                assert_eq!(verdict["action"], action, "{request}: {verdict}");
                assert!(verdict["receipt"]["mac"].is_string());
            }
        }
    }
}

#[test]
fn only_the_form_of_a_message_refuses_it_and_a_refusal_has_a_receipt() {
    let mut gateway = Gateway::of("repositories/sample");
    for request in [
        json!({"flow": "payout"}),
        json!({"flow": "payout", "identifiers": []}),
        json!({"flow": "payout", "identifiers": [{"kind": "domains", "value": "a.example"}]}),
        json!({"flow": "payout", "url": 1}),
        json!({"flow": "payout", "url": "a.example", "pan": "x"}),
    ] {
        let line = gateway.ok("screen_batch", &request, None);
        assert!(line["error"]["code"].is_i64(), "{line}");
        assert!(line["error"]["receipt"]["mac"].is_string(), "{line}");
    }
}
