//! What a release costs by its size: to build, to transfer, and to load natively and in the module, and
//! the module's memory afterwards. 100,000, one million and ten million entries show how it grows.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use cpu_time::ThreadTime;
use indicatif::{ProgressBar, ProgressStyle};
use interdict_core::token::ListKey;
use interdict_tests::subject::Subject;
use interdict_tests::subjects::{InModule, Native};
use plotters::prelude::{IntoLogRange as _, SeriesLabelPosition};
use serde_json::{Value, json};

use crate::memory;
use crate::plot::{self, Joined, Line, Point, Words};
use crate::release::{self, Release, SECRET};
use crate::repository::Repository;
use crate::table::{self, count, wide};
use crate::walk::{Enrolled, call, configure, give_keys, update};
use interdict_tests::seeded::Stream;

/// Entries, and how often the release is loaded.
const SIZES: [(u32, u32); 3] = [(100_000, 9), (1_000_000, 5), (10_000_000, 3)];

/// The one real name on every list, to ask for.
const SHOP: &str = "shop.example";

/// A member list with records.
const RATE: u8 = 14;

struct Built {
    release: Release,
    filter_time: Duration,
    records_time: Duration,
    /// The most memory that this process held while building, above what it held before it made the tags.
    peak: Option<u64>,
}

struct Measured {
    entries: u32,
    filter: usize,
    records: usize,
    filter_time: Duration,
    records_time: Duration,
    peak: Option<u64>,
    native: Duration,
    module: Duration,
    memory: usize,
}

pub(crate) fn run() -> Result<()> {
    println!(
        "a member release of one list, filter (rate 2^-{RATE}) and records, a record for every entry;\n\
         loaded through configure, poll and supply, signatures and digests included, in turn\n"
    );
    let style = ProgressStyle::with_template("{bar:40} {msg}")?;
    let progress = ProgressBar::new(12).with_style(style);
    let mut module = InModule::new()?;
    let mut all = Vec::new();
    for (entries, rounds) in SIZES {
        all.push(measure(entries, rounds, &mut module, &progress)?);
    }
    progress.finish_and_clear();
    print(&all);
    draw(&all)
}

fn measure(
    entries: u32,
    rounds: u32,
    module: &mut InModule,
    progress: &ProgressBar,
) -> Result<Measured> {
    let step = |what: &str| {
        progress.set_message(format!("{} entries: {what}", count(entries)));
        progress.inc(1);
    };
    step("build");
    let built = build(entries)?;
    step("sign");
    let repository = Repository::of(&built.release, 1)?;
    let (filter, records) = sizes(&built.release);
    drop(built.release);
    let (mut natively, mut inside) = (Vec::new(), Vec::new());
    let mut memory = 0;
    for round in 0..rounds {
        if round == 0 {
            step("load natively");
        }
        natively.push(load(&mut Native::default(), &repository)?);
        if round == 0 {
            step("load in the module");
        }
        module.renew()?;
        inside.push(load(module, &repository)?);
        memory = module.instance().memory_size();
    }
    Ok(Measured {
        entries,
        filter,
        records,
        filter_time: built.filter_time,
        records_time: built.records_time,
        peak: built.peak,
        native: median(natively).context("no round")?,
        module: median(inside).context("no round")?,
        memory,
    })
}

/// A release of so many entries, signed.
pub(crate) fn repository(entries: u32) -> Result<Repository> {
    Repository::of(&build(entries)?.release, 1)
}

fn build(entries: u32) -> Result<Built> {
    let before = memory::resident();
    let (outcome, peak) = memory::peak_of(|| -> Result<_> {
        let mut tags = Stream::new("size: listed").tags(entries.saturating_sub(1));
        let shop = release::domain(SHOP)?;
        tags.push(release::tag(&ListKey::new(SECRET), &shop));
        let header = release::member(entries, RATE)?;
        let started = ThreadTime::now();
        let filter = release::filter(&header, &tags)?;
        let filter_time = started.elapsed();
        let records = release::records(&header, &tags)?;
        let records_time = started.elapsed().saturating_sub(filter_time);
        let release = Release::of(&header, filter, Some(records))?;
        Ok((release, filter_time, records_time))
    });
    let (release, filter_time, records_time) = outcome?;
    Ok(Built {
        release,
        filter_time,
        records_time,
        peak: peak
            .zip(before)
            .map(|(peak, before)| peak.saturating_sub(before)),
    })
}

