//! How alerts reach a program or a web server: in order, signed, each until it was taken.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use interdict::{
    AlertProgram, Config, Delivered, Delivery, Portfolio, Webhook, WebhookSecret, Which,
};
use interdict_helpers::{NOW, base, change};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::Value;

use crate::portfolio_changes::Room;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A portfolio with two alerts, about `m_market` and then `m_shop`.
fn two_alerts() -> (Room, Portfolio) {
    let (room, portfolio) = alerts_about(&["shop", "market", "flowers"]);
    assert_eq!(portfolio.waiting_alerts().unwrap(), 2);
    (room, portfolio)
}

/// A portfolio of these, and the alerts of its first screening.
fn alerts_about(names: &[&str]) -> (Room, Portfolio) {
    let room = Room::new().with(names);
    let gateway = room.release(1, base());
    let mut portfolio = room.portfolio();
    portfolio
        .rescreen(gateway.host(), Which::All, NOW, &mut |_, _| Ok(()))
        .unwrap();
    (room, portfolio)
}

fn program(arguments: &[&str]) -> Delivery {
    Delivery::Program(AlertProgram {
        arguments: arguments.iter().map(|one| (*one).to_owned()).collect(),
        limit: Duration::from_secs(60),
    })
}

fn retry_at(delivered: Delivered) -> (u32, Option<String>) {
    match delivered {
        Delivered::RetryAt { time, why } => (time, why),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_program_takes_alerts_in_order_and_without_a_shell() {
    let (room, mut portfolio) = two_alerts();
    // A name that a shell would run.
    let file = room.path("alerts; touch shell.ndjson");
    let tee = program(&["tee", "-a", file.to_str().unwrap()]);
    let mut ids = Vec::new();
    while let Delivered::Taken { id } = portfolio.deliver_next(&tee, NOW).unwrap() {
        ids.push(id);
    }
    let lines = fs::read_to_string(file).unwrap();
    let events: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let about: Vec<_> = events
        .iter()
        .map(|event| event["data"]["merchant"].as_str().unwrap())
        .collect();
    assert_eq!(about, ["m_market", "m_shop"]);
    assert_eq!(
        events
            .iter()
            .map(|event| event["id"].as_str().unwrap())
            .collect::<Vec<_>>(),
        ids
    );
    // Version 7 and the time in milliseconds.
    assert_eq!((ids[0].len(), ids[0].as_bytes()[14]), (36, b'7'));
    assert_eq!(
        u64::from_str_radix(&ids[0].replace('-', "")[..12], 16).unwrap(),
        u64::from(NOW) * 1000
    );
    assert_eq!(
        portfolio.deliver_next(&tee, NOW).unwrap(),
        Delivered::Nothing
    );
    assert_eq!(portfolio.forget(NOW).unwrap(), 0);
    assert_eq!(portfolio.forget(NOW + 1).unwrap(), 2);
}

/// A program that does not take alerts about this merchant, and notes those that it takes.
fn picky(room: &Room, refused: &str) -> (Delivery, std::path::PathBuf) {
    let file = room.path("taken");
    let script =
        "read -r line; case $line in *$0*) exit 1;; esac; printf '%s\\n' \"$line\" >> \"$1\"";
    let delivery = program(&["sh", "-c", script, refused, file.to_str().unwrap()]);
    (delivery, file)
}

/// Delivers for as long as anything is ready; whom the alerts that were taken are about, and what they say.
fn delivered(
    portfolio: &mut Portfolio,
    (delivery, file): &(Delivery, std::path::PathBuf),
    now: u32,
) -> Vec<(String, String)> {
    let _ = fs::remove_file(file);
    while let Delivered::Taken { .. } | Delivered::RetryAt { why: Some(_), .. } =
        portfolio.deliver_next(delivery, now).unwrap()
    {}
    let lines = fs::read_to_string(file).unwrap_or_default();
    let events = lines.lines().map(|line| {
        let event: Value = serde_json::from_str(line).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&event["data"]["merchant"]), text(&event["type"]))
    });
    events.collect()
}

