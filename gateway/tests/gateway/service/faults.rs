//! What goes wrong around a refresh. Each time the last good list answers, the status says what is wrong, and the next
//! release is found once it is over.

use std::fs;
use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use interdict_helpers::{Coalition, Release, reply, reply_from, serve};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::pki_types::PrivateKeyDer;
use serde_json::{Value, json};

use super::{LISTED, Serving, ask, first, serve_at, spawn_by};
use crate::enrolment::enrol_file;

/// Refreshes all the time.
pub(super) const EAGER: &str =
    "[service]\nlisten = \"127.0.0.1:0\"\nrefresh_seconds = 1\njitter_seconds = 0\n";

/// What a server does with every file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Nothing,
    Wrong,
    Old,
    Truncated,
    Endless,
    Drips,
    Breaks,
    Turns,
}

/// Release `number`: the even ones list `new.example` instead of `market.example`.
pub(super) fn release(number: u32) -> Release {
    Release {
        sequence: number.into(),
        changes: number
            .is_multiple_of(2)
            .then_some(("new.example", "market.example")),
        has_domains_alone: true,
        ..Release::base(1, 1, LISTED)
    }
}

fn hostile(folder: &Path, older: &Path) -> (String, Arc<Mutex<Fault>>) {
    let fault = Arc::new(Mutex::new(Fault::Nothing));
    let (folder, older, chosen) = (folder.to_owned(), older.to_owned(), Arc::clone(&fault));
    let base = serve(move |path, stream| {
        let now = || *chosen.lock().unwrap();
        match now() {
            Fault::Nothing => reply_from(&folder, path, stream),
            Fault::Old => reply_from(&older, path, stream),
            Fault::Wrong => reply(stream, "200 OK", b"{}"),
            Fault::Breaks => reply(stream, "500 Oops", b""),
            Fault::Turns => reply(stream, &format!("302 Found\r\nLocation: {path}"), b""),
            Fault::Truncated => send(stream, b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"),
            Fault::Endless => {
                send(stream, b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
                while stream.write_all(&[b' '; 4096]).is_ok() {}
            }
            Fault::Drips => {
                send(stream, b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n");
                while now() == Fault::Drips && stream.write_all(b" ").is_ok() {
                    thread::sleep(Duration::from_millis(20));
                }
            }
        }
    });
    (base, fault)
}

fn send(stream: &mut TcpStream, bytes: &[u8]) {
    let _ = stream.write_all(bytes);
}

/// Until this is so, for at most a minute.
#[track_caller]
pub(super) fn until(serving: &Serving, what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..600 {
        if is_so() {
            return;
        }
        thread::sleep(Duration::from_millis(100));
    }
    let status = serving.get("/v1/status").body;
    panic!("never {what}: {status}\n{}", serving.log());
}

fn status(serving: &Serving) -> Value {
    serving.get("/v1/status").json()
}

fn action(serving: &Serving, name: &str) -> Value {
    serving.screen(&ask(name)).json()["action"].clone()
}

/// The action on `new.example` while release `number` is live.
fn wanted(number: u32) -> &'static str {
    match number.is_multiple_of(2) {
        true => "block",
        false => "allow",
    }
}

#[test]
fn whatever_a_mirror_sends_the_last_good_list_answers_and_the_next_release_is_found() {
    let room = tempfile::tempdir().unwrap();
    let (coalition, older) = (Coalition::new(room.path()), room.path().join("older"));
    let older = Coalition::new(&older);
    older.publish(1, &[release(1)]);
    coalition.publish(2, &[release(2)]);
    let (location, fault) = hostile(&coalition.repository, &older.repository);
    enrol_file(room.path(), &coalition.enrolment(&location, &[1]));
    let private = "[[repository]]\ncoalition = \"se\"\nallow_private = true\n";
    let serving = Serving::start_in(room, &format!("{EAGER}{private}"));
    assert_eq!(action(&serving, "new.example"), wanted(2));
    let faults = [
        (Fault::Wrong, Some("trust_")),
        (Fault::Old, Some("trust_")),
        (Fault::Truncated, Some("not_fetched")),
        (Fault::Endless, Some("not_fetched")),
        (Fault::Breaks, Some("not_fetched")),
        (Fault::Turns, Some("not_fetched")),
        (Fault::Drips, None),
    ];
    for (number, (next, code)) in (2..).zip(faults) {
        *fault.lock().unwrap() = next;
        coalition.publish(number + 1, &[release(number + 1)]);
        match code {
            Some(code) => until(&serving, "failing", || {
                let refresh = status(&serving)["refreshes"][0].clone();
                let own = refresh["code"].as_str().unwrap_or_default();
                refresh["succeeded"] == false && own.starts_with(code)
            }),
            // It takes as long as a file may.
            None => thread::sleep(Duration::from_millis(1500)),
        }
        for (name, expected) in [("new.example", wanted(number)), ("shop.example", "block")] {
            assert_eq!(action(&serving, name), expected, "{next:?}");
        }
        let told = status(&serving);
        assert_eq!(told["ready"], true, "{told}");
        if code.is_some() {
            let warning = "coalition se: the last refresh: FAILED: ";
            assert!(told["warnings"].to_string().contains(warning), "{told}");
        }
        *fault.lock().unwrap() = Fault::Nothing;
        until(&serving, "found", || {
            action(&serving, "new.example") == wanted(number + 1)
        });
    }
    let metrics = serving.get("/metrics").body;
    let counted = "interdict_refresh_failures_total{coalition=\"se\",code=\"not_fetched\"} ";
    assert!(metrics.contains(counted), "{metrics}");
    until(&serving, "well", || {
        status(&serving)["warnings"] == json!([])
    });
}

/// A server with a certificate of last year, which nobody has issued.
fn expired_tls() -> String {
    let key = KeyPair::generate().unwrap();
    let mut parameters = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    parameters.not_before = date_time_ymd(2020, 1, 1);
    parameters.not_after = date_time_ymd(2021, 1, 1);
    let certificate = parameters.self_signed(&key).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let location = format!("https://{}/base", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = stream.unwrap();
            while connection.is_handshaking() && connection.complete_io(&mut stream).is_ok() {}
        }
    });
    location
}

