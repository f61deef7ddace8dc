//! Issuers' authorisation events, signed as each issuer signs, against the service.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, Mac as _};
use interdict_helpers::{Coalition, fixtures};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{Serving, Told, client, first, read, request};
use crate::enrolment::enrol_file;

/// 2026-11-22T01:02:03Z, from which the service's clock goes on.
const NOW: u64 = 1_795_309_323;
const STRIPE: &str = "whsec_0123456789abcdef0123456789abcdef";
const STRIPE_NEXT: &str = "whsec_fedcba9876543210fedcba9876543210";
const ADYEN: &str = "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF";
const LITHIC: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const MARQETA: &str = "user:Password-of-20-chars";
/// As many events as one door reads at once, before it knows who sent them.
const CROWD: usize = 64;
const ALL: [&str; 4] = [
    "stripe-issuing",
    "adyen-relayed",
    "lithic-asa",
    "marqeta-jit",
];

/// For an issuer that asks the service itself.
const ALONE: &str = "answers = { pass = \"503\", hold = \"refuse_if_named\", refuse = \"decline\", not_screened = \"503\" }\n";
const APPROVING: &str = "answers = { pass = \"approve\", hold = \"refuse_if_named\", refuse = \"decline\", not_screened = \"503\" }\n\
     approve_alone = true\n";

/// A service whose doors for issuers are open, with these lines about each of them and further ones in `gateway.toml`.
fn serving(door: &str, lines: &str) -> Serving {
    let room = enrolled();
    for (file, secret) in [
        ("stripe.secret", STRIPE),
        ("stripe-next.secret", STRIPE_NEXT),
        ("adyen.secret", ADYEN),
        ("lithic.secret", LITHIC),
        ("marqeta.secret", MARQETA),
    ] {
        fs::write(room.path().join(file), format!("{secret}\n")).unwrap();
    }
    let mut all = lines.to_owned();
    for (table, secrets) in [
        (
            "stripe_issuing",
            "\"stripe.secret\", \"stripe-next.secret\"",
        ),
        ("adyen_relayed", "\"adyen.secret\""),
        ("lithic_asa", "\"lithic.secret\""),
        ("marqeta_jit", "\"marqeta.secret\""),
    ] {
        write!(all, "[doors.{table}]\n{door}secrets = [{secrets}]\n").unwrap();
    }
    Serving::start_in(room, &all)
}

/// A directory in which a gateway is enrolled with a coalition that lists `shop.example`.
fn enrolled() -> tempfile::TempDir {
    let room = tempfile::tempdir().unwrap();
    let coalition = Coalition::new(room.path());
    coalition.publish(1, &[first()]);
    enrol_file(room.path(), &coalition.enrolment("repository", &[1]));
    room
}

/// Open, with a journal, and every door answers the verdict.
fn answering() -> Serving {
    serving("", "[journal]\n")
}

fn mac(key: &[u8], parts: &[&str]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    for part in parts {
        mac.update(part.as_bytes());
    }
    mac.finalize().into_bytes().to_vec()
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        write!(text, "{byte:02x}").unwrap();
    }
    text
}

fn stripe(secret: &str, at: u64, body: &str) -> String {
    let made = mac(secret.as_bytes(), &[&at.to_string(), ".", body]);
    format!("stripe-signature: t={at},v1={}\r\n", hexadecimal(&made))
}

/// The headers with which an issuer sends an event.
fn signed(issuer: &str, at: u64, body: &str) -> String {
    match issuer {
        "stripe-issuing" => stripe(STRIPE, at, body),
        "adyen-relayed" => {
            let key: Vec<u8> = (0..32)
                .map(|byte| u8::from_str_radix(&ADYEN[byte * 2..byte * 2 + 2], 16).unwrap())
                .collect();
            format!("hmacsignature: {}\r\n", BASE64.encode(mac(&key, &[body])))
        }
        "lithic-asa" => {
            let key = BASE64.decode(&LITHIC["whsec_".len()..]).unwrap();
            let made = mac(&key, &["msg_1", ".", &at.to_string(), ".", body]);
            format!(
                "webhook-id: msg_1\r\nwebhook-timestamp: {at}\r\nwebhook-signature: v1,{}\r\n",
                BASE64.encode(made)
            )
        }
        _ => format!("authorization: Basic {}\r\n", BASE64.encode(MARQETA)),
    }
}

