//! `interdict serve` under load: requests at a fixed rate beside releases, against the answers of `/livez`, which cost
//! HTTP alone.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use interdict_core::list::{Action, Header, Record};
use interdict_core::token::{ListKey, Tag};
use interdict_host::Module;
use interdict_tests::seeded::Stream;
use serde_json::json;

use crate::hosts::beside;
use crate::memory;
use crate::open_loop::{Answers, Question, ask, request};
use crate::release::{
    LIST, RECORD, Release, SECRET, domain, filter, member, records_of, source, tag,
};
use crate::repository::Repository;
use crate::table::{count, print, wide};

const ENTRIES: u32 = 100_000;
const RATE: u32 = 5_000;
/// Seconds between releases. The tenth is a new base.
const EVERY: u64 = 5;
const BASE: u32 = 10;
/// Names that each release lists beside those of the one before.
const NEW: u32 = 50;

/// What every list has, so that the self-test passes.
const TEST_MERCHANTS: [(&str, Action); 4] = [
    ("monitor.listed.test", Action::Monitor),
    ("review.listed.test", Action::Review),
    ("hold-payout.listed.test", Action::HoldPayout),
    ("block.listed.test", Action::Block),
];

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let seconds = match arguments {
        [] => 60,
        [form] if form == "--long" => 200,
        _ => bail!("service takes --long"),
    };
    println!(
        "one list of {} entries, a release every {EVERY} seconds, each request in the journal; what asks runs on the \
         same processors\n",
        count(ENTRIES)
    );
    let room = tempfile::tempdir()?;
    prepare(room.path())?;
    let mut service = Serving::start(room.path())?;
    let floor = ask(&service.place, &[livez()], RATE, 20)?;
    let memory_before = service.memory()?;
    let (answers, releases) = beside_releases(&service, room.path(), seconds)?;
    let memory_after = service.memory()?;
    let rows = [("GET /livez", &floor), ("POST /v1/screen", &answers)];
    print(
        [
            "request", "a second", "requests", "failed", "wrong", "p50", "p99", "p99.9",
        ],
        rows.map(|(name, answers)| row(name, answers)).to_vec(),
    );
    let ratio = |share| answers.per_mille(share) / floor.per_mille(share);
    println!(
        "a screening to /livez: p50 {:.2}, p99 {:.2}, p99.9 {:.2}",
        ratio(500),
        ratio(990),
        ratio(999)
    );
    println!(
        "memory: {:.1} MB before, {:.1} MB after; {releases} releases",
        wide(memory_before) / 1e6,
        wide(memory_after) / 1e6
    );
    service.is_found(releases)?;
    println!("every name of the last release is found");
    service.end()?;
    let journal = interdict(room.path(), &["audit", "verify"])?;
    print!("{journal}");
    ensure!(
        answers.failed == 0 && answers.wrong == 0,
        "not all were right"
    );
    Ok(())
}

fn row(name: &str, answers: &Answers) -> [String; 8] {
    let milli = |share| format!("{:.2} ms", answers.per_mille(share));
    [
        name.to_owned(),
        count(RATE),
        count(answers.count()),
        count(answers.failed),
        count(answers.wrong),
        milli(500),
        milli(990),
        milli(999),
    ]
}

/// A gateway that is enrolled, and the first release.
fn prepare(room: &Path) -> Result<()> {
    let repository = Repository::of(&release(1)?, 1)?;
    repository.write(&room.join("repository"))?;
    repository.enrol(&Module::built_in()?, &room.join("state"))?;
    let settings = format!(
        "policy.required = {{ se = [\"{LIST}\"] }}\n[service]\nlisten = \"127.0.0.1:0\"\nrefresh_seconds = 1\n\
         jitter_seconds = 0\n[journal]\ndirectory = \"journal\"\n"
    );
    Ok(fs::write(room.join("gateway.toml"), settings)?)
}

/// A base; from the second release on with the names that are new.
fn release(sequence: u32) -> Result<Release> {
    let first = if sequence < BASE { 1 } else { BASE };
    let base = base(ENTRIES, first, &new_names(1, first)?)?;
    if sequence == first {
        return Ok(base);
    }
    let changes: Vec<_> = new_names(first, sequence)?
        .into_iter()
        .map(|(tag, record)| (tag, Some(record)))
        .collect();
    base.changed(sequence.into(), &changes)
}

/// A release of so many random names, the test merchants and these.
pub(crate) fn base(entries: u32, sequence: u32, more: &[(Tag, Record)]) -> Result<Release> {
    let key = ListKey::new(SECRET);
    let mut listed: Vec<(Tag, Record)> = Stream::new("service")
        .tags(entries)
        .into_iter()
        .map(|tag| (tag, RECORD))
        .collect();
    for (name, action) in TEST_MERCHANTS {
        listed.push((tag(&key, &domain(name)?), Record { action, ..RECORD }));
    }
    listed.extend_from_slice(more);
    let header = Header {
        sequence: sequence.into(),
        ..member(u32::try_from(listed.len())?, 14)?
    };
    let tags: Vec<Tag> = listed.iter().map(|(tag, _)| *tag).collect();
    let records = records_of(&header, &[source("hotline.example")?], &listed)?;
    Release::of(&header, filter(&header, &tags)?, Some(records))
}

