//! Who may ask, how much, and what nobody gets by it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::Duration;

use interdict_helpers::Coalition;
use serde_json::{Value, json};

use super::{Serving, ask, client, read, request};
use crate::enrolment::enrol_file;

#[test]
fn a_client_asks_with_its_token_in_its_flows_and_about_so_many_names() {
    let serving = Serving::start(&format!(
        "{}{}",
        client(
            "shop-system",
            "one",
            "flows = [\"payout\"]\nnames_per_day = 2"
        ),
        client("back-office", "two", "")
    ));
    let as_client = |token: &str, body: &Value| {
        let header = format!("authorization: Bearer {token}\r\n");
        serving.post("/v1/screen", &header, &body.to_string())
    };
    let mut checkout = ask("shop.example");
    checkout["flow"] = json!("checkout");
    assert_eq!(
        serving.screen(&ask("shop.example")).problem(),
        "unauthenticated"
    );
    assert_eq!(
        as_client("three", &ask("shop.example")).problem(),
        "unauthenticated"
    );
    assert_eq!(as_client("one", &checkout).problem(), "flow_not_allowed");
    assert_eq!(as_client("two", &checkout).status, 200);
    for _ in 0..3 {
        assert_eq!(as_client("one", &ask("a.example")).status, 200);
        assert_eq!(
            as_client("one", &ask("A.example")).status,
            200,
            "another spelling of one name"
        );
    }
    assert_eq!(as_client("one", &ask("b.example")).status, 200);
    let told = as_client("one", &ask("shop.example"));
    assert_eq!(
        (told.status, told.problem().as_str()),
        (429, "names_exhausted")
    );
    assert!(told.head.contains("retry-after: "), "{}", told.head);
    assert_eq!(as_client("two", &ask("shop.example")).status, 200);
}

#[test]
fn a_client_is_answered_under_its_own_policy_and_no_other() {
    let room = tempfile::tempdir().unwrap();
    let aside = room.path().join("aside.toml");
    // No verdict under it is clean.
    fs::write(&aside, "without_lists = true\n").unwrap();
    let policies = format!("[policies]\naside = {aside:?}\nbeside = {aside:?}\n");
    let serving = Serving::start(&format!(
        "{}{}{policies}",
        client("own", "one", ""),
        client("aside", "two", "policy = \"aside\"")
    ));
    let asked = |token: &str, policy: Value| {
        let mut body = ask("clean.example");
        body["policy"] = policy;
        let body = match body["policy"] {
            Value::Null => ask("clean.example").to_string(),
            _ => body.to_string(),
        };
        let told = serving.post(
            "/v1/screen",
            &format!("authorization: Bearer {token}\r\n"),
            &body,
        );
        match told.status {
            200 => told.json()["action"].as_str().unwrap().to_owned(),
            status => format!("{status} {}", told.problem()),
        }
    };
    assert_eq!(asked("one", Value::Null), "allow");
    assert_eq!(asked("two", Value::Null), "review");
    assert_eq!(asked("two", json!("aside")), "review");
    assert_eq!(asked("two", json!("beside")), "403 policy_not_allowed");
    assert_eq!(asked("one", json!("aside")), "403 policy_not_allowed");
    // A policy that is none is not the client's own either.
    assert_eq!(asked("one", json!("\"}")), "403 policy_not_allowed");
    assert_eq!(asked("two", json!(7)), "400 wrong_type");
    let open = Serving::start(&policies);
    let named = |name: &str| {
        let mut body = ask("clean.example");
        body["policy"] = json!(name);
        body.to_string()
    };
    let told = |name: &str| open.post("/v1/screen", "", &named(name));
    assert_eq!(told("beside").json()["action"], "review");
    assert_eq!(told("other").problem(), "unknown_value");
    let batch = format!("{}\n{}\n", ask("clean.example"), named("aside"));
    let lines = open.post("/v1/screen/batch", "", &batch).body;
    let allowed = lines.matches("\"action\":\"allow\"").count();
    assert_eq!(allowed, 1, "{lines}");
}

#[test]
fn what_can_be_read_in_two_ways_is_not_read() {
    let serving = Serving::start("max_body = 1000\nread_seconds = 1");
    let body = ask("shop.example").to_string();
    // Whoever goes by the length sees another request behind it; nobody answers that one.
    let both = format!(
        "POST /v1/screen HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n{}",
        body.len(),
        request("/v1/screen", "", &body)
    );
    let told = serving.raw(both.as_bytes());
    assert_eq!(
        told.body.matches("HTTP/1.1").count(),
        0,
        "{} {}",
        told.head,
        told.body
    );
    assert!(told.head.contains("connection: close"), "{}", told.head);
    let twice = format!(
        "POST /v1/screen HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n{body}"
    );
    assert_eq!(serving.raw(twice.as_bytes()).status, 400);
    let large = serving.post("/v1/screen", "", &" ".repeat(1001));
    assert_eq!(large.problem(), "too_large");
    // Neither headers nor a body that never end keep a connection for long.
    for slow in [
        "POST /v1/screen HTTP/1.1\r\nhost: localhost\r\nx: ",
        "POST /v1/screen HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{",
    ] {
        let told = serving.raw(slow.as_bytes());
        assert!(
            [0, 408].contains(&told.status),
            "{} {}",
            told.head,
            told.body
        );
        assert!(!told.body.contains("action"));
    }
    assert_eq!(serving.screen(&ask("shop.example")).status, 200);
}

