//! Drives a subject as a host does: configure, poll, supply file by file, keys last.

use std::time::Duration;

use anyhow::{Result, anyhow, ensure};
use cpu_time::ThreadTime;
use interdict_core::common::hex;
use interdict_core::list::Edition;
use interdict_tests::enrolment::enrolled_for;
use interdict_tests::subject::Subject;
use serde_json::{Value, json};

use crate::release::{NOW, SECRET};

/// A coalition as a gateway enrols it: its name, and the root it pins.
pub(crate) type Enrolled<'a> = (&'a str, &'a [u8]);

/// Configures the subject with these coalitions. It drops what it had loaded.
pub(crate) fn configure(subject: &mut impl Subject, coalitions: &[Enrolled<'_>]) -> Result<()> {
    configure_for(Edition::Member, subject, coalitions)
}

/// The same for an edition.
pub(crate) fn configure_for(
    edition: Edition,
    subject: &mut impl Subject,
    coalitions: &[Enrolled<'_>],
) -> Result<()> {
    let mut required = json!({});
    for (name, _) in coalitions {
        required[name] = json!([list(name)]);
    }
    let enrolments: Vec<Value> = coalitions
        .iter()
        .map(|(name, root)| enrolled_for(edition, name, root, &[&list(name)]))
        .collect();
    let message = json!({"coalitions": enrolments, "policy": {"required": required}});
    answer(subject, "configure", &message, None)?;
    Ok(())
}

/// Configures a coalition of which no list is wanted: an update then ends with its metadata.
pub(crate) fn configure_without_lists(
    subject: &mut impl Subject,
    (name, root): Enrolled<'_>,
) -> Result<()> {
    let mut enrolment = enrolled_for(Edition::Member, name, root, &[&list(name)]);
    enrolment["lists"] = json!([]);
    let message = json!({"coalitions": [enrolment], "policy": {"without_lists": true}});
    answer(subject, "configure", &message, None)?;
    Ok(())
}

/// The list that a coalition publishes.
fn list(coalition: &str) -> String {
    format!("{coalition}/merchants")
}

/// Updates one coalition from a repository, and returns the processor time of the subject, without that
/// for bringing the files.
pub(crate) fn update(
    subject: &mut impl Subject,
    coalition: &str,
    serve: impl Fn(&str) -> Option<Vec<u8>>,
) -> Result<Duration> {
    let message = json!({"coalition": coalition, "begin": "repository"});
    let (mut progress, mut taken) = answer(subject, "poll", &message, None)?;
    while let Some(path) = progress["fetch"]["path"].as_str() {
        let file = serve(path);
        let outcome = if file.is_some() { "bytes" } else { "not_found" };
        let name = &progress["fetch"]["name"];
        let message = json!({"coalition": coalition, "name": name, "outcome": outcome});
        let (next, more) = answer(subject, "supply", &message, file)?;
        progress = next;
        taken += more;
    }
    ensure!(progress["completed"] == true, "the list is not in place");
    Ok(taken)
}

/// Hands over every coalition's key. All coalitions here have the same one.
pub(crate) fn give_keys(subject: &mut impl Subject, coalitions: &[Enrolled<'_>]) -> Result<()> {
    let key = hex::text(&SECRET);
    let keys: Vec<Value> = coalitions
        .iter()
        .map(|(name, _)| json!({"coalition": name, "key": key}))
        .collect();
    answer(subject, "configure", &json!({"keys": keys}), None)?;
    Ok(())
}

/// One call whose refusal is a failure.
pub(crate) fn call(subject: &mut impl Subject, operation: &str, message: &[u8]) -> Result<String> {
    subject
        .call(operation, message, None, NOW)?
        .map_err(|(_, sentence)| anyhow!("{operation}: {sentence}"))
}

fn answer(
    subject: &mut impl Subject,
    operation: &str,
    message: &Value,
    file: Option<Vec<u8>>,
) -> Result<(Value, Duration)> {
    let message = message.to_string();
    let started = ThreadTime::now();
    let answer = subject.call(operation, message.as_bytes(), file, NOW)?;
    let taken = started.elapsed();
    let answer = answer.map_err(|(_, sentence)| anyhow!("{operation}: {sentence}"))?;
    Ok((serde_json::from_str(&answer)?, taken))
}
