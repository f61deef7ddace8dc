//! Spans of requests at a collector.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;

use serde_json::{Value, json};

use super::{Serving, ask};

/// A collector, and what it is sent: path and body.
fn collector() -> (String, mpsc::Receiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut reader = BufReader::new(stream.unwrap());
            let mut head = Vec::new();
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).unwrap_or(0) <= 2 {
                    break;
                }
                head.push(line.to_ascii_lowercase());
            }
            let length = head
                .iter()
                .find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
            reader.get_mut().write_all(answer).unwrap();
            let path = head.first().cloned().unwrap_or_default();
            let _ = send.send((path, String::from_utf8(body).unwrap()));
        }
    });
    (url, receive)
}

#[test]
fn sampled_requests_are_spans_of_their_callers_trace_and_hold_no_identifier() {
    let (url, received) = collector();
    let mut serving = Serving::start(&format!("otlp = \"{url}\""));
    let mut asked = ask("very-secret.example");
    asked["reference"] = json!("payment forty-seven");
    let body = asked.to_string();
    let traced = |id: &str, flags: &str| {
        let header = format!("traceparent: 00-{id}-00f067aa0ba902b7-{flags}\r\n");
        serving.post("/v1/screen?very-secret", &header, &body)
    };
    let sampled = "4bf92f3577b34da6a3ce929d0e0e4736";
    let told = traced(sampled, "01");
    let other = "5bf92f3577b34da6a3ce929d0e0e4736";
    assert_eq!(traced(other, "00").status, 200);
    let secret =
        "VERY-SECRET /very-secret HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    serving.raw(secret.as_bytes());
    assert_eq!(serving.end(), Some(0));
    let all: Vec<(String, String)> = received.try_iter().collect();
    assert!(
        all.iter()
            .all(|(path, _)| path.starts_with("post /v1/traces ")),
        "{all:?}"
    );
    let text: String = all.iter().map(|(_, body)| body.as_str()).collect();
    for absent in ["very-secret", "VERY-SECRET", "forty-seven", other] {
        assert!(!text.contains(absent), "{text}");
    }
    let spans: Vec<Value> = all
        .iter()
        .flat_map(|(_, body)| {
            let body: Value = serde_json::from_str(body).unwrap();
            body["resourceSpans"][0]["scopeSpans"][0]["spans"]
                .as_array()
                .unwrap()
                .clone()
        })
        .collect();
    let span = spans.iter().find(|span| span["traceId"] == sampled);
    let span = span.unwrap_or_else(|| panic!("{text}"));
    assert_eq!(
        (&span["name"], &span["parentSpanId"]),
        (&json!("POST /v1/screen"), &json!("00f067aa0ba902b7"))
    );
    let own = span["spanId"].as_str().unwrap();
    assert!(
        told.head
            .contains(&format!("traceparent: 00-{sampled}-{own}-01")),
        "{}",
        told.head
    );
    assert!(
        spans.iter().any(|span| span["name"] == "_OTHER none"),
        "{text}"
    );
}

#[test]
fn a_collector_that_is_not_there_keeps_nobody_from_a_verdict() {
    let mut serving = Serving::start("otlp = \"http://127.0.0.1:9\"");
    assert_eq!(
        serving.screen(&ask("shop.example")).json()["action"],
        "block"
    );
    assert_eq!(serving.end(), Some(0));
    assert!(
        serving.log().contains("the collector cannot be reached"),
        "{}",
        serving.log()
    );
}