fn send(serving: &Serving, issuer: &str, body: &str) -> Told {
    serving.post(&place(issuer), &signed(issuer, NOW, body), body)
}

fn place(issuer: &str) -> String {
    format!("/v1/screen/from/{issuer}")
}

/// An event about a merchant with this web address, or, of issuers that send none, with this id.
fn event(issuer: &str, url: &str) -> Value {
    match issuer {
        "stripe-issuing" => json!({
            "type": "issuing_authorization.request", "api_version": "2026-02-25.clover",
            "data": {"object": {
                "merchant_data": {"network_id": "SHOP0001", "url": url},
                "network_data": {"acquiring_institution_id": "412345"},
            }},
        }),
        "adyen-relayed" => {
            json!({"merchantData": {"merchantId": "SHOP0001", "acquirerId": "412345"}})
        }
        "lithic-asa" => json!({
            "token": "0a4bdc5e-3a2c-4f21-9a4f-0a4bdc5e3a2c",
            "merchant": {"acceptor_id": "SHOP0001", "acquiring_institution_id": "412345"},
        }),
        _ => json!({
            "card_acceptor": {"mid": "SHOP0001", "url": url},
            "acquirer": {"institution_id_code": "412345"},
            "gpa_order": {"jit_funding": {
                "token": "27a944c9-3c73-4c10-ad1e-4bfbf919749f", "method": "pgfs.authorization",
                "user_token": "payer-7", "amount": 10.55,
            }},
        }),
    }
}

fn journal(serving: &Serving) -> Vec<String> {
    let mut text = String::new();
    for file in fs::read_dir(serving.room().join("journal")).unwrap() {
        text += &fs::read_to_string(file.unwrap().path()).unwrap_or_default();
    }
    text.lines().map(str::to_owned).collect()
}

/// The lines of the journal about what a door was asked.
fn asked(serving: &Serving, issuer: &str) -> Vec<String> {
    let door = format!("\"door\":\"{issuer}\"");
    let client = format!("\"client\":\"{issuer}\"");
    let lines = journal(serving).into_iter();
    lines
        .filter(|line| line.contains(&door))
        .inspect(|line| assert!(line.contains(&client), "{line}"))
        .collect()
}

fn cases() -> Vec<Value> {
    serde_json::from_slice(&fs::read(fixtures().join("issuers.json")).unwrap()).unwrap()
}

#[test]
fn every_case_is_answered_with_what_is_kept_of_it_or_with_its_problem() {
    let serving = answering();
    for case in cases() {
        let name = &case["name"];
        let body = match case["text"].as_str() {
            Some(text) => text.to_owned(),
            None => case["event"].to_string(),
        };
        let told = send(&serving, case["issuer"].as_str().unwrap(), &body);
        let mut expected = case["expect"].clone();
        if let Some(error) = expected["error"].as_str() {
            assert_eq!(
                (told.status, told.problem().as_str()),
                (503, error),
                "{name}"
            );
            continue;
        }
        assert_eq!(told.status, 200, "{name}: {}", told.body);
        let told = told.json();
        let kept = expected.as_object_mut().unwrap();
        let incomplete = kept.remove("incomplete").unwrap();
        kept.remove("identifiers");
        kept.remove("request");
        assert_eq!(told["event"], expected, "{name}");
        assert_eq!(told["incomplete"], incomplete, "{name}");
        let verdict = &told["verdict"];
        assert!(
            verdict["action"].is_string() && verdict["lists"].is_array(),
            "{name}"
        );
        assert_eq!(verdict.get("receipt"), None, "{name}");
        // Half of a name, and a web address that was dropped, are never clean.
        let is_url = case["expect"].get("url").is_some();
        if !is_url && incomplete != json!([]) {
            assert_ne!(verdict["action"], "allow", "{name}: {verdict}");
        }
    }
}

