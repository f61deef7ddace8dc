//! What an analyst's system may do with cases, and what a payment system may not.

use std::fs;
use std::thread;
use std::time::Duration;

use interdict_helpers::{Coalition, shows_card};
use serde_json::{Value, json};

use super::{Serving, Told, client, decisions, first, must_be, run};
use crate::enrolment::enrol_file;

const ANALYST: &str = "authorization: Bearer analyst\r\n";

/// With two cases: 1 of `m_market`, 2 of `m_shop`.
fn serving() -> Serving {
    let room = tempfile::tempdir().unwrap();
    let coalition = Coalition::new(room.path());
    coalition.publish(1, &[first()]);
    enrol_file(room.path(), &coalition.enrolment("repository", &[1]));
    let merchants = ["market", "shop", "flowers"].map(|name| {
        let identifier = json!({"kind": "domain", "value": format!("{name}.example")});
        json!({"id": format!("m_{name}"), "flow": "payout", "identifiers": [identifier]})
            .to_string()
    });
    fs::write(room.path().join("merchants.ndjson"), merchants.join("\n")).unwrap();
    let lines = format!(
        "[service]\nlisten = \"127.0.0.1:0\"\nrefresh_seconds = 1\njitter_seconds = 0\nread_seconds = 2\n\
         [portfolio]\n[journal]\n{}{}",
        client("payments", "payments", ""),
        client("back-office", "analyst", "cases = true")
    );
    let serving = Serving::start_in(room, &lines);
    run(
        serving.room.path(),
        &["portfolio", "import", "merchants.ndjson"],
    );
    let are_there = (0..300).any(|_| {
        thread::sleep(Duration::from_millis(100));
        let told = get(&serving, ANALYST, "/v1/cases").json();
        told["cases"].as_array().is_some_and(|all| all.len() == 2)
    });
    assert!(are_there, "{}", serving.log());
    serving
}

fn get(serving: &Serving, headers: &str, path: &str) -> Told {
    let head =
        format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}\r\n");
    serving.raw(head.as_bytes())
}

fn numbers(page: &Value) -> Vec<u64> {
    let cases = page["cases"].as_array().unwrap().iter();
    cases.map(|case| case["number"].as_u64().unwrap()).collect()
}

#[test]
fn an_analysts_system_reads_cases_and_works_on_them_and_a_payment_system_does_not() {
    let serving = serving();
    let document = serving.get("/openapi.json").json();
    let listed = |query: &str| {
        let page = get(&serving, ANALYST, &format!("/v1/cases{query}")).json();
        must_be(&document, "CasePage", &page);
        page
    };
    let page = listed("");
    assert_eq!(numbers(&page), [1, 2]);
    let case = &page["cases"][0];
    assert_eq!(
        (&case["merchant"], &case["action"], &case["because"]),
        (&json!("m_market"), &json!("block"), &json!("record"))
    );
    assert_eq!(numbers(&listed("?limit=1")), [1]);
    assert_eq!(listed("?limit=1")["next"], 1);
    assert_eq!(numbers(&listed("?limit=1&after=1")), [2]);
    assert_eq!(listed("?after=2")["cases"], json!([]));
    assert_eq!(numbers(&listed("?merchant=m_shop")), [2]);

    let act = |headers: &str, path: &str, body: Value| {
        serving.post(&format!("/v1/cases/{path}"), headers, &body.to_string())
    };
    let told = act(ANALYST, "1/assign", json!({"to": "Bo", "by": "Ada"}));
    assert_eq!(told.status, 200, "{}", told.body);
    must_be(&document, "CaseAnswer", &told.json());
    assert_eq!(told.json()["assignee"], "Bo");
    assert_eq!(numbers(&listed("?assignee=Bo")), [1]);
    let told = act(
        ANALYST,
        "1/note",
        json!({"text": "called the acquirer", "by": "Bo"}),
    );
    assert_eq!(told.status, 200, "{}", told.body);
    let told = act(
        ANALYST,
        "1/close",
        json!({"decision": "offboarded", "by": "Bo"}),
    );
    assert_eq!(
        (told.status, &told.json()["state"]),
        (200, &json!("closed"))
    );
    let again = act(ANALYST, "1/close", json!({"decision": "again", "by": "Bo"}));
    assert_eq!(
        (again.status, again.problem().as_str()),
        (409, "case_closed")
    );
    must_be(&document, "Problem", &again.json());
    // The case's receipt is a line of the journal too.
    let found = run(
        serving.room(),
        &["audit", "find", "--reference", "m_market"],
    );
    assert!(found.contains(" receipt, door portfolio"), "{found}");
    let recorded = decisions(serving.room());
    for (line, what) in recorded
        .iter()
        .zip(["case_assigned", "case_noted", "case_closed"])
    {
        let brought = r#""client":"back-office","door":"cases""#;
        assert!(line.contains(what) && line.contains(brought), "{line}");
        assert!(!line.contains("acquirer") && !line.contains("offboarded"));
    }
    assert_eq!(recorded.len(), 3, "what is refused is not recorded");
    assert_eq!(numbers(&listed("")), [2]);
    assert_eq!(numbers(&listed("?state=closed")), [1]);
    assert_eq!(numbers(&listed("?state=all")), [1, 2]);

    let detail = get(&serving, ANALYST, "/v1/cases/1").json();
    must_be(&document, "CaseDetail", &detail);
    assert_eq!(detail["reasons"][0]["code"], "listed");
    let history = detail["history"].as_array().unwrap();
    let steps: Vec<&str> = history
        .iter()
        .map(|step| step["step"].as_str().unwrap())
        .collect();
    assert_eq!(steps, ["opened", "assigned", "noted", "closed"]);
    assert_eq!(
        (&history[0]["action"], &history[3]["text"]),
        (&json!("block"), &json!("offboarded"))
    );
    assert_eq!(history[1]["person"], "Ada (back-office)");
    assert!(!detail.to_string().contains("market.example"), "{detail}");

    // Whoever pays merchants out has no business there.
    let payments = "authorization: Bearer payments\r\n";
    for told in [
        get(&serving, payments, "/v1/cases"),
        get(&serving, payments, "/v1/cases/2"),
        act(
            payments,
            "2/close",
            json!({"decision": "mine", "by": "Ada"}),
        ),
    ] {
        assert_eq!(
            (told.status, told.problem().as_str()),
            (403, "cases_not_allowed")
        );
    }
    assert_eq!(get(&serving, "", "/v1/cases").problem(), "unauthenticated");
    assert_eq!(numbers(&listed("")), [2]);
}