#[test]
fn a_mirror_whose_certificate_has_expired_is_not_asked_and_the_next_one_is() {
    let room = tempfile::tempdir().unwrap();
    let coalition = Coalition::new(room.path());
    coalition.publish(1, &[first()]);
    enrol_file(room.path(), &coalition.enrolment(&expired_tls(), &[1]));
    let mirrors = |list: &str| {
        format!(
            "{EAGER}[[repository]]\ncoalition = \"se\"\nallow_private = true\nmirrors = [{list}]\n"
        )
    };
    let serving = Serving::start_in(room, &mirrors("\"repository\""));
    assert_eq!(action(&serving, "shop.example"), "block");
    let refresh = status(&serving)["refreshes"][0].clone();
    assert_eq!(refresh["repository"], "repository", "{refresh}");
    fs::remove_dir_all(&coalition.repository).unwrap();
    until(&serving, "failing", || {
        let outcome = status(&serving)["refreshes"][0]["outcome"].to_string();
        let told = ": the server's certificate, or its TLS, was not accepted";
        outcome.contains(told) && outcome.contains("127.0.0.1:")
    });
    assert_eq!(action(&serving, "shop.example"), "block");
}

/// A service in a mount namespace, whose `disk` is a file system in memory of its own.
fn on_a_small_disk(database: &str) -> (Serving, Coalition) {
    let room = tempfile::tempdir().unwrap();
    let coalition = Coalition::new(room.path());
    coalition.publish(1, &[release(1)]);
    fs::create_dir(room.path().join("disk")).unwrap();
    let policy = "policy.required = { se = [\"se/merchants\"] }\nstate = \"disk/state\"\n";
    let portfolio = format!(
        "[portfolio]\ndatabase = \"{database}\"\nalert_command = [\"tee\", \"-a\", \"alerts\"]\n"
    );
    fs::write(room.path().join("gateway.toml"), policy).unwrap();
    enrol_file(room.path(), &coalition.enrolment("repository", &[1]));
    let path = room.path().join("gateway.toml");
    fs::write(path, format!("{policy}{EAGER}{portfolio}")).unwrap();
    let merchant =
        json!({"id": "m_1", "flow": "payout", "identifiers": ask("new.example")["identifiers"]});
    fs::write(room.path().join("own.ndjson"), merchant.to_string()).unwrap();
    super::run(room.path(), &["portfolio", "import", "own.ndjson"]);
    let script = "cp -a disk saved && mount -t tmpfs -o size=32m tmpfs disk && cp -a saved/. disk && exec \"$0\" \"$@\"";
    let serve = serve_at(room.path(), "2026-11-22T01:02:03Z");
    let mut command = Command::new("unshare");
    command.args(["--mount", "--map-root-user", "sh", "-c", script]);
    command.arg(serve.get_program()).args(serve.get_args());
    command.current_dir(room.path());
    let (child, place) = spawn_by(room.path(), &mut command);
    let serving = Serving { room, child, place };
    serving.wait_until_loaded();
    (serving, coalition)
}

impl Serving {
    /// Runs a script where the service is.
    fn inside(&self, script: &str) -> bool {
        let id = self.child.id().to_string();
        let run = Command::new("nsenter")
            .args([
                "--target",
                &id,
                "--mount",
                "--user",
                "--preserve-credentials",
            ])
            .args(["sh", "-c", script])
            .arg(self.room.path())
            .status();
        run.unwrap().success()
    }
}