#[test]
fn a_listed_merchant_is_refused_and_the_issuers_own_words_for_it_are_there() {
    let serving = answering();
    for issuer in ["stripe-issuing", "marqeta-jit"] {
        let clean = send(
            &serving,
            issuer,
            &event(issuer, "https://clean.test/").to_string(),
        );
        assert_eq!(clean.status, 200, "{}", clean.body);
        assert_eq!(clean.json()["verdict"]["decision"], "pass");
        assert_eq!(clean.json().get("decline"), None);
        let listed = send(
            &serving,
            issuer,
            &event(issuer, "https://shop.example/").to_string(),
        );
        assert_eq!(listed.status, 200, "{}", listed.body);
        let told = listed.json();
        assert_eq!(told["verdict"]["decision"], "refuse", "{told}");
        let id = told["verdict"]["id"].as_str();
        assert_eq!(listed.header("interdict-id"), id);
        assert_eq!(told["decline"], words(issuer), "{told}");
        assert_eq!(listed.header("content-type"), Some("application/json"));
    }
}

/// What an issuer takes for no.
fn words(issuer: &str) -> Value {
    match issuer {
        "stripe-issuing" => {
            json!({"status": 200, "headers": {"stripe-version": "2026-02-25.clover"},
            "body": {"approved": false}})
        }
        _ => json!({"status": 402, "headers": {}, "body": {"jit_funding": {
            "token": "27a944c9-3c73-4c10-ad1e-4bfbf919749f", "method": "pgfs.authorization",
            "user_token": "payer-7", "amount": 10.55}}}),
    }
}

#[test]
fn a_door_that_answers_the_issuer_declines_who_is_listed_and_says_nothing_of_others() {
    let serving = serving(ALONE, "");
    for issuer in ["stripe-issuing", "marqeta-jit"] {
        let listed = send(
            &serving,
            issuer,
            &event(issuer, "https://shop.example/").to_string(),
        );
        let own = words(issuer);
        assert_eq!(json!(listed.status), own["status"]);
        assert_eq!(listed.json(), own["body"]);
        let version = own["headers"]["stripe-version"].as_str();
        assert_eq!(listed.header("stripe-version"), version);
        assert!(listed.header("interdict-id").is_some());
        for _ in 0..2 {
            let clean = send(
                &serving,
                issuer,
                &event(issuer, "https://clean.test/").to_string(),
            );
            assert_eq!(
                (clean.status, clean.problem().as_str()),
                (503, "nothing_said")
            );
        }
    }
    for issuer in ["adyen-relayed", "lithic-asa"] {
        let told = send(&serving, issuer, &event(issuer, "").to_string());
        assert_eq!(
            (told.status, told.problem().as_str()),
            (503, "nothing_said"),
            "{}",
            told.body
        );
    }
}

#[test]
fn a_door_that_may_approve_alone_approves_in_each_issuers_words_and_warns() {
    let serving = serving(APPROVING, "");
    let yes = [
        (200, json!({"approved": true})),
        (
            200,
            json!({"authorisationDecision": {"status": "Authorised"}}),
        ),
        (
            200,
            json!({"result": "APPROVED", "token": "0a4bdc5e-3a2c-4f21-9a4f-0a4bdc5e3a2c"}),
        ),
        (200, words("marqeta-jit")["body"].clone()),
    ];
    for (issuer, (status, body)) in ALL.into_iter().zip(yes) {
        let told = send(
            &serving,
            issuer,
            &event(issuer, "https://clean.test/").to_string(),
        );
        assert_eq!((told.status, told.json()), (status, body), "{issuer}");
        let warning = format!("the door {issuer} approves spending alone");
        assert!(serving.log().contains(&warning), "{}", serving.log());
    }
    // What names nobody is not approved.
    let told = send(&serving, "adyen-relayed", "{}");
    assert_eq!((told.status, told.problem().as_str()), (503, "no_merchant"));
}

