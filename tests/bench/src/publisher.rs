//! What a publisher's commands cost by the size of its list: an import, a first release, and a release after one
//! removal, which makes a stash. Each runs in a process of its own, so that its memory is its own too.

use std::io::Read;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use cpu_time::ProcessTime;
use interdict_core::common::time::Time;
use interdict_publisher::{
    Confirm, DelistOptions, Format, ImportOptions, InitOptions, Names, Publisher, ReleaseOptions,
    TestKeys,
};

use crate::memory;
use crate::table::{count, print, wide};

/// The first is what the others are compared with.
const SIZES: [u32; 3] = [100_000, 1_000_000, 10_000_000];

const STEPS: [&str; 3] = ["import", "first release", "stash of one removal"];

const NOW: Time = Time::from_seconds(1_764_000_000);

/// What one command took.
struct Cost {
    time: Duration,
    processor: Duration,
    /// Bytes at most.
    memory: u64,
}

/// Runs one step if asked to, or all, each in another process.
pub(crate) fn run(step: Option<&str>, arguments: &[String]) -> Result<()> {
    let Some(step) = step else {
        return compare();
    };
    let [directory, entries] = arguments else {
        bail!("a step needs a directory and a number of entries");
    };
    let (directory, entries) = (Path::new(directory), entries.parse()?);
    let (begun, processor) = (Instant::now(), ProcessTime::now());
    let (done, peak) = memory::peak_of(|| match step {
        "import" => import(directory, entries),
        "first release" => release(directory, Confirm::First),
        _ => stash(directory),
    });
    done?;
    let cost = [begun.elapsed(), processor.elapsed()].map(|time| time.as_micros());
    let peak = peak.context("the memory of a process can only be read on Linux")?;
    println!("{} {} {peak}", cost[0], cost[1]);
    Ok(())
}

fn compare() -> Result<()> {
    println!(
        "domains of one source, all to be blocked; every command checks the whole register, and every\n\
         release asks the new files for each entry as a gateway would\n"
    );
    let (mut rows, mut small) = (Vec::new(), Vec::new());
    for entries in SIZES {
        let room = tempfile::tempdir()?;
        let directory = room.path().join("se");
        for (index, step) in STEPS.into_iter().enumerate() {
            let cost = in_another_process(step, &directory, entries)?;
            let each = cost.processor.as_secs_f64() / f64::from(entries);
            if entries == SIZES[0] {
                small.push(each);
            }
            let first = small.get(index).context("the smallest size comes first")?;
            rows.push([
                count(entries),
                step.to_owned(),
                format!("{:.1} s", cost.time.as_secs_f64()),
                format!("{:.1} s", cost.processor.as_secs_f64()),
                format!("{:.0} MB", wide(cost.memory) / 1e6),
                format!("{:.2}", each / first),
            ]);
        }
    }
    let header = [
        "entries",
        "command",
        "time",
        "processor time",
        "memory",
        "an entry, to the smallest",
    ];
    print(header, rows);
    Ok(())
}

fn in_another_process(step: &str, directory: &Path, entries: u32) -> Result<Cost> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["publisher", step]).arg(directory);
    let output = command.arg(entries.to_string()).output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{step}: {errors}");
    let printed = String::from_utf8(output.stdout)?;
    let numbers: Vec<u64> = printed
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    let [time, processor, memory] = numbers[..] else {
        bail!("{step} printed {printed}");
    };
    let [time, processor] = [time, processor].map(Duration::from_micros);
    Ok(Cost {
        time,
        processor,
        memory,
    })
}

fn import(directory: &Path, entries: u32) -> Result<()> {
    let init = InitOptions::new("se", TestKeys::Yes, NOW);
    let mut publisher = Publisher::init(directory, &init)?;
    let rows = Rows {
        line: b"kind,value,action\n".to_vec(),
        next: 0,
        entries,
    };
    let report = publisher.import(rows, &ImportOptions::new(Format::Csv, "se"), NOW)?;
    ensure!(report.accepted == u64::from(entries), "{report}");
    Ok(())
}

fn release(directory: &Path, confirm: Confirm) -> Result<()> {
    let options = ReleaseOptions {
        confirm,
        ..ReleaseOptions::default()
    };
    let report = Publisher::open(directory)?.release(NOW.plus(60), &options)?;
    ensure!(report.proposal.is_none(), "{report}");
    Ok(())
}

fn stash(directory: &Path) -> Result<()> {
    let mut publisher = Publisher::open(directory)?;
    let name = Names::One {
        kind: "domain",
        value: "shop-7.example",
    };
    publisher.delist(name, &DelistOptions::default(), NOW.plus(120))?;
    let report = publisher.release(NOW.plus(180), &ReleaseOptions::default())?;
    let epochs = report.lists.first().map(|list| &list.epochs);
    let changes = epochs.and_then(|epochs| epochs.first()?.changes);
    ensure!(changes == Some(1), "{report}");
    Ok(())
}

/// A file of listings that is never in memory as a whole.
struct Rows {
    /// What is left of the newest line.
    line: Vec<u8>,
    next: u32,
    entries: u32,
}

impl Read for Rows {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.line.len() < buffer.len() && self.next < self.entries {
            let row = format!("domain,shop-{}.example,block\n", self.next);
            self.line.extend_from_slice(row.as_bytes());
            self.next += 1;
        }
        let length = buffer.len().min(self.line.len());
        let read: Vec<u8> = self.line.drain(..length).collect();
        buffer[..length].copy_from_slice(&read);
        Ok(length)
    }
}
