//! A coalition's honest repository: releases of a few roles, two of them delegated, one below the
//! other. Every key is fixed, so that a target can sign what the fuzzer makes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use ed25519_dalek::{Signer as _, SigningKey};
use interdict_core::common::hex;
use interdict_core::common::json::{Value, parse};
use interdict_core::common::time::Time;
use interdict_core::trust::{Client, Outcome, Request, Source, Step, TrustError, Wanted};

use crate::gateway::{self, LIMITS};

/// When every release is fresh.
pub const NOW: Time = Time::from_seconds(gateway::NOW);

/// The list of the delegated role `se`.
pub const LIST: &str = "se/cards.filter";

/// What the first byte of an input says: the rest is a `signed` member, to be signed as it should.
pub const SIGN: u8 = 1;

/// After a refusal, see that an honest update completes.
pub const RECOVER: u8 = 2;

/// The file stands for the delegated role `se`, not for targets.
pub const DELEGATED: u8 = 4;

/// Keys by what they are for; the root has two and needs both.
pub const ROOT: [u8; 2] = [1, 2];
/// Timestamp's key.
pub const TIMESTAMP: [u8; 1] = [3];
/// Snapshot's key.
pub const SNAPSHOT: [u8; 1] = [4];
/// Targets' key.
pub const TARGETS: [u8; 1] = [5];
/// The key of the role `se`, which targets delegates to.
pub const SE: [u8; 1] = [6];
/// The key of the role `se/team`, which `se` delegates to.
pub const TEAM: [u8; 1] = [7];
/// The key of the role `nl`, which targets delegates to by hash prefixes.
pub const NL: [u8; 1] = [8];

/// A role's file in every release: its path without a version, the keys that sign it, its text.
type Role = (&'static str, &'static [u8], fn(u32) -> String);

const ROLES: [Role; 6] = [
    ("timestamp.json", &TIMESTAMP, timestamp),
    ("snapshot.json", &SNAPSHOT, snapshot),
    ("targets.json", &TARGETS, targets),
    ("se.json", &SE, se),
    ("se%2Fteam.json", &TEAM, team),
    ("nl.json", &NL, nl),
];

/// Releases 1, 2 and 3; one root serves all.
pub static RELEASES: LazyLock<[Repository; 3]> =
    LazyLock::new(|| [1, 2, 3].map(Repository::release));

/// The files of one release.
#[derive(Debug)]
pub struct Repository {
    /// By path below the repository's base.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Repository {
    fn release(version: u32) -> Self {
        let file = |(name, keys, text): Role| {
            let path = match name {
                "timestamp.json" => format!("metadata/{name}"),
                _ => format!("metadata/{version}.{name}"),
            };
            let signed = sign(text(version).as_bytes(), keys);
            (path, signed.expect("a text of our own"))
        };
        Self {
            files: ROLES.into_iter().map(file).collect(),
        }
    }

    /// What this repository answers.
    #[must_use]
    pub fn outcome(&self, request: &Request) -> Outcome<'_> {
        let file = self.files.get(&request.path);
        file.map_or(Outcome::NotFound, |file| Outcome::Bytes(file))
    }

    /// An update up to the target files. Checks every request on the way.
    ///
    /// # Errors
    /// What the client refuses.
    pub fn drive(&self, client: &mut Client) -> Result<(), TrustError> {
        // Targets, 32 delegated roles, and a root or two.
        for _ in 0..40 {
            let Step::Fetch(request) = client.step() else {
                return Ok(());
            };
            check(&request);
            client.supply(self.outcome(&request))?;
        }
        panic!("an update without end");
    }

    /// A whole update.
    ///
    /// # Errors
    /// What the client refuses.
    pub fn update(&self, client: &mut Client) -> Result<(), TrustError> {
        client.begin(Source::Repository, NOW, Wanted::All);
        self.drive(client)?;
        client.complete();
        Ok(())
    }
}

/// A client that trusts the first root.
#[must_use]
pub fn client() -> Client {
    Client::new(&root_file()).expect("an honest root")
}

/// The first root.
#[must_use]
pub fn root_file() -> Vec<u8> {
    sign(root(1).as_bytes(), &ROOT).expect("a text of our own")
}

/// A name stays below its folder, whatever a file says.
fn check(request: &Request) {
    let below = request.path.strip_prefix("metadata/");
    let below = below.expect("a path of metadata");
    assert!(!below.contains(['/', '\\', '\0']), "{below}");
    assert!(!request.name.contains(['/', '\\', '\0']));
    for name in [below, &request.name] {
        assert!(name.ends_with(".json") && name.len() < 256 && !name.starts_with('.'));
    }
    assert!(request.max_size <= request.file.role().max_size());
}

