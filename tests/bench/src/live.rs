//! What a gateway costs while it runs: memory by instances, a start, refreshes beside queries, and verdicts by the
//! number of coalitions. Each gateway runs in a process of its own, or one would be handed the memory of another.

use std::cell::RefCell;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use cpu_time::ProcessTime;
use interdict_core::list::{Header, Record};
use interdict_core::token::Tag;
use interdict_host::{Choices, Gateway, Module, Settings};
use interdict_tests::coalition::{Coalition, Publication};
use interdict_tests::seeded::Stream;
use interdict_tests::subjects::{InModule, Native};
use serde_json::json;

use crate::memory;
use crate::release::{LIST, NOW, RECORD, Release, filter, member, records};
use crate::repository::Repository;
use crate::rounds::{Contender, in_turn};
use crate::screen::{repeated, request};
use crate::table::{count, print, wide};
use crate::walk::{configure, give_keys, update};

const ENTRIES: u32 = 100_000;
const RATE: u8 = 14;
const CHANGES: usize = 100;
const INSTANCES: [usize; 4] = [1, 2, 4, 16];
const REFRESHED: [usize; 2] = [1, 4];
const COALITIONS: [usize; 4] = [1, 2, 8, 32];
const REQUEST: &str =
    r#"{"flow":"payout","identifiers":[{"kind":"domain","value":"flowers.example"}]}"#;

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    match arguments {
        [] => all(ENTRIES),
        [form] if form == "--long" => all(10 * ENTRIES),
        [step, directory, number] => {
            let (directory, number) = (Path::new(directory), number.parse()?);
            match step.as_str() {
                "open" => opened(directory, number),
                "native" => native(directory),
                "refresh" => refreshed(directory, number),
                _ => publish(step, directory, number),
            }
        }
        _ => bail!("live takes --long"),
    }
}

fn all(entries: u32) -> Result<()> {
    println!("one list of {} entries at 2^-{RATE}\n", count(entries));
    let room = tempfile::tempdir()?;
    prepare(room.path(), entries)?;
    let mut rows = vec![[
        "native, for all threads".to_owned(),
        mega(number(&in_another_process("native", room.path(), 1)?, 0)?),
        "-".to_owned(),
        "-".to_owned(),
    ]];
    for instances in INSTANCES {
        let printed = in_another_process("open", room.path(), instances)?;
        let [held, module, start] = [0, 1, 2].map(|index| number(&printed, index));
        rows.push([
            format!("{instances} in the module"),
            mega(held?),
            mega(module?),
            milli(start?),
        ]);
    }
    print(
        ["instances", "memory", "of which one module", "start"],
        rows,
    );
    let mut rows = Vec::new();
    for instances in REFRESHED {
        let room = tempfile::tempdir()?;
        prepare(room.path(), entries)?;
        let printed = in_another_process("refresh", room.path(), instances)?;
        for line in printed.lines() {
            let (what, figures) = line.split_once(": ").context("a line of figures")?;
            let [time, processor, memory, usual, longest] =
                [0, 1, 2, 3, 4].map(|index| number(figures, index));
            rows.push([
                format!("{what}, {instances}"),
                milli(time?),
                milli(processor?),
                mega(memory?),
                milli(usual?),
                milli(longest?),
            ]);
        }
    }
    let header = [
        "refresh, instances",
        "time",
        "processor time",
        "more memory",
        "longest query before",
        "and meanwhile",
    ];
    print(header, rows);
    by_coalitions()
}

/// A gateway that has the first release, in its state directory.
fn prepare(room: &Path, entries: u32) -> Result<()> {
    let repository = Repository::of(&base(entries, 1)?, 1)?;
    repository.write(&room.join("repository"))?;
    let settings = settings(room, 1)?;
    repository.enrol(&settings.module, &settings.state)?;
    let reports = gateway(settings)?.refresh(NOW)?;
    ensure!(
        reports.iter().all(|report| report.succeeded()),
        "{reports:?}"
    );
    // What the next processes pin and publish.
    std::fs::write(room.join("root.json"), repository.root)?;
    std::fs::write(room.join("entries"), entries.to_string())?;
    Ok(())
}

