//! What an earlier version published and saved, through the core and the committed module: it is read, and
//! answers as it did (`docs/compatibility.md`).

use std::fs;
use std::path::{Path, PathBuf};

use interdict_core::rules::Pack;
use interdict_tests::coalition::Files;
use interdict_tests::fixtures;
use interdict_tests::subject::Subject;
use interdict_tests::subjects::Alike;
use serde_json::{Value, json};

/// When the repositories of `fixtures/repositories` are fresh.
#[cfg(feature = "module")]
const FRESH: u32 = 1_793_599_200;

/// A subject at the time of the frozen files.
struct Gateway<S> {
    subject: S,
    now: u32,
}

fn folder() -> PathBuf {
    fixtures().join("compat/1")
}

fn json_of(name: &str) -> Value {
    serde_json::from_slice(&fs::read(folder().join(name)).unwrap()).unwrap()
}

fn expected() -> Value {
    json_of("expected.json")
}

/// Every file below a folder, by its path there.
fn files(folder: &Path, under: &str, out: &mut Files) {
    for entry in fs::read_dir(folder.join(under)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = match under {
            "" => name,
            under => format!("{under}/{name}"),
        };
        match entry.file_type().unwrap().is_dir() {
            true => files(folder, &path, out),
            false => {
                out.insert(path, fs::read(entry.path()).unwrap());
            }
        }
    }
}

fn tree(name: &str) -> Files {
    let mut out = Files::new();
    files(&folder().join(name), "", &mut out);
    out
}

impl Gateway<Alike> {
    /// A new engine with this enrolment.
    fn new(enrolment: &str, history: &str) -> Self {
        let mut subject = Alike::new().unwrap();
        subject.renew().unwrap();
        let now = u32::try_from(expected()["now"].as_u64().unwrap()).unwrap();
        let mut gateway = Self { subject, now };
        let coalition = json!({"enrolment": json_of(enrolment), "history": history});
        let policy = json!({"required": {"se": ["se/merchants"]}});
        gateway.ok(
            "configure",
            &json!({"coalitions": [coalition], "policy": policy}),
            None,
        );
        gateway
    }
}

impl<S: Subject> Gateway<S> {
    fn ok(&mut self, operation: &str, message: &Value, file: Option<Vec<u8>>) -> Value {
        let message = message.to_string();
        let answer = self
            .subject
            .call(operation, message.as_bytes(), file, self.now);
        serde_json::from_str(&answer.unwrap().expect("an answer")).unwrap()
    }

    /// Walks to the end, which must be a completed update. `member` is what a file is found by.
    fn load(&mut self, source: &str, member: &str, files: &Files) {
        let begin = json!({"coalition": "se", "begin": source});
        let mut progress = self.ok("poll", &begin, None);
        while let Some(found) = progress["fetch"][member].as_str() {
            let file = files.get(found).cloned();
            let outcome = if file.is_some() { "bytes" } else { "not_found" };
            let name = &progress["fetch"]["name"];
            let message = json!({"coalition": "se", "name": name, "outcome": outcome});
            progress = self.ok("supply", &message, file);
        }
        assert_eq!(progress["completed"], true, "{progress}");
    }

    fn state(&mut self) -> Value {
        self.ok("state", &json!({}), None)["coalitions"][0].clone()
    }

    /// Every expected verdict of an edition.
    fn check(&mut self, edition: &str) {
        let expected = &expected()["editions"][edition];
        let verdicts = expected["verdicts"].as_object().unwrap();
        assert!(!verdicts.is_empty());
        for (name, told) in verdicts {
            let (kind, value) = name.split_once(' ').unwrap();
            let identifier = json!({"kind": kind, "value": value});
            let request = json!({"flow": expected["flow"], "identifiers": [identifier]});
            let verdict = self.ok("screen", &request, None);
            assert_eq!(verdict["action"], told[0], "{name}: {verdict}");
            assert_eq!(verdict["degraded"], false, "{name}: {verdict}");
            let reasons = verdict["reasons"].as_array().unwrap();
            let named = reasons.iter().any(|reason| reason["code"] == told[1]);
            assert!(named, "{name}: {verdict}");
        }
    }
}

