//! What a payment system is told.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use interdict_helpers::{Coalition, shows_card};
use serde_json::{Value, json};

use super::{Serving, ask, client, must_be, read, request};
use crate::enrolment::enrol_file;

#[test]
fn a_payment_system_gets_a_verdict_and_what_to_do() {
    let mut serving = Serving::start("");
    let listed = serving.screen(&ask("shop.example"));
    let told = listed.json();
    assert_eq!(listed.status, 200);
    assert_eq!(
        (&told["action"], &told["decision"]),
        (&json!("block"), &json!("refuse"))
    );
    assert_eq!(
        (&told["because"], &told["degraded"]),
        (&json!("record"), &json!(false))
    );
    let id = told["id"].as_str().unwrap();
    assert!(
        listed.head.contains(&format!("interdict-id: {id}")),
        "{}",
        listed.head
    );
    assert_eq!(told.get("receipt"), None);
    let clean = serving.screen(&ask("flowers.example")).json();
    assert_eq!(
        (&clean["action"], &clean["decision"]),
        (&json!("allow"), &json!("pass"))
    );
    assert_ne!(clean["id"], told["id"]);
    let status = serving.get("/v1/status").json();
    let list = &status["coalitions"][0]["lists"][0];
    assert_eq!(
        (&list["list"], &list["sequence"]),
        (&json!("se/merchants"), &json!(1))
    );
    assert_eq!(status["refreshes"][0]["succeeded"], true);
    assert_eq!(serving.end(), Some(0));
}

