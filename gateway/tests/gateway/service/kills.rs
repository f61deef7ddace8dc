//! `kill -9` at any moment of a refresh, of a wait, and of an alert.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use interdict_helpers::Coalition;
use serde_json::{Value, json};

use super::faults::{EAGER, release, until};
use super::{Serving, ask, serve_at, spawn_by};
use crate::enrolment::enrol_file;

/// Kinds of the alerts about `m_1`, each alert once, in the order in which they came first.
fn told(alerts: &Path) -> Vec<String> {
    let text = fs::read_to_string(alerts).unwrap_or_default();
    let mut ids = BTreeSet::new();
    let events = text.lines().filter_map(|line| {
        // The one that was being written when everything was killed comes again.
        let event: Value = serde_json::from_str(line).ok()?;
        let is_new = ids.insert(event["id"].to_string());
        let kind = event["type"].as_str()?;
        (is_new && kind.starts_with("merchant.")).then(|| kind.to_owned())
    });
    events.collect()
}

/// Kills a service again and again while releases come, and says what was told of its merchant.
fn killed(staging: &str, rounds: u32) -> Vec<String> {
    let room = tempfile::tempdir().unwrap();
    let coalition = Coalition::new(room.path());
    coalition.publish(1, &[release(1)]);
    enrol_file(room.path(), &coalition.enrolment("repository", &[1]));
    let alerts = room.path().join("alerts");
    let portfolio = format!(
        "[portfolio]\nalert_command = [\"tee\", \"-a\", {:?}]\n{staging}",
        alerts.display().to_string()
    );
    let mut serving = Serving::start_in(room, &format!("{EAGER}{portfolio}"));
    let merchant =
        json!({"id": "m_1", "flow": "payout", "identifiers": ask("new.example")["identifiers"]});
    fs::write(serving.room.path().join("own.ndjson"), merchant.to_string()).unwrap();
    super::run(serving.room.path(), &["portfolio", "import", "own.ndjson"]);
    // A pause of any length: no two runs are alike.
    let mut random = [0; 1];
    for number in 2..rounds + 2 {
        coalition.publish(number, &[release(number)]);
        for _ in 0..3 {
            getrandom::fill(&mut random).unwrap();
            thread::sleep(Duration::from_millis(4 * u64::from(random[0])));
            serving.child.kill().unwrap();
            serving.child.wait().unwrap();
            let room = serving.room.path();
            (serving.child, serving.place) =
                spawn_by(room, &mut serve_at(room, "2026-11-22T01:02:03Z"));
            let shop = serving.screen(&ask("shop.example")).json();
            assert_eq!(shop["action"], "block", "{shop}");
            // Half of a newer release may be known then.
            let is_late = shop["lists"][0]["freshness"] == "late";
            assert_eq!(shop["degraded"], is_late, "{shop}");
        }
        let count = usize::try_from(number - 1).unwrap();
        until(&serving, "told", || told(&alerts).len() >= count);
    }
    told(&alerts)
}

#[test]
fn a_service_that_is_killed_at_any_moment_reports_every_change_and_none_that_was_not() {
    // The long form is for a night.
    let rounds = match std::env::var_os("INTERDICT_LONG") {
        Some(_) => 60,
        None => 4,
    };
    let expected: Vec<&str> = ["merchant.listed", "merchant.cleared"]
        .into_iter()
        .cycle()
        .take(usize::try_from(rounds).unwrap())
        .collect();
    assert_eq!(killed("", rounds), expected);
    // Every release waits until it is looked at, and then answers.
    let staging = "[staging]\nhold = \"6h\"\nat_once_if_stops_at_most = \"100 %\"\n";
    assert_eq!(killed(staging, rounds), expected);
}