/// Breaks the disk of a service, lets a release come, mends it, and waits for the release and the alert.
fn broken_and_mended(database: &str, breaks: &str, mends: &str) {
    let (serving, coalition) = on_a_small_disk(database);
    let alerts = serving.room.path().join("alerts");
    // A file system with a file that is being written cannot become read-only.
    until(&serving, "broken", || serving.inside(breaks));
    coalition.publish(2, &[release(2)]);
    until(&serving, "failing", || {
        status(&serving)["refreshes"][0]["succeeded"] == false
    });
    let refresh = status(&serving)["refreshes"][0].clone();
    let code = refresh["code"].as_str().unwrap();
    assert!(["not_saved", "not_begun"].contains(&code), "{refresh}");
    for (name, expected) in [("new.example", "allow"), ("shop.example", "block")] {
        assert_eq!(action(&serving, name), expected);
    }
    assert!(serving.inside(mends));
    until(&serving, "found", || {
        action(&serving, "new.example") == "block"
    });
    until(&serving, "told", || {
        let told = fs::read_to_string(&alerts).unwrap_or_default();
        told.contains("merchant.listed")
    });
}

#[test]
fn a_full_disk_loses_neither_list_nor_alert() {
    broken_and_mended(
        "disk/portfolio.sqlite",
        "cd \"$0/disk\"; cat /dev/zero > fill 2> /dev/null; true",
        "rm \"$0/disk/fill\"",
    );
}

#[test]
fn a_state_directory_that_becomes_read_only_loses_neither_list_nor_alert() {
    broken_and_mended(
        "portfolio.sqlite",
        "mount -o remount,ro \"$0/disk\" 2> /dev/null",
        "mount -o remount,rw \"$0/disk\"",
    );
}

#[test]
fn two_services_on_one_state_directory_both_answer_from_the_newest_release() {
    let room = tempfile::tempdir().unwrap();
    let coalition = Coalition::new(room.path());
    coalition.publish(1, &[release(1)]);
    enrol_file(room.path(), &coalition.enrolment("repository", &[1]));
    let one = Serving::start_in(room, EAGER);
    let (child, place) = spawn_by(
        one.room.path(),
        &mut serve_at(one.room.path(), "2026-11-22T01:02:03Z"),
    );
    let link = tempfile::tempdir().unwrap();
    fs::write(link.path().join("log"), "").unwrap();
    let mut two = Serving {
        room: link,
        child,
        place,
    };
    two.wait_until_loaded();
    for number in 2..5 {
        coalition.publish(number, &[release(number)]);
        for serving in [&one, &two] {
            until(serving, "found", || {
                action(serving, "new.example") == wanted(number)
            });
        }
    }
    two.child.kill().unwrap();
    coalition.publish(5, &[release(5)]);
    until(&one, "found", || action(&one, "new.example") == wanted(5));
}

#[test]
fn a_clock_that_jumps_shows_in_status_metrics_and_alerts_and_is_forgiven_when_it_is_right_again() {
    let room = tempfile::tempdir().unwrap();
    let coalition = Coalition::new(room.path());
    coalition.publish(1, &[first()]);
    enrol_file(room.path(), &coalition.enrolment("repository", &[1]));
    let alerts = room.path().join("alerts");
    let portfolio = format!(
        "[portfolio]\nalert_command = [\"tee\", \"-a\", {:?}]\n",
        alerts.display().to_string()
    );
    let mut serving = Serving::start_in(room, &format!("{EAGER}{portfolio}"));
    let merchant = json!({"id": "m_1", "flow": "payout", "identifiers": ask("flowers.example")["identifiers"]});
    fs::write(serving.room.path().join("own.ndjson"), merchant.to_string()).unwrap();
    super::run(serving.room.path(), &["portfolio", "import", "own.ndjson"]);
    // The repository is gone meanwhile, so nothing sets it right.
    let away = serving.room.path().join("away");
    fs::rename(&coalition.repository, &away).unwrap();
    for (now, words, alert) in [
        ("2026-11-24T01:02:03Z", "is stale", "list.late"),
        (
            "2026-11-21T01:02:03Z",
            "seconds behind that of coalition se",
            "clock.differs",
        ),
    ] {
        assert_eq!(serving.end(), Some(0));
        let room = serving.room.path();
        (serving.child, serving.place) = spawn_by(room, &mut serve_at(room, now));
        until(&serving, "said", || {
            serving.get("/v1/status").body.contains(words)
        });
        until(&serving, "told", || {
            fs::read_to_string(&alerts)
                .unwrap_or_default()
                .contains(alert)
        });
        assert_eq!(action(&serving, "shop.example"), "block");
        assert_ne!(action(&serving, "flowers.example"), "allow");
    }
    let metrics = serving.get("/metrics").body;
    let behind = metrics
        .lines()
        .find_map(|line| line.strip_prefix("interdict_clock_behind_seconds{coalition=\"se\"} "));
    let behind: i64 = behind
        .unwrap_or_else(|| panic!("{metrics}"))
        .parse()
        .unwrap();
    assert!((86_000..=87_000).contains(&behind), "{behind}");
    assert_eq!(serving.end(), Some(0));
    fs::rename(&away, &coalition.repository).unwrap();
    let room = serving.room.path();
    (serving.child, serving.place) = spawn_by(room, &mut serve_at(room, "2026-11-22T02:02:03Z"));
    until(&serving, "well", || {
        status(&serving)["warnings"] == json!([])
    });
    assert_eq!(action(&serving, "flowers.example"), "allow");
}
