//! Peers that speak HTTP wrongly, slowly, or from very many places: the service answers others all the same.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use super::{Serving, ask, client, read, request};

/// The resident memory of the service, in megabytes.
fn megabytes(serving: &Serving) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", serving.child.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.unwrap().split_whitespace().nth(1).unwrap();
    kilobytes.parse::<u64>().unwrap() / 1024
}

fn is_answering(serving: &Serving) {
    let told = serving.screen(&ask("shop.example"));
    assert_eq!(
        (told.status, told.json()["action"].as_str()),
        (200, Some("block"))
    );
}

/// What comes back for these bytes, after which nothing more is sent.
fn answers(serving: &Serving, bytes: &[u8]) -> String {
    let mut stream = serving.stream();
    // The service may have ended the connection already.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    let mut told = Vec::new();
    let _ = stream.read_to_end(&mut told);
    String::from_utf8_lossy(&told).into_owned()
}

#[test]
fn what_is_no_http_is_refused_and_ends_its_connection() {
    let serving = Serving::start("max_body = 1000\nread_seconds = 2");
    let hidden = request("/v1/screen", "", &ask("shop.example").to_string());
    for wrong in [
        "GET\r\n\r\n",
        "GET /livez\r\n\r\n",
        "GET  /livez HTTP/1.1\r\n\r\n",
        "GET /livez HTTP/3.0\r\nhost: localhost\r\n\r\n",
        "G\u{0}T /livez HTTP/1.1\r\nhost: localhost\r\n\r\n",
        "GET /livez HTTP/1.1\r\nho st: a\r\n\r\n",
        "GET /livez HTTP/1.1\r\nhost : a\r\n\r\n",
        "GET /livez HTTP/1.1\r\n: a\r\n\r\n",
        "GET /livez HTTP/1.1\r\nhost\r\n\r\n",
        "GET /livez HTTP/1.1\r\nx: \u{0}\r\n\r\n",
        "GET /livez HTTP/1.1\r\nhost: localhost\r\n folded\r\n\r\n",
        "POST /v1/screen HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        "POST /v1/screen HTTP/1.1\r\ncontent-length: +5\r\n\r\nabcde",
        "POST /v1/screen HTTP/1.1\r\ncontent-length: 18446744073709551616\r\n\r\n",
        "POST /v1/screen HTTP/1.1\r\ncontent-length: 0x5\r\n\r\nabcde",
        "POST /v1/screen HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
        "POST /v1/screen HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}",
    ] {
        let told = answers(&serving, format!("{wrong}{hidden}").as_bytes());
        assert!(
            !told.contains("\"action\"") && !told.contains(" 200 "),
            "{wrong:?}: {told}"
        );
        assert!(told.matches("HTTP/1.1 ").count() <= 1, "{wrong:?}: {told}");
        // The library's own answer has no problem document, as docs/service.md says.
        let is_own = told.starts_with("HTTP/1.1 400 ") && !told.contains("problem+json");
        assert!(!is_own || told.ends_with("\r\n\r\n"), "{wrong:?}: {told}");
    }
    let many = "x: y\r\n".repeat(10_000);
    let long = format!("x: {}\r\n", "y".repeat(1 << 20));
    for head in [many, long] {
        let told = answers(
            &serving,
            format!("GET /livez HTTP/1.1\r\n{head}\r\n").as_bytes(),
        );
        assert!(
            told.is_empty() || told.starts_with("HTTP/1.1 431 "),
            "{told}"
        );
    }
    let path = format!(
        "GET /{} HTTP/1.1\r\nhost: localhost\r\n\r\n",
        "a".repeat(1 << 20)
    );
    assert!(!answers(&serving, path.as_bytes()).contains(" 200 "));
    // Neither is read: a length that is too large, and chunks that never end.
    let large = "POST /v1/screen HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 99999999999\r\n\r\n";
    assert!([408, 413].contains(&serving.raw(large.as_bytes()).status));
    let endless = format!(
        "POST /v1/screen HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n{}",
        format!("400\r\n{}\r\n", "a".repeat(1024)).repeat(1000)
    );
    let told = answers(&serving, endless.as_bytes());
    assert!(
        told.is_empty() || told.starts_with("HTTP/1.1 413 "),
        "{told}"
    );
    is_answering(&serving);
}

#[test]
fn no_request_is_hidden_in_another() {
    let serving = Serving::start("read_seconds = 2");
    let hidden = request("/v1/screen", "", &ask("shop.example").to_string());
    let body = "0\r\n\r\n";
    for head in [
        "content-length: 5\r\ntransfer-encoding: chunked",
        "transfer-encoding: chunked\r\ncontent-length: 5",
        "transfer-encoding: chunked, identity",
        "transfer-encoding: identity, chunked",
        "transfer-encoding: identity",
        "transfer-encoding: xchunked",
        "transfer-encoding : chunked",
        "transfer-encoding:\u{b}chunked",
        "transfer-encoding: chunked\r\ntransfer-encoding: identity",
        "content-length: 5\r\ncontent-length: 6",
        "content-length: 5, 6",
        "content-length: 5\r\n content-length: 0",
        // With line feeds alone, which others take for a part of the line.
        "x: a\ncontent-length: 5",
        "x: a\n\ncontent-length: 5",
        "x: a\r\n\ncontent-length: 5",
        "x: a\rcontent-length: 5",
    ] {
        let bytes =
            format!("POST /v1/screen HTTP/1.1\r\nhost: localhost\r\n{head}\r\n\r\n{body}{hidden}");
        let told = answers(&serving, bytes.as_bytes());
        assert!(!told.contains("\"action\""), "{head:?}: {told}");
        assert!(told.matches("HTTP/1.1 ").count() <= 1, "{head:?}: {told}");
    }
    // Two honest requests on one connection are two.
    let one = hidden.replace("connection: close\r\n", "");
    let told = serving.raw(format!("{one}{hidden}").as_bytes());
    let verdicts = told.body.matches("\"action\":\"block\"").count();
    assert_eq!(verdicts, 2, "{}", told.body);
}

