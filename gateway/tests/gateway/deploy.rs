//! What is deployed with the service: what it names exists.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::service::{Serving, ask, first, spawn_by};

fn file(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// Every `interdict_…` in a text; of a histogram its own name.
fn metrics(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_lowercase() && c != '_');
    let named = words.filter(|word| word.starts_with("interdict_"));
    named
        .map(|word| {
            let parts = ["_bucket", "_count", "_sum"];
            let whole = parts.iter().find_map(|part| word.strip_suffix(part));
            whole.unwrap_or(word)
        })
        .collect()
}

/// The rows of the table in the document.
fn documented() -> String {
    let text = file("../docs/service.md");
    let rows = text
        .lines()
        .filter(|line| line.starts_with("| `interdict_"));
    rows.collect::<Vec<_>>().join("\n")
}

#[test]
fn alerts_and_dashboard_ask_for_documented_metrics_alone() {
    let rows = documented();
    let known = metrics(&rows);
    for name in [
        "deploy/alerts.yml",
        "deploy/alerts.test.yml",
        "deploy/dashboard.json",
    ] {
        let text = file(name);
        let asked = metrics(&text);
        assert!(asked.len() > 8, "{name}");
        let unknown: Vec<_> = asked.difference(&known).collect();
        assert!(unknown.is_empty(), "{name}: {unknown:?}");
    }
}

/// Metrics with labels appear with the first that they count.
#[test]
fn what_the_service_exports_is_documented_and_no_more() {
    let lines = "[service]\nlisten = \"127.0.0.1:0\"\nrefresh_seconds = 1\njitter_seconds = 0\n";
    let serving = Serving::start(lines);
    // Verdicts are counted in steps of ten.
    for _ in 0..10 {
        assert_eq!(serving.screen(&ask("flowers.example")).status, 200);
    }
    assert_eq!(serving.screen(&Value::Null).status, 400);
    fs::remove_dir_all(serving.room().join("repository")).unwrap();
    let rows = documented();
    let documented: BTreeSet<_> = metrics(&rows).into_iter().map(str::to_owned).collect();
    let mut exported = BTreeSet::new();
    for _ in 0..300 {
        exported = types(&serving.get("/metrics").body);
        if exported == documented {
            return;
        }
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(exported, documented);
}

/// The names that a scrape declares, as they are asked for.
fn types(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '))
        .map(|(name, kind)| match kind {
            "counter" => format!("{name}_total"),
            _ => name.to_owned(),
        })
        .collect()
}

#[test]
fn every_alert_has_a_severity_and_says_what_to_do() {
    let text = file("deploy/alerts.yml");
    let alerts = text.matches("- alert: ").count();
    for part in ["severity: ", "summary: ", "description: "] {
        assert_eq!(text.matches(part).count(), alerts, "{part}");
    }
    let tested = file("deploy/alerts.test.yml");
    for line in text.lines() {
        if let Some(name) = line.trim().strip_prefix("- alert: ") {
            assert!(tested.contains(name), "{name} is not tested");
        }
    }
}

#[test]
fn the_dashboard_has_a_panel_for_every_question_and_no_two_overlap() {
    let board: Value = serde_json::from_str(&file("deploy/dashboard.json")).unwrap();
    let panels = board["panels"].as_array().unwrap();
    let mut taken = BTreeSet::new();
    for panel in panels {
        let place = |name: &str| panel["gridPos"][name].as_u64().unwrap();
        assert!(place("x") + place("w") <= 24, "{}", panel["title"]);
        for x in place("x")..place("x") + place("w") {
            for y in place("y")..place("y") + place("h") {
                assert!(taken.insert((x, y)), "{}", panel["title"]);
            }
        }
        let expression = panel["targets"][0]["expr"].as_str().unwrap();
        assert!(!expression.is_empty(), "{}", panel["title"]);
    }
}

/// The pod's own `gateway.toml` and commands, in a directory instead of the container's folders.
#[test]
fn the_pod_of_the_document_starts_and_its_probes_answer() {
    let text = file("deploy/sidecar.yaml");
    let toml: String = text
        .lines()
        .skip_while(|line| !line.contains("gateway.toml: |"))
        .skip(1)
        .take_while(|line| line.is_empty() || line.starts_with("    "))
        .map(|line| format!("{}\n", line.trim_start()))
        .collect();
    let room = tempfile::tempdir().unwrap();
    let at = room.path().display();
    let toml = toml
        .replace("/var/lib/interdict", &at.to_string())
        .replace("/run/secrets/interdict", &at.to_string())
        .replace("127.0.0.1:8470", &format!("unix:{at}/socket"));
    let coalition = interdict_helpers::Coalition::new(room.path());
    coalition.publish(1, &[first()]);
    let enrolment = coalition.enrolment("repository", &[1]);
    fs::write(room.path().join("se.enrolment.json"), enrolment).unwrap();
    fs::write(room.path().join("receipt.key"), "17".repeat(32)).unwrap();
    fs::write(room.path().join("gateway.toml"), toml).unwrap();
    let arguments = |marker: &str| -> Vec<String> {
        let line = text.lines().find(|line| line.contains(marker)).unwrap();
        let list = line.split_once('[').unwrap().1;
        let list = list.split_once(']').unwrap().0;
        let words = list
            .split(", ")
            .map(|word| word.trim_matches('"').to_owned());
        words
            .filter(|word| word != "/usr/bin/interdict")
            .map(|word| word.replace("/etc/interdict", &room.path().display().to_string()))
            .collect()
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_interdict"));
    command.args(arguments("args: "));
    command.args(["--now", "2026-11-22T01:02:03Z"]);
    let (mut child, _) = spawn_by(room.path(), &mut command);
    let probe = |marker: &str| -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_interdict"));
        command.args(arguments(marker)).output().unwrap()
    };
    let probes = || text.lines().filter(|line| line.contains("exec: "));
    assert_eq!(probes().count(), 3);
    let mut ready = false;
    for _ in 0..300 {
        let told = probe("\"probe\", \"--config\"");
        ready = told.status.code() == Some(0);
        if ready {
            break;
        }
        assert_eq!(told.status.code(), Some(2), "{told:?}");
        thread::sleep(Duration::from_millis(100));
    }
    assert!(ready);
    assert_eq!(probe("--live").status.code(), Some(0));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(probe("--live").status.code(), Some(3), "nothing answers");
}
