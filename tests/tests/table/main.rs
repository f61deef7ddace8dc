//! The table of `docs/scoring.md` in random worlds: lists of every state, doubts, fields and policies. The
//! rules are written here a second time, from the document, as a small model.

mod model;
mod palette;

use interdict_tests::coalition::Files;
use interdict_tests::seeded::Stream;
use interdict_tests::subject::Subject as _;
use interdict_tests::subjects::Alike;
use serde_json::{Value, json};

use model::{Field, Model, PublicFilter, Question};
use palette::{Enrolled, NOW, Palette};

/// Questions that are asked of one set of loaded lists.
const QUESTIONS: u32 = 50;

/// A gateway with some of the palette's coalitions, loaded.
struct Gateway {
    subject: Alike,
    enrolled: Vec<Enrolled>,
}

impl Gateway {
    fn ok(&mut self, operation: &str, message: &Value, file: Option<Vec<u8>>, now: u32) -> Value {
        let text = message.to_string();
        let answer = self.subject.call(operation, text.as_bytes(), file, now);
        match answer.unwrap() {
            Ok(answer) => serde_json::from_str(&answer).unwrap(),
            Err(error) => panic!("{error:?}: {message}"),
        }
    }

    fn load(&mut self) {
        self.subject.renew().unwrap();
        let coalitions: Vec<_> = self.enrolled.iter().map(Enrolled::configured).collect();
        let keys = self.enrolled.iter().flat_map(Enrolled::keys);
        let keys: Vec<_> = keys.collect();
        self.ok(
            "configure",
            &json!({"coalitions": coalitions, "keys": keys}),
            None,
            NOW,
        );
        for one in self.enrolled.clone() {
            for (source, files) in one.walks() {
                self.walk(one.name, source, files);
            }
        }
    }

    /// A walk that may end early: what it ends with is part of the world.
    fn walk(&mut self, coalition: &str, source: &str, files: &Files) {
        let begin = json!({"coalition": coalition, "begin": source});
        let mut progress = self.ok("poll", &begin, None, NOW);
        while let Some(path) = progress["fetch"]["path"].as_str() {
            let file = files.get(path).cloned();
            let outcome = if file.is_some() { "bytes" } else { "not_found" };
            let name = &progress["fetch"]["name"];
            let message = json!({"coalition": coalition, "name": name, "outcome": outcome});
            let answer = self
                .subject
                .call("supply", message.to_string().as_bytes(), file, NOW);
            match answer.unwrap() {
                Ok(answer) => progress = serde_json::from_str(&answer).unwrap(),
                Err(_) => return,
            }
        }
    }
}

/// Whether a public filter was hit: it is coarse, so that it is hit by chance too.
fn public_filter(verdict: &Value) -> PublicFilter {
    let mut reasons = verdict["reasons"].as_array().into_iter().flatten();
    match reasons.any(|reason| reason["code"] == "ask_gateway") {
        true => PublicFilter::Hit,
        false => PublicFilter::Missed,
    }
}

/// The conditions of `allow`, read off the answer and the world without the table.
fn assert_clean(model: &Model<'_>, question: &Question, verdict: &Value) {
    let filter = public_filter(verdict);
    assert!(model.nothing_found(question, filter), "{verdict}");
    assert_eq!(verdict["degraded"], false, "{verdict}");
    assert!(question.policy["without_lists"].is_null());
    let unused = verdict["unused"].as_array().map_or(0, Vec::len);
    let allowed = question.flow_policy("incomplete") == "allow";
    assert!(
        unused == 0 || allowed && question.fields.iter().all(Field::may_be_left_out),
        "{verdict}"
    );
    let mut checked = false;
    for (coalition, list) in question.required() {
        let list = model.list(&coalition, &list).expect("a list that is live");
        if list.declares_any(question) {
            assert_eq!(list.freshness(question), "fresh", "{verdict}");
            assert!(list.has_key() && list.checks_kinds(), "{verdict}");
            assert!(!list.in_doubt(question), "{verdict}");
            checked |= list.checks_naming(question);
        }
    }
    assert!(checked, "{verdict}");
}

#[test]
fn each_cell_of_the_table_holds_in_random_worlds_and_allow_means_clean() {
    let palette = Palette::new();
    let mut random = Stream::new("the table of actions");
    let worlds = interdict_tests::cases(10_000) / QUESTIONS;
    let mut counts = std::collections::BTreeMap::<String, u32>::new();
    for _ in 0..worlds {
        let mut gateway = Gateway {
            subject: Alike::new().unwrap(),
            enrolled: palette.gateway(&mut random),
        };
        gateway.load();
        let enrolled = gateway.enrolled.clone();
        let model = Model::new(&enrolled);
        for _ in 0..QUESTIONS {
            let question = Question::random(&mut random, &enrolled);
            let now = question.now;
            gateway.ok("configure", &json!({"policy": question.policy}), None, now);
            let verdict = gateway.ok("screen", &question.request(), None, now);
            let told = (
                verdict["action"].as_str().unwrap(),
                verdict["because"].as_str().unwrap_or("nothing"),
                verdict["degraded"].as_bool().unwrap(),
            );
            let expected = model.answer(&question, public_filter(&verdict));
            let world = || format!("{verdict}\n{question:?}\n{enrolled:?}");
            assert_eq!(told, expected.as_told(), "{}", world());
            if told.0 == "allow" {
                assert_clean(&model, &question, &verdict);
            }
            *counts.entry(format!("{} {}", told.0, told.1)).or_default() += 1;
        }
    }
    println!("{counts:?}");
    for told in [
        "allow nothing",
        "monitor late",
        "monitor fields",
        "monitor public_only",
        "monitor unavailable",
        "review unavailable",
        "review late",
        "block record",
        "review candidate",
        "monitor candidate",
    ] {
        assert!(counts.contains_key(told), "{told} never occurs: {counts:?}");
    }
}

/// Other coalitions, in whatever state, change neither action nor `degraded` if they find nothing.
#[test]
fn additional_lists_in_any_state_change_no_action() {
    let palette = Palette::new();
    let mut random = Stream::new("additional lists");
    for _ in 0..interdict_tests::cases(1_000) / QUESTIONS {
        let enrolled = palette.gateway(&mut random);
        let mut with = Gateway {
            subject: Alike::new().unwrap(),
            enrolled: enrolled.clone(),
        };
        with.load();
        let mut alone = Gateway {
            subject: Alike::new().unwrap(),
            enrolled: enrolled.into_iter().take(1).collect(),
        };
        alone.load();
        for _ in 0..QUESTIONS {
            let question = Question::random(&mut random, &alone.enrolled).about_nobody_listed();
            let message = json!({"policy": question.policy});
            let verdicts = [&mut with, &mut alone].map(|gateway| {
                gateway.ok("configure", &message, None, question.now);
                gateway.ok("screen", &question.request(), None, question.now)
            });
            // A public filter that is hit by chance is a finding.
            if verdicts
                .iter()
                .any(|one| public_filter(one) == PublicFilter::Hit)
            {
                continue;
            }
            let answers = verdicts
                .map(|one| ["action", "because", "degraded"].map(|member| one[member].clone()));
            assert_eq!(answers[0], answers[1], "{question:?}\n{:?}", with.enrolled);
        }
    }
}