#[test]
fn every_edition_is_loaded_and_answers_as_it_did() {
    let repository = tree("repository");
    for (file, edition) in [
        ("by-hand", "member"),
        ("compact", "compact"),
        ("public", "public"),
    ] {
        let mut gateway = Gateway::new(&format!("enrolments/{file}.json"), "none");
        gateway.load("repository", "path", &repository);
        gateway.check(edition);
        let state = gateway.state();
        assert_eq!(state["lists"][0]["edition"], edition);
        assert_eq!(state["lists"][0]["ends"], expected()["ends"]);
    }
}

#[test]
fn a_store_is_loaded_and_answers_as_it_did() {
    let history = fs::read_to_string(folder().join("gateway/state/se/history")).unwrap();
    let mut gateway = Gateway::new("gateway/state/se/enrolment.json", &history);
    gateway.load("store", "name", &tree("gateway/state/se/generation-1"));
    gateway.check("member");
    let state = gateway.state();
    assert_eq!(
        (&state["history"], &state["doubts"]),
        (&json!(history), &json!([]))
    );
}

#[test]
fn a_pack_is_read_whole() {
    let bytes = fs::read(folder().join("pack.json")).unwrap();
    let pack = Pack::parse(&bytes).unwrap();
    let published: Value = serde_json::from_slice(&bytes).unwrap();
    let rules = published["rules"].as_array().unwrap().len();
    assert!(rules > 0 && pack.skipped.is_empty());
    assert_eq!(pack.rules.len(), rules);
}

/// The module that the frozen receipts name, on what this source publishes.
#[cfg(feature = "module")]
#[test]
fn the_module_of_the_frozen_receipts_reads_what_is_published_today_and_finds_the_same() {
    use interdict_core::list::Edition;
    use interdict_host::Module;
    use interdict_tests::enrolment::{enrolled_for, requiring};
    use interdict_tests::subjects::InModule;

    let modules = fs::read_dir(folder().join("gateway/archive/modules")).unwrap();
    let frozen = modules.map(|entry| entry.unwrap().path()).next().unwrap();
    let frozen = Module::load(&fs::read(frozen).unwrap()).unwrap();
    assert_ne!(frozen.sha256(), Module::built_in_sha256());
    for (repository, edition, expected) in [
        ("sample-1", Edition::Member, ["block", "allow"]),
        ("sample", Edition::Member, ["block", "allow"]),
        ("renewed", Edition::Member, ["block", "allow"]),
        ("changed", Edition::Member, ["block", "allow"]),
        ("typologies", Edition::Member, ["block", "allow"]),
        ("compact", Edition::Compact, ["review", "allow"]),
    ] {
        let path = fixtures().join("repositories").join(repository);
        let mut published = Files::new();
        files(&path, "", &mut published);
        let key = String::from_utf8(published["TEST-list.key"].clone()).unwrap();
        let mut coalition = enrolled_for(
            edition,
            "se",
            &published["metadata/1.root.json"],
            &["se/merchants"],
        );
        coalition["at_least"] = json!({"root": 1});
        let message = json!({
            "coalitions": [coalition],
            "keys": [{"coalition": "se", "key": key.trim()}],
            "policy": requiring("se", &["se/merchants"]),
        });
        let mut old = Gateway {
            subject: InModule::of(&frozen).unwrap(),
            now: FRESH,
        };
        let mut new = Gateway {
            subject: InModule::new().unwrap(),
            now: FRESH,
        };
        for gateway in [&mut old, &mut new] {
            gateway.ok("configure", &message, None);
            gateway.load("repository", "path", &published);
        }
        for (value, action) in ["hidden-shop.test", "flowers.example"]
            .into_iter()
            .zip(expected)
        {
            let identifier = json!({"kind": "domain", "value": value});
            let request = json!({"flow": "payout", "identifiers": [identifier]});
            let [told, today] =
                [&mut old, &mut new].map(|gateway| gateway.ok("screen", &request, None));
            assert_eq!(told["action"], action, "{repository}: {told}");
            assert_eq!(told["degraded"], false, "{repository}: {told}");
            assert_eq!(told["reasons"], today["reasons"], "{repository}");
        }
    }
}
