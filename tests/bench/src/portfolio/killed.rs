//! Ten releases, and a re-screening that is killed three times at random moments after each: every change is told once.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::hosts::beside;
use crate::table::{count, print};

use super::room::{MERCHANTS, Room, expected};

const RELEASES: u32 = 10;
const KILLS: u32 = 3;

/// An alert about a merchant: the release that it names, the merchant and the kind.
type Told = (u64, String, String);

pub(super) fn run() -> Result<()> {
    println!(
        "{} merchants, {RELEASES} releases; after each `interdict portfolio rescreen` is killed {KILLS} times, at any \
         moment of its time, before it may end\n",
        count(MERCHANTS)
    );
    let room = Room::new("alert_command = [\"tee\", \"-a\", \"alerts\"]\n")?;
    interdict(room.path(), &["refresh"])?;
    let begun = Instant::now();
    interdict(room.path(), &["portfolio", "rescreen"])?;
    // The first has a hundred alerts to send.
    let mut longest = begun.elapsed();
    let mut ended_before = 0;
    for sequence in 2..RELEASES + 2 {
        room.publish(sequence)?;
        interdict(room.path(), &["refresh"])?;
        for _ in 0..KILLS {
            ended_before += u32::from(killed(room.path(), random_below(longest))?);
        }
        let begun = Instant::now();
        interdict(room.path(), &["portfolio", "rescreen"])?;
        longest = begun.elapsed().max(Duration::from_millis(500));
    }
    let alerts = alerts(&room.path().join("alerts"))?;
    let mut rows = Vec::new();
    for sequence in 1..RELEASES + 2 {
        let expected = expected(sequence).into_iter();
        let mut expected: Vec<Told> = expected
            .map(|(merchant, kind)| (u64::from(sequence), merchant, kind.to_owned()))
            .collect();
        let of_release = alerts.values().filter(|told| told.0 == u64::from(sequence));
        let mut told: Vec<Told> = of_release.cloned().collect();
        expected.sort();
        told.sort();
        rows.push([
            sequence.to_string(),
            expected.len().to_string(),
            told.len().to_string(),
            (told == expected).to_string(),
        ]);
        ensure!(
            told == expected,
            "release {sequence}: {told:?} and not {expected:?}"
        );
    }
    print(["release", "changes", "alerts", "the same"], rows);
    println!(
        "runs that ended before they were killed: {ended_before} of {}",
        RELEASES * KILLS
    );
    Ok(())
}

/// Ends a run after this time; true if it had ended.
fn killed(room: &Path, after: Duration) -> Result<bool> {
    let mut child = command(room, &["portfolio", "rescreen"])?
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    thread::sleep(after);
    let has_ended = child.try_wait()?.is_some();
    let _ = child.kill();
    child.wait()?;
    Ok(has_ended)
}

/// Each alert by its id, which may have come twice. The line that was being written in a kill is none.
fn alerts(file: &Path) -> Result<BTreeMap<String, Told>> {
    let mut all = BTreeMap::new();
    for line in fs::read_to_string(file)?.lines() {
        let Ok(event) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        let text = |value: &Value| value.as_str().map(str::to_owned).context("an alert");
        let data = &event["data"];
        let sequence = data["lists"][0]["sequence"].as_u64().context("its list")?;
        let told = (sequence, text(&data["merchant"])?, text(&event["type"])?);
        all.insert(text(&event["id"])?, told);
    }
    Ok(all)
}

fn interdict(room: &Path, arguments: &[&str]) -> Result<()> {
    let output = command(room, arguments)?.output()?;
    // 1 is what a re-screening says that found something.
    let is_done = matches!(output.status.code(), Some(0 | 1));
    ensure!(
        is_done,
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

fn command(room: &Path, arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new(beside("interdict")?);
    command
        .args(arguments)
        .args(["--now", "2026-11-22T01:02:03Z"])
        .current_dir(room);
    Ok(command)
}

/// No two runs are alike.
fn random_below(longest: Duration) -> Duration {
    let random = RandomState::new().build_hasher().finish() % 1_000;
    longest * u32::try_from(random).unwrap_or(0) / 1_000
}