#[test]
fn degradation_alone_declines_nobody() {
    for door in ["", ALONE] {
        let serving = serving(door, "");
        // No list checks a card acceptor, and half of one names nobody.
        let body = json!({"merchantData": {"merchantId": "SHOP0001"}}).to_string();
        let told = send(&serving, "adyen-relayed", &body);
        match door.is_empty() {
            true => {
                assert_eq!(told.status, 200, "{}", told.body);
                assert_eq!(told.json()["verdict"]["decision"], "pass", "{}", told.body);
                assert_eq!(told.json().get("decline"), None);
            }
            false => assert_eq!(told.problem(), "nothing_said"),
        }
    }
}

#[test]
fn no_event_is_believed_without_the_issuers_signature() {
    let serving = answering();
    for issuer in ALL {
        let body = event(issuer, "https://shop.example/").to_string();
        let right = signed(issuer, NOW, &body);
        let other = body.replace("SHOP0001", "SHOP0002");
        let cut: String = right
            .lines()
            .map(|line| format!("{}\r\n", &line[..line.len() - 2]))
            .collect();
        let mut wrong = vec![
            ("nothing", String::new(), &body),
            (
                "a token",
                "authorization: Bearer token\r\n".to_owned(),
                &body,
            ),
            ("cut", cut, &body),
            ("twice", format!("{right}{right}"), &body),
        ];
        if issuer != "marqeta-jit" {
            wrong.push(("another body", right.clone(), &other));
        }
        for (about, headers, body) in wrong {
            let told = serving.post(&place(issuer), &headers, body);
            let problem = told.problem();
            assert_eq!(
                (told.status, problem.as_str()),
                (503, "not_signed"),
                "{issuer}: {about}"
            );
        }
        assert_eq!(
            serving.post(&place(issuer), &right, &body).status,
            200,
            "{issuer}"
        );
    }
}

#[test]
fn an_event_that_was_signed_too_early_or_too_late_is_not_screened() {
    let serving = answering();
    for issuer in ["stripe-issuing", "lithic-asa"] {
        let body = event(issuer, "https://shop.example/").to_string();
        for at in [NOW - 301, NOW + 3600] {
            let told = serving.post(&place(issuer), &signed(issuer, at, &body), &body);
            let problem = told.problem();
            assert_eq!(
                (told.status, problem.as_str()),
                (503, "signed_otherwhen"),
                "{issuer} {at}"
            );
        }
        // The service's clock goes on while the test runs.
        for at in [NOW - 200, NOW + 300] {
            let told = serving.post(&place(issuer), &signed(issuer, at, &body), &body);
            assert_eq!(told.status, 200, "{issuer} {at}: {}", told.body);
        }
    }
    assert_eq!(asked(&serving, "stripe-issuing").len(), 2);
}

#[test]
fn both_secrets_are_good_while_they_are_rotated() {
    let serving = answering();
    let body = event("stripe-issuing", "https://shop.example/").to_string();
    for secret in [STRIPE, STRIPE_NEXT] {
        let told = serving.post(&place("stripe-issuing"), &stripe(secret, NOW, &body), &body);
        assert_eq!(told.status, 200, "{}", told.body);
    }
    let other = stripe("whsec_0000000000000000", NOW, &body);
    let told = serving.post(&place("stripe-issuing"), &other, &body);
    assert_eq!(told.problem(), "not_signed");
    // A secret of one door opens no other.
    let told = serving.post(&place("lithic-asa"), &stripe(STRIPE, NOW, &body), &body);
    assert_eq!(told.problem(), "not_signed");
}