/// How long a peer that sends these bytes, and then one byte after the other, keeps its connection.
fn dripped(serving: &Serving, first: &str) -> Duration {
    let mut stream = serving.stream();
    stream.write_all(first.as_bytes()).unwrap();
    let began = Instant::now();
    let mut reader = stream.try_clone().unwrap();
    let end = thread::spawn(move || {
        let mut told = Vec::new();
        let _ = reader.read_to_end(&mut told);
        assert!(!String::from_utf8_lossy(&told).contains("\"action\""));
    });
    while !end.is_finished() && began.elapsed() < Duration::from_secs(30) {
        let _ = stream.write_all(b" ");
        thread::sleep(Duration::from_millis(100));
    }
    let took = began.elapsed();
    let _ = stream.shutdown(Shutdown::Both);
    end.join().unwrap();
    took
}

#[test]
fn whoever_sends_one_byte_after_the_other_does_not_keep_a_place() {
    let serving = Serving::start("read_seconds = 1\nmax_requests = 3");
    let head = "host: localhost\r\ncontent-length: 1000000\r\n\r\n{";
    let firsts = [
        "POST /v1/screen HTTP/1.1\r\nx: ".to_owned(),
        format!("POST /v1/screen HTTP/1.1\r\n{head}"),
        format!("POST /v1/screen/batch HTTP/1.1\r\n{head}"),
    ];
    thread::scope(|scope| {
        let all = firsts
            .each_ref()
            .map(|first| scope.spawn(|| dripped(&serving, first)));
        for (first, took) in firsts.iter().zip(all) {
            // Not what it took on this machine, but whether it ends at all.
            assert!(took.join().unwrap() < Duration::from_secs(20), "{first}");
        }
    });
    is_answering(&serving);
}

#[test]
fn idle_connections_make_room_for_whoever_asks() {
    let serving = Serving::start("max_connections = 20\nread_seconds = 60");
    let idle: Vec<TcpStream> = (0..200).map(|_| serving.stream()).collect();
    for _ in 0..50 {
        is_answering(&serving);
    }
    // One that asked goes on while others only come.
    let mut asking = serving.stream();
    let body = ask("shop.example").to_string();
    let one = request("/v1/screen/batch", "", &body).replace(
        &format!("content-length: {}", body.len()),
        &format!("content-length: {}", body.len() + 1),
    );
    asking.write_all(one.as_bytes()).unwrap();
    thread::sleep(Duration::from_millis(200));
    let more: Vec<TcpStream> = (0..200).map(|_| serving.stream()).collect();
    is_answering(&serving);
    asking.write_all(b"\n").unwrap();
    assert!(read(asking).body.contains("\"action\":\"block\""));
    drop((idle, more));
}

#[test]
fn ten_thousand_connections_cost_little_and_keep_nobody_out() {
    const MANY: usize = 10_000;
    let raised = rlimit::increase_nofile_limit(2 * MANY as u64).unwrap();
    assert!(
        raised > MANY as u64 + 1000,
        "this test opens {MANY} connections"
    );
    let serving = Serving::start("max_connections = 12000\nread_seconds = 120");
    let before = megabytes(&serving);
    // Each has begun a request, so that the service has read something of it.
    let open: Vec<TcpStream> = (0..MANY)
        .map(|_| {
            let mut stream = serving.stream();
            stream
                .write_all(b"POST /v1/screen HTTP/1.1\r\nhost: ")
                .unwrap();
            stream
        })
        .collect();
    for _ in 0..20 {
        is_answering(&serving);
    }
    let grown = megabytes(&serving).saturating_sub(before);
    assert!(grown < 400, "{grown} MB for {MANY} connections");
    let is_open = |stream: &TcpStream| {
        stream.set_nonblocking(true).unwrap();
        let mut stream = stream;
        matches!(stream.read(&mut [0; 1]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
    };
    assert_eq!(open.iter().filter(|stream| is_open(stream)).count(), MANY);
    drop(open);
    is_answering(&serving);
}

#[test]
fn whoever_tries_tokens_is_slowed_down_and_a_client_is_not() {
    let serving = Serving::start(&client("a", "secret", ""));
    let tried = |token: &str| {
        let header = format!("authorization: Bearer {token}\r\n");
        let body = ask("shop.example").to_string();
        request("/v1/screen", &header, &body)
    };
    // Even a peer that would go on is told to go: `raw` reads until the end.
    let stays = |token: &str| tried(token).replace("connection: close\r\n", "");
    let all: Vec<String> = (0..300)
        .map(|number| serving.raw(stays(&number.to_string()).as_bytes()).problem())
        .collect();
    assert_eq!(all[0], "unauthenticated");
    let slowed = all.iter().filter(|name| *name == "rate_limited").count();
    assert!(slowed > 0, "{all:?}");
    assert_eq!(serving.raw(tried("secret").as_bytes()).status, 200);
}