fn base(entries: u32, sequence: u64) -> Result<Release> {
    let listed = Stream::new(&format!("base {sequence}")).tags(entries);
    let header = Header {
        sequence,
        ..member(entries, RATE)?
    };
    let records = records(&header, &listed)?;
    Release::of(&header, filter(&header, &listed)?, Some(records))
}

fn settings(room: &Path, workers: usize) -> Result<Settings> {
    Ok(Settings {
        workers,
        directory: room.to_owned(),
        ..Settings::new(Module::built_in()?, room.join("state"))
    })
}

fn gateway(settings: Settings) -> Result<Gateway> {
    let choices = Choices {
        policy: Some(json!({"required": {"se": [LIST]}})),
        ..Choices::default()
    };
    Ok(Gateway::open(settings, Arc::new(choices), NOW)?)
}

fn opened(room: &Path, workers: usize) -> Result<()> {
    let settings = settings(room, workers)?;
    let before = memory::resident().context("memory")?;
    let begun = Instant::now();
    let gateway = gateway(settings)?;
    let start = begun.elapsed().as_micros();
    gateway.screen(REQUEST, NOW)?;
    let held = memory::resident().context("memory")?.saturating_sub(before);
    println!("{held} {} {start}", gateway.memory_size(NOW)?);
    Ok(())
}

fn native(room: &Path) -> Result<()> {
    let repository = room.join("repository");
    let root = std::fs::read(room.join("root.json"))?;
    let before = memory::resident().context("memory")?;
    let mut native = Native::default();
    let enrolled = [("se", root.as_slice())];
    configure(&mut native, &enrolled)?;
    update(&mut native, "se", |path| {
        std::fs::read(repository.join(path)).ok()
    })?;
    let held = memory::resident().context("memory")?.saturating_sub(before);
    println!("{held}");
    drop(native);
    Ok(())
}

/// Each kind of refresh twice: alone, for its time and memory, then beside a thread that asks.
fn refreshed(room: &Path, workers: usize) -> Result<()> {
    let gateway = gateway(settings(room, workers)?)?;
    let mut version = 1;
    for (what, step) in [
        ("nothing new", None),
        ("a stash", Some("stash")),
        ("a new base", Some("base")),
    ] {
        let mut figures = Vec::new();
        for is_first in [true, false] {
            if let Some(step) = step {
                version += 1;
                // What is made elsewhere takes no memory here.
                in_another_process(step, room, version)?;
            }
            match is_first {
                true => figures.extend(alone(&gateway)?),
                false => figures.extend(beside_queries(&gateway)?),
            }
        }
        let figures: Vec<_> = figures.iter().map(ToString::to_string).collect();
        println!("{what}: {}", figures.join(" "));
    }
    Ok(())
}

/// Publishes the first base with a stash, or another base.
fn publish(step: &str, room: &Path, version: usize) -> Result<()> {
    let entries: u32 = std::fs::read_to_string(room.join("entries"))?.parse()?;
    let sequence = u64::try_from(version)?;
    let release = match step {
        "stash" => base(entries, 1)?.changed(sequence, &changes(entries, version)?)?,
        _ => base(entries, sequence)?,
    };
    Repository::of(&release, u32::try_from(version)?)?.write(&room.join("repository"))
}

/// As many entries are new as are removed.
fn changes(entries: u32, version: usize) -> Result<Vec<(Tag, Option<Record>)>> {
    let (listed, new) = (
        Stream::new("base 1").tags(entries),
        Stream::new("new").tags(1_000),
    );
    let part = |tags: &[Tag], record: Option<Record>| {
        let part = tags.get(..version * CHANGES / 2).context("too few tags")?;
        anyhow::Ok(part.iter().map(|tag| (*tag, record)).collect::<Vec<_>>())
    };
    Ok([part(&new, Some(RECORD))?, part(&listed, None)?].concat())
}

/// Microseconds, those of processors, and bytes above what was held before.
fn alone(gateway: &Gateway) -> Result<[u64; 3]> {
    let before = memory::resident().context("memory")?;
    let (begun, processor) = (Instant::now(), ProcessTime::now());
    let (done, peak) = memory::peak_of(|| refresh(gateway));
    let times = [begun.elapsed(), processor.elapsed()].map(micros);
    done?;
    let more = peak.context("memory")?.saturating_sub(before);
    Ok([times[0], times[1], more])
}

