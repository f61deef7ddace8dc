use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use anyhow::{Context as _, Result, ensure};

use super::api::Headers;
use super::peer::{Peer, PeerKind};
use super::room::Room;

/// What is tried with each peer.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    /// What must hold.
    pub name: &'static str,
    /// It fails if it does not.
    pub run: fn(PeerKind, &str) -> Result<()>,
}

/// All of them.
pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "every action is answered as the table of doors says",
        run: actions,
    },
    Scenario {
        name: "the API reads the service's verdict, and never one that a client wrote",
        run: forged,
    },
    Scenario {
        name: "a request that can be read in two ways does not pass",
        run: odd,
    },
    Scenario {
        name: "payments with bodies are answered as the table says, however many share a connection",
        run: bodies,
    },
    Scenario {
        name: "nothing passes while the service is stopped, and everything as before once it is back",
        run: stopped,
    },
    Scenario {
        name: "nothing passes while the service hangs",
        run: hanging,
    },
    Scenario {
        name: "nothing passes that the service has no time for",
        run: shed,
    },
    Scenario {
        name: "doctor finds nothing wrong with the documented configuration",
        run: doctor,
    },
    Scenario {
        name: "doctor finds what is wrong with a configuration that lets requests pass or refuses them unasked",
        run: doctor_of_others,
    },
];

/// A client of the service that every peer is.
const CLIENT: &str = "[[client]]\nname = \"proxy\"\n\
    token_sha256 = \"3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0\"\n";
/// Its token.
const TOKEN: &str = "token";

pub(super) fn room(lines: &str) -> Result<Room> {
    Room::new(&format!("{CLIENT}{lines}"))
}

/// The documented configuration, with the token of the client.
pub(super) fn documented(kind: PeerKind) -> Result<String> {
    let text = kind.documented()?;
    let (from, to) = match kind {
        PeerKind::Envoy => (
            "# initial_metadata: [{ key: authorization, value: \"Bearer ...\" }]",
            format!("initial_metadata: [{{ key: authorization, value: \"Bearer {TOKEN}\" }}]"),
        ),
        PeerKind::EnvoyHttp => ("value: \"...\"", format!("value: \"{TOKEN}\"")),
        PeerKind::Nginx => (
            "# proxy_set_header Interdict-Token \"...\";",
            format!("proxy_set_header Interdict-Token \"{TOKEN}\";"),
        ),
    };
    ensure!(
        text.contains(from),
        "the documented configuration has no {from}"
    );
    Ok(text.replace(from, &to))
}

fn started(kind: PeerKind, program: &str, room: &Room) -> Result<Peer> {
    Peer::start(kind, program, room, &documented(kind)?)
}

/// Whether the API was reached, with what, and what the client was told.
fn asked(
    room: &Room,
    peer: &Peer,
    headers: &[(&str, &str)],
) -> Result<(u16, Option<Headers>, String)> {
    let (status, answer) = peer.ask("/payouts", headers)?;
    Ok((status, room.api.taken().pop(), answer))
}

fn is_passed(room: &Room, peer: &Peer, merchant: &str) -> Result<bool> {
    let (status, seen, _) = asked(room, peer, &[("x-merchant", merchant)])?;
    ensure!(
        seen.is_some() == (status == 200),
        "{merchant}: {status}, {seen:?}"
    );
    Ok(seen.is_some())
}

fn must_be(room: &Room, peer: &Peer, merchant: &str, expected: u16) -> Result<()> {
    let (status, seen, answer) = asked(room, peer, &[("x-merchant", merchant)])?;
    ensure!(
        status == expected,
        "{merchant}: {status} instead of {expected}: {answer}"
    );
    ensure!(
        seen.is_some() == (expected == 200),
        "{merchant} reached the API, or did not: {seen:?}"
    );
    if expected != 200 {
        let lower = answer.to_lowercase();
        for word in ["interdict-action", "interdict-decision", "record", "listed"] {
            ensure!(
                !lower.contains(word),
                "{merchant}: the client is told {word}: {answer}"
            );
        }
    }
    Ok(())
}

