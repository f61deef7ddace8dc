//! What an operator chooses, and what it is told.

use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::forge::{Forge, Release};
use crate::opened::settings;
use crate::tiny::NOW;
use interdict_host::{Choices, Error, Gateway, Instance, Loaded, Operator, OverrideDocument};
use serde_json::json;

fn open(room: &Path, choices: Choices) -> Result<Gateway, Error> {
    Gateway::open(settings(room), Arc::new(choices), NOW)
}

#[test]
fn a_refused_policy_is_an_error_and_a_refused_override_a_warning() {
    let room = tempfile::tempdir().unwrap();
    let policy = |score: u32| Some(json!({"flows": {"payout": {"review_score": score}}}));
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
    let bad = OverrideDocument {
        name: "bad.json".to_owned(),
        bytes: b"{}".to_vec(),
    };
    let choices = Choices {
        policy: policy(700),
        overrides: vec![bad],
        warnings: vec!["one more could not be read".to_owned()],
        ..Choices::default()
    };
    let warnings = open(room.path(), choices).unwrap().warnings();
    let [read, refused] = &warnings[..] else {
        panic!("{warnings:?}")
    };
    assert_eq!(read.text, "one more could not be read");
    assert!(
        refused.text.starts_with("OVERRIDE LEFT OUT: bad.json: "),
        "{refused}"
    );
}

/// Notes which files the operator was told of, and whether all of them were there.
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
    let forge = Forge::new(room.path());
    forge.enrol(room.path(), "repository", &[1]);
    let notes = Arc::new(Notes::default());
    let gateway = Gateway::open(settings(room.path()), notes.clone(), NOW).unwrap();
    let told = || core::mem::take(&mut *notes.0.lock().unwrap());
    // Nothing was fetched yet.
    assert_eq!(told(), [(0, 0)]);
    forge.publish(1, &[Release::base(1, 1, &["shop.example"])]);
    gateway.refresh(NOW).unwrap();
    // Timestamp, snapshot, targets, filter and records.
    assert_eq!(told(), [(1, 5)]);
    // Newer metadata whose release cannot be had is told beside the release that answers.
    forge.publish(2, &[Release::base(1, 2, &["other.example"])]);
    std::fs::remove_dir_all(forge.repository.join("targets")).unwrap();
    assert!(!gateway.refresh(NOW).unwrap()[0].succeeded());
    assert_eq!(told(), [(2, 8)]);
    gateway.reload(NOW).unwrap();
    assert_eq!(told(), [(2, 8)]);
}