#[test]
fn what_cannot_be_done_to_a_case_is_a_problem_and_changes_nothing() {
    let serving = serving();
    let document = serving.get("/openapi.json").json();
    let long = "a".repeat(5000);
    for (path, body, status, name) in [
        (
            "9/note",
            json!({"text": "a", "by": "Ada"}),
            404,
            "unknown_case",
        ),
        (
            "one/note",
            json!({"text": "a", "by": "Ada"}),
            404,
            "unknown_case",
        ),
        (
            "1/note",
            json!({"text": "card 4111 1111 1111 1111", "by": "Ada"}),
            400,
            "text_refused",
        ),
        (
            "1/note",
            json!({"text": "a", "by": "4111111111111111"}),
            400,
            "text_refused",
        ),
        (
            "1/note",
            json!({"text": "a", "by": " "}),
            400,
            "text_refused",
        ),
        (
            "1/note",
            json!({"text": long, "by": "Ada"}),
            400,
            "text_refused",
        ),
        ("1/note", json!({"text": "a"}), 400, "malformed"),
        (
            "1/note",
            json!({"text": "a", "by": "Ada", "also": 1}),
            400,
            "malformed",
        ),
        ("1/close", json!([]), 400, "malformed"),
        ("1/reopen", json!({}), 404, "not_found"),
    ] {
        let told = serving.post(&format!("/v1/cases/{path}"), ANALYST, &body.to_string());
        assert_eq!(
            (told.status, told.problem().as_str()),
            (status, name),
            "{path} {body}"
        );
        assert!(!shows_card(&told.body), "{}", told.body);
        must_be(&document, "Problem", &told.json());
    }
    for (query, name) in [
        ("?limit=0", "malformed"),
        ("?limit=1001", "malformed"),
        ("?state=none", "malformed"),
        ("?stat=open", "malformed"),
        ("?after=-1", "malformed"),
        ("/0", "unknown_case"),
    ] {
        let told = get(&serving, ANALYST, &format!("/v1/cases{query}"));
        assert_eq!(told.problem(), name, "{query}");
    }
    // Whoever writes for longer than a caller waits is named as the cause.
    let file = serving.room.path().join("portfolio.sqlite");
    let writer = rusqlite::Connection::open(file).unwrap();
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    let told = serving.post("/v1/cases/1/note", ANALYST, r#"{"text":"a","by":"Ada"}"#);
    assert_eq!((told.status, told.problem().as_str()), (503, "busy"));
    assert!(told.head.contains("retry-after: 1"), "{}", told.head);
    // Reading waits for nobody.
    let detail = get(&serving, ANALYST, "/v1/cases/1").json();
    assert_eq!(detail["history"].as_array().unwrap().len(), 1, "{detail}");
}
