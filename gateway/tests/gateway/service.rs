//! `interdict serve` as a process that payment systems ask.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use interdict_helpers::{Coalition, Release};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::enrolment::enrol_file;

/// With the test merchants that every list has, or the self-test fails.
const LISTED: &[&str] = &[
    "shop.example",
    "market.example",
    "monitor.listed.test",
    "review.listed.test",
    "hold-payout.listed.test",
    "block.listed.test",
];

fn first() -> Release {
    Release {
        has_domains_alone: true,
        ..Release::base(1, 1, LISTED)
    }
}

/// It adds `new.example` and removes `market.example`.
fn second() -> Release {
    Release {
        sequence: 2,
        changes: Some(("new.example", "market.example")),
        ..first()
    }
}

/// A running `interdict serve` in a directory of its own.
struct Serving {
    room: tempfile::TempDir,
    child: Child,
    place: String,
}

/// What came back.
struct Told {
    status: u16,
    head: String,
    body: String,
}

impl Serving {
    /// Serves a coalition that lists `shop.example` and `market.example`, with these lines in `gateway.toml`.
    fn start(lines: &str) -> Self {
        let room = tempfile::tempdir().unwrap();
        let coalition = Coalition::new(room.path());
        coalition.publish(1, &[first()]);
        enrol_file(room.path(), &coalition.enrolment("repository", &[1]));
        Self::start_in(room, lines)
    }

    fn start_in(room: tempfile::TempDir, lines: &str) -> Self {
        let path = room.path().join("gateway.toml");
        let text = fs::read_to_string(&path).unwrap();
        let lines = match lines.contains("listen") {
            true => lines.to_owned(),
            false => format!("[service]\nlisten = \"127.0.0.1:0\"\n{lines}"),
        };
        fs::write(&path, format!("{text}\n{lines}\n")).unwrap();
        let (child, place) = spawn(room.path());
        let serving = Self { room, child, place };
        serving.wait_until_loaded();
        serving
    }

    /// Until the first refresh is live.
    fn wait_until_loaded(&self) {
        if !self.place.starts_with("http:") {
            return;
        }
        for _ in 0..600 {
            if self.get("/readyz").status == 200 {
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
        panic!("never ready: {}", self.get("/readyz").body);
    }

    fn stream(&self) -> TcpStream {
        let address = self.place.rsplit('/').next().unwrap();
        let stream = TcpStream::connect(address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        stream
    }

    /// Sends bytes as they are and reads until the end.
    fn raw(&self, bytes: &[u8]) -> Told {
        let mut stream = self.stream();
        stream.write_all(bytes).unwrap();
        read(stream)
    }

    fn get(&self, path: &str) -> Told {
        self.raw(format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").as_bytes())
    }

    fn post(&self, path: &str, headers: &str, body: &str) -> Told {
        self.raw(request(path, headers, body).as_bytes())
    }

    fn screen(&self, body: &Value) -> Told {
        self.post("/v1/screen", "", &body.to_string())
    }

    fn log(&self) -> String {
        fs::read_to_string(self.room.path().join("log")).unwrap()
    }

    /// Asks it to end, and returns its exit code.
    fn end(&mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").arg(&id).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Told {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{}", self.body))
    }

    /// The name of the problem.
    fn problem(&self) -> String {
        assert!(
            self.head.contains("content-type: application/problem+json"),
            "{} {}",
            self.head,
            self.body
        );
        let told = self.json();
        assert_eq!(told["status"], self.status);
        assert_eq!(told.get("action"), None, "a problem is no verdict");
        let name = told["type"].as_str().unwrap();
        name.strip_prefix("urn:interdict:problem:")
            .unwrap()
            .to_owned()
    }
}

fn spawn(room: &Path) -> (Child, String) {
    let log = fs::File::create(room.join("log")).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_interdict"))
        .args(["serve", "--now", "2026-11-22T01:02:03Z", "--config"])
        .arg(room.join("gateway.toml"))
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut line).unwrap();
    let told = || fs::read_to_string(room.join("log")).unwrap();
    let place = line.strip_prefix("listening on ");
    let place = place.unwrap_or_else(|| panic!("{line}{}", told()));
    (child, place.trim_end().to_owned())
}

fn request(path: &str, headers: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

fn read(mut stream: impl std::io::Read) -> Told {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let body = match head.contains("transfer-encoding: chunked") {
        true => unchunked(body),
        false => body.to_owned(),
    };
    Told {
        status: status.unwrap_or(0),
        head: head.to_owned(),
        body,
    }
}

fn unchunked(mut rest: &str) -> String {
    let mut body = String::new();
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            break;
        }
        body.push_str(&after[..size]);
        rest = after[size..].strip_prefix("\r\n").unwrap();
    }
    body
}