fn actions(kind: PeerKind, program: &str) -> Result<()> {
    let room = room("")?;
    let peer = started(kind, program, &room)?;
    let none = PeerKind::not_screened();
    // At authorisation, review and hold_payout pass: the table in docs/doors.md.
    for (merchant, expected) in [
        ("interdict-test-allow", 200),
        ("interdict-test-monitor", 200),
        ("interdict-test-review", 200),
        ("interdict-test-hold-payout", 200),
        ("interdict-test-block", 403),
        ("m_clean", 200),
        ("m_shop", 403),
        ("m_nobody", none),
    ] {
        must_be(&room, &peer, merchant, expected)?;
    }
    drop(peer);
    let payouts = documented(kind)?
        .replace("flow: authorisation }", "flow: payout }")
        .replace("subrequest/authorisation", "subrequest/payout");
    let peer = Peer::start(kind, program, &room, &payouts)?;
    for (merchant, expected) in [
        ("interdict-test-allow", 200),
        ("interdict-test-monitor", 200),
        // A record names it, and a proxy cannot hold.
        ("interdict-test-review", 403),
        ("interdict-test-hold-payout", 403),
        ("interdict-test-block", 403),
    ] {
        must_be(&room, &peer, merchant, expected)?;
    }
    Ok(())
}

fn forged(kind: PeerKind, program: &str) -> Result<()> {
    let room = room("")?;
    let peer = started(kind, program, &room)?;
    let forged = [
        ("x-merchant", "interdict-test-monitor"),
        ("interdict-decision", "forged"),
        ("Interdict-Action", "forged"),
        ("interdict-id", "forged"),
    ];
    let (status, seen, _) = asked(&room, &peer, &forged)?;
    let seen = seen.with_context(|| format!("it did not pass: {status}"))?;
    let one = |name: &str| seen.get(name).map(Vec::as_slice).unwrap_or_default();
    ensure!(one("interdict-decision") == ["pass"], "{seen:?}");
    ensure!(one("interdict-action") == ["monitor"], "{seen:?}");
    ensure!(
        one("interdict-id").len() == 1 && !seen.values().flatten().any(|value| value == "forged"),
        "{seen:?}"
    );
    let blocked = [
        ("x-merchant", "interdict-test-block"),
        ("interdict-decision", "pass"),
        ("interdict-action", "allow"),
    ];
    let (status, seen, _) = asked(&room, &peer, &blocked)?;
    ensure!(status == 403 && seen.is_none(), "{status}, {seen:?}");
    Ok(())
}

fn odd(kind: PeerKind, program: &str) -> Result<()> {
    let room = room("")?;
    let peer = started(kind, program, &room)?;
    for path in [
        "/payouts%2f..%2fother",
        "/payouts/%2e%2e%2fother",
        "/payouts%5cother",
    ] {
        let (status, _) = peer.ask(path, &[("x-merchant", "m_clean")])?;
        ensure!(
            status >= 400 && room.api.taken().is_empty(),
            "{path}: {status}"
        );
    }
    let twice = [("x-merchant", "m_shop"), ("x-merchant", "m_clean")];
    let (status, seen, _) = asked(&room, &peer, &twice)?;
    ensure!(status >= 400 && seen.is_none(), "{status}, {seen:?}");
    let (status, seen, _) = asked(&room, &peer, &[])?;
    ensure!(
        status == PeerKind::not_screened() && seen.is_none(),
        "without a merchant: {status}"
    );
    // Of two in the other order the API may get the one that was screened, and no other.
    let twice = [("x-merchant", "m_clean"), ("x-merchant", "m_shop")];
    let (_, seen, _) = asked(&room, &peer, &twice)?;
    let merchants = seen.and_then(|seen| seen.get("x-merchant").cloned());
    ensure!(
        merchants.as_deref().is_none_or(|all| all == ["m_clean"]),
        "{merchants:?}"
    );
    Ok(())
}

/// A proxy that announced to the service a body that it does not send would have the next request read as that body.
fn bodies(kind: PeerKind, program: &str) -> Result<()> {
    let room = room("")?;
    let peer = started(kind, program, &room)?;
    std::thread::scope(|scope| -> Result<()> {
        let threads = [0; 4].map(|_| {
            scope.spawn(|| -> Result<()> {
                for _ in 0..100 {
                    for (merchant, expected) in [("m_clean", 200), ("m_shop", 403)] {
                        let (status, told) = peer.post("/payouts", &[("x-merchant", merchant)])?;
                        ensure!(status == expected, "{merchant}: {status} {told}");
                    }
                }
                Ok(())
            })
        });
        for thread in threads {
            thread
                .join()
                .map_err(|_| anyhow::anyhow!("a thread failed"))??;
        }
        Ok(())
    })?;
    let passed = room.api.taken();
    ensure!(passed.len() == 400, "{} reached the API", passed.len());
    Ok(())
}