/// Signs a `signed` member; `None` for what is not JSON.
#[must_use]
pub fn sign(signed: &[u8], keys: &[u8]) -> Option<Vec<u8>> {
    let message = parse(signed, LIMITS).ok()?.canonical();
    let signatures: Vec<_> = keys
        .iter()
        .map(|seed| {
            let signature = key(*seed).sign(&message).to_bytes();
            format!(
                r#"{{"keyid":"key-{seed}","sig":"{}"}}"#,
                hex::text(&signature)
            )
        })
        .collect();
    let signatures = signatures.join(",");
    let start = format!(r#"{{"signatures":[{signatures}],"signed":"#);
    Some([start.as_bytes(), signed, b"}"].concat())
}

/// The same JSON as python-tuf writes it: sorted, a member a line, indented by one space.
#[must_use]
pub fn indented(json: &[u8]) -> Vec<u8> {
    let value = parse(json, LIMITS).expect("JSON of our own");
    let mut out = String::new();
    write_indented(&value, 0, &mut out);
    out.into_bytes()
}

fn write_indented(value: &Value<'_>, depth: usize, out: &mut String) {
    let items: Vec<(String, &Value<'_>)> = match value {
        Value::Object(object) => {
            let name = |name: &str| Value::String(name.into()).canonical();
            let name = |text: &str| String::from_utf8(name(text)).expect("UTF-8") + ": ";
            let members = object.members().iter();
            members.map(|(text, value)| (name(text), value)).collect()
        }
        Value::Array(items) => items.iter().map(|item| (String::new(), item)).collect(),
        _ => {
            // Our own texts hold one character that JSON escapes: the line feed of a PEM key.
            let text = String::from_utf8(value.canonical()).expect("UTF-8");
            out.push_str(&text.replace('\n', "\\n"));
            return;
        }
    };
    let (open, close) = match value {
        Value::Object(_) => ('{', '}'),
        _ => ('[', ']'),
    };
    out.push(open);
    for (index, (name, item)) in items.iter().enumerate() {
        let comma = if index > 0 { "," } else { "" };
        let _ = write!(out, "{comma}\n{}{name}", " ".repeat(depth + 1));
        write_indented(item, depth + 1, out);
    }
    if !items.is_empty() {
        let _ = write!(out, "\n{}", " ".repeat(depth));
    }
    out.push(close);
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

/// `"keys":{..}`
fn keys(seeds: &[u8]) -> String {
    let keys = seeds.iter().map(|seed| {
        let public = hex::text(key(*seed).verifying_key().as_bytes());
        format!(
            r#""key-{seed}":{{"keytype":"ed25519","scheme":"ed25519","keyval":{{"public":"{public}"}}}}"#
        )
    });
    keys.collect::<Vec<_>>().join(",")
}

/// `"keyids":[..],"threshold":n`
fn signers(seeds: &[u8]) -> String {
    let ids: Vec<_> = seeds
        .iter()
        .map(|seed| format!(r#""key-{seed}""#))
        .collect();
    format!(
        r#""keyids":[{}],"threshold":{}"#,
        ids.join(","),
        seeds.len()
    )
}

fn text(role: &str, version: u32, rest: &str) -> String {
    format!(
        r#"{{"_type":"{role}","spec_version":"1.0.34","version":{version},"expires":"2027-01-01T00:00:00Z",{rest}}}"#
    )
}

/// A root of this version.
#[must_use]
pub fn root(version: u32) -> String {
    // The generator of P-256 as a key: of another kind, and nobody's here.
    let p256 = r#""key-p256":{"keytype":"ecdsa","scheme":"ecdsa-sha2-nistp256","keyval":{"public":"-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n-----END PUBLIC KEY-----\n"}}"#;
    let all = [&ROOT[..], &TIMESTAMP, &SNAPSHOT, &TARGETS].concat();
    let roles = [
        ("root", signers(&ROOT)),
        ("timestamp", signers(&TIMESTAMP)),
        ("snapshot", signers(&SNAPSHOT)),
        ("targets", signers(&TARGETS)),
    ];
    let roles = roles.map(|(name, signers)| format!(r#""{name}":{{{signers}}}"#));
    let rest = format!(
        r#""consistent_snapshot":true,"keys":{{{},{p256}}},"roles":{{{}}}"#,
        keys(&all),
        roles.join(",")
    );
    text("root", version, &rest)
}

/// A timestamp of this version.
#[must_use]
pub fn timestamp(version: u32) -> String {
    let rest = format!(r#""meta":{{"snapshot.json":{{"version":{version}}}}}"#);
    text("timestamp", version, &rest)
}

/// A snapshot of this version.
#[must_use]
pub fn snapshot(version: u32) -> String {
    let names = ["targets", "se", "se/team", "nl", "../odd?"];
    let meta = names.map(|name| format!(r#""{name}.json":{{"version":{version}}}"#));
    text(
        "snapshot",
        version,
        &format!(r#""meta":{{{}}}"#, meta.join(",")),
    )
}

fn listing(path: &str, version: u32) -> String {
    let hash = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed";
    format!(
        r#""{path}":{{"length":3,"hashes":{{"sha256":"{hash}"}},"custom":{{"release":{version}}}}}"#
    )
}

/// Targets of this version.
#[must_use]
pub fn targets(version: u32) -> String {
    let rest = format!(
        r#""targets":{{{}}},"delegations":{{"keys":{{{}}},"roles":[{{"name":"se",{},"terminating":false,"paths":["se/*"]}},{{"name":"nl",{},"terminating":true,"path_hash_prefixes":["0","1","2","e8"]}}]}}"#,
        listing("README.md", version),
        keys(&[SE, NL].concat()),
        signers(&SE),
        signers(&NL),
    );
    text("targets", version, &rest)
}

/// The delegated role `se`, which lists [`LIST`] and delegates once more.
#[must_use]
pub fn se(version: u32) -> String {
    let rest = format!(
        r#""targets":{{{}}},"delegations":{{"keys":{{{}}},"roles":[{{"name":"se/team",{},"terminating":true,"paths":["se/t?am.*","*/*.records"]}}]}}"#,
        listing(LIST, version),
        keys(&TEAM),
        signers(&TEAM),
    );
    text("targets", version, &rest)
}

fn team(version: u32) -> String {
    let rest = format!(r#""targets":{{{}}}"#, listing("se/team.filter", version));
    text("targets", version, &rest)
}

fn nl(version: u32) -> String {
    let rest = format!(r#""targets":{{{}}}"#, listing("nl/cards.filter", version));
    text("targets", version, &rest)
}