#[test]
fn a_refused_request_is_a_problem_with_the_modules_code_and_no_verdict() {
    let serving = Serving::start("");
    // The names of docs/abi.md.
    for (body, name) in [
        ("", "json_syntax"),
        ("{", "json_syntax"),
        ("[]", "wrong_type"),
        (r#"{"flow":"payout"}"#, "no_identifier"),
        (
            r#"{"identifiers":[{"kind":"domain","value":"shop.example"}]}"#,
            "missing_field",
        ),
        (r#"{"flow":"gift","url":"shop.example"}"#, "unknown_value"),
        (
            r#"{"flow":"payout","pan":"4111111111111111"}"#,
            "pan_refused",
        ),
        (
            r#"{"flow":"payout","flow":"checkout","url":"shop.example"}"#,
            "json_duplicate_member",
        ),
        (
            "{\"flow\":\"payout\",\"url\":\"shop\n.example\"}",
            "json_syntax",
        ),
    ] {
        let told = serving.post("/v1/screen", "", body);
        assert_eq!(
            (told.status, told.problem().as_str()),
            (400, name),
            "{body}: {}",
            told.body
        );
        assert!(told.json()["code"].as_i64().unwrap() < 0, "{}", told.body);
        assert!(!shows_card(&told.body), "{}", told.body);
    }
    let pretty = serde_json::to_string_pretty(&ask("shop.example")).unwrap();
    assert_eq!(
        serving.post("/v1/screen", "", &pretty).json()["action"],
        "block"
    );
    assert_eq!(serving.post("/v1/nothing", "", "").problem(), "not_found");
    assert_eq!(serving.get("/v1/screen").problem(), "method_not_allowed");
}

#[test]
fn each_line_of_a_batch_has_its_answer() {
    let serving = Serving::start("max_body = 4096");
    let long = format!(
        r#"{{"flow":"payout","url":"{}.example"}}"#,
        "a".repeat(5000)
    );
    let lines = [
        ask("shop.example").to_string(),
        String::new(),
        "{".to_owned(),
        long,
        ask("flowers.example").to_string(),
    ];
    let told = serving.post("/v1/screen/batch", "", &lines.join("\n"));
    assert_eq!(told.status, 200);
    let answers: Vec<Value> = told
        .body
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let numbers: Vec<&Value> = answers.iter().map(|answer| &answer["line"]).collect();
    assert_eq!(numbers, [1, 3, 4, 5]);
    assert_eq!(answers[0]["action"], "block");
    assert_eq!(answers[1]["error"]["status"], 400);
    assert_eq!(
        answers[2]["error"]["type"],
        "urn:interdict:problem:too_large"
    );
    assert_eq!(answers[3]["decision"], "pass");
    let many = format!("{}\n", ask("shop.example")).repeat(5000);
    let told = serving.post("/v1/screen/batch", "", &many);
    assert_eq!(told.body.matches("\"action\":\"block\"").count(), 5000);
}

#[test]
fn every_answer_is_as_the_openapi_document_says() {
    let serving = Serving::start(&client("a", "secret", ""));
    let document = serving.get("/openapi.json").json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let valid = |name: &str, answer: &Value| must_be(&document, name, answer);
    let bearer = "authorization: Bearer secret\r\n";
    let mut asked = ask("shop.example");
    asked["view"] = json!("analyst");
    asked["language"] = json!("en");
    asked["reference"] = json!("case 17");
    for body in [asked, ask("flowers.example"), ask("not a name")] {
        let told = serving.post("/v1/screen", bearer, &body.to_string());
        assert_eq!(told.status, 200, "{}", told.body);
        valid("ScreenAnswer", &told.json());
    }
    valid("Problem", &serving.post("/v1/screen", bearer, "{").json());
    valid("Problem", &serving.post("/v1/screen", "", "{}").json());
    valid("Ready", &serving.get("/readyz").json());
    let head =
        format!("GET /v1/status HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{bearer}\r\n");
    valid("Status", &serving.raw(head.as_bytes()).json());
    let mut wrong = serving
        .post("/v1/screen", bearer, &ask("shop.example").to_string())
        .json();
    wrong["action"] = json!("stop");
    let schema = json!({
        "$ref": "#/components/schemas/ScreenAnswer", "components": document["components"],
    });
    assert!(
        !jsonschema::is_valid(&schema, &wrong),
        "the schema takes anything"
    );
    for path in document["paths"].as_object().unwrap().keys() {
        let place = path
            .replace("{issuer}", "lithic-asa")
            .replace("{flow}", "payout");
        assert_ne!(serving.get(&place).status, 404, "{path}");
    }
}

#[test]
fn test_merchants_are_served_where_no_coalition_is_enrolled() {
    let room = tempfile::tempdir().unwrap();
    let arguments = ["serve", "--try", "--listen"];
    let mut child = Command::new(env!("CARGO_BIN_EXE_interdict"))
        .args(arguments)
        .arg("127.0.0.1:0")
        .current_dir(room.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut line).unwrap();
    let place = line
        .split("http://")
        .nth(1)
        .and_then(|rest| rest.split(',').next());
    let place = place.unwrap_or_else(|| panic!("{line}"));
    let asked = |body: &str| {
        let mut stream = TcpStream::connect(place).unwrap();
        stream
            .write_all(request("/v1/screen", "", body).as_bytes())
            .unwrap();
        read(stream)
    };
    let told = asked(&ask("block.listed.test").to_string());
    let id = told.json()["id"].as_str().unwrap().to_owned();
    assert!(
        told.head.contains(&format!("interdict-id: {id}")),
        "{}",
        told.head
    );
    assert_eq!(asked(&" ".repeat(65_537)).problem(), "too_large");
    let told = told.json();
    assert_eq!(
        (&told["test"], &told["decision"]),
        (&json!(true), &json!("refuse")),
        "{told}"
    );
    let told = asked(&ask("shop.example").to_string()).json();
    assert_eq!(
        (&told["test"], &told["action"]),
        (&json!(true), &json!("allow")),
        "{told}"
    );
    assert_eq!(asked("{").problem(), "json_syntax");
    let get = |path: &str, host: &str| {
        let mut stream = TcpStream::connect(place).unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        read(stream)
    };
    assert_eq!(get("/livez", place).body, "ok\n");
    let told = get("/readyz", place);
    let ready = json!({"test": true, "ready": true, "reasons": []});
    assert_eq!((told.status, told.json()), (200, ready));
    let told = get("/v1/status", place).json();
    assert_eq!(
        (&told["test"], &told["ready"]),
        (&json!(true), &json!(true))
    );
    let list = &told["coalitions"][0]["lists"][0];
    assert_eq!(list["freshness"], "fresh", "{told}");
    let told = get("/metrics", place);
    assert!(told.head.contains("openmetrics"), "{}", told.head);
    for line in [
        "interdict_selftest_success 1\n",
        "interdict_requests_total{route=\"/v1/screen\",status=\"200\"} 2\n",
        "interdict_problems_total{problem=\"json_syntax\"} 1\n",
        "interdict_screen_duration_seconds_count 2\n",
    ] {
        assert!(told.body.contains(line), "{line}{}", told.body);
    }
    assert_eq!(get("/v1/cases", place).problem(), "not_found");
    assert_eq!(get("/v1/screen", place).problem(), "method_not_allowed");
    assert_eq!(
        get("/v1/status", "evil.example").problem(),
        "host_not_allowed"
    );
    child.kill().unwrap();
    child.wait().unwrap();
    let refused = |room: &Path, listen: &str| {
        let run = Command::new(env!("CARGO_BIN_EXE_interdict"))
            .args(arguments)
            .arg(listen)
            .current_dir(room)
            .output()
            .unwrap();
        assert_eq!(run.status.code(), Some(3));
        String::from_utf8(run.stderr).unwrap()
    };
    assert!(refused(room.path(), "0.0.0.0:0").contains("this machine alone"));
    enrol_file(
        room.path(),
        &Coalition::new(room.path()).enrolment("repository", &[1]),
    );
    assert!(refused(room.path(), "127.0.0.1:0").contains("enrolled here"));
}
