//! Sessions in which a page asks.

use serde_json::{Value, json};

use super::{Serving, Told, ask, client, must_be};

const SERVER: &str = "authorization: Bearer market\r\n";
const ORIGIN: &str = "https://market.example";

fn serving() -> Serving {
    Serving::start(&format!(
        "{}{}{}",
        client(
            "market",
            "market",
            "checkout_origins = [\"https://market.example\", \"http://localhost:8080\"]"
        ),
        client(
            "payouts",
            "payouts",
            "flows = [\"payout\"]\ncheckout_origins = [\"https://payouts.example\"]"
        ),
        client("closed", "closed", "")
    ))
}

fn question(name: &str) -> Value {
    let mut request = ask(name);
    request["flow"] = json!("checkout");
    request["language"] = json!("en");
    json!({"origin": ORIGIN, "request": request})
}

fn open(serving: &Serving, headers: &str, body: &Value) -> Told {
    serving.post("/v1/checkout/session", headers, &body.to_string())
}

fn page(serving: &Serving, origin: &str, token: &str) -> Told {
    let head = format!(
        "GET /v1/checkout/session HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\norigin: {origin}\r\n\
         authorization: Bearer {token}\r\n\r\n"
    );
    serving.raw(head.as_bytes())
}

#[test]
fn a_page_is_told_to_proceed_or_to_refuse_and_nothing_else() {
    let serving = serving();
    let document = serving.get("/openapi.json").json();
    let session = |name: &str| {
        let told = open(&serving, SERVER, &question(name));
        assert_eq!(told.status, 200, "{}", told.body);
        must_be(&document, "SessionAnswer", &told.json());
        assert!(
            !told.head.contains("access-control-allow-origin"),
            "{}",
            told.head
        );
        told.json()["token"].as_str().unwrap().to_owned()
    };
    let listed = session("shop.example");
    let told = page(&serving, ORIGIN, &listed);
    assert_eq!(told.status, 200, "{}", told.body);
    must_be(&document, "PageAnswer", &told.json());
    let allow = format!("access-control-allow-origin: {ORIGIN}");
    assert!(told.head.contains(&allow), "{}", told.head);
    assert!(
        told.head.contains("cache-control: no-store"),
        "{}",
        told.head
    );
    let members: Vec<String> = told.json().as_object().unwrap().keys().cloned().collect();
    assert_eq!(members, ["decision", "notice"]);
    assert_eq!(told.json()["decision"], "refuse");
    assert!(
        !told.body.contains("list"),
        "the notice leaks nothing: {}",
        told.body
    );
    let clean = session("flowers.example");
    assert_eq!(
        page(&serving, ORIGIN, &clean).body,
        r#"{"decision":"proceed"}"#
    );
    assert_ne!(clean, listed);
    // The token of a session opens nothing else.
    let bearer = format!("authorization: Bearer {clean}\r\n");
    let told = serving.post("/v1/screen", &bearer, &ask("shop.example").to_string());
    assert_eq!(told.problem(), "unauthenticated");
    assert_eq!(
        open(&serving, &bearer, &question("shop.example")).problem(),
        "unauthenticated"
    );
    // Neither does that of a client in a page.
    assert_eq!(page(&serving, ORIGIN, "market").problem(), "no_session");
    assert_eq!(page(&serving, ORIGIN, "").problem(), "no_session");
}

#[test]
fn a_page_of_another_origin_is_told_nothing() {
    let serving = serving();
    let told = open(&serving, SERVER, &question("shop.example"));
    let token = told.json()["token"].as_str().unwrap().to_owned();
    for origin in [
        "http://localhost:8080",
        "https://payouts.example",
        "https://evil.example",
        "null",
    ] {
        let told = page(&serving, origin, &token);
        assert_eq!(
            (told.status, told.problem().as_str()),
            (403, "origin_not_allowed")
        );
        assert!(!told.body.contains("refuse"));
    }
    let evil = page(&serving, "https://evil.example", &token);
    assert!(
        !evil.head.contains("access-control-allow-origin"),
        "{}",
        evil.head
    );
    let head = format!(
        "GET /v1/checkout/session HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\r\n"
    );
    assert_eq!(serving.raw(head.as_bytes()).problem(), "origin_not_allowed");
    let preflight = |origin: &str| {
        let head = format!(
            "OPTIONS /v1/checkout/session HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\norigin: {origin}\r\n\
             access-control-request-method: GET\r\naccess-control-request-headers: authorization\r\n\r\n"
        );
        serving.raw(head.as_bytes()).head
    };
    let allowed = preflight(ORIGIN);
    for header in [
        "access-control-allow-origin: https://market.example",
        "access-control-allow-methods: GET",
        "access-control-allow-headers: authorization",
    ] {
        assert!(allowed.contains(header), "{header} in {allowed}");
    }
    assert!(!allowed.contains("allow-credentials"), "{allowed}");
    assert!(!preflight("https://evil.example").contains("allow-origin"));
    assert_eq!(page(&serving, ORIGIN, &token).status, 200);
}

#[test]
fn a_session_is_opened_by_a_client_for_its_own_pages_and_for_checkout_alone() {
    let serving = serving();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut body = question("shop.example");
        change(&mut body);
        body
    };
    let as_it_is = with(&|_| {});
    assert_eq!(open(&serving, "", &as_it_is).problem(), "unauthenticated");
    for (token, body, name) in [
        ("closed", as_it_is.clone(), "origin_not_allowed"),
        (
            "market",
            with(&|body| body["origin"] = json!("https://other.example")),
            "origin_not_allowed",
        ),
        (
            "payouts",
            with(&|body| body["origin"] = json!("https://payouts.example")),
            "flow_not_allowed",
        ),
        (
            "market",
            with(&|body| body["request"]["flow"] = json!("payout")),
            "malformed",
        ),
        (
            "market",
            with(&|body| body["minutes"] = json!(61)),
            "malformed",
        ),
        (
            "market",
            with(&|body| body["amount"] = json!(61)),
            "malformed",
        ),
        (
            "market",
            with(&|body| body["request"]["identifiers"] = json!([])),
            "no_identifier",
        ),
        (
            "market",
            with(&|body| body["request"] = json!({"flow": "checkout", "merchant": "m_1"})),
            "unknown_merchant",
        ),
        (
            "market",
            with(&|body| body["request"]["reference"] = json!("a".repeat(5000))),
            "too_large",
        ),
    ] {
        let told = open(
            &serving,
            &format!("authorization: Bearer {token}\r\n"),
            &body,
        );
        assert_eq!(told.problem(), name, "{body}");
    }
    let mut twice = as_it_is.to_string();
    twice = twice.replace("\"request\":{", "\"request\":{\"flow\":\"checkout\",");
    let told = serving.post("/v1/checkout/session", SERVER, &twice);
    assert_eq!(told.problem(), "json_duplicate_member");
}
