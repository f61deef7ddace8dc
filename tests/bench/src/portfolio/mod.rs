//! What it costs to screen a portfolio again after a release that changed ten of its merchants, beside a bare batch of the
//! same requests; with `--long` also whether it survives being killed.

mod killed;
mod room;

use std::time::Instant;

use anyhow::{Result, bail, ensure};
use cpu_time::ProcessTime;
use interdict::{ChangeKind, Gateway, Portfolio, Which};
use interdict_host::Answer;

use crate::release::NOW;
use crate::rounds::Series;
use crate::table::{count, print};
use room::{CHANGES, ENTRIES, LISTED, MERCHANTS, Room, each, refresh, requests};

/// Releases after the first; each is one round.
const ROUNDS: u32 = 7;

const STEPS: [&str; 4] = [
    "a bare batch of the requests, one instance",
    "read the merchants",
    "read, screen, compare (`preview`)",
    "read, screen, compare, write (`rescreen`)",
];

/// Milliseconds of each round, by the clock and of all processors.
#[derive(Default)]
struct Times {
    clock: Vec<f64>,
    processor: Vec<f64>,
}

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    match arguments {
        [] => {}
        [form] if form == "--long" => return killed::run(),
        _ => bail!("portfolio takes --long"),
    }
    println!(
        "{} merchants of two identifiers, of which {LISTED} are listed, and a list of {} entries; each release lists \
         {CHANGES} more and removes {CHANGES}\n",
        count(MERCHANTS),
        count(ENTRIES + LISTED)
    );
    let room = Room::new("")?;
    let gateway = room.gateway()?;
    let mut portfolio = room.portfolio()?;
    refresh(&gateway)?;
    let begun = Instant::now();
    let first = portfolio.rescreen(gateway.host(), Which::All, NOW, &mut |_, _| Ok(()))?;
    println!(
        "first screening: {:.0} ms\n",
        begun.elapsed().as_secs_f64() * 1e3
    );
    ensure!(
        first
            .changes
            .into_iter()
            .eq([(ChangeKind::Listed, LISTED.into())]),
        "the first release"
    );
    let lines = requests(&portfolio)?;
    let mut steps: [Times; 4] = Default::default();
    for sequence in 2..ROUNDS + 2 {
        room.publish(sequence)?;
        refresh(&gateway)?;
        let [bare, read, preview, rescreen] = &mut steps;
        bare.of(|| bare_batch(&gateway, &lines))?;
        read.of(|| each(&portfolio, |_| ()))?;
        preview.of(|| {
            portfolio.preview(gateway.host(), NOW)?;
            Ok(())
        })?;
        rescreen.of(|| again(&gateway, &mut portfolio))?;
    }
    print_all(steps);
    Ok(())
}

/// The requests alone, as a program without a portfolio would ask them.
fn bare_batch(gateway: &Gateway, lines: &str) -> Result<()> {
    let answers = gateway.host().screen_batch(lines.as_bytes(), NOW)?;
    let verdicts = answers
        .iter()
        .filter(|answer| matches!(answer, Answer::Verdict(_)));
    ensure!(
        verdicts.count() == MERCHANTS as usize,
        "not all were screened"
    );
    Ok(())
}

fn again(gateway: &Gateway, portfolio: &mut Portfolio) -> Result<()> {
    let done = portfolio.rescreen(gateway.host(), Which::All, NOW, &mut |_, _| Ok(()))?;
    let expected = [ChangeKind::Listed, ChangeKind::Cleared].map(|kind| (kind, CHANGES.into()));
    ensure!(
        done.screened == u64::from(MERCHANTS) && done.changes.clone().into_iter().eq(expected),
        "{done:?}"
    );
    Ok(())
}

impl Times {
    fn of(&mut self, run: impl FnOnce() -> Result<()>) -> Result<()> {
        let (begun, processor) = (Instant::now(), ProcessTime::now());
        run()?;
        self.clock.push(begun.elapsed().as_secs_f64() * 1e3);
        self.processor.push(processor.elapsed().as_secs_f64() * 1e3);
        Ok(())
    }
}

fn print_all(steps: [Times; 4]) {
    let series = steps.map(|times| [times.clock, times.processor].map(Series::of));
    let [[bare_clock, bare_processor], ..] = &series;
    let rows = STEPS.iter().zip(&series).map(|(step, [clock, processor])| {
        [
            (*step).to_owned(),
            format!("{:.0} ms", clock.median()),
            format!("{:.2}", clock.ratio(bare_clock)),
            format!("{:.0} ms", processor.median()),
            format!("{:.2}", processor.ratio(bare_processor)),
        ]
    });
    let header = ["", "time", "to the batch", "processor time", "to the batch"];
    print(header, rows.collect());
}
