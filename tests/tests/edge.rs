//! The build for a page that asks the public edition: it answers as the full module does, or
//! `not_in_this_build`.

use std::sync::LazyLock;

use anyhow::Result;
use interdict_core::list::Edition;
use interdict_core::wire::Code;
use interdict_host::Module;
use interdict_tests::corpus::{Lines, cases, run, without_sentences};
use interdict_tests::enrolment::{enrolled_for, polled_at};
use interdict_tests::gateway::load_store;
use interdict_tests::seeded::Stream;
use interdict_tests::subject::{Answer, Subject};
use interdict_tests::subjects::{Alike, InModule, InProcess};
use interdict_tests::{fixtures, workspace};
use serde_json::{Value, json};

/// When the repository of the public edition is fresh.
const NOW: u32 = 1_796_104_800;

static EDGE: LazyLock<Module> = LazyLock::new(|| {
    let wasm = std::fs::read(workspace().join("wasm/dist/interdict-edge.wasm")).unwrap();
    // It has the exports of the full module, and no imports, or it would be refused.
    Module::load(&wasm).unwrap()
});

/// An instance that notes whether anything was not in it.
struct Noting {
    inner: InProcess<InModule>,
    lacks: bool,
}

impl Lines for Noting {
    fn ask(&mut self, step: &Value) -> Result<Value> {
        let answer = self.inner.ask(step)?;
        self.lacks |= answer["code"] == Code::NotInThisBuild.number();
        Ok(answer)
    }
}

#[test]
fn the_edge_build_has_the_exports_of_the_full_one() {
    let exports = |module: &Module| {
        let mut names: Vec<_> = module.exports().map(str::to_owned).collect();
        names.sort();
        names
    };
    assert_eq!(exports(&EDGE), exports(&Module::built_in().unwrap()));
}