#[test]
fn an_event_that_comes_again_gets_the_same_bytes_and_no_second_line() {
    let serving = answering();
    for issuer in ALL {
        let body = event(issuer, "https://shop.example/").to_string();
        let first = send(&serving, issuer, &body);
        assert_eq!(first.status, 200, "{}", first.body);
        for _ in 0..3 {
            let again = send(&serving, issuer, &body);
            assert_eq!((again.status, &again.body), (200, &first.body));
            assert_eq!(again.header("interdict-id"), first.header("interdict-id"));
        }
        assert_eq!(asked(&serving, issuer).len(), 1, "{issuer}");
        let other = body.replace("SHOP0001", "SHOP0002");
        assert_ne!(send(&serving, issuer, &other).body, first.body);
        assert_eq!(asked(&serving, issuer).len(), 2, "{issuer}");
    }
}

#[test]
fn one_event_that_comes_many_times_at_once_is_screened_once() {
    let serving = answering();
    let body = event("adyen-relayed", "").to_string();
    let told: Vec<String> = thread::scope(|scope| {
        let asking: Vec<_> = (0..16)
            .map(|_| scope.spawn(|| send(&serving, "adyen-relayed", &body).body))
            .collect();
        asking.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(told.iter().all(|one| *one == told[0]), "{told:?}");
    assert_eq!(asked(&serving, "adyen-relayed").len(), 1);
}

#[test]
fn what_is_not_screened_has_a_line_only_if_the_issuer_signed_it() {
    let serving = answering();
    let told = send(&serving, "lithic-asa", "{\"merchant\":");
    assert_eq!(told.problem(), "malformed");
    assert!(told.json()["id"].is_string(), "{}", told.body);
    assert_eq!(asked(&serving, "lithic-asa").len(), 1);
    // A failure is not remembered.
    assert_eq!(
        send(&serving, "lithic-asa", "{\"merchant\":").problem(),
        "malformed"
    );
    assert_eq!(asked(&serving, "lithic-asa").len(), 2);
    assert_eq!(
        serving.post(&place("lithic-asa"), "", "{}").problem(),
        "not_signed"
    );
    assert_eq!(asked(&serving, "lithic-asa").len(), 2);
}

#[test]
fn an_event_of_more_than_64_kib_is_refused_and_one_of_64_kib_is_not() {
    let serving = answering();
    let mut event = event("adyen-relayed", "");
    let small = event.to_string().len();
    for (bytes, expected) in [(65_536, 200), (65_537, 503)] {
        event["memo"] = "x".repeat(bytes - small - r#","memo":"""#.len()).into();
        let body = event.to_string();
        assert_eq!(body.len(), bytes);
        let told = send(&serving, "adyen-relayed", &body);
        assert_eq!(told.status, expected, "{}", told.body);
        if expected == 503 {
            assert_eq!(told.problem(), "too_large");
        }
    }
}

#[test]
fn a_door_without_secrets_is_closed_and_a_clients_token_opens_none() {
    let shop = client("shop", "shop", "");
    let serving = Serving::start(&shop);
    for issuer in ALL {
        let body = event(issuer, "").to_string();
        let headers = format!(
            "{}authorization: Bearer shop\r\n",
            signed("adyen-relayed", NOW, &body)
        );
        let told = serving.post(&place(issuer), &headers, &body);
        assert_eq!(
            (told.status, told.problem().as_str()),
            (503, "door_closed"),
            "{issuer}"
        );
        let told = serving.get(&place(issuer));
        assert_eq!(told.problem(), "method_not_allowed");
    }
}

#[test]
fn nothing_of_payer_or_card_is_answered_logged_recorded_or_counted() {
    let serving = answering();
    for case in cases() {
        let Some(event) = case
            .get("event")
            .filter(|_| case["name"].as_str().unwrap().ends_with("published sample"))
        else {
            continue;
        };
        let issuer = case["issuer"].as_str().unwrap();
        let mut event = event.clone();
        let planted = plant(&mut event, &case["expect"]);
        assert!(planted > 30, "{issuer}: {planted}");
        let told = send(&serving, issuer, &event.to_string());
        assert_eq!(told.status, 200, "{}", told.body);
        assert_eq!(told.json()["event"]["acceptor"], case["expect"]["acceptor"]);
        let places = [
            told.head.clone(),
            told.body.clone(),
            serving.get("/metrics").body,
            serving.get("/v1/status").body,
            serving.log(),
            journal(&serving).join("\n"),
        ];
        for text in &places {
            assert!(!text.contains("planted"), "{issuer}: {text}");
        }
        let [_, _, metrics, _, log, lines] = &places;
        // The merchant is in the answer alone.
        for member in ["acceptor", "name", "url"] {
            let Some(value) = case["expect"][member].as_str() else {
                continue;
            };
            for text in [metrics, log, lines] {
                assert!(!text.contains(value), "{issuer}: {value} in {text}");
            }
        }
        assert!(metrics.contains(&place(issuer)), "{metrics}");
    }
}

/// Puts a mark into every text that is neither kept nor says what the event is, and says into how many.
fn plant(value: &mut Value, kept: &Value) -> usize {
    match value {
        Value::String(text) => {
            let is_kept = kept
                .as_object()
                .unwrap()
                .values()
                .any(|one| one == text.as_str());
            let is_type = text == "issuing_authorization.request"
                || text == "balancePlatform.authorisation.relayed";
            if is_kept || is_type {
                return 0;
            }
            *text = "planted".to_owned();
            1
        }
        Value::Array(elements) => elements.iter_mut().map(|one| plant(one, kept)).sum(),
        Value::Object(members) => {
            let mut count = 0;
            for name in ["number", "pan", "cvv", "iban", "email"] {
                members.insert(name.to_owned(), "planted".into());
                count += 1;
            }
            let others = members
                .iter_mut()
                .filter(|(_, member)| **member != "planted");
            count + others.map(|(_, member)| plant(member, kept)).sum::<usize>()
        }
        _ => 0,
    }
}

#[test]
fn a_secret_that_is_none_of_its_issuer_stops_the_service_and_is_not_repeated() {
    let room = enrolled();
    let path = room.path().join("gateway.toml");
    let text = fs::read_to_string(&path).unwrap();
    let lines = "[service]\nlisten = \"127.0.0.1:0\"\n[doors.adyen_relayed]\nsecrets = [\"adyen.secret\"]\n";
    fs::write(&path, format!("{text}\n{lines}")).unwrap();
    for secret in [Some("no-key-at-all"), None] {
        match secret {
            Some(text) => fs::write(room.path().join("adyen.secret"), text).unwrap(),
            None => fs::remove_file(room.path().join("adyen.secret")).unwrap(),
        }
        let run = super::serve_at(room.path(), "2026-11-22T01:02:03Z")
            .output()
            .unwrap();
        assert!(!run.status.success());
        let told = String::from_utf8(run.stderr).unwrap();
        assert!(
            told.contains("adyen.secret") && !told.contains("no-key-at-all"),
            "{told}"
        );
    }
}

#[test]
fn a_request_in_chunks_is_read_like_any_other() {
    let serving = answering();
    let body = event("adyen-relayed", "").to_string();
    let whole = request(
        &place("adyen-relayed"),
        &signed("adyen-relayed", NOW, &body),
        "",
    );
    let head = whole.replace("content-length: 0", "transfer-encoding: chunked");
    let (first, second) = body.split_at(7);
    let chunks = format!(
        "{head}{:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n",
        first.len(),
        second.len()
    );
    let told = serving.raw(chunks.as_bytes());
    assert_eq!(told.status, 200, "{}", told.body);
}

#[test]
fn whoever_guesses_signatures_is_asked_to_wait_and_the_issuer_is_not() {
    let serving = answering();
    let body = event("stripe-issuing", "https://shop.example/").to_string();
    let guesses = || -> Vec<String> {
        let wrong = stripe("whsec_0000000000000000", NOW, &body);
        let guess = || {
            serving
                .post(&place("stripe-issuing"), &wrong, &body)
                .problem()
        };
        thread::scope(|scope| {
            let all: Vec<_> = (0..60).map(|_| scope.spawn(guess)).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        })
    };
    let told: Vec<String> = (0..5).flat_map(|_| guesses()).collect();
    assert!(
        told.iter()
            .all(|name| name == "not_signed" || name == "rate_limited")
    );
    assert!(told.iter().any(|name| name == "rate_limited"), "{told:?}");
    assert_eq!(send(&serving, "stripe-issuing", &body).status, 200);
}

/// The head of an event and the first bytes of its body; the rest does not come.
fn begun(serving: &Serving, issuer: &str) -> TcpStream {
    let body = event(issuer, "https://shop.example/").to_string();
    let whole = request(&place(issuer), &signed(issuer, NOW, &body), &body);
    let mut stream = serving.stream();
    let begin = whole.len() - body.len() / 2;
    stream.write_all(&whole.as_bytes()[..begin]).unwrap();
    stream
}

#[test]
fn an_event_that_does_not_arrive_in_time_is_not_screened_and_keeps_nobody_waiting() {
    let serving = answering();
    for issuer in ALL {
        let late = begun(&serving, issuer);
        let listed = event("stripe-issuing", "https://shop.example/").to_string();
        let told = send(&serving, "stripe-issuing", &listed);
        assert_eq!(told.json()["verdict"]["decision"], "refuse", "beside it");
        let told = read(late);
        let problem = told.problem();
        assert_eq!(
            (told.status, problem.as_str()),
            (503, "too_slow"),
            "{issuer}"
        );
        assert_eq!(told.header("interdict-id"), None);
        // Whose event it would have been is not known, so nothing of it is recorded.
        let lines = asked(&serving, issuer);
        let stripe = usize::from(issuer == "stripe-issuing");
        assert_eq!(lines.len(), stripe, "{issuer}");
    }
}

#[test]
fn more_events_than_a_door_reads_at_once_are_shed_and_screened_when_they_come_again() {
    let serving = answering();
    let body = event("stripe-issuing", "https://clean.test/").to_string();
    // They are read for two seconds at most, so on a slow machine the crowd comes again.
    let mut crowd = Vec::new();
    let shed = (0..20).find_map(|_| {
        crowd = (0..CROWD)
            .map(|_| begun(&serving, "stripe-issuing"))
            .collect();
        thread::sleep(Duration::from_millis(100));
        let told = send(&serving, "stripe-issuing", &body);
        (told.status != 200).then_some(told)
    });
    let shed = shed.expect("an event that is shed");
    assert_eq!((shed.status, shed.problem().as_str()), (503, "shed"));
    // Another issuer's door has places of its own.
    let other = event("marqeta-jit", "https://clean.test/").to_string();
    assert_eq!(send(&serving, "marqeta-jit", &other).status, 200);
    drop(crowd);
    let again = (0..100).find_map(|_| {
        let told = send(&serving, "stripe-issuing", &body);
        thread::sleep(Duration::from_millis(50));
        (told.status == 200).then_some(told)
    });
    let again = again.expect("an event that is screened");
    assert_eq!(again.json()["verdict"]["decision"], "pass");
}

#[test]
fn an_event_is_shed_while_the_service_has_no_place_for_it() {
    let serving = serving(
        "",
        "[service]\nlisten = \"127.0.0.1:0\"\nmax_requests = 1\nread_seconds = 60\n",
    );
    // A request whose body does not come takes the only place.
    let mut slow = serving.stream();
    let head = b"POST /v1/screen HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n";
    slow.write_all(head).unwrap();
    for issuer in ALL {
        let body = event(issuer, "https://shop.example/").to_string();
        let shed = (0..50).find_map(|_| {
            let told = send(&serving, issuer, &body);
            thread::sleep(Duration::from_millis(20));
            (told.status != 200).then_some(told)
        });
        let shed = shed.expect("an event that is shed");
        assert_eq!(
            (shed.status, shed.problem().as_str()),
            (503, "shed"),
            "{issuer}"
        );
    }
}
