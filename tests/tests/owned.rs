//! The owned types of the core lose no member of an answer: each answer of the engine is read into them
//! and written again to the same bytes.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use interdict_core::common::time::Time;
use interdict_core::policy::Flow;
use interdict_core::wire::owned::{
    Answer, Begin, Configure, Configured, ConfiguredCoalition, Description, Key, Named, Outcome,
    Poll, Progress, Screen, Secret, State, Supply, Verdict,
};
use interdict_tests::corpus::{cases, run};
use interdict_tests::enrolment::enrolled;
use interdict_tests::fixtures;
use interdict_tests::subject::{Answer as Answered, Subject};
use interdict_tests::subjects::{InProcess, Native};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The core, whose every message and answer goes through the owned types.
#[derive(Default)]
struct Owned {
    native: Native,
    /// The path of every member that occurred in an answer.
    seen: BTreeSet<String>,
}

impl Subject for Owned {
    fn renew(&mut self) -> Result<()> {
        self.native.renew()
    }

    fn call(
        &mut self,
        operation: &str,
        input: &[u8],
        file: Option<Vec<u8>>,
        now: u32,
    ) -> Result<Answered> {
        let answered = self.native.call(operation, input, file, now)?;
        let Ok(answer) = &answered else {
            return Ok(answered);
        };
        match operation {
            "configure" => {
                asked::<Configure>(input)?;
                same::<Configured>(answer)?;
            }
            "poll" => {
                asked::<Poll>(input)?;
                same::<Progress>(answer)?;
            }
            "supply" => {
                asked::<Supply>(input)?;
                same::<Progress>(answer)?;
            }
            "screen" => {
                asked::<Screen>(input)?;
                let verdict = same::<Verdict>(answer)?;
                if let Some(printed) = verdict.receipt {
                    let receipt = printed.read().context("a receipt")?;
                    ensure!(serde_json::to_string(&receipt)? == printed.as_str());
                }
                let line = Answer::read(answer.as_bytes()).context("a line")?;
                ensure!(serde_json::to_string(&line)? == *answer);
            }
            "state" => {
                same::<State>(answer)?;
            }
            "describe" => {
                same::<Description>(answer)?;
            }
            _ => {}
        }
        let answer: Value = serde_json::from_str(answer)?;
        note(operation, &answer, &mut self.seen);
        Ok(answered)
    }
}

/// Reads an answer and writes it again.
fn same<T: DeserializeOwned + Serialize>(answer: &str) -> Result<T> {
    let read: T = serde_json::from_str(answer).with_context(|| answer.to_owned())?;
    let written = serde_json::to_string(&read)?;
    ensure!(written == *answer, "{written} of {answer}");
    Ok(read)
}

/// Reads a message that the core accepted, and requires that writing it gives the same members.
fn asked<T: DeserializeOwned + Serialize>(message: &[u8]) -> Result<()> {
    let text = String::from_utf8_lossy(message);
    let read: T = serde_json::from_slice(message).with_context(|| text.clone().into_owned())?;
    let written = serde_json::to_value(&read)?;
    let given: Value = serde_json::from_slice(message)?;
    ensure!(
        given_members(&given) == given_members(&written),
        "{written} of {text}"
    );
    Ok(())
}

/// The message without absent, `null` and empty members, which mean the same. `shadow: null` stays: it
/// removes the shadow policy.
fn given_members(value: &Value) -> Value {
    let members = match value {
        Value::Object(members) => members,
        Value::Array(items) => return items.iter().map(given_members).collect(),
        other => return other.clone(),
    };
    let is_given = |name: &str, value: &Value| {
        name == "shadow" || !(value.is_null() || *value == serde_json::json!([]))
    };
    let members = members.iter().filter(|(name, value)| is_given(name, value));
    let members = members.map(|(name, value)| (name.clone(), given_members(value)));
    Value::Object(members.collect())
}