fn stopped(kind: PeerKind, program: &str) -> Result<()> {
    let mut room = room("")?;
    let peer = started(kind, program, &room)?;
    ensure!(is_passed(&room, &peer, "m_clean")?, "before");
    room.kill()?;
    for merchant in ["m_clean", "m_shop", "interdict-test-allow"] {
        must_be(&room, &peer, merchant, PeerKind::not_screened())?;
    }
    room.start()?;
    // Envoy tries the connection again after a while.
    for _ in 0..100 {
        if is_passed(&room, &peer, "m_clean")? {
            return must_be(&room, &peer, "m_shop", 403);
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    anyhow::bail!("nothing passes after a restart")
}

fn hanging(kind: PeerKind, program: &str) -> Result<()> {
    let room = room("")?;
    let peer = started(kind, program, &room)?;
    room.signal("-STOP")?;
    let held = must_be(&room, &peer, "m_clean", PeerKind::not_screened());
    room.signal("-CONT")?;
    held
}

/// A batch that does not end takes the only place.
fn shed(kind: PeerKind, program: &str) -> Result<()> {
    let room = room("[service]\nmax_requests = 1\n")?;
    let peer = started(kind, program, &room)?;
    let [http, _] = room.ports();
    let mut batch = TcpStream::connect(("127.0.0.1", http))?;
    let line = r#"{"flow":"payout","identifiers":[{"kind":"domain","value":"clean.test"}]}"#;
    write!(
        batch,
        "POST /v1/screen/batch HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {TOKEN}\r\ncontent-length: 100000\r\n\r\n{line}\n"
    )?;
    let mut first = [0; 64];
    let _ = batch.read(&mut first)?;
    must_be(&room, &peer, "m_clean", PeerKind::not_screened())?;
    drop(batch);
    for _ in 0..100 {
        if is_passed(&room, &peer, "m_clean")? {
            return Ok(());
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    anyhow::bail!("nothing passes after the batch")
}

/// What `interdict doctor` says, and its exit code.
fn examined(room: &Room, kind: PeerKind, peer: &Peer) -> Result<(Option<i32>, String)> {
    let output = room.output(&["doctor", kind.name(), "--url", &peer.url()])?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok((
        output.status.code(),
        told + &String::from_utf8_lossy(&output.stderr),
    ))
}

fn doctor(kind: PeerKind, program: &str) -> Result<()> {
    let mut room = room("")?;
    let peer = started(kind, program, &room)?;
    let (code, told) = examined(&room, kind, &peer)?;
    ensure!(
        code == Some(0) && told.matches("ok ").count() > 8,
        "{code:?} {told}"
    );
    room.kill()?;
    let (code, told) = examined(&room, kind, &peer)?;
    ensure!(
        code == Some(0) && told.contains("nothing may pass"),
        "stopped: {code:?} {told}"
    );
    Ok(())
}

/// Configurations as somebody has them who read no more than the peer's own documents.
fn doctor_of_others(kind: PeerKind, program: &str) -> Result<()> {
    let text = documented(kind)?;
    let others = match kind {
        PeerKind::Envoy | PeerKind::EnvoyHttp => vec![
            // The default: 403 for everyone while the service is stopped.
            (
                "the default",
                text.replace("status_on_error: { code: ServiceUnavailable }", ""),
            ),
            (
                "an open failure mode",
                text.replace("failure_mode_allow: false", "failure_mode_allow: true"),
            ),
            ("no door", kind.without(&text)?),
        ],
        PeerKind::Nginx => vec![
            ("the default", kind.without(&text)?),
            (
                "errors that pass",
                text.replace(
                    "error_page 500 =503 @not_screened;",
                    "error_page 500 = @open;",
                )
                .replace(
                    "location @not_screened { internal; return 503; }",
                    "location @open { proxy_pass http://payment_api; }",
                ),
            ),
        ],
    };
    for (name, configuration) in others {
        let mut room = room("")?;
        let peer =
            Peer::start(kind, program, &room, &configuration).with_context(|| name.to_owned())?;
        let (code, told) = examined(&room, kind, &peer)?;
        ensure!(
            code == Some(2) && told.contains("WRONG"),
            "{name}: {code:?} {told}"
        );
        room.kill()?;
        let (code, told) = examined(&room, kind, &peer)?;
        ensure!(
            code == Some(2) && told.contains("WRONG"),
            "{name}, stopped: {code:?} {told}"
        );
    }
    Ok(())
}
