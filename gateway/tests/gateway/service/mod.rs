//! `interdict serve` as a process that payment systems ask.

mod answers;
mod beside;
mod cases;
mod checkout;
mod clients;
mod faults;
mod http_faults;
mod hyperswitch;
mod issuers;
mod kills;
mod left_in_memory;
mod messages;
mod page;
mod subrequest;
mod tls;
mod traces;

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use interdict_core::identifier::Kind;
use interdict_helpers::{Coalition, Release};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::enrolment::enrol_file;
use crate::selftest::gateway_of;

/// With the test merchants that every list has, or the self-test fails.
const LISTED: &[&str] = &[
    "shop.example",
    "market.example",
    "monitor.listed.test",
    "review.listed.test",
    "hold-payout.listed.test",
    "block.listed.test",
];

pub(crate) fn first() -> Release {
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
pub(crate) struct Serving {
    room: tempfile::TempDir,
    child: Child,
    place: String,
}

/// What came back.
pub(crate) struct Told {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Serving {
    /// Serves a coalition that lists `shop.example` and `market.example`, with these lines in `gateway.toml`.
    pub(crate) fn start(lines: &str) -> Self {
        let room = tempfile::tempdir().unwrap();
        let coalition = Coalition::new(room.path());
        coalition.publish(1, &[first()]);
        enrol_file(room.path(), &coalition.enrolment("repository", &[1]));
        Self::start_in(room, lines)
    }

    /// Serves a coalition whose list has the test merchants of these kinds, each with its own action.
    fn start_with(kinds: &'static [Kind], lines: &str) -> Self {
        let room = tempfile::tempdir().unwrap();
        gateway_of(room.path(), kinds);
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

    pub(crate) fn get(&self, path: &str) -> Told {
        self.raw(
            format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
                .as_bytes(),
        )
    }

    fn post(&self, path: &str, headers: &str, body: &str) -> Told {
        self.raw(request(path, headers, body).as_bytes())
    }

    pub(crate) fn screen(&self, body: &Value) -> Told {
        self.post("/v1/screen", "", &body.to_string())
    }

    pub(crate) fn room(&self) -> &Path {
        self.room.path()
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
    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find_map(|(own, value)| (own == name).then_some(value))
    }

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
    spawn_by(room, &mut serve_at(room, "2026-11-22T01:02:03Z"))
}

/// `interdict serve` in a directory, from this time on.
fn serve_at(room: &Path, now: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interdict"));
    command.args(["serve", "--now", now, "--config"]);
    command.arg(room.join("gateway.toml"));
    command
}

/// Runs a command that ends up as `interdict serve`, and returns where it listens.
pub(crate) fn spawn_by(room: &Path, command: &mut Command) -> (Child, String) {
    let log = fs::File::create(room.join("log")).unwrap();
    let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
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
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
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

pub(crate) fn ask(name: &str) -> Value {
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

/// Whether an answer is as the service's own document says of this schema.
fn must_be(document: &Value, name: &str, answer: &Value) {
    let schema = json!({
        "$ref": format!("#/components/schemas/{name}"), "components": document["components"],
    });
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(answer)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{name}: {errors:?} in {answer}");
}

/// The lines of the service's journal about what people decided.
fn decisions(room: &Path) -> Vec<String> {
    let mut text = String::new();
    for file in fs::read_dir(room.join("journal")).unwrap() {
        text += &fs::read_to_string(file.unwrap().path()).unwrap_or_default();
    }
    let lines = text.lines().filter(|line| line.contains("\"decision\":"));
    lines.map(str::to_owned).collect()
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