#[test]
fn an_alert_that_is_not_taken_comes_again_ever_later() {
    let (room, mut portfolio) = two_alerts();
    let failing = program(&["false"]);
    let second = program(&["true"]);
    let first = portfolio.next_alert().unwrap().unwrap().id;
    let (time, why) = retry_at(portfolio.deliver_next(&failing, NOW).unwrap());
    assert!(why.unwrap().contains("exit status"), "the cause");
    // The other merchant's alert is not held up.
    let taken = portfolio.deliver_next(&second, NOW).unwrap();
    assert!(matches!(taken, Delivered::Taken { id } if id != first));
    let (mut now, mut pauses) = (time, vec![time - NOW]);
    for _ in 0..13 {
        assert_eq!(
            retry_at(portfolio.deliver_next(&failing, now - 1).unwrap()),
            (now, None)
        );
        let (time, _) = retry_at(portfolio.deliver_next(&failing, now).unwrap());
        pauses.push(time - now);
        now = time;
    }
    assert_eq!(pauses[..5], [5, 10, 20, 40, 80]);
    assert_eq!(pauses[10..], [3_600; 4]);
    // A clock that went back by years holds nothing up for longer than the longest pause.
    let (time, why) = retry_at(portfolio.deliver_next(&failing, NOW - 1_000_000).unwrap());
    assert!(time <= NOW - 1_000_000 + 3_600 && why.is_some(), "{time}");
    for missing in [&["/no/such/program"][..], &[]] {
        let (_, why) = retry_at(
            portfolio
                .deliver_next(&program(missing), now + 9_999_999)
                .unwrap(),
        );
        assert!(why.is_some());
        now += 9_999_999;
    }
    let file = room.path("alerts");
    let tee = program(&["tee", file.to_str().unwrap()]);
    let taken = portfolio.deliver_next(&tee, now + 9_999_999).unwrap();
    assert_eq!(taken, Delivered::Taken { id: first });
}

#[test]
fn one_that_is_never_taken_holds_up_only_what_is_about_the_same_merchant() {
    let (room, mut portfolio) = two_alerts();
    let picky = picky(&room, "m_market");
    let pair = |merchant: &str, kind: &str| (merchant.to_owned(), kind.to_owned());
    assert_eq!(
        delivered(&mut portfolio, &picky, NOW),
        [pair("m_shop", "merchant.listed")]
    );
    // The next release clears m_market and lists a new one.
    let (room, gateway) = room.with(&["new"]).release_and_keep(2, change());
    portfolio
        .rescreen(gateway.host(), Which::All, NOW, &mut |_, _| Ok(()))
        .unwrap();
    for now in [NOW, NOW + 5, NOW + 100_000] {
        let taken = delivered(&mut portfolio, &picky, now);
        let expected = match now {
            NOW => vec![pair("m_new", "merchant.listed")],
            _ => Vec::new(),
        };
        assert_eq!(taken, expected, "{now}");
    }
    assert_eq!(portfolio.waiting_alerts().unwrap(), 2);
    // Once it is taken, the later one follows, in order.
    let easy = self::picky(&room, "m_nobody");
    let now = NOW + 200_000;
    let first = delivered(&mut portfolio, &easy, now);
    let order = [
        pair("m_market", "merchant.listed"),
        pair("m_market", "merchant.cleared"),
    ];
    assert_eq!(first, order);
}

#[test]
fn alerts_that_are_refused_for_ever_are_tried_after_those_that_were_not_tried_yet() {
    let (room, mut portfolio) = two_alerts();
    let failing = program(&["false"]);
    for _ in 0..2 {
        let (_, why) = retry_at(portfolio.deliver_next(&failing, NOW).unwrap());
        assert!(why.is_some());
    }
    let (room, gateway) = room.with(&["new"]).release_and_keep(2, change());
    portfolio
        .rescreen(gateway.host(), Which::Due, NOW, &mut |_, _| Ok(()))
        .unwrap();
    // All are ready.
    let file = room.path("one");
    let tee = program(&["tee", file.to_str().unwrap()]);
    portfolio.deliver_next(&tee, NOW + 10).unwrap();
    let told = fs::read_to_string(file).unwrap();
    assert!(told.contains("m_new"), "{told}");
}

#[test]
fn a_program_that_does_not_end_is_killed_and_one_that_reads_nothing_may_succeed() {
    let (_room, mut portfolio) = two_alerts();
    let endless = Delivery::Program(AlertProgram {
        arguments: vec!["sleep".to_owned(), "1000".to_owned()],
        limit: Duration::from_millis(50),
    });
    let (_, why) = retry_at(portfolio.deliver_next(&endless, NOW).unwrap());
    assert_eq!(why.unwrap(), "the command took too long and was killed");
    let taken = portfolio
        .deliver_next(&program(&["true"]), NOW + 5)
        .unwrap();
    assert!(matches!(taken, Delivered::Taken { .. }), "{taken:?}");
}