#[test]
fn the_log_never_has_an_identifier() {
    let mut serving = Serving::start("");
    let mut asked = ask("very-secret.example");
    asked["reference"] = json!("payment forty-seven");
    serving.screen(&asked);
    serving.post("/v1/screen", "", r#"{"flow":"payout","very-secret":1}"#);
    serving.post("/v1/screen?name=very-secret", "", "");
    let trace = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n";
    let told = serving.post("/v1/screen", trace, &asked.to_string());
    assert!(
        told.head
            .contains("traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-")
    );
    serving.end();
    let log = serving.log();
    assert!(log.contains("4bf92f3577b34da6a3ce929d0e0e4736"), "{log}");
    assert!(
        !log.contains("very-secret") && !log.contains("forty-seven"),
        "{log}"
    );
}

#[test]
fn a_socket_is_for_owner_and_group_and_knows_the_process() {
    let uid = String::from_utf8(Command::new("id").arg("-u").output().unwrap().stdout).unwrap();
    let client = format!("[[client]]\nname = \"own\"\nuid = {}\n", uid.trim());
    let serving = Serving::start(&format!("[service]\nlisten = \"unix:own.sock\"\n{client}"));
    let path: PathBuf = serving.room.path().join("own.sock");
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o660);
    let told = (0..100).find_map(|_| {
        let mut stream = UnixStream::connect(&path).unwrap();
        stream
            .write_all(request("/v1/screen", "", &ask("shop.example").to_string()).as_bytes())
            .unwrap();
        let told = read(stream);
        thread::sleep(Duration::from_millis(100));
        (told.json()["action"] == "block").then_some(told)
    });
    assert_eq!(told.unwrap().status, 200);
}

#[test]
fn a_service_that_everyone_could_ask_does_not_start() {
    let room = tempfile::tempdir().unwrap();
    let coalition = Coalition::new(room.path());
    enrol_file(room.path(), &coalition.enrolment("repository", &[1]));
    let path = room.path().join("gateway.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text + "\n[service]\nlisten = \"0.0.0.0:0\"\n").unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_interdict"))
        .args(["serve", "--config"])
        .arg(&path)
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&run.stderr).contains("everyone"));
}

/// The browser of somebody at this machine sends whatever a page of anybody has it send.
#[test]
fn a_page_in_a_browser_of_this_machine_asks_a_service_without_clients_nothing() {
    let serving = Serving::start("");
    let whole = request("/v1/screen", "", &ask("shop.example").to_string());
    let screened = |head: &str| serving.raw(whole.replace("host: localhost", head).as_bytes());
    let own = serving.place.strip_prefix("http://").unwrap();
    for head in [
        format!("host: {own}"),
        format!("host: {own}\r\norigin: http://{own}"),
    ] {
        assert_eq!(screened(&head).status, 200, "{head}");
    }
    // Its own name means this machine by now.
    let port = own.rsplit_once(':').unwrap().1;
    let rebound = format!("host: evil.example:{port}\r\norigin: http://evil.example:{port}");
    let told = screened(&rebound);
    assert_eq!(
        (told.status, told.problem()),
        (403, "host_not_allowed".to_owned())
    );
    // Or it asks for this machine by its address.
    for head in [
        format!("host: {own}\r\norigin: https://evil.example"),
        format!("host: {own}\r\nsec-fetch-site: cross-site"),
    ] {
        assert_eq!(screened(&head).problem(), "origin_not_allowed", "{head}");
    }
    for path in ["/v1/status", "/metrics", "/v1/cases"] {
        let head = "host: evil.example\r\nconnection: close\r\n\r\n";
        let told = serving.raw(format!("GET {path} HTTP/1.1\r\n{head}").as_bytes());
        assert_eq!(told.problem(), "host_not_allowed", "{path}");
    }
    let serving = Serving::start(&client("payments", "one", ""));
    let head = "host: gateway.example\r\nauthorization: Bearer one";
    let told = serving.raw(whole.replace("host: localhost", head).as_bytes());
    assert_eq!(told.status, 200, "a client has a name for it");
}

#[test]
fn more_requests_than_are_taken_are_shed_with_a_time_to_ask_again() {
    let serving = Serving::start("max_requests = 1\nread_seconds = 5");
    // A request whose body does not come takes the only place.
    let mut slow = serving.stream();
    slow.write_all(b"POST /v1/screen HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n")
        .unwrap();
    let shed = (0..50).find_map(|_| {
        let told = serving.screen(&ask("shop.example"));
        thread::sleep(Duration::from_millis(20));
        (told.status == 503).then_some(told)
    });
    let shed = shed.expect("a request that is shed");
    assert_eq!(shed.problem(), "shed");
    assert!(shed.head.contains("retry-after: 1"), "{}", shed.head);
    let mut rest = [0; 1];
    drop(slow.read(&mut rest));
    assert_eq!(serving.get("/livez").body, "ok\n");
}
