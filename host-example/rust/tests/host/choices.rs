//! What an operator chooses, and which files it hears of.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use interdict_helpers::{Coalition, NOW, Release, TinyModule};
use interdict_host::{Choices, Error, Gateway, Instance, Loaded, Operator, SignedDocument};
use serde_json::json;

use crate::opened::{enrol_file, settings, tiny_settings};

fn open(room: &Path, choices: Choices) -> Result<Gateway, Error> {
    Gateway::open(settings(room), Arc::new(choices), NOW)
}

#[test]
fn a_required_list_that_is_not_enrolled_is_warned_of() {
    let room = tempfile::tempdir().unwrap();
    let coalition = Coalition::new(room.path());
    enrol_file(room.path(), &coalition.enrolment("repository", &[1]));
    let choices = Choices {
        policy: Some(
            json!({"required": {"se": ["se/merchants", "se/merchant"], "nl": ["nl/all"]}}),
        ),
        ..Choices::default()
    };
    let warnings = open(room.path(), choices).unwrap().warnings();
    let texts: Vec<_> = warnings.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "nl/all of coalition nl is required but not enrolled, so no verdict is clean",
            "se/merchant of coalition se is required but not enrolled, so no verdict is clean",
        ]
    );
}

#[test]
fn a_refused_policy_is_an_error_and_a_refused_document_a_warning() {
    let room = tempfile::tempdir().unwrap();
    let policy = |score: u32| {
        Some(json!({"without_lists": true, "flows": {"payout": {"review_score": score}}}))
    };
    let choices = Choices {
        policy: policy(5000),
        ..Choices::default()
    };
    let refused = open(room.path(), choices);
    assert!(matches!(refused, Err(Error::Policy(_))), "{refused:?}");
    let choices = Choices {
        shadow: policy(5000),
        ..Choices::default()
    };
    let refused = open(room.path(), choices);
    assert!(matches!(refused, Err(Error::Shadow(_))), "{refused:?}");
    let bad = || SignedDocument {
        name: "bad.json".to_owned(),
        bytes: b"{}".to_vec(),
    };
    let choices = Choices {
        policy: policy(700),
        overrides: vec![bad()],
        clearances: vec![bad()],
        warnings: vec!["one more could not be read".to_owned()],
        ..Choices::default()
    };
    let warnings = open(room.path(), choices).unwrap().warnings();
    let [read, refused, uncleared] = &warnings[..] else {
        panic!("{warnings:?}")
    };
    assert_eq!(read.text, "one more could not be read");
    assert!(
        refused.text.starts_with("OVERRIDE LEFT OUT: bad.json: "),
        "{refused}"
    );
    assert!(
        uncleared.text.starts_with("CLEARANCE LEFT OUT: bad.json: "),
        "{uncleared}"
    );
}

/// Records which files the operator hears of, and whether all of them exist.
#[derive(Debug, Default)]
struct Notes(Mutex<Vec<(usize, usize)>>);

impl Operator for Notes {
    fn choices(&self) -> Choices {
        Choices::default()
    }

    fn loaded(&self, loaded: &Loaded<'_>, instance: &mut Instance, now: u32) {
        assert!(instance.call("state", b"{}", now).is_ok());
        let [coalition] = &loaded.coalitions[..] else {
            panic!("{loaded:?}")
        };
        assert_eq!(coalition.enrolment.coalition(), "se");
        let files = coalition.directories.iter().map(|directory| {
            let files = std::fs::read_dir(directory).unwrap();
            files.count()
        });
        let mut notes = self.0.lock().unwrap();
        notes.push((coalition.directories.len(), files.sum()));
    }
}

#[test]
fn an_operator_is_told_of_every_file_before_a_verdict_rests_on_it() {
    let room = tempfile::tempdir().unwrap();
    let coalition = Coalition::new(room.path());
    enrol_file(room.path(), &coalition.enrolment("repository", &[1]));
    let notes = Arc::new(Notes::default());
    let gateway = Gateway::open(settings(room.path()), notes.clone(), NOW).unwrap();
    let told = || core::mem::take(&mut *notes.0.lock().unwrap());
    // Nothing was fetched yet.
    assert_eq!(told(), [(0, 0)]);
    coalition.publish(1, &[Release::base(1, 1, &["shop.example"])]);
    gateway.refresh(NOW).unwrap();
    // Timestamp, snapshot, targets, filter and records.
    assert_eq!(told(), [(1, 5)]);
    // Newer metadata is reported beside the release that answers, if the newer release cannot be fetched.
    coalition.publish(2, &[Release::base(1, 2, &["other.example"])]);
    std::fs::remove_dir_all(coalition.repository.join("targets")).unwrap();
    assert!(!gateway.refresh(NOW).unwrap()[0].succeeded());
    assert_eq!(told(), [(2, 8)]);
    gateway.reload(NOW).unwrap();
    assert_eq!(told(), [(2, 8)]);
}

/// Counts how often the operator was told of instances that are about to answer.
#[derive(Debug, Default)]
struct Count(AtomicUsize);

impl Operator for Count {
    fn choices(&self) -> Choices {
        Choices::default()
    }

    fn loaded(&self, loaded: &Loaded<'_>, _instance: &mut Instance, now: u32) {
        assert_eq!((loaded.coalitions.len(), now), (0, NOW));
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn an_operator_is_told_of_the_instance_that_replaces_a_trapped_one_before_it_answers() {
    let room = tempfile::tempdir().unwrap();
    let count = Arc::new(Count::default());
    let settings = tiny_settings(room.path(), &TinyModule::default());
    let gateway = Gateway::open(settings, count.clone(), NOW).unwrap();
    let told = || count.0.load(Ordering::SeqCst);
    assert_eq!(told(), 1);
    for traps in 1..3 {
        gateway.screen("T", NOW).unwrap_err();
        assert_eq!(told(), traps, "nothing was rebuilt yet");
        gateway.screen("{}", NOW).unwrap();
        assert_eq!(told(), traps + 1);
        gateway.screen("{}", NOW).unwrap();
        assert_eq!(told(), traps + 1, "the rebuilt one answers again");
    }
}