fn ask(name: &str) -> Value {
    json!({"flow": "payout", "identifiers": [{"kind": "domain", "value": name}]})
}

/// What `[[client]]` says of a client with a token.
fn client(name: &str, token: &str, more: &str) -> String {
    let digest: String = Sha256::digest(token)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("[[client]]\nname = \"{name}\"\ntoken_sha256 = \"{digest}\"\n{more}\n")
}

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
        assert!(!told.body.contains("4111"), "{}", told.body);
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
    let valid = |name: &str, answer: &Value| {
        let schema = json!({
            "$ref": format!("#/components/schemas/{name}"), "components": document["components"],
        });
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(answer)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:?} in {answer}");
    };
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
    let head = format!("GET /v1/status HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{bearer}\r\n");
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
        assert_ne!(serving.get(path).status, 404, "{path}");
    }
}

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
fn what_can_be_read_in_two_ways_is_not_read() {
    let serving = Serving::start("max_body = 1000\nread_seconds = 1");
    let body = ask("shop.example").to_string();
    // Whoever goes by the length sees another request behind it; nobody answers that one.
    let both = format!(
        "POST /v1/screen HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n{}",
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
        "POST /v1/screen HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n{body}"
    );
    assert_eq!(serving.raw(twice.as_bytes()).status, 400);
    let large = serving.post("/v1/screen", "", &" ".repeat(1001));
    assert_eq!(large.problem(), "too_large");
    // Neither headers nor a body that never end keep a connection for long.
    for slow in [
        "POST /v1/screen HTTP/1.1\r\nhost: a\r\nx: ",
        "POST /v1/screen HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{",
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
fn a_new_release_is_answered_from_without_a_restart_and_a_broken_one_is_not() {
    let serving = Serving::start("refresh_seconds = 1\njitter_seconds = 0");
    assert_eq!(
        serving.screen(&ask("new.example")).json()["action"],
        "allow"
    );
    let coalition = Coalition {
        repository: serving.room.path().join("repository"),
    };
    coalition.publish(2, &[second()]);
    let action = |wanted: &str| {
        (0..300).any(|_| {
            thread::sleep(Duration::from_millis(100));
            serving.screen(&ask("new.example")).json()["action"] == wanted
        })
    };
    assert!(action("block"), "{}", serving.log());
    fs::write(
        serving
            .room
            .path()
            .join("repository/metadata/timestamp.json"),
        "{}",
    )
    .unwrap();
    let failed = (0..300).any(|_| {
        thread::sleep(Duration::from_millis(100));
        serving.get("/v1/status").json()["refreshes"][0]["succeeded"] == false
    });
    assert!(failed, "{}", serving.get("/v1/status").body);
    assert_eq!(
        serving.screen(&ask("new.example")).json()["action"],
        "block"
    );
    let metrics = serving.get("/metrics").body;
    assert!(
        metrics.contains("interdict_refresh_failures_total{coalition=\"se\"}"),
        "{metrics}"
    );
    assert!(
        metrics.contains("interdict_list_age_seconds{coalition=\"se\",list=\"se/merchants\"} ")
    );
}

#[test]
fn the_log_never_has_an_identifier() {
    let mut serving = Serving::start("");
    let mut asked = ask("very-secret.example");
    asked["reference"] = json!("payment 4711");
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
        !log.contains("very-secret") && !log.contains("4711"),
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
fn tls_shows_the_service_and_a_certificate_shows_the_client() {
    let room = tempfile::tempdir().unwrap();
    let coalition = Coalition::new(room.path());
    coalition.publish(1, &[first()]);
    enrol_file(room.path(), &coalition.enrolment("repository", &[1]));
    let mut authority = CertificateParams::new(vec![]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().unwrap();
    let root = authority.self_signed(&authority_key).unwrap();
    let issuer = Issuer::new(authority, authority_key);
    let issue = |name: &str| {
        let key = KeyPair::generate().unwrap();
        let parameters = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = parameters.signed_by(&key, &issuer).unwrap();
        (
            certificate.pem(),
            certificate.der().to_vec(),
            key.serialize_pem(),
        )
    };
    let (server, _, server_key) = issue("localhost");
    let (own, own_der, own_key) = issue("payments.test");
    for (name, text) in [
        ("server.pem", server),
        ("server.key", server_key),
        ("root.pem", root.pem()),
    ] {
        fs::write(room.path().join(name), text).unwrap();
    }
    let digest: String = Sha256::digest(&own_der)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let lines = format!(
        "[service]\nlisten = \"127.0.0.1:0\"\n\
         tls = {{ certificate = \"server.pem\", key = \"server.key\", clients = \"root.pem\" }}\n\
         [[client]]\nname = \"payments\"\ncertificate_sha256 = \"{digest}\"\n"
    );
    let serving = Serving::start_in(room, &lines);
    let mut roots = rustls::RootCertStore::empty();
    roots.add(root.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let ask_with = |identity: Option<(&str, &str)>| {
        let config = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots.clone());
        let config = match identity {
            None => config.with_no_client_auth(),
            Some((certificate, key)) => {
                let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
                let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
                config.with_client_auth_cert(chain, key).unwrap()
            }
        };
        let name = "localhost".try_into().unwrap();
        let connection = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
        let mut stream = rustls::StreamOwned::new(connection, serving.stream());
        let body = request("/v1/screen", "", &ask("shop.example").to_string());
        let sent = stream.write_all(body.as_bytes());
        sent.map_or_else(|_| 0, |()| read(stream).status)
    };
    assert_eq!(ask_with(Some((&own, &own_key))), 200);
    assert_eq!(ask_with(None), 401);
    let (other, _, other_key) = issue("payments.test");
    assert_eq!(
        ask_with(Some((&other, &other_key))),
        401,
        "issued by the same, and not named"
    );
    let stranger = rcgen::generate_simple_self_signed(vec!["payments.test".to_owned()]).unwrap();
    let strange = (stranger.cert.pem(), stranger.signing_key.serialize_pem());
    assert_eq!(
        ask_with(Some((&strange.0, &strange.1))),
        0,
        "the handshake fails"
    );
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
    let told = asked(&ask("block.listed.test").to_string()).json();
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

#[test]
fn more_requests_than_are_taken_are_shed_with_a_time_to_ask_again() {
    let serving = Serving::start("max_requests = 1\nread_seconds = 5");
    // A request whose body does not come takes the only place.
    let mut slow = serving.stream();
    slow.write_all(b"POST /v1/screen HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n")
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

/// Runs the command in the directory of a service, and says what it printed.
fn run(room: &Path, arguments: &[&str]) -> String {
    let run = Command::new(env!("CARGO_BIN_EXE_interdict"))
        .args(arguments)
        .args(["--now", "2026-11-22T01:02:03Z"])
        .current_dir(room)
        .output()
        .unwrap();
    let told = String::from_utf8(run.stdout).unwrap();
    assert!(
        run.status.code().is_some_and(|code| code < 2),
        "{arguments:?}: {told}{}",
        String::from_utf8_lossy(&run.stderr)
    );
    told
}

#[test]
fn a_merchant_of_the_portfolio_is_screened_by_id_and_alerts_say_what_changed() {
    let room = tempfile::tempdir().unwrap();
    let coalition = Coalition::new(room.path());
    coalition.publish(1, &[first()]);
    enrol_file(room.path(), &coalition.enrolment("repository", &[1]));
    let alerts = room.path().join("alerts");
    let lines = format!(
        "[service]\nlisten = \"127.0.0.1:0\"\nrefresh_seconds = 1\njitter_seconds = 0\n\
         [portfolio]\nalert_command = [\"sh\", \"-c\", \"cat >> {}\"]\n",
        alerts.display()
    );
    let own = room.path().join("merchants.ndjson");
    let merchant = |id: &str, name: &str| {
        let identifier = json!({"kind": "domain", "value": name});
        json!({"id": id, "flow": "payout", "identifiers": [identifier]}).to_string()
    };
    let both = [
        merchant("m_1", "new.example"),
        merchant("m_2", "flowers.example"),
    ];
    fs::write(&own, both.join("\n")).unwrap();
    let serving = Serving::start_in(room, &lines);
    run(
        serving.room.path(),
        &["portfolio", "import", "merchants.ndjson"],
    );
    let by_id = |id: &str| serving.screen(&json!({"merchant": id, "flow": "onboarding"}));
    assert_eq!(by_id("m_1").json()["action"], "allow");
    assert_eq!(
        serving.screen(&json!({"merchant": "m_1"})).json()["action"],
        "allow"
    );
    assert_eq!(by_id("m_3").problem(), "unknown_merchant");
    let mut two = ask("shop.example");
    two["merchant"] = json!("m_2");
    assert_eq!(serving.screen(&two).problem(), "two_names");
    coalition.publish(2, &[second()]);
    let told = (0..600).find_map(|_| {
        thread::sleep(Duration::from_millis(100));
        fs::read_to_string(&alerts)
            .ok()
            .filter(|told| told.contains("merchant.listed"))
    });
    let told = told.unwrap_or_else(|| panic!("no alert: {}", serving.log()));
    assert!(told.contains("m_1") && !told.contains("m_2"), "{told}");
    assert!(!told.contains("new.example"), "{told}");
    assert_eq!(by_id("m_1").json()["action"], "block");
    assert_eq!(by_id("m_2").json()["action"], "allow");
    assert!(run(serving.room.path(), &["case", "list"]).contains("m_1"));
}

#[test]
fn every_verdict_has_its_line_in_a_journal_that_verifies() {
    let mut serving = Serving::start(
        "[journal]\ndirectory = \"journal\"\n[[client]]\nname = \"own\"\ntoken_sha256 = \
         \"2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b\"\n",
    );
    let bearer = "authorization: Bearer secret\r\n";
    let mut asked = ask("shop.example");
    asked["reference"] = json!("payment 4711");
    let told = serving
        .post("/v1/screen", bearer, &asked.to_string())
        .json();
    let id = told["id"].as_str().unwrap().to_owned();
    let refused = serving
        .post("/v1/screen", bearer, r#"{"flow":"payout"}"#)
        .json();
    assert!(refused["id"].is_string(), "{refused}");
    assert_eq!(serving.end(), Some(0));
    let room = serving.room.path();
    let mut text = String::new();
    for file in fs::read_dir(room.join("journal")).unwrap() {
        text += &fs::read_to_string(file.unwrap().path()).unwrap_or_default();
    }
    let line = text.lines().find(|line| line.contains(&id));
    let line = line.unwrap_or_else(|| panic!("{text}"));
    assert!(
        line.contains("\"client\":\"own\"") && line.contains("\"door\":\"screen\""),
        "{line}"
    );
    assert!(line.contains("\"action\":\"block\""), "{line}");
    assert!(text.contains(refused["id"].as_str().unwrap()));
    assert!(
        !text.contains("shop.example") && !text.contains("4711"),
        "{text}"
    );
    let key = run(room, &["audit", "journal-key"]);
    let key = key.split_whitespace().last().unwrap();
    run(room, &["audit", "verify", "journal", "--key", key]);
    assert!(run(room, &["audit", "find", "--reference", "payment 4711"]).contains(&id));
}

#[test]
fn without_its_line_no_verdict_is_given() {
    let serving = Serving::start(
        "[journal]\ndirectory = \"journal\"\nmax_megabytes = 2\nrotate_megabytes = 1\n",
    );
    let many = format!("{}\n", ask("shop.example")).repeat(3000);
    let told = serving.post("/v1/screen/batch", "", &many);
    let last = told.body.lines().last().unwrap();
    assert!(
        last.contains("urn:interdict:problem:not_recorded"),
        "{last}"
    );
    let told = serving.screen(&ask("shop.example"));
    assert_eq!(
        (told.status, told.problem().as_str()),
        (503, "not_recorded")
    );
}