/// Records the members of an answer. All elements of an array count as one.
fn note(path: &str, value: &Value, seen: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let path = format!("{path}.{name}");
                seen.insert(path.clone());
                note(&path, value, seen);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| note(path, item, seen)),
        _ => {}
    }
}

#[test]
fn every_answer_of_the_corpus_is_written_again_to_the_same_bytes() {
    let fixtures = fixtures();
    let mut owned = InProcess(Owned::default());
    for case in cases(&fixtures).unwrap() {
        let outcome = run(&case, &mut owned, &fixtures);
        outcome.unwrap_or_else(|error| panic!("{}: {error:?}", case.name));
    }
    // Members that must occur in some answer, so that a case covers them.
    for path in [
        "configure.shadow",
        "supply.fetch.path",
        "supply.files",
        "screen.natural",
        "screen.shadow.action",
        "screen.unused.rule",
        "screen.notice",
        "screen.reference",
        "screen.reasons.text",
        "screen.reasons.relation",
        "screen.receipt.module.version",
        "screen.receipt.odds.listed",
        "screen.receipt.mac",
        "state.coalitions.metadata.sha256",
        "state.coalitions.lists.freshness",
        "describe.identifiers.look_ups.tags.tag",
    ] {
        assert!(owned.0.seen.contains(path), "no case answers {path}");
    }
}

#[test]
fn packs_and_their_rules_are_written_again_to_the_same_bytes() {
    let now = Time::parse("2026-11-03T01:00:00Z").unwrap().seconds();
    let repository = fixtures().join("repositories/typologies");
    let mut owned = Owned::default();
    let mut ask = |operation: &str, message: String, file: Option<Vec<u8>>| -> String {
        let answered = owned.call(operation, message.as_bytes(), file, now);
        answered
            .unwrap()
            .unwrap_or_else(|error| panic!("{operation}: {error:?}"))
    };
    let root = std::fs::read(repository.join("metadata/1.root.json")).unwrap();
    let coalition = enrolled("se", &root, &["se/merchants"]);
    let coalition: ConfiguredCoalition = serde_json::from_value(coalition).unwrap();
    let trusted = Configure {
        coalitions: Some(vec![coalition]),
        ..Configure::default()
    };
    ask("configure", text(&trusted), None);
    let key = std::fs::read_to_string(repository.join("TEST-list.key")).unwrap();
    let key = Key {
        coalition: "se".to_owned(),
        key: Secret(key.trim_end().to_owned()),
    };
    let secrets = Configure {
        keys: Some(vec![key]),
        receipt_key: Some(Secret("11".repeat(32))),
        ..Configure::default()
    };
    ask("configure", text(&secrets), None);
    let mut answer = ask("poll", text(&Poll::update("se", Begin::Repository)), None);
    loop {
        let progress: Progress = serde_json::from_str(&answer).unwrap();
        let Some(fetch) = progress.fetch else {
            assert!(progress.completed);
            break;
        };
        let file = std::fs::read(repository.join(&fetch.path)).ok();
        let supply = Supply {
            coalition: "se".to_owned(),
            name: fetch.name,
            outcome: file.as_ref().map_or(Outcome::NotFound, |_| Outcome::Bytes),
        };
        answer = ask("supply", text(&supply), file);
    }
    ask("state", "{}".to_owned(), None);
    ask("describe", r#"{"typologies":true}"#.to_owned(), None);
    let question = Screen {
        identifiers: vec![Named::new("domain", "shop.example")],
        view: Some("analyst".to_owned()),
        ..Screen::new(Flow::Payout)
    };
    ask("screen", text(&question), None);
    for path in [
        "state.coalitions.typologies.counted",
        "describe.typologies.rules.calibrated",
        "screen.rules.holds",
        "screen.receipt.coalitions.typologies.counted",
    ] {
        assert!(owned.seen.contains(path), "no answer has {path}");
    }
}

fn text(message: &impl Serialize) -> String {
    serde_json::to_string(message).unwrap()
}