fn sizes(release: &Release) -> (usize, usize) {
    let records = release.files.records.as_ref().map_or(0, Vec::len);
    (release.files.filter.len(), records)
}

/// Loads the release, and asks for the one name it is known to hold.
pub(crate) fn load(subject: &mut impl Subject, repository: &Repository) -> Result<Duration> {
    let coalitions: [Enrolled<'_>; 1] = [("se", &repository.root)];
    configure(subject, &coalitions)?;
    let taken = update(subject, "se", |path| repository.get(path))?;
    give_keys(subject, &coalitions)?;
    let question = json!({
        "flow": "payout",
        "identifiers": [{"kind": "domain", "value": format!("pay.{SHOP}")}],
    });
    let verdict = call(subject, "screen", question.to_string().as_bytes())?;
    let verdict: Value = serde_json::from_str(&verdict)?;
    ensure!(verdict["action"] == "block", "the listed name is not found");
    Ok(taken)
}

pub(crate) fn median(mut times: Vec<Duration>) -> Option<Duration> {
    times.sort();
    times.get(times.len() / 2).copied()
}

/// A number of bytes for people to read.
fn megabytes(bytes: usize) -> f64 {
    wide(u64::try_from(bytes).unwrap_or(0)) / 1e6
}

fn print(all: &[Measured]) {
    let seconds = |time: Duration| format!("{:.2} s", time.as_secs_f64());
    let size = |bytes: usize| format!("{:.1} MB", megabytes(bytes));
    let rows = all.iter().map(|measured| {
        let per_entry = |bytes: usize| megabytes(bytes) * 1e6 / f64::from(measured.entries);
        let peak = measured.peak.and_then(|peak| usize::try_from(peak).ok());
        [
            count(measured.entries),
            seconds(measured.filter_time),
            seconds(measured.records_time),
            peak.map_or("-".to_owned(), size),
            size(measured.filter),
            size(measured.records),
            format!("{:.2}", per_entry(measured.filter + measured.records)),
            seconds(measured.native),
            seconds(measured.module),
            format!(
                "{:.2}",
                measured.module.as_secs_f64() / measured.native.as_secs_f64()
            ),
            size(measured.memory),
            format!("{:.1}", per_entry(measured.memory)),
        ]
    });
    let header = [
        "entries",
        "build filter",
        "build records",
        "peak of the build",
        "filter",
        "records",
        "bytes per entry",
        "load natively",
        "load in module",
        "ratio",
        "module memory",
        "its bytes per entry",
    ];
    table::print(header, rows.collect());
    println!(
        "seconds of one processor; peak: the most the process held while building, tags and records given to\n\
         it included\n"
    );
}

fn draw(all: &[Measured]) -> Result<()> {
    let line = |name: &str, time: fn(&Measured) -> Duration| Line {
        name: name.to_owned(),
        points: all
            .iter()
            .map(|measured| Point::new(f64::from(measured.entries), time(measured).as_secs_f64()))
            .collect(),
        joined: Joined::Yes,
    };
    let lines = [
        line("build filter and records", |measured| {
            measured.filter_time + measured.records_time
        }),
        line("load in the module", |measured| measured.module),
        line("load natively", |measured| measured.native),
    ];
    let words = Words {
        file: "size",
        title: "Building and loading a release by its size",
        x: "entries (log)",
        y: "seconds of one processor (log)",
        names: SeriesLabelPosition::LowerRight,
    };
    plot::lines(
        &words,
        (5e4..2e7).log_scale(),
        (0.01..100.0).log_scale(),
        &lines,
    )
}