/// Those that the releases after `from` list, up to `to`.
fn new_names(from: u32, to: u32) -> Result<Vec<(Tag, Record)>> {
    let key = ListKey::new(SECRET);
    let numbers = (from + 1..=to).flat_map(|release| (0..NEW).map(move |number| (release, number)));
    numbers
        .map(|(release, number)| Ok((tag(&key, &domain(&new(release, number))?), RECORD)))
        .collect()
}

fn new(release: u32, number: u32) -> String {
    format!("n{number}.r{release}.example")
}

/// Asks while releases appear, and says how many there are at the end.
fn beside_releases(service: &Serving, room: &Path, seconds: u32) -> Result<(Answers, u32)> {
    let ends = AtomicBool::new(false);
    thread::scope(|scope| {
        let publishing = scope.spawn(|| -> Result<u32> {
            let mut sequence = 1;
            let mut next = Instant::now() + Duration::from_secs(EVERY);
            while !ends.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(100));
                if Instant::now() >= next {
                    sequence += 1;
                    next += Duration::from_secs(EVERY);
                    Repository::of(&release(sequence)?, sequence)?
                        .write(&room.join("repository"))?;
                }
            }
            Ok(sequence)
        });
        let answers = ask(&service.place, &questions(), RATE, seconds);
        ends.store(true, Ordering::Relaxed);
        let releases = publishing.join();
        let Ok(releases) = releases else {
            bail!("the publisher ended")
        };
        Ok((answers?, releases?))
    })
}

fn livez() -> Question {
    Question {
        request: request("GET", "/livez", ""),
        expected: "",
    }
}

/// One of six is listed.
fn questions() -> Vec<Question> {
    let clean = [
        "flowers.example",
        "a.example",
        "pay.b.example",
        "c.test",
        "d.example",
    ];
    let clean = clean.map(|name| (name, r#""action":"allow""#));
    let all = std::iter::once(("block.listed.test", r#""action":"block""#)).chain(clean);
    all.map(|(name, expected)| Question {
        request: screening(name),
        expected,
    })
    .collect()
}

fn screening(name: &str) -> Vec<u8> {
    let identifiers = json!([{"kind": "domain", "value": name}]);
    let body = json!({"flow": "payout", "identifiers": identifiers});
    request("POST", "/v1/screen", &body.to_string())
}

/// The service as a process.
struct Serving {
    child: Child,
    place: String,
}

impl Serving {
    /// Starts it and waits until its first refresh is live.
    fn start(room: &Path) -> Result<Self> {
        let mut child = Command::new(beside("interdict")?)
            .args(["serve", "--now", "2026-11-22T01:02:03Z"])
            .current_dir(room)
            .stdout(Stdio::piped())
            .stderr(fs::File::create(room.join("log"))?)
            .spawn()?;
        let output = child.stdout.take().context("its output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let place = line.trim_end().rsplit('/').next().unwrap_or_default();
        let service = Self {
            child,
            place: place.to_owned(),
        };
        let ready = [Question {
            request: request("GET", "/readyz", ""),
            expected: "",
        }];
        for _ in 0..300 {
            if ask(&service.place, &ready, 32, 1)?.failed == 0 {
                return Ok(service);
            }
        }
        bail!("never ready: {}", fs::read_to_string(room.join("log"))?)
    }

    fn memory(&self) -> Result<u64> {
        memory::resident_of(&self.child.id().to_string()).context("its memory")
    }

    /// Whether all names of the last release are listed.
    fn is_found(&self, sequence: u32) -> Result<()> {
        thread::sleep(Duration::from_secs(3));
        let questions: Vec<_> = (0..NEW)
            .map(|number| Question {
                request: screening(&new(sequence, number)),
                expected: r#""action":"block""#,
            })
            .collect();
        let answers = ask(&self.place, &questions, NEW, 1)?;
        ensure!(
            answers.failed + answers.wrong == 0,
            "release {sequence} is not live"
        );
        Ok(())
    }

    /// Asks it to end.
    fn end(&mut self) -> Result<()> {
        Command::new("kill")
            .arg(self.child.id().to_string())
            .status()?;
        ensure!(self.child.wait()?.success(), "it ended badly");
        Ok(())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs the command in the gateway's directory.
fn interdict(room: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new(beside("interdict")?)
        .args(arguments)
        .current_dir(room)
        .output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{arguments:?}: {errors}");
    Ok(String::from_utf8(output.stdout)?)
}