/// One request: its headers and its body.
type Request = (Vec<String>, String);

/// A web server that answers with these lines, one after the other.
fn server(answers: &'static [&'static str]) -> (String, mpsc::Receiver<Request>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/alerts", listener.local_addr().unwrap());
    let (send, requests) = mpsc::channel();
    thread::spawn(move || {
        for answer in answers {
            let (stream, _) = listener.accept().unwrap();
            let mut input = BufReader::new(&stream);
            let mut headers = Vec::new();
            loop {
                let mut line = String::new();
                input.read_line(&mut line).unwrap();
                match line.trim_end() {
                    "" => break,
                    line => headers.push(line.to_owned()),
                }
            }
            let length = header(&headers, "content-length").parse().unwrap();
            let mut body = vec![0; length];
            input.read_exact(&mut body).unwrap();
            send.send((headers, String::from_utf8(body).unwrap()))
                .unwrap();
            let answer =
                format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            (&stream).write_all(answer.as_bytes()).unwrap();
        }
    });
    (url, requests)
}

fn header<'h>(headers: &'h [String], name: &str) -> &'h str {
    let mut pairs = headers.iter().filter_map(|line| line.split_once(": "));
    let found = pairs.find(|(one, _)| one.eq_ignore_ascii_case(name));
    found.unwrap_or_else(|| panic!("{name}: {headers:?}")).1
}

/// The signature by another implementation.
fn signature(id: &str, timestamp: &str, body: &str) -> String {
    let script = "import base64, hashlib, hmac, sys\n\
        secret, identity, time, body = sys.argv[1:]\n\
        key = base64.b64decode(secret[len('whsec_'):])\n\
        text = f'{identity}.{time}.{body}'.encode()\n\
        print('v1,' + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode(), end='')\n";
    let output = Command::new("python3")
        .args(["-c", script, SECRET, id, timestamp, body])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_server_is_sent_the_same_alert_signed_anew_until_it_answers_well() {
    let (_room, mut portfolio) = alerts_about(&["shop", "flowers"]);
    let (url, requests) = server(&["500 No", "302 Found\r\nlocation: /elsewhere", "204 Good"]);
    let secret = WebhookSecret::parse(SECRET).unwrap();
    let webhook = Delivery::Webhook(Box::new(Webhook::new(
        &url,
        secret,
        Duration::from_secs(60),
    )));
    let waiting = portfolio.next_alert().unwrap().unwrap();
    for (now, told) in [
        (NOW, "the server answered 500"),
        (NOW + 5, "the server answered 302"),
    ] {
        let (_, why) = retry_at(portfolio.deliver_next(&webhook, now).unwrap());
        assert_eq!(why.unwrap(), told);
    }
    let taken = portfolio.deliver_next(&webhook, NOW + 15).unwrap();
    assert_eq!(
        taken,
        Delivered::Taken {
            id: waiting.id.clone()
        }
    );
    for now in [NOW, NOW + 5, NOW + 15] {
        let (headers, body) = requests.recv().unwrap();
        assert!(headers[0].starts_with("POST /alerts "), "{headers:?}");
        assert_eq!(body, waiting.event);
        assert_eq!(header(&headers, "content-type"), "application/json");
        assert_eq!(header(&headers, "webhook-id"), waiting.id);
        let timestamp = header(&headers, "webhook-timestamp");
        assert_eq!(timestamp, now.to_string());
        assert_eq!(
            header(&headers, "webhook-signature"),
            signature(&waiting.id, timestamp, &body)
        );
    }
    assert_eq!(
        portfolio.deliver_next(&webhook, NOW + 15).unwrap(),
        Delivered::Nothing
    );
}

/// A server with this certificate, which takes one alert and hands over whether it came.
fn secure_server(
    certificate: CertificateDer<'static>,
    key: &KeyPair,
) -> (u16, mpsc::Receiver<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let config = Arc::new(config);
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = rustls::StreamOwned::new(connection, stream.unwrap());
            let came = stream.read(&mut [0; 4096]).is_ok_and(|length| length > 0);
            let _ = stream.write_all(b"HTTP/1.1 204 Good\r\nconnection: close\r\n\r\n");
            stream.conn.send_close_notify();
            let _ = stream.flush();
            send.send(came).unwrap();
        }
    });
    (port, receive)
}