/// The longest query of as much time before, and of the refresh, in microseconds.
fn beside_queries(gateway: &Gateway) -> Result<[u64; 2]> {
    let ends = AtomicBool::new(false);
    let longest = || -> Result<Duration> {
        let mut longest = Duration::ZERO;
        while !ends.load(Ordering::Relaxed) {
            let begun = Instant::now();
            gateway.screen(REQUEST, NOW)?;
            longest = longest.max(begun.elapsed());
        }
        Ok(longest)
    };
    let ended = || bail!("the queries ended");
    thread::scope(|scope| {
        let asking = scope.spawn(longest);
        thread::sleep(Duration::from_secs(1));
        ends.store(true, Ordering::Relaxed);
        let usual = asking.join().or_else(|_| ended())??;
        ends.store(false, Ordering::Relaxed);
        let asking = scope.spawn(longest);
        let done = refresh(gateway);
        ends.store(true, Ordering::Relaxed);
        done?;
        Ok([usual, asking.join().or_else(|_| ended())??].map(micros))
    })
}

fn refresh(gateway: &Gateway) -> Result<()> {
    let reports = gateway.refresh(NOW)?;
    ensure!(
        reports.iter().all(|report| report.succeeded()),
        "{reports:?}"
    );
    Ok(())
}

/// The same request against more and more coalitions, each with a list of its own, in turn.
fn by_coalitions() -> Result<()> {
    let message = request(false).to_string();
    let mut loaded = Vec::new();
    for coalitions in COALITIONS {
        let mut native = Native::default();
        let mut module = InModule::new()?;
        load(&mut native, coalitions)?;
        load(&mut module, coalitions)?;
        loaded.push((RefCell::new(native), RefCell::new(module)));
    }
    let mut contenders: Vec<Contender<'_>> = Vec::new();
    for (native, module) in &loaded {
        contenders.push(repeated(native, "screen", message.as_bytes(), 300));
        contenders.push(repeated(module, "screen", message.as_bytes(), 300));
    }
    let series = in_turn(31, 300, &mut contenders)?;
    let base = [series.get(2), series.get(3)];
    let mut rows = Vec::new();
    for (coalitions, pair) in COALITIONS.iter().zip(series.chunks_exact(2)) {
        let mut row = vec![coalitions.to_string()];
        for (own, base) in pair.iter().zip(base) {
            let base = base.context("two coalitions are among them")?;
            row.push(format!("{:.1} us", own.median() / 1e3));
            row.push(format!("{:.2}", own.ratio(base)));
        }
        rows.push(<[String; 5]>::try_from(row).map_err(|_| anyhow::anyhow!("five columns"))?);
    }
    let header = ["coalitions", "native", "to two", "module", "to two"];
    print(header, rows);
    Ok(())
}

fn load(subject: &mut impl interdict_tests::subject::Subject, coalitions: usize) -> Result<()> {
    let coalition = Coalition::default();
    let far =
        interdict_core::common::time::Time::parse("2027-11-22T00:00:00Z").context("a time")?;
    let root = coalition.root(far);
    let names: Vec<String> = (0..coalitions).map(|number| format!("c{number}")).collect();
    let enrolled: Vec<_> = names
        .iter()
        .map(|name| (name.as_str(), root.as_slice()))
        .collect();
    configure(subject, &enrolled)?;
    for name in &names {
        let publication = Publication {
            // A benchmark ends soon.
            list: format!("{name}/merchants").leak(),
            ..Publication::new(1, far)
        };
        let files = coalition.publish(&publication);
        update(subject, name, |path| files.get(path).cloned())?;
    }
    give_keys(subject, &enrolled)
}

fn in_another_process(step: &str, directory: &Path, instances: usize) -> Result<String> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["live", step]).arg(directory);
    let output = command.arg(instances.to_string()).output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{step}: {errors}");
    Ok(String::from_utf8(output.stdout)?)
}

fn number(printed: &str, index: usize) -> Result<u64> {
    let word = printed
        .split_whitespace()
        .nth(index)
        .context("too few figures")?;
    Ok(word.parse()?)
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn mega(bytes: u64) -> String {
    format!("{:.1} MB", wide(bytes) / 1e6)
}

fn milli(micros: u64) -> String {
    format!("{:.1} ms", wide(micros) / 1e3)
}
