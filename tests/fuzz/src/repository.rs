//! A coalition's honest repository: releases of a few roles, two of them delegated, one below the
//! other. Every key is fixed, so that a target can sign what the fuzzer makes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use interdict_core::common::json::{Value, parse};
use interdict_core::common::time::Time;
use interdict_core::trust::{Client, Outcome, Request, Source, Step, TrustError, Wanted};
use interdict_forge::{Delegation, Paths, Pins, Role, Signer, Target, Targets, sign_text};
use serde_json::json;

use crate::gateway::{self, LIMITS};

/// When every release is fresh.
pub const NOW: Time = Time::from_seconds(gateway::NOW);

/// The list of the delegated role `se`.
pub const LIST: &str = "se/cards.filter";

/// Bit of an input's first byte: the rest is a `signed` member, to be signed correctly.
pub const SIGN: u8 = 1;

/// Bit of an input's first byte: after a refusal, check that an honest update completes.
pub const RECOVER: u8 = 2;

/// Bit of an input's first byte: the file is that of the delegated role `se`, not of targets.
pub const DELEGATED: u8 = 4;

/// The keys by role. The root has two and needs both.
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
        Self {
            files: forged(version).metadata(),
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
    sign_text(signed, &signers(keys))
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

fn signers(seeds: &[u8]) -> Vec<Signer> {
    seeds.iter().map(|seed| Signer::ed25519(*seed)).collect()
}

/// The whole repository at a version.
fn forged(version: u32) -> interdict_forge::Repository {
    let role = |seeds: &[u8]| Role {
        version: version.into(),
        ..Role::new("2027-01-01T00:00:00Z", &signers(seeds))
    };
    let targets = |seeds: &[u8], path: &str, delegations| {
        let target = Target {
            custom: Some(json!({"release": version})),
            ..Target::new(b"one")
        };
        Targets {
            files: BTreeMap::from([(path.to_owned(), target)]),
            delegations,
            ..Targets::new(role(seeds))
        }
    };
    let delegation = |name: &str, seeds: &[u8], paths| Delegation {
        name: name.to_owned(),
        signers: signers(seeds),
        threshold: 1,
        terminating: true,
        paths,
    };
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let below_se = Paths::Patterns(texts(&["se/t?am.*", "*/*.records"]));
    let below = vec![
        Delegation {
            terminating: false,
            ..delegation("se", &SE, Paths::Patterns(texts(&["se/*"])))
        },
        delegation("nl", &NL, Paths::Prefixes(texts(&["0", "1", "2", "e8"]))),
    ];
    let mut repository = interdict_forge::Repository::of(role(&ROOT));
    repository.pins = Pins::Versions;
    repository.timestamp = role(&TIMESTAMP);
    repository.snapshot = role(&SNAPSHOT);
    repository.targets = targets(&TARGETS, "README.md", below);
    let below = vec![delegation("se/team", &TEAM, below_se)];
    repository.roles = BTreeMap::from([
        ("se".to_owned(), targets(&SE, LIST, below)),
        (
            "se/team".to_owned(),
            targets(&TEAM, "se/team.filter", Vec::new()),
        ),
        ("nl".to_owned(), targets(&NL, "nl/cards.filter", Vec::new())),
    ]);
    let odd = ("../odd?.json".to_owned(), version.into());
    repository.listed = BTreeMap::from([odd]);
    repository
}

/// A root of this version.
#[must_use]
pub fn root(version: u32) -> String {
    let mut root = forged(version).root();
    // A key of another kind, which no role names.
    root["keys"]["key-p256"] = Signer::p256(9).key();
    root.to_string()
}

/// A timestamp of this version.
#[must_use]
pub fn timestamp(version: u32) -> String {
    forged(version).timestamp(b"").to_string()
}

/// A snapshot of this version.
#[must_use]
pub fn snapshot(version: u32) -> String {
    forged(version).snapshot(b"").to_string()
}

/// Targets of this version.
#[must_use]
pub fn targets(version: u32) -> String {
    forged(version).targets.signed().to_string()
}

/// The delegated role `se`, which lists [`LIST`] and delegates once more.
#[must_use]
pub fn se(version: u32) -> String {
    forged(version).roles["se"].signed().to_string()
}