#[test]
fn the_edge_build_answers_the_marked_cases_alike_and_lacks_what_the_others_need() {
    let fixtures = fixtures();
    let mut full = InProcess(InModule::new().unwrap());
    let mut marked = 0;
    let mut wrong = Vec::new();
    for case in cases(&fixtures).unwrap() {
        let mut edge = Noting {
            inner: InProcess(InModule::of(&EDGE).unwrap()),
            lacks: false,
        };
        let answered = run(&case, &mut edge, &fixtures);
        if case.edge != answered.is_ok() || case.edge == edge.lacks {
            wrong.push(format!("{}: {answered:?}", case.name));
            continue;
        }
        if let Ok(answers) = answered {
            marked += 1;
            let full = run(&case, &mut full, &fixtures).unwrap();
            let [edge, full] = [&answers, &full].map(|all| without_sentences(all));
            assert_eq!(edge, full, "{}", case.name);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(marked >= 60, "{marked} cases are marked");
}

/// The full engine, native and as a module, beside the edge build.
struct Both {
    full: Alike,
    edge: InModule,
    now: u32,
    /// Answers that were compared, by what the edge build said: an answer, a refusal, or that it lacks the part.
    compared: [u32; 3],
}

impl Both {
    fn call(&mut self, operation: &str, message: &[u8], file: Option<Vec<u8>>) -> [Answer; 2] {
        let full = self.full.call(operation, message, file.clone(), self.now);
        let edge = self.edge.call(operation, message, file, self.now);
        [full.unwrap(), edge.unwrap()]
    }

    /// Asks both, and compares. Returns whether both carried it out.
    fn alike(&mut self, operation: &str, message: &[u8]) -> bool {
        let [full, edge] = self.call(operation, message, None);
        let shown = || String::from_utf8_lossy(message).into_owned();
        let said = match &edge {
            Ok(answer) => {
                assert_eq!(full.as_ref(), Ok(answer), "{operation} {}", shown());
                0
            }
            Err((code, _)) if *code == Code::NotInThisBuild.number() => 2,
            Err((code, sentence)) => {
                let (other, whole) = full.as_ref().expect_err(&shown());
                assert_eq!(code, other, "{operation} {}", shown());
                // The same place; then the code's name instead of the sentence.
                let place = sentence.rsplit_once(": ").map_or("", |(place, _)| place);
                assert!(whole.starts_with(place), "{sentence}: {whole}");
                1
            }
        };
        self.compared[said] += 1;
        full.is_ok() && edge.is_ok()
    }

    /// Both configured with the public edition alone, and its repository loaded.
    fn loaded() -> Self {
        let mut both = Self {
            full: Alike::new().unwrap(),
            edge: InModule::of(&EDGE).unwrap(),
            now: NOW,
            compared: [0; 3],
        };
        let folder = fixtures().join("repositories/public");
        let read = |path: &str| std::fs::read(folder.join(path)).ok();
        let root = read("metadata/1.root.json").unwrap();
        let mut coalition = enrolled_for(Edition::Public, "se", &root, &["se/merchants"]);
        coalition["history"] = polled_at("se", NOW);
        let key = String::from_utf8(read("TEST-public.key").unwrap()).unwrap();
        let message = json!({"coalitions": [coalition],
            "keys": [{"coalition": "se", "key": key.trim()}]});
        assert!(both.alike("configure", message.to_string().as_bytes()));
        let ask = |operation: &str, message: &Value, file| {
            let [full, edge] = both.call(operation, message.to_string().as_bytes(), file);
            assert_eq!(full, edge);
            serde_json::from_str(&full.unwrap()).unwrap()
        };
        load_store(ask, read);
        both.restore();
        both
    }

    fn restore(&mut self) {
        assert!(self.alike("configure", POLICY.as_bytes()));
    }
}

const POLICY: &str = r#"{"policy":{"required":{"se":["se/merchants"]}}}"#;

/// Names that a page may ask about, and some that it may not.
const NAMES: [&str; 20] = [
    "hidden-shop.test",
    "www.hidden-shop.test",
    "xn--bcher-kva.example",
    "XN--BCHER-KVA.Example.",
    "b\u{fc}cher.example",
    "new-shop.example",
    "lawful.com.se",
    "com.se",
    "t.me",
    "name.t.me",
    "buy.stripe.com",
    "192.0.2.1",
    "0x7f.1",
    "[2001:db8::1]",
    "xn--a.example",
    "a_b.-c-.example",
    "shop.example:443",
    "localhost",
    "4111111111111111.example",
    "a.b.c.d.e.f.g.h.shop.example",
];

/// A message that is right, or nearly.
fn message(stream: &mut Stream) -> (&'static str, String) {
    let name = *stream.pick(&NAMES);
    let flow = *stream.pick(&["checkout", "payout", "onboarding", "authorisation"]);
    match stream.below(20) {
        0 => ("state", "{}".to_owned()),
        1 => ("describe", "{}".to_owned()),
        2 => ("poll", r#"{"coalition":"se"}"#.to_owned()),
        3 => (
            "supply",
            r#"{"coalition":"se","name":"x","outcome":"not_found"}"#.to_owned(),
        ),
        4 => ("configure", POLICY.to_owned()),
        5 => {
            let action = *stream.pick(&["monitor", "review", "allow", "block", "hold_payout"]);
            let member = *stream.pick(&["unavailable", "late", "incomplete", "monitor_score"]);
            let policy = json!({"policy": {"required": {"se": ["se/merchants"]},
                "flows": {flow: {member: action}}}});
            ("configure", policy.to_string())
        }
        6 => {
            let member =
                *stream.pick(&["url", "iso8583", "signals", "reference", "view", "language"]);
            let request = json!({"flow": flow, member: "analyst",
                "identifiers": [{"kind": "domain", "value": name}]});
            ("screen", request.to_string())
        }
        7 => {
            let kind = *stream.pick(&["iban", "handle", "label", "phone", "domains", "other"]);
            let request = json!({"flow": flow, "identifiers": [{"kind": kind, "value": name}]});
            ("screen", request.to_string())
        }
        8 => ("screen_batch", "{}\n{}".to_owned()),
        _ => {
            let other = *stream.pick(&NAMES);
            let request = json!({"flow": flow, "identifiers": [
                {"kind": "domain", "value": name}, {"kind": "domain", "value": other}]});
            ("screen", request.to_string())
        }
    }
}

/// Changes a few bytes of a message, or none.
fn mutated(text: &str, stream: &mut Stream) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..stream.below(4) {
        let at = stream.index(bytes.len());
        match stream.below(5) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << stream.below(8),
            1 if !bytes.is_empty() => drop(bytes.remove(at)),
            2 => bytes.insert(at, *stream.pick(b"{}[]\",:.0a \\\xc3\0")),
            3 => {
                let end = at + stream.index(bytes.len() - at);
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => bytes.truncate(bytes.len() - stream.index(bytes.len().min(4))),
        }
    }
    bytes
}

/// 1,000,000 in the long form.
#[test]
fn native_module_and_edge_build_answer_mutated_messages_alike() {
    let count = if std::env::var_os("INTERDICT_LONG").is_some() {
        1_000_000
    } else {
        20_000
    };
    let mut both = Both::loaded();
    let mut stream = Stream::new("messages for three builds");
    for number in 0..count {
        // A clock that stands still for a million calls is in doubt, and the native engine has none.
        both.now = NOW + number / 100_000;
        let (operation, text) = message(&mut stream);
        let message = mutated(&text, &mut stream);
        both.alike(operation, &message);
        // The full build may have taken what the other lacks.
        if operation == "configure" {
            both.restore();
        }
    }
    println!("answers, refusals, not in this build: {:?}", both.compared);
    assert!(
        both.compared.iter().all(|count| *count > 1_000),
        "{:?}",
        both.compared
    );
}

/// A name that the list holds is never clean because the build cannot read it.
#[test]
fn what_the_edge_build_cannot_read_is_refused_and_not_missed() {
    let mut both = Both::loaded();
    for (name, lacks) in [
        ("xn--bcher-kva.example", false),
        ("b\u{fc}cher.example", true),
        ("hidden-shop\u{3002}test", false),
        ("t.me", true),
        ("someone.t.me", true),
        ("www.paypal.me", true),
        ("buy.stripe.com", true),
        ("192.0.2.1", true),
        ("0xc0.0.2.1", true),
        ("[2001:db8::1]", true),
        ("shop.example:443", true),
        ("shop.example", false),
    ] {
        let request =
            json!({"flow": "checkout", "identifiers": [{"kind": "domain", "value": name}]});
        let [_, edge] = both.call("screen", request.to_string().as_bytes(), None);
        let code = edge.as_ref().map_or_else(|(code, _)| *code, |_| 0);
        let expected = if lacks {
            Code::NotInThisBuild.number()
        } else {
            0
        };
        assert_eq!(code, expected, "{name}: {edge:?}");
    }
}

/// Keys and lists of members are for the full build: the other would take their filter for a public one.
#[test]
fn the_edge_build_takes_no_enrolment_of_a_member() {
    let root = std::fs::read(fixtures().join("repositories/sample/metadata/1.root.json")).unwrap();
    for edition in [Edition::Member, Edition::Compact] {
        let coalition = enrolled_for(edition, "se", &root, &["se/merchants"]);
        let message = json!({"coalitions": [coalition]}).to_string();
        let mut edge = InModule::of(&EDGE).unwrap();
        let refused = edge
            .call("configure", message.as_bytes(), None, NOW)
            .unwrap();
        let (code, sentence) = refused.unwrap_err();
        assert_eq!(code, Code::NotInThisBuild.number());
        assert_eq!(
            sentence,
            "coalitions[0].enrolment.format: not_in_this_build"
        );
    }
}