#[test]
fn a_server_of_a_private_authority_is_trusted_if_its_issuer_is_named() {
    let (room, mut portfolio) = two_alerts();
    let mut authority = CertificateParams::new(vec![]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().unwrap();
    let root = authority.self_signed(&authority_key).unwrap();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let own = own.signed_by(&key, &issuer).unwrap();
    let (port, came) = secure_server(own.der().clone(), &key);
    let before = fs::read_to_string(room.path("gateway.toml")).unwrap();
    fs::write(room.path("secret"), SECRET).unwrap();
    let delivery = |more: &str| {
        let table = format!(
            "[portfolio]\nalert_webhook = \"https://localhost:{port}/\"\nalert_secret_file = \"secret\"\n{more}\n"
        );
        fs::write(room.path("gateway.toml"), format!("{before}{table}")).unwrap();
        let config = Config::read(&room.path("gateway.toml")).unwrap();
        config.portfolio().unwrap().delivery(config.directory())
    };
    let usual = delivery("").unwrap().unwrap();
    let (_, why) = retry_at(portfolio.deliver_next(&usual, NOW).unwrap());
    let named = format!("localhost:{port}: the server's certificate");
    assert!(
        why.as_ref().is_some_and(|why| why.starts_with(&named)),
        "{why:?}"
    );
    assert!(!came.recv().unwrap());
    let line = "alert_ca_file = \"issuers.pem\"";
    fs::write(room.path("issuers.pem"), "no certificate").unwrap();
    assert!(delivery(line).is_err());
    fs::write(room.path("issuers.pem"), root.pem()).unwrap();
    let private = delivery(line).unwrap().unwrap();
    let taken = portfolio.deliver_next(&private, NOW + 5).unwrap();
    assert!(matches!(taken, Delivered::Taken { .. }), "{taken:?}");
    assert!(came.recv().unwrap());
}

#[test]
fn the_configuration_names_one_receiver_and_its_secret() {
    let room = Room::new();
    let good =
        "[portfolio]\nalert_webhook = \"http://127.0.0.1:9/\"\nalert_secret_file = \"secret\"\n";
    let before = fs::read_to_string(room.path("gateway.toml")).unwrap();
    for (table, told) in [
        (
            "[portfolio]\nalert_webhook = \"http://127.0.0.1:9/\"\n",
            "needs alert_secret_file",
        ),
        (
            "[portfolio]\nalert_secret_file = \"secret\"\n",
            "without alert_webhook",
        ),
        (
            "[portfolio]\nalert_ca_file = \"issuers.pem\"\n",
            "alert_ca_file without alert_webhook",
        ),
        (
            "[portfolio]\nalert_command = []\n",
            "alert_command is empty",
        ),
        (
            &format!("{good}alert_command = [\"true\"]\n"),
            "take one of the two out",
        ),
        ("[portfolio]\nretention_days = 0\n", "retention_days"),
        (
            "[portfolio]\nalert_limit_seconds = 0\n",
            "alert_limit_seconds",
        ),
        ("[portfolio]\ndata_base = \"x\"\n", "unknown field"),
    ] {
        fs::write(room.path("gateway.toml"), format!("{before}{table}")).unwrap();
        let (code, text) = room.run(&["portfolio", "list"]);
        assert_eq!((code, text.contains(told)), (Some(3), true), "{text}");
        assert!(text.contains("line "), "{text}");
    }
    fs::write(room.path("gateway.toml"), format!("{before}{good}")).unwrap();
    fs::write(room.path("secret"), "whsec_short").unwrap();
    let (code, text) = room.run(&["portfolio", "rescreen"]);
    assert_eq!((code, text.contains("whsec")), (Some(3), false), "{text}");
    fs::write(room.path("secret"), SECRET).unwrap();
    let room = room.with(&["shop"]);
    room.release(1, base());
    let (code, text) = room.run(&["portfolio", "rescreen"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(
        text.contains(
            "an alert waits until 2026-11-22T01:02:08Z: 127.0.0.1:9: the connection was refused"
        ),
        "{text}"
    );
}
